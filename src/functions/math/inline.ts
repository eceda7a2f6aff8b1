import type { KernelName } from '../../wasm/kernels/signatures.ts'
import { keep, lane } from '../emit.ts'
import type { InlineForm } from '../inline.ts'
import { orElsewhere, pushLanes, takeNumeric } from '../kernel-forms.ts'

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
    for (const { valid } of args) if (valid !== undefined) f.get(valid).op('i32.and')
    f.if()
    // Where no error of the row counts, nothing is evaluated.
    ctx.elsewhere(args, [result])
    f.end()
    return { lanes: [result] }
  }
}

export const bucketForm: InlineForm = (ctx, args) => {
  pushLanes(ctx, args)
  ctx.f.call(ctx.kernel('floatBucket'))
  const result = keep(ctx.f, 'i32')
  orElsewhere(ctx, args, result, LEFT_OUT)
  return { lanes: [result] }
}

/** Ways to round, as the kernels number them. */
export const roundings = { nearest: 0, towardsZero: 1, down: 2, up: 3 } as const

/** Digits of an integer of 64 bits. */
const DIGITS_MAX = 18

/** Rounding of a numeric, at places where they are given. */
export function numericRounding(mode: keyof typeof roundings): InlineForm {
  return (ctx, args) => {
    const { f } = ctx
    const [value, places] = args
    const work = ctx.workspace()
    f.get(work)
    if (value !== undefined) f.get(lane(value)).get(lane(value, 1))
    if (places === undefined) f.i32(0)
    else f.get(lane(places))
    f.i32(roundings[mode]).call(ctx.kernel('numericRound'))
    return { lanes: takeNumeric(ctx, args, work) }
  }
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
