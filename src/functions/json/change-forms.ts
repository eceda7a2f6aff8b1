import { present } from '../../base/assert.ts'
import type { KernelName } from '../../wasm/kernels/signatures.ts'
import { lane } from '../emit.ts'
import type { InlineContext, Value } from '../inline.ts'
import type { ScalarFunction } from '../function.ts'
import { pushLanes, pushSize, writerForm, type Push } from '../kernel-forms.ts'

/* How jsonb that is made of other jsonb is written, see wasm/kernels/assembly/functions/json-changes.ts. */

type Inlined = Pick<ScalarFunction, 'inline' | 'isDear'>

/** The heads of arrays and objects, keys' ends and lengths, and what may be spoilt. */
const VALUE_BYTES = 96n
/** A character of a name in its key and, escaped, in its text. */
const NAME_BYTES = 8n

/** Pushes the bytes that the arguments have together. */
const pushAllSizes: Push = (ctx, args) => {
  const { f } = ctx
  f.i64(VALUE_BYTES)
  for (const value of args) {
    // The number of an item takes nothing.
    if (f.typeOf(lane(value)) !== 'i64') continue
    pushSize(ctx, value)
    f.op('i64.add')
  }
}

/** A kernel that takes the arguments as they are and writes no more than these have. */
export function rewriting(name: KernelName): Inlined {
  return { inline: writerForm(name, pushAllSizes), isDear: true }
}

/** What becomes of the value that a path leads to: as json-changes.ts numbers it where the flag is false. */
const changes = { delete: 0, set: 1, insert: 3 } as const

/** A change at a path: the value, the path, another value and a flag, which is `byDefault` where it is not there. */
export function changing(what: keyof typeof changes, byDefault = false): Inlined {
  const push: Push = (ctx, args) => {
    const { f } = ctx
    const [value, path, other, flag] = args
    pushView(ctx, value)
    pushView(ctx, path)
    if (other === undefined) f.i64(0n)
    else pushView(ctx, other)
    if (flag === undefined) f.i32(changes[what] + Number(byDefault))
    else f.get(lane(flag)).i32(changes[what]).op('i32.add')
  }
  const pushBytes: Push = (ctx, args) => {
    const { f } = ctx
    const [value, path, other] = args
    pushAllSizes(
      ctx,
      [value, other].flatMap((one) => one ?? []),
    )
    pushSize(ctx, path)
    f.i64(NAME_BYTES).op('i64.mul').op('i64.add')
  }
  return { inline: writerForm('jsonbChange', pushBytes, push), isDear: true }
}

function pushView({ f }: InlineContext, value: Value | undefined): void {
  f.get(lane(present(value, 'missing argument')))
}

/** A value over several lines, of as many bytes as a kernel says. */
export const prettyForm: Inlined = {
  inline: writerForm('jsonbPretty', (ctx, args) => {
    pushLanes(ctx, args)
    ctx.f.call(ctx.kernel('jsonbPrettyBytes'))
  }),
  isDear: true,
}
