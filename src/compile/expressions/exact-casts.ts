import { assert } from '../../base/assert.ts'
import {
  DECIMAL64_PRECISION_MAX,
  type DataType,
  type DecimalType,
} from '../../data/types/data-type.ts'
import { integerBounds } from '../../data/types/parse-number.ts'
import type { ValueBounds } from '../../data/types/value-bounds.ts'
import type { Local } from '../../wasm/assembler/function-builder.ts'
import { widen } from '../../functions/emit-wide.ts'
import { keep, lane } from '../../functions/emit.ts'
import type { InlineContext, InlineForm, Value } from '../../functions/inline.ts'
import { orElsewhere } from '../../functions/kernel-forms.ts'
import { emitLong, longOperations } from '../../functions/long-forms.ts'
import { roundings } from '../../functions/math/inline.ts'

type Emitted = ReturnType<InlineForm>

/** The digits of a float that count when it becomes exact. */
export const FLOAT_DIGITS = { float4: 6, float8: 15 } as const

/**
 * Whether kernels cast an exact number with its own scale, or a float, to a type of one integer: a numeric to integers,
 * and both to decimals of 64 bits. Also a numeric or a decimal to floats.
 */
export function castsExact(from: DataType, to: DataType): boolean {
  if (isFloat(to)) return from.kind === 'numeric' || from.kind === 'decimal'
  const isNumeric = from.kind === 'numeric'
  if (isNumeric && to.kind === 'decimal') return true
  if (boundsOf(to) === undefined) return false
  return to.kind === 'decimal' ? isNumeric || isFloat(from) : isNumeric
}

function isFloat({ kind }: DataType): boolean {
  return kind === 'float4' || kind === 'float8'
}

/** What the integer of a type may be, unscaled. */
function boundsOf(type: DataType): ValueBounds | undefined {
  if (type.kind === 'int2' || type.kind === 'int4' || type.kind === 'int8') {
    return integerBounds[type.kind]
  }
  if (type.kind !== 'decimal' || type.precision > DECIMAL64_PRECISION_MAX) return undefined
  const max = 10n ** BigInt(type.precision) - 1n
  return { min: -max, max }
}

/** Emits a cast that {@link castsExact} tells; what kernels leave out is cast in TypeScript. */
export function compileExactCast(ctx: InlineContext, value: Value, to: DataType): Emitted {
  if (isFloat(to)) return floatOf(ctx, value, to)
  const { f } = ctx
  const { kind } = value.type
  if ((kind === 'float4' || kind === 'float8') && to.kind === 'decimal') {
    const bounds = boundsOf(to)
    assert(bounds !== undefined, 'cast to another type')
    return decimalOfFloat(ctx, value, FLOAT_DIGITS[kind], to, bounds)
  }
  f.i32(0)
  return exactOfNumeric(ctx, value, to, keep(f, 'i32'))
}

/**
 * A numeric as an integer or a decimal; what is not within their bounds is left to TypeScript, and all where `isLeftOut` is
 * 1, which is spoilt.
 */
export function exactOfNumeric(
  ctx: InlineContext,
  value: Value,
  to: DataType,
  isLeftOut: Local,
): Emitted {
  const { f } = ctx
  const bounds = boundsOf(to)
  if (bounds === undefined) return wideOfNumeric(ctx, value, to, isLeftOut)
  const work = ctx.workspace()
  const scale = to.kind === 'decimal' ? to.scale : 0
  const rounded = f.local('i64')
  f.i64(0n).set(rounded)
  f.get(isLeftOut).op('i32.eqz').if()
  f.get(work).get(lane(value)).get(lane(value, 1)).i32(scale).i32(roundings.nearest)
  f.call(ctx.kernel('numericRound')).if()
  f.i64(BigInt(scale))
  const operation = longOperations.rounded + roundings.nearest
  const long = { operation, operands: [value], extra: keep(f, 'i64') }
  f.get(emitLong(ctx, work, long, []))
    .i64(0n)
    .op('i64.ne')
    .set(isLeftOut)
  f.end()
  f.get(integerAt(ctx, work, isLeftOut, bounds)).set(rounded)
  f.end()
  if (to.kind === 'int8' || to.kind === 'decimal') {
    orElsewhere(ctx, rounded, 1n, isLeftOut)
    return { lanes: [rounded], range: bounds }
  }
  f.get(rounded).op('i32.wrap_i64')
  const narrow = keep(f, 'i32')
  orElsewhere(ctx, narrow, 1n, isLeftOut)
  return { lanes: [narrow], range: bounds }
}

