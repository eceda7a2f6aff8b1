import type { KernelName } from '../../wasm/kernels/signatures.ts'
import { present } from '../../base/assert.ts'
import type { FunctionBuilder, Local } from '../../wasm/assembler/function-builder.ts'
import { SPECIAL_EXPONENT, wideNumericHeader } from '../../data/types/wide-numeric.ts'
import { keep, lane, typeRange } from '../emit.ts'
import type { InlineContext, InlineForm, Value } from '../inline.ts'
import { roundedNumeric as emitRounded } from '../operators/numeric-inline.ts'
import { orElsewhere, pushLanes, takePair } from '../kernel-forms.ts'
import { extraOf, longOperations } from '../long-forms.ts'
import type { FunctionTraits } from '../traits.ts'

/** What a kernel on integers answers for what it leaves to TypeScript. */
const LEFT_OUT = -1n

/**
 * A function of floats by the engine's own mathematics. A result that is zero or not finite may stand for
 * an error: TypeScript says.
 */
export function mathForm(name: KernelName): InlineForm {
  return (ctx, args) => {
    const { f } = ctx
    pushLanes(ctx, args)
    f.call(ctx.kernel(name))
    const result = keep(f, 'f64')
    f.get(result).op('f64.abs').f64(Infinity).op('f64.lt').op('i32.eqz')
    f.get(result).f64(0).op('f64.eq').op('i32.or')
    f.if()
    ctx.elsewhere([result])
    f.end()
    return { lanes: [result] }
  }
}

export const floatBucketForm: InlineForm = (ctx, args) => {
  pushLanes(ctx, args)
  ctx.f.call(ctx.kernel('floatBucket'))
  const result = keep(ctx.f, 'i32')
  orElsewhere(ctx, result, LEFT_OUT)
  return { lanes: [result] }
}

/** What 64 bits do not hold is compared and divided where the batch's texts are. */
export const numericBucketForm: InlineForm = (ctx, args) => {
  const { f } = ctx
  pushLanes(ctx, args)
  f.call(ctx.kernel('numericBucket'))
  const result = keep(f, 'i32')
  const [bytes, target, nothing] = [f.local('i32'), f.local('i32'), f.local('i64')]
  f.get(result).i32(Number(LEFT_OUT)).op('i32.eq').if()
  pushLanes(ctx, args.slice(0, 3))
  f.call(ctx.kernel('longBucketBytes')).tee(bytes).if()
  f.get(bytes)
  ctx.allocateText()
  f.tee(target)
  pushLanes(ctx, args)
  f.call(ctx.kernel('longBucket')).set(result)
  f.i64(0n).set(nothing)
  ctx.settleText(target, nothing)
  f.end()
  f.end()
  orElsewhere(ctx, result, LEFT_OUT)
  return { lanes: [result] }
}

/** The logarithm of a numeric to base 10. */
export const decimalLogarithmForm: InlineForm = (ctx, args) => {
  const { f } = ctx
  const work = ctx.workspace()
  f.get(work).i64(10n).i64(0n)
  pushLanes(ctx, args)
  f.call(ctx.kernel('numericLog'))
  return { lanes: takePair(ctx, work) }
}

/** A common divisor or multiple of integers, which has their type. */
export function commonForm(name: 'integerDivisor' | 'integerMultiple'): InlineForm {
  return (ctx, args, result) => {
    const { f } = ctx
    for (const value of args) {
      f.get(lane(value))
      if (result.kind === 'int4') f.op('i64.extend_i32_s')
    }
    f.i64(present(typeRange(result), 'bounds of a type').max).call(ctx.kernel(name))
    const common = keep(f, 'i64')
    if (result.kind === 'int8') {
      orElsewhere(ctx, common, LEFT_OUT)
      return { lanes: [common] }
    }
    f.get(common).op('i32.wrap_i64')
    const narrow = keep(f, 'i32')
    orElsewhere(ctx, narrow, LEFT_OUT)
    return { lanes: [narrow] }
  }
}

/** The product of the whole numbers up to one. */
export const factorialForm: InlineForm = (ctx, args) => {
  const work = ctx.workspace()
  ctx.f.get(work)
  pushLanes(ctx, args)
  ctx.f.call(ctx.kernel('numericFactorial'))
  const extra = lane(present(args[0], 'missing number'))
  const long = { operation: longOperations.factorial, operands: [], extra }
  return { lanes: takePair(ctx, work, long) }
}

/** Ways to round, as the kernels number them. */
export const roundings = { nearest: 0, towardsZero: 1, down: 2, up: 3 } as const

/** Digits of an integer of 64 bits. */
const DIGITS_MAX = 18

/** Rounding of a numeric, at places where they are given. */
export function numericRounding(mode: keyof typeof roundings): InlineForm {
  return (ctx, args) => roundedNumeric(ctx, args, mode, args[1])
}

