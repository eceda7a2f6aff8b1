import type { ValueBounds } from '../data/types/value-bounds.ts'
import type { Local } from '../wasm/assembler/function-builder.ts'
import { fitsInt64, keep, lane, multiplyRanges, rangeOf } from './emit.ts'
import type { CodeContext, Value } from './inline.ts'

/** A 128-bit two's complement integer in two i64 locals. */
export interface Wide {
  readonly low: Local
  readonly high: Local
}

/** An integer-like value in 128 bits, sign-extended where it has one lane. */
export function widen(ctx: CodeContext, value: Value): Wide {
  const { f } = ctx
  const [first, second] = value.lanes
  if (first !== undefined && second !== undefined) return { low: first, high: second }
  let low = lane(value)
  if (f.typeOf(low) === 'i32') {
    f.get(low).op('i64.extend_i32_s')
    low = keep(f, 'i64')
  }
  f.get(low).i64(63n).op('i64.shr_s')
  return { low, high: keep(f, 'i64') }
}

export function addWide({ f }: CodeContext, left: Wide, right: Wide): Wide {
  f.get(left.low).get(right.low).op('i64.add')
  const low = keep(f, 'i64')
  f.get(left.high).get(right.high).op('i64.add')
  f.get(low).get(left.low).op('i64.lt_u').op('i64.extend_i32_u').op('i64.add')
  return { low, high: keep(f, 'i64') }
}

export function subtractWide({ f }: CodeContext, left: Wide, right: Wide): Wide {
  f.get(left.low).get(right.low).op('i64.sub')
  const low = keep(f, 'i64')
  f.get(left.high).get(right.high).op('i64.sub')
  f.get(left.low).get(right.low).op('i64.lt_u').op('i64.extend_i32_u').op('i64.sub')
  return { low, high: keep(f, 'i64') }
}

/** The product; a high word of INT64_MIN says that it is beyond 38 digits. */
export function multiplyWide(ctx: CodeContext, left: Wide, right: Wide): Wide {
  const { f } = ctx
  const kernel = ctx.kernel('decimalMultiplyHigh')
  f.get(left.low).get(left.high).get(right.low).get(right.high).call(kernel)
  const high = keep(f, 'i64')
  f.get(left.low).get(right.low).op('i64.mul')
  return { low: keep(f, 'i64'), high }
}

export function wideConstant({ f }: CodeContext, value: bigint): Wide {
  f.i64(BigInt.asIntN(64, value))
  const low = keep(f, 'i64')
  f.i64(BigInt.asIntN(64, value >> 64n))
  return { low, high: keep(f, 'i64') }
}

/** Pushes 1 when left < right, signed. */
export function lessWide({ f }: CodeContext, left: Wide, right: Wide): void {
  f.get(left.low).get(right.low).op('i64.lt_u')
  f.get(left.high).get(right.high).op('i64.lt_s')
  f.get(left.high).get(right.high).op('i64.eq').op('select')
}

export function equalWide({ f }: CodeContext, left: Wide, right: Wide): void {
  f.get(left.low).get(right.low).op('i64.xor')
  f.get(left.high).get(right.high).op('i64.xor')
  f.op('i64.or').op('i64.eqz')
}

/** Emits a raise when a 128-bit value has more than `digits` digits. */
export function checkDigits(ctx: CodeContext, value: Wide, digits: number): void {
  const { f } = ctx
  const limit = 10n ** BigInt(digits)
  lessWide(ctx, value, wideConstant(ctx, limit))
  f.op('i32.eqz')
  lessWide(ctx, wideConstant(ctx, -limit), value)
  f.op('i32.eqz').op('i32.or')
  f.if()
  ctx.raise('numeric-overflow')
  f.end()
}

/** An exact value times a power of ten, in one lane where its range allows; raises beyond 38 digits. */
export function scaleUp(ctx: CodeContext, value: Value, digits: number): Value {
  if (digits === 0) return value
  const { f } = ctx
  const factor = 10n ** BigInt(digits)
  const range = multiplyRanges(rangeOf(value), { min: factor, max: factor })
  if (value.lanes.length === 1 && fitsInt64(range)) {
    f.get(lane(value)).i64(factor).op('i64.mul')
    return { ...value, lanes: [keep(f, 'i64')], range }
  }
  const product = multiplyWide(ctx, widen(ctx, value), wideConstant(ctx, factor))
  if (!withinDigits(range, 38)) raiseIfBeyond(ctx, product)
  return { ...value, lanes: [product.low, product.high], range }
}

/** Emits a raise when {@link multiplyWide} reported an overflow. */
export function raiseIfBeyond(ctx: CodeContext, product: Wide): void {
  const { f } = ctx
  f.get(product.high)
    .i64(-(2n ** 63n))
    .op('i64.eq')
  f.if()
  ctx.raise('numeric-overflow')
  f.end()
}

export function withinDigits(range: ValueBounds, digits: number): boolean {
  const limit = 10n ** BigInt(digits)
  return range.min > -limit && range.max < limit
}
