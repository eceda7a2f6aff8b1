import type { FunctionBuilder, Local } from '../../wasm/assembler/function-builder.ts'
import type { FoldContext } from '../aggregate-form.ts'

/** Pushes 1 where a float is infinite. */
export function pushIsInfinite(f: FunctionBuilder, value: Local): void {
  f.get(value).op('f64.abs').f64(Infinity).op('f64.eq')
}

/** Emits: of finite parts an infinite sum is an overflow. */
export function raiseIfOverflown(ctx: FoldContext, sum: Local, parts: readonly Local[]): void {
  const { f } = ctx
  pushIsInfinite(f, sum)
  for (const part of parts) {
    pushIsInfinite(f, part)
    f.op('i32.eqz').op('i32.and')
  }
  f.if()
  ctx.raise('float-out-of-range')
  f.end()
}
