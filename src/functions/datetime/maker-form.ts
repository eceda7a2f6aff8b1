import { present } from '../../base/assert.ts'
import type { KernelName } from '../../wasm/kernels/signatures.ts'
import type { InlineForm } from '../inline.ts'
import { kernelForm, orElsewhere } from '../kernel-forms.ts'

/** What kernels answer for what they leave to TypeScript. */
export const LEFT_OUT_DATE = -(2n ** 31n)
export const LEFT_OUT_MOMENT = -(2n ** 63n)

/** A kernel that makes a value of numbers, or leaves it to TypeScript. */
export function makerForm(name: KernelName, leftOut: bigint): InlineForm {
  const form = kernelForm(name)
  return (ctx, args, result) => {
    const made = form(ctx, args, result)
    orElsewhere(ctx, present(made.lanes[0], 'result of a kernel'), leftOut)
    return made
  }
}
