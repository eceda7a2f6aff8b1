import type { ValueBounds } from '../../data/types/value-bounds.ts'
import { assert, present } from '../../base/assert.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { Local } from '../../wasm/assembler/function-builder.ts'
import type { Opcode } from '../../wasm/assembler/opcodes.ts'
import {
  addRanges,
  containsZero,
  divideRanges,
  int64Range,
  intersect,
  keep,
  lane,
  multiplyRanges,
  negateRange,
  raiseIf,
  rangeOf,
  remainderRange,
  typeRange,
  within,
} from '../emit.ts'
import type { InlineContext, InlineForm, RaiseReason, Value } from '../inline.ts'

const INT64_MIN = -(2n ** 63n)

export const integerAdd: InlineForm = (ctx, args, result) => {
  const [left, right] = pair(args)
  return additive(ctx, left, right, result, 'add', addRanges(rangeOf(left), rangeOf(right)))
}

export const integerSubtract: InlineForm = (ctx, args, result) => {
  const [left, right] = pair(args)
  const range = addRanges(rangeOf(left), negateRange(rangeOf(right)))
  return additive(ctx, left, right, result, 'sub', range)
}

export const integerNegate: InlineForm = (ctx, [value], result) => {
  const operand = present(value, 'missing operand')
  const { f } = ctx
  const wide = result.kind === 'int8'
  if (wide) f.i64(0n)
  else f.i32(0)
  const zero = keep(f, wide ? 'i64' : 'i32')
  const none: Value = { type: result, lanes: [zero], valid: undefined, range: { min: 0n, max: 0n } }
  return additive(ctx, none, operand, result, 'sub', negateRange(rangeOf(operand)))
}

export const integerAbsolute: InlineForm = (ctx, [value], result) => {
  const operand = present(value, 'missing operand')
  const { f } = ctx
  const range = rangeOf(operand)
  if (range.min >= 0n) return { lanes: operand.lanes, range }
  const negated = integerNegate(ctx, [operand], result)
  const [opposite] = negated.lanes
  const type = result.kind === 'int8' ? 'i64' : 'i32'
  f.get(present(opposite, 'no lane')).get(lane(operand)).get(lane(operand))
  if (type === 'i64') f.i64(0n).op('i64.lt_s')
  else f.i32(0).op('i32.lt_s')
  f.op('select')
  const max = -range.min > range.max ? -range.min : range.max
  return { lanes: [keep(f, type)], range: intersect({ min: 0n, max }, boundsOf(result)) }
}

export const integerMultiply: InlineForm = (ctx, args, result) => {
  const [left, right] = pair(args)
  const { f } = ctx
  const range = multiplyRanges(rangeOf(left), rangeOf(right))
  const bounds = boundsOf(result)
  if (result.kind === 'int8') {
    f.get(lane(left)).get(lane(right)).op('i64.mul')
    const product = keep(f, 'i64')
    if (!within(range, bounds)) checkProduct(ctx, lane(left), lane(right), product)
    return { lanes: [product], range: intersect(range, bounds) }
  }
  if (within(range, bounds)) {
    f.get(lane(left)).get(lane(right)).op('i32.mul')
    return { lanes: [keep(f, 'i32')], range }
  }
  return { lanes: [narrowed(ctx, left, right, 'i64.mul', result)], range: intersect(range, bounds) }
}

export const integerDivide: InlineForm = (ctx, args, result) => {
  const [left, right] = pair(args)
  const { f } = ctx
  const wide = result.kind === 'int8'
  checkDivisor(ctx, right, wide)
  const bounds = boundsOf(result)
  const [dividend, divisor] = [rangeOf(left), rangeOf(right)]
  if (dividend.min === bounds.min && divisor.min <= -1n && divisor.max >= -1n) {
    f.get(lane(left))
    if (wide) f.i64(bounds.min).op('i64.eq').get(lane(right)).i64(-1n).op('i64.eq')
    else f.i32(Number(bounds.min)).op('i32.eq').get(lane(right)).i32(-1).op('i32.eq')
    f.op('i32.and')
    raiseIf(ctx, overflowOf(result))
  }
  f.get(lane(left))
    .get(lane(right))
    .op(wide ? 'i64.div_s' : 'i32.div_s')
  const range = divideRanges(dividend, divisor)
  const lanes = [keep(f, wide ? 'i64' : 'i32')]
  return { lanes, range: range === undefined ? undefined : intersect(range, bounds) }
}