function roundedNumeric(
  ctx: InlineContext,
  args: readonly Value[],
  mode: keyof typeof roundings,
  places: Value | undefined,
): ReturnType<InlineForm> {
  const { f } = ctx
  if (places === undefined) f.i32(0)
  else f.get(lane(places))
  const at = keep(f, 'i32')
  const operation = longOperations.rounded + roundings[mode]
  const value = present(args[0], 'missing number')
  const long = { operation, operands: [value], extra: extraOf(ctx, at) }
  return emitRounded(ctx, value, at, roundings[mode], long)
}

/** Rounding of a decimal of 64 bits to a whole number. */
export function decimalRounding(mode: keyof typeof roundings): InlineForm {
  return ({ f, kernel }, [value]) => {
    if (value?.type.kind !== 'decimal') return { lanes: [] }
    const { precision, scale } = value.type
    f.get(lane(value)).i32(scale).i32(roundings[mode]).call(kernel('cutDigits'))
    // Rounding may carry.
    const most = 10n ** BigInt(precision - scale)
    return { lanes: [keep(f, 'i64')], range: { min: -most, max: most } }
  }
}

/** Whether a decimal is one integer of 64 bits. */
export function isNarrow(type: { readonly kind: string; readonly precision?: number }): boolean {
  return type.kind === 'decimal' && (type.precision ?? DIGITS_MAX + 1) <= DIGITS_MAX
}

/** The sign of a decimal of 64 bits. */
export const decimalSign: InlineForm = ({ f }, [value]) => {
  const number = lane(present(value, 'missing number'))
  f.get(number).i64(0n).op('i64.gt_s').get(number).i64(0n).op('i64.lt_s').op('i32.sub')
  f.op('i64.extend_i32_s')
  return { lanes: [keep(f, 'i64')], range: { min: -1n, max: 1n } }
}

/** 0 for NaN, too. */
export const floatSign: InlineForm = ({ f }, [value]) => {
  const number = lane(present(value, 'missing number'))
  f.get(number).f64(0).op('f64.gt').get(number).f64(0).op('f64.lt').op('i32.sub')
  f.op('f64.convert_i32_s')
  return { lanes: [keep(f, 'f64')] }
}

/** Of a numeric with bytes of its own the last byte does not say the scale: the first two of its own do. */
const WIDE_SCALE = 255

/** Digits behind a numeric's point. */
export const scaleForm: InlineForm = ({ f }, args) => {
  const value = present(args[0], 'missing number')
  f.get(lane(value, 1)).i64(56n).op('i64.shr_u').op('i32.wrap_i64')
  const scale = keep(f, 'i32')
  f.get(scale).i32(WIDE_SCALE).op('i32.eq').if()
  // The bytes of a long numeric begin with its scale; of NaN and infinity none is given.
  pushIsSpecial(f, lane(value))
  f.if()
  f.i32(NO_SCALE).set(scale)
  f.else()
  f.get(lane(value)).op('i32.wrap_i64').memory('i32.load16_u').set(scale)
  f.end()
  f.end()
  return unlessSpecial(f, scale)
}

/** Digits behind the point that the value needs: those that it has without zeros at the end. */
export const leastScaleForm: InlineForm = (ctx, args) => {
  pushLanes(ctx, args)
  ctx.f.call(ctx.kernel('numericNeededPlaces'))
  return unlessSpecial(ctx.f, keep(ctx.f, 'i32'))
}

/** A kernel's answer for numerics that have no scale. */
const NO_SCALE = -1

/** Pushes 1 where the numeric of its own bytes is not finite. */
function pushIsSpecial(f: FunctionBuilder, low: Local): void {
  f.get(low).op('i32.wrap_i64').memory('i32.load', wideNumericHeader.exponent)
  f.i32(SPECIAL_EXPONENT).op('i32.ge_s')
}

/** A scale, or NULL. */
function unlessSpecial(f: FunctionBuilder, scale: Local): ReturnType<InlineForm> {
  f.get(scale).i32(NO_SCALE).op('i32.ne')
  return { lanes: [scale], valid: keep(f, 'i32') }
}

/** Digits that every numeric of 120 bits has at most. */
const NUMERIC_DIGITS_MAX = 36

/** A cast to numeric(p, s): what code rounds has no more digits than that, and is not too large. */
export const limitForm: NonNullable<FunctionTraits['literalForm']> = ([, precision, scale]) => {
  if (Number(precision) < NUMERIC_DIGITS_MAX || Number(scale) < 0) return undefined
  return (ctx, args) => {
    const { f } = ctx
    const value = present(args[0], 'missing number')
    const extra = (BigInt(Number(precision)) << 32n) | BigInt(Number(scale))
    const long = {
      operation: longOperations.limited,
      operands: [value],
      extra: keepInt64(ctx, extra),
    }
    f.i32(Number(scale))
    return emitRounded(ctx, value, keep(f, 'i32'), roundings.nearest, long)
  }
}

function keepInt64({ f }: InlineContext, value: bigint): Local {
  f.i64(value)
  return keep(f, 'i64')
}
