import { bit } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { CollectedRows } from '../aggregate-form.ts'
import { combined } from '../bits/functions.ts'
import { aggregate } from '../define.ts'
import type { AggregateFunction } from '../function.ts'

/** Bits of the same length, digit by digit. Throws STRING_LENGTH_MISMATCH. */
const finish =
  (operation: 'and' | 'or' | 'xor') =>
  (rows: CollectedRows): Scalar => {
    let result: string | null = null
    for (let row = 0; row < rows.count; row++) {
      const bits = String(rows.value(row, 0))
      result = result === null ? bits : combined(result, bits, operation)
    }
    return result
  }

/** Aggregates of bit strings. */
export const bitAggregates: readonly AggregateFunction[] = (
  [
    ['bit_and', 'and', '100'],
    ['bit_or', 'or', '111'],
    ['bit_xor', 'xor', '011'],
  ] as const
).map(([name, operation, result]) =>
  aggregate({
    name,
    args: ['bit'],
    returns: bit,
    emptyValue: null,
    form: { kind: 'collected', required: [0], order: 'free', finish: finish(operation) },
    doc: `Bits of the same length: ${operation === 'xor' ? 'exclusive or' : operation} of all.`,
    example: `${name}(x) over B'101', NULL, B'110' -- ${result}`,
  }),
)
