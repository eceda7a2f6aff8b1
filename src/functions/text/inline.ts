import { present } from '../../base/assert.ts'
import { keep, lane, raiseIf } from '../emit.ts'
import type { InlineContext, InlineForm, Value } from '../inline.ts'
import { kernelContract } from '../../wasm/kernels/contract.ts'
import type { KernelName } from '../../wasm/kernels/signatures.ts'

const SPACE_LENGTH = 1n << 32n

/** A kernel over the arguments' lanes as they are. */
export function kernelForm(name: KernelName): InlineForm {
  const result = present(kernelContract[name].results[0], 'result of a kernel')
  return (ctx, args) => {
    const { f } = ctx
    for (const arg of args) f.get(lane(arg))
    f.call(ctx.kernel(name))
    return { lanes: [keep(f, result)] }
  }
}

/** SQL's substring as a view into the text. */
export const substringForm: InlineForm = (ctx, [text, from, length]) => {
  const { f } = ctx
  const source = present(text, 'missing text')
  if (length !== undefined) {
    f.get(lane(length)).i32(0).op('i32.lt_s')
    raiseIf(ctx, 'negative-substring-length')
  }
  f.get(lane(source))
  pushStart(ctx, from)
  if (length === undefined) f.i64(0xffff_ffffn)
  else {
    pushStart(ctx, from)
    f.get(lane(length)).op('i64.extend_i32_s').op('i64.add')
  }
  f.call(ctx.kernel('textSlice'))
  return { lanes: [keep(f, 'i64')] }
}

function pushStart({ f }: InlineContext, from: Value | undefined): void {
  f.get(lane(present(from, 'missing start')))
  f.op('i64.extend_i32_s').i64(1n).op('i64.sub')
}

/** Trimming of spaces or of a set of characters; sides: 1 start, 2 end, 3 both. */
export function trimForm(sides: number): InlineForm {
  return (ctx, [text, set]) => {
    const { f } = ctx
    const kernel = ctx.kernel('textTrim')
    if (set === undefined) {
      // One space, put where the batch's texts go.
      f.i32(1)
      ctx.allocateText()
      const space = keep(f, 'i32')
      f.get(space).i32(32).memory('i32.store8')
      f.get(lane(present(text, 'missing text')))
      f.get(space).op('i64.extend_i32_u').i64(SPACE_LENGTH).op('i64.or')
    } else f.get(lane(present(text, 'missing text'))).get(lane(set))
    f.i32(sides).call(kernel)
    return { lanes: [keep(f, 'i64')] }
  }
}

/** Bytes of a text or bytea. */
export const byteLengthForm: InlineForm = ({ f }, [text]) => {
  f.get(lane(present(text, 'missing text')))
    .i64(32n)
    .op('i64.shr_u')
    .op('i32.wrap_i64')
  return { lanes: [keep(f, 'i32')] }
}

export const concatenateForm: InlineForm = (ctx, [left, right]) => {
  const { f } = ctx
  const [first, second] = [
    lane(present(left, 'missing text')),
    lane(present(right, 'missing text')),
  ]
  f.get(first).get(second)
  // The lengths sit in the high words; their sum is the bytes needed.
  f.get(first).i64(32n).op('i64.shr_u').get(second).i64(32n).op('i64.shr_u').op('i64.add')
  f.op('i32.wrap_i64')
  ctx.allocateText()
  f.call(ctx.kernel('textConcatenate'))
  return { lanes: [keep(f, 'i64')] }
}
