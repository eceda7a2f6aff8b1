import { present } from '../../base/assert.ts'
import { keep, lane } from '../emit.ts'
import type { InlineForm } from '../inline.ts'
import {
  ELSEWHERE,
  fixedBytes,
  kernelForm,
  orElsewhere,
  pushLanes,
  pushSize,
  viewForm,
  writerForm,
  type Push,
} from '../kernel-forms.ts'
import { overlaidForm } from '../text/inline.ts'

/** As long as the bytes. */
const pushSame: Push = (ctx, [bytes]) => pushSize(ctx, bytes)

/** A number, or -1 for an index that TypeScript refuses. */
function indexedForm(name: 'bytesBit' | 'bytesByte'): InlineForm {
  return (ctx, args) => {
    pushLanes(ctx, args)
    ctx.f.call(ctx.kernel(name))
    const result = keep(ctx.f, 'i32')
    orElsewhere(ctx, result, ELSEWHERE)
    return { lanes: [result] }
  }
}

export const bitForm = indexedForm('bytesBit')
export const byteForm = indexedForm('bytesByte')
export const withBitForm = writerForm('bytesWithBit', pushSame)
export const withByteForm = writerForm('bytesWithByte', pushSame)
export const bitCountForm = kernelForm('bytesBitCount')
export const bytesPositionForm = kernelForm('bytesPosition')

/** Sides: 1 start, 2 end, 3 both. */
export function bytesTrimForm(sides: number): InlineForm {
  return viewForm('bytesTrim', (ctx, args) => {
    pushLanes(ctx, args)
    ctx.f.i32(sides)
  })
}

/** What is put in the place of so many bytes, or of as many as it has itself. */
export const bytesOverlayForm = overlaidForm('bytesOverlay', (ctx, piece) => {
  pushSize(ctx, piece)
  ctx.f.op('i32.wrap_i64')
})

/** LIKE of bytes with a pattern whose escape is a backslash. */
export function bytesLikeForm(negated: boolean): InlineForm {
  return (ctx, args) => {
    pushLanes(ctx, args)
    ctx.f.i32(negated ? 1 : 0).call(ctx.kernel('bytesLike'))
    const result = keep(ctx.f, 'i32')
    orElsewhere(ctx, result, ELSEWHERE)
    return { lanes: [result] }
  }
}

/** Letters that a byte takes at most, and what lines of base64 have beside theirs. */
const LETTERS_A_BYTE = 4n
const MORE_LETTERS = 4n

export const encodeForm = writerForm('bytesEncode', (ctx, [bytes]) => {
  pushSize(ctx, bytes)
  ctx.f.i64(LETTERS_A_BYTE).op('i64.mul').i64(MORE_LETTERS).op('i64.add')
})

export const decodeForm = writerForm('bytesDecode', pushSame)

/** The digest, and what the kernel works in. */
const DIGEST_BYTES = 960

export function digestForm(bits: number): InlineForm {
  return writerForm('bytesSha', fixedBytes(DIGEST_BYTES), ({ f }, [bytes]) => {
    f.get(lane(present(bytes, 'missing bytes'))).i32(bits)
  })
}
