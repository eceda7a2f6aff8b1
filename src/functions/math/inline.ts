import type { KernelName } from '../../wasm/kernels/signatures.ts'
import { keep } from '../emit.ts'
import type { InlineForm } from '../inline.ts'
import { orElsewhere, pushLanes } from '../kernel-forms.ts'

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