/** A numeric as a decimal of two words; one that 120 bits do not hold is left to TypeScript. */
function wideOfNumeric(ctx: InlineContext, value: Value, to: DataType, isLeftOut: Local): Emitted {
  const { f } = ctx
  assert(to.kind === 'decimal', 'cast to another type')
  const work = ctx.workspace()
  const [low, high] = [f.local('i64'), f.local('i64')]
  f.i64(0n).set(low).i64(0n).set(high)
  f.get(isLeftOut).op('i32.eqz').if()
  // Of 64 bits it has no more digits than the decimal has.
  f.get(work).get(lane(value)).get(lane(value, 1)).i32(to.scale).i32(roundings.nearest)
  f.call(ctx.kernel('numericRound')).if()
  f.i64((BigInt(to.precision) << 32n) | BigInt(to.scale))
  const long = { operation: longOperations.limited, operands: [value], extra: keep(f, 'i64') }
  f.get(emitLong(ctx, work, long, []))
    .i64(0n)
    .op('i64.ne')
    .set(isLeftOut)
  f.end()
  f.get(work).memory('i64.load').set(low)
  f.get(work).memory('i64.load', 8).i64(8n).op('i64.shl').i64(8n).op('i64.shr_s').set(high)
  f.end()
  f.get(isLeftOut).if()
  f.i64(0n).set(low).i64(0n).set(high)
  ctx.elsewhere([low, high])
  f.end()
  return { lanes: [low, high] }
}

/** A float by so many of its digits; what is not within bounds is left to TypeScript, as the smallest integer is. */
function decimalOfFloat(
  ctx: InlineContext,
  value: Value,
  digits: number,
  to: DecimalType,
  { min, max }: ValueBounds,
): Emitted {
  const { f } = ctx
  f.get(lane(value))
  if (value.type.kind === 'float4') f.op('f64.promote_f32')
  f.i32(digits).i32(to.scale).call(ctx.kernel('floatDecimal'))
  const unscaled = keep(f, 'i64')
  f.get(unscaled).i64(min).op('i64.sub')
  f.i64(max - min).op('i64.gt_u')
  const isLeftOut = keep(f, 'i32')
  orElsewhere(ctx, unscaled, 1n, isLeftOut)
  return { lanes: [unscaled], range: { min, max } }
}

/** The integer of a numeric at an address; where it is not within bounds, `isLeftOut` becomes 1. */
function integerAt(
  { f }: InlineContext,
  address: Local,
  isLeftOut: Local,
  { min, max }: ValueBounds,
): Local {
  f.get(address).memory('i64.load')
  const low = keep(f, 'i64')
  // Above the low word stands nothing but its sign, and the scale.
  f.get(address).memory('i64.load', 8).i64(8n).op('i64.shl').i64(8n).op('i64.shr_s')
  f.get(low).i64(63n).op('i64.shr_s').op('i64.ne')
  f.get(low).i64(min).op('i64.lt_s').op('i32.or').get(low).i64(max).op('i64.gt_s').op('i32.or')
  f.get(isLeftOut).op('i32.or').set(isLeftOut)
  return low
}

/** Singles above and below are surely neither infinite nor short of digits. */
const SINGLE_MIN = 1e-37
const SINGLE_MAX = 1e38

/** Pushed as the scale of a numeric, which says it itself. */
const OWN_SCALE = -1

function floatOf(ctx: InlineContext, value: Value, to: DataType): Emitted {
  const { f } = ctx
  const push = (): void => {
    if (value.type.kind === 'numeric') f.get(lane(value)).get(lane(value, 1)).i32(OWN_SCALE)
    else {
      const { low, high } = widen(ctx, value)
      f.get(low)
        .get(high)
        .i32(value.type.kind === 'decimal' ? value.type.scale : 0)
    }
  }
  push()
  f.call(ctx.kernel('exactFloat'))
  const double = keep(f, 'f64')
  f.get(double).get(double).op('f64.ne').if()
  f.get(ctx.workspace())
  push()
  f.call(ctx.kernel('longFloat')).set(double)
  // What singles do not hold raises.
  if (to.kind === 'float4') {
    f.f64(Number.NaN).get(double).get(double).op('f64.abs').f64(SINGLE_MIN).op('f64.lt')
    f.get(double).op('f64.abs').f64(SINGLE_MAX).op('f64.gt').op('i32.or').op('select').set(double)
  }
  f.end()
  f.get(double)
  return nearestFloat(ctx, to)
}

/** The bits of a double that a single has not, and those of what lies between two singles. */
const BEYOND_SINGLE = 0x1fff_ffffn
const BETWEEN_SINGLES = 0x1000_0000n

/**
 * Pops the double nearest to a value, or NaN for what is left to TypeScript, and gives the float of the type. Between two
 * singles the double does not say which one is nearer to the value: that is left to TypeScript, too.
 */
export function nearestFloat(ctx: InlineContext, to: DataType): Emitted {
  const { f } = ctx
  const double = keep(f, 'f64')
  const isSingle = to.kind === 'float4'
  const result = isSingle ? f.local('f32') : double
  if (isSingle) f.get(double).op('f32.demote_f64').set(result)
  f.get(double).get(double).op('f64.ne')
  if (isSingle) {
    f.get(double).op('i64.reinterpret_f64').i64(BEYOND_SINGLE).op('i64.and')
    f.i64(BETWEEN_SINGLES).op('i64.eq').op('i32.or')
  }
  f.if()
  if (isSingle) f.f32(0)
  else f.f64(0)
  f.set(result)
  ctx.elsewhere([result])
  f.end()
  return { lanes: [result] }
}