export const integerRemainder: InlineForm = (ctx, args, result) => {
  const [left, right] = pair(args)
  const { f } = ctx
  const wide = result.kind === 'int8'
  checkDivisor(ctx, right, wide)
  // rem_s gives 0 for the smallest integer by -1, without a trap.
  f.get(lane(left))
    .get(lane(right))
    .op(wide ? 'i64.rem_s' : 'i32.rem_s')
  const range = remainderRange(rangeOf(left), rangeOf(right))
  return { lanes: [keep(f, wide ? 'i64' : 'i32')], range }
}

/** Emits a raise if i64 `product` is not the true product of its factors. */
export function checkProduct(
  ctx: InlineContext,
  left: Local,
  right: Local,
  product: Local,
  reason: RaiseReason = 'bigint-out-of-range',
): void {
  const { f } = ctx
  // Factors of 32 bits cannot overflow; only larger ones pay for a division.
  const half = 0x8000_0000n
  f.get(left).i64(half).op('i64.add').get(right).i64(half).op('i64.add').op('i64.or')
  f.i64(32n).op('i64.shr_u').i64(0n).op('i64.ne')
  f.if()
  f.get(left).i64(-1n).op('i64.eq')
  f.if()
  f.get(right).i64(INT64_MIN).op('i64.eq')
  raiseIf(ctx, reason)
  f.else()
  f.get(left).i64(0n).op('i64.ne')
  f.if()
  f.get(product).get(left).op('i64.div_s').get(right).op('i64.ne')
  raiseIf(ctx, reason)
  f.end()
  f.end()
  f.end()
}

/** The reason to raise when a result does not fit its integer type. */
export function overflowOf(type: DataType): RaiseReason {
  if (type.kind === 'int2') return 'smallint-out-of-range'
  return type.kind === 'int4' ? 'integer-out-of-range' : 'bigint-out-of-range'
}

/** Emits i64 `left op right` with a raise when the sum or difference does not fit 64 bits. */
export function addInt64Checked(
  ctx: InlineContext,
  left: Local,
  right: Local,
  operation: 'add' | 'sub',
  reason: RaiseReason,
): Local {
  const { f } = ctx
  f.get(left).get(right).op(`i64.${operation}`)
  const result = keep(f, 'i64')
  // The sign of the result differs from that of both addends (for sub: right's sign is flipped).
  f.get(left).get(result).op('i64.xor')
  if (operation === 'add') f.get(right).get(result).op('i64.xor')
  else f.get(left).get(right).op('i64.xor')
  f.op('i64.and').i64(0n).op('i64.lt_s')
  raiseIf(ctx, reason)
  return result
}

function additive(
  ctx: InlineContext,
  left: Value,
  right: Value,
  result: DataType,
  operation: 'add' | 'sub',
  range: ValueBounds,
): ReturnType<InlineForm> {
  const { f } = ctx
  const bounds = boundsOf(result)
  const safe = within(range, bounds)
  if (result.kind === 'int8') {
    if (!safe) {
      const sum = addInt64Checked(ctx, lane(left), lane(right), operation, overflowOf(result))
      return { lanes: [sum], range: intersect(range, bounds) }
    }
    f.get(lane(left)).get(lane(right)).op(`i64.${operation}`)
    return { lanes: [keep(f, 'i64')], range }
  }
  if (!safe) {
    const sum = narrowed(ctx, left, right, `i64.${operation}`, result)
    return { lanes: [sum], range: intersect(range, bounds) }
  }
  f.get(lane(left)).get(lane(right)).op(`i32.${operation}`)
  return { lanes: [keep(f, 'i32')], range }
}

/** Computes in 64 bits and raises when the result does not fit the type's 16 or 32. */
function narrowed(
  ctx: InlineContext,
  left: Value,
  right: Value,
  operation: Opcode,
  result: DataType,
): Local {
  const { f } = ctx
  f.get(lane(left)).op('i64.extend_i32_s').get(lane(right)).op('i64.extend_i32_s').op(operation)
  const exact = keep(f, 'i64')
  f.get(exact).op(result.kind === 'int2' ? 'i64.extend16_s' : 'i64.extend32_s')
  f.get(exact).op('i64.ne')
  raiseIf(ctx, overflowOf(result))
  f.get(exact).op('i32.wrap_i64')
  f.release(exact)
  return keep(f, 'i32')
}

function checkDivisor(ctx: InlineContext, divisor: Value, wide: boolean): void {
  if (!containsZero(rangeOf(divisor))) return
  ctx.f.get(lane(divisor)).op(wide ? 'i64.eqz' : 'i32.eqz')
  raiseIf(ctx, 'division-by-zero')
}

function boundsOf(type: DataType): ValueBounds {
  return typeRange(type) ?? int64Range
}

function pair(args: readonly Value[]): readonly [Value, Value] {
  const [left, right] = args
  assert(left !== undefined && right !== undefined, 'operator without two operands')
  return [left, right]
}
