import type { ValueBounds } from '../../data/types/value-bounds.ts'
import { assert, present } from '../../base/assert.ts'
import type { DataType, DecimalType } from '../../data/types/data-type.ts'
import {
  addWide,
  checkDigits,
  multiplyWide,
  raiseIfBeyond,
  scaleUp,
  subtractWide,
  widen,
  wideConstant,
  withinDigits,
  type Wide,
} from '../emit-wide.ts'
import {
  addRanges,
  containsZero,
  fitsInt64,
  intersect,
  keep,
  lane,
  multiplyRanges,
  negateRange,
  raiseIf,
  rangeOf,
  remainderRange,
  typeRange,
} from '../emit.ts'
import type { InlineContext, InlineForm, Value } from '../inline.ts'

export const decimalAdd: InlineForm = (ctx, args, result) => additive(ctx, args, result, 'add')

export const decimalSubtract: InlineForm = (ctx, args, result) => additive(ctx, args, result, 'sub')

export const decimalNegate: InlineForm = (ctx, [operand], result) => {
  const value = present(operand, 'missing operand')
  const { f } = ctx
  const range = negateRange(rangeOf(value))
  if (value.lanes.length === 1 && fitsInt64(range)) {
    f.i64(0n).get(lane(value)).op('i64.sub')
    return { lanes: [keep(f, 'i64')], range }
  }
  return fromWide(ctx, subtractWide(ctx, wideConstant(ctx, 0n), widen(ctx, value)), range, result)
}

export const decimalAbsolute: InlineForm = (ctx, [operand], result) => {
  const value = present(operand, 'missing operand')
  const { f } = ctx
  const range = rangeOf(value)
  if (range.min >= 0n) return { lanes: value.lanes, range: value.range }
  const opposite = decimalNegate(ctx, [value], result).lanes
  // As many lanes as the range takes, whatever the value came in.
  const wide = opposite.length === 1 ? undefined : widen(ctx, value)
  const own = wide === undefined ? [lane(value)] : [wide.low, wide.high]
  const top = present(own.at(-1), 'no lane')
  const lanes = own.map((local, index) => {
    f.get(present(opposite[index], 'no lane')).get(local)
    f.get(top).i64(0n).op('i64.lt_s').op('select')
    return keep(f, 'i64')
  })
  const max = -range.min > range.max ? -range.min : range.max
  return { lanes, range: { min: 0n, max } }
}

export const decimalMultiply: InlineForm = (ctx, args, result) => {
  const [left, right] = pair(args)
  const { f } = ctx
  const range = multiplyRanges(rangeOf(left), rangeOf(right))
  if (left.lanes.length === 1 && right.lanes.length === 1 && fitsInt64(range)) {
    f.get(lane(left)).get(lane(right)).op('i64.mul')
    return checked(ctx, [keep(f, 'i64')], range, result)
  }
  const product = multiplyWide(ctx, widen(ctx, left), widen(ctx, right))
  if (!withinDigits(range, 38)) raiseIfBeyond(ctx, product)
  return fromWide(ctx, product, range, result)
}

/** Of decimals that one integer of 64 bits holds at the result's scale. */
export const decimalRemainder: InlineForm = (ctx, args, result) => {
  const { f } = ctx
  const { scale } = decimalOf(result)
  const [left, right] = args.map((value) =>
    scaleUp(ctx, value, scale - decimalOf(value.type).scale),
  )
  assert(left !== undefined && right !== undefined, 'operator without two operands')
  const [dividend, divisor] = [rangeOf(left), rangeOf(right)]
  if (containsZero(divisor)) {
    f.get(lane(right)).op('i64.eqz')
    raiseIf(ctx, 'division-by-zero')
  }
  f.get(lane(left)).get(lane(right)).op('i64.rem_s')
  return { lanes: [keep(f, 'i64')], range: remainderRange(dividend, divisor) }
}

function additive(
  ctx: InlineContext,
  args: readonly Value[],
  result: DataType,
  operation: 'add' | 'sub',
): ReturnType<InlineForm> {
  const { f } = ctx
  const { scale } = decimalOf(result)
  const [left, right] = pair(args).map((value) =>
    scaleUp(ctx, value, scale - decimalOf(value.type).scale),
  )
  assert(left !== undefined && right !== undefined, 'operator without two operands')
  const subtrahend = operation === 'add' ? rangeOf(right) : negateRange(rangeOf(right))
  const range = addRanges(rangeOf(left), subtrahend)
  if (left.lanes.length === 1 && right.lanes.length === 1 && fitsInt64(range)) {
    f.get(lane(left)).get(lane(right)).op(`i64.${operation}`)
    return checked(ctx, [keep(f, 'i64')], range, result)
  }
  const combine = operation === 'add' ? addWide : subtractWide
  return fromWide(ctx, combine(ctx, widen(ctx, left), widen(ctx, right)), range, result)
}

/** A 128-bit result: checked against its type's digits, in as few lanes as the type or range needs. */
function fromWide(
  ctx: InlineContext,
  wide: Wide,
  range: ValueBounds,
  result: DataType,
): ReturnType<InlineForm> {
  const { precision } = decimalOf(result)
  if (!withinDigits(range, precision)) checkDigits(ctx, wide, precision)
  const known = intersect(range, present(typeRange(result), 'decimal without a range'))
  const lanes = fitsInt64(known) ? [wide.low] : [wide.low, wide.high]
  return { lanes, range: known }
}

/** One lane; a type of 38 digits or fewer digits than the range allows is checked. */
function checked(
  ctx: InlineContext,
  lanes: Value['lanes'],
  range: ValueBounds,
  result: DataType,
): ReturnType<InlineForm> {
  const { precision } = decimalOf(result)
  if (withinDigits(range, precision)) return { lanes, range }
  const value: Value = { type: result, lanes, valid: undefined, range }
  return fromWide(ctx, widen(ctx, value), range, result)
}

function decimalOf(type: DataType): DecimalType {
  assert(type.kind === 'decimal', 'decimal expected')
  return type
}

function pair(args: readonly Value[]): readonly [Value, Value] {
  const [left, right] = args
  assert(left !== undefined && right !== undefined, 'operator without two operands')
  return [left, right]
}
