import { scalar } from '../define.ts'
import { keep, lane } from '../emit.ts'
import { present } from '../../base/assert.ts'
import type { ScalarFunction } from '../function.ts'
import type { InlineForm } from '../inline.ts'

/** Integers, and the bits that they have. */
const widths = { int2: 16, int4: 32, int8: 64 } as const
const kinds = ['int2', 'int4', 'int8'] as const

type Operation = 'and' | 'or' | 'xor' | 'shl' | 'shr_s'

/** The instruction of the lanes' width; counts of shifts are taken modulo that width, as C's are. */
function bitForm(operation: Operation): InlineForm {
  return ({ f }, [left, right], result) => {
    const wide = result.kind === 'int8'
    f.get(lane(present(left, 'missing operand')))
    const by = lane(present(right, 'missing operand'))
    f.get(by)
    if (wide && f.typeOf(by) === 'i32') f.op('i64.extend_i32_s')
    f.op(`${wide ? 'i64' : 'i32'}.${operation}`)
    if (result.kind === 'int2' && operation === 'shl') f.op('i32.extend16_s')
    return { lanes: [keep(f, wide ? 'i64' : 'i32')] }
  }
}

const complementForm: InlineForm = ({ f }, [value], result) => {
  f.get(lane(present(value, 'missing operand')))
  if (result.kind === 'int8') f.i64(-1n).op('i64.xor')
  else f.i32(-1).op('i32.xor')
  return { lanes: [keep(f, result.kind === 'int8' ? 'i64' : 'i32')] }
}

type Bits = (left: bigint, right: bigint) => bigint

function compute(operation: Bits, width: number): ScalarFunction['evaluate'] {
  return ([left, right]) => {
    const bits = operation(BigInt(left as bigint), BigInt((right ?? 0) as bigint))
    const value = BigInt.asIntN(width, bits)
    return width === widths.int8 ? value : Number(value)
  }
}

/** Bitwise operators and shifts of smallint, integer and bigint. */
export const bitwiseOperators: readonly ScalarFunction[] = kinds.flatMap((kind) => {
  const width = widths[kind]
  // C shifts by the count modulo the register: 32 bits for smallint and integer.
  const mask = kind === 'int8' ? 63n : 31n
  const entry = (
    name: string,
    doc: string,
    example: string,
    operation: Operation,
    bits: Bits,
  ): ScalarFunction =>
    scalar({
      name,
      args: operation.startsWith('sh') ? [kind, 'int4'] : [kind, kind],
      returns: { kind },
      doc,
      example,
      evaluate: compute(bits, width),
      inline: bitForm(operation),
    })
  return [
    entry('&', 'Bitwise and.', '6 & 3 -- 2', 'and', (a, b) => a & b),
    entry('|', 'Bitwise or.', '6 | 3 -- 7', 'or', (a, b) => a | b),
    entry('#', 'Bitwise exclusive or.', '6 # 3 -- 5', 'xor', (a, b) => a ^ b),
    entry('<<', 'Shift to the left.', '1 << 4 -- 16', 'shl', (a, by) => a << (by & mask)),
    entry(
      '>>',
      'Shift to the right, keeping the sign.',
      '-16 >> 2 -- -4',
      'shr_s',
      (a, by) => a >> (by & mask),
    ),
    scalar({
      name: '~',
      args: [kind],
      returns: { kind },
      doc: 'Bitwise negation.',
      example: '~ 1 -- -2',
      evaluate: compute((value) => ~value, width),
      inline: complementForm,
    }),
  ]
})
