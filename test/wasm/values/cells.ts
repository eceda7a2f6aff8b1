import { present } from '../../../src/base/assert.ts'
import { QueryError } from '../../../src/base/errors.ts'
import { layOutRow } from '../../../src/compile/model/row-layout.ts'
import type { DataType } from '../../../src/data/types/data-type.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import { WideNumerics } from '../../../src/data/vectors/numeric-slots.ts'
import { keyLength } from '../../../src/data/types/sort-key.ts'
import { bytesOfScalar, scalarOfBytes } from '../../../src/data/vectors/text-values.ts'
import { fieldWriter } from '../../../src/exec/rows/write-field.ts'
import type { ColumnId } from '../../../src/plan/logical/expression.ts'
import { arena, heap, place, zeros } from '../kernels/bench.ts'

// Values of any type as kernels of functions take them.

/** A value as kernels take bytes: nothing for NULL. */
export function viewOf(value: Scalar, type: DataType): bigint {
  if (value === null) return 0n
  const bytes = bytesOfScalar(value, type)
  return (BigInt(bytes.length) << 32n) | BigInt(place(bytes))
}

/** The address of a value's lanes, with room for what kernels work with. */
export function cellOf(value: Scalar, type: DataType): number {
  const layout = layOutRow(0, [{ id: 0 as ColumnId, type, nullable: true }])
  const at = zeros(384)
  if (value !== null) {
    const field = present(layout.fields[0], 'field')
    const own = zeros(64)
    fieldWriter(heap, field, new WideNumerics(arena))(own, value)
    field.lanes.forEach(({ offset }, lane) =>
      heap.u8.copyWithin(at + 8 * lane, own + offset, own + offset + 8),
    )
  }
  return at
}

export function bytesOfView(view: bigint): string | null {
  const bits = BigInt.asUintN(64, view)
  const [at, bytes] = [Number(bits & 0xffff_ffffn), Number(bits >> 32n)]
  return bits === 0n ? null : Buffer.from(heap.u8.slice(at, at + bytes)).toString('latin1')
}

/** The same of an array as its key and its text, which it may be without, or not. */
export function shownOfView(view: bigint, type: DataType): string | null {
  const bytes = bytesOfView(view)
  return bytes === null || type.kind !== 'array' ? bytes : shownArray(bytes, type)
}

function shownArray(shown: string, type: DataType): string {
  const bytes = Buffer.from(shown, 'latin1')
  const key = bytes.subarray(0, keyLength(bytes)).toString('latin1')
  return `${key} ${String(scalarOfBytes(bytes, type))}`
}

/** What {@link shownOfView} gives of a value. */
export function expectedView(value: Scalar, type: DataType): string | null {
  const bytes = expectedBytes(value, type)
  return bytes === null || type.kind !== 'array' ? bytes : shownArray(bytes, type)
}

export function expectedBytes(value: Scalar, type: DataType): string | null {
  return value === null ? null : Buffer.from(bytesOfScalar(value, type)).toString('latin1')
}

export function attempt(evaluate: () => Scalar): Scalar | 'error' {
  try {
    return evaluate()
  } catch (error) {
    if (error instanceof QueryError) return 'error'
    throw error
  }
}
