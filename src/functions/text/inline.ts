import { present } from '../../base/assert.ts'
import { keep, keyedTextLane, lane, raiseIf } from '../emit.ts'
import {
  fixedBytes,
  orElsewhere,
  PAST_BYTES,
  pushCount,
  pushLanes,
  pushSize,
  viewForm,
  writerForm,
} from '../kernel-forms.ts'
import type { Push } from '../kernel-forms.ts'
import type { Local } from '../../wasm/assembler/function-builder.ts'
import type { InlineContext, InlineForm, Value } from '../inline.ts'

/** What kernels take as a text of one space. */
const ONE_SPACE = -1n

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

/** The same of bytes. */
export const byteSliceForm: InlineForm = (ctx, [bytes, from, length]) => {
  const { f } = ctx
  const source = lane(present(bytes, 'missing bytes'))
  if (length !== undefined) {
    f.get(lane(length)).i32(0).op('i32.lt_s')
    raiseIf(ctx, 'negative-substring-length')
  }
  const [start, end, size] = [f.local('i64'), f.local('i64'), f.local('i64')]
  f.get(source).i64(32n).op('i64.shr_u').set(size)
  pushStart(ctx, from)
  f.set(start)
  if (length === undefined) f.get(size).set(end)
  else f.get(start).get(lane(length)).op('i64.extend_i32_s').op('i64.add').set(end)
  const within = (place: Local): void => {
    f.get(place).i64(0n).get(place).i64(0n).op('i64.gt_s').op('select').set(place)
    f.get(place).get(size).get(place).get(size).op('i64.lt_s').op('select').set(place)
  }
  within(start)
  within(end)
  f.get(end).get(start).get(end).get(start).op('i64.gt_s').op('select').set(end)
  f.get(source).i64(0xffff_ffffn).op('i64.and').get(start).op('i64.add')
  f.get(end).get(start).op('i64.sub').i64(32n).op('i64.shl').op('i64.or')
  return { lanes: [keep(f, 'i64')] }
}

function pushStart({ f }: InlineContext, from: Value | undefined): void {
  f.get(lane(present(from, 'missing start')))
  f.op('i64.extend_i32_s').i64(1n).op('i64.sub')
}

/** Trimming of spaces or of a set of characters; sides: 1 start, 2 end, 3 both. */
export function trimForm(sides: number): InlineForm {
  return viewForm('textTrim', (ctx, args) => {
    pushLanes(ctx, args)
    if (args.length < 2) ctx.f.i64(ONE_SPACE)
    ctx.f.i32(sides)
  })
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
  f.op('i32.wrap_i64').i32(PAST_BYTES).op('i32.add')
  ctx.allocateText()
  f.call(ctx.kernel('textConcatenate'))
  return { lanes: [keep(f, 'i64')] }
}

/** Half as many bytes again: a letter of two bytes may have another case of three. */
export const pushLetters: Push = (ctx, [text]) => {
  pushSize(ctx, text)
  ctx.f.i64(3n).op('i64.mul').i64(1n).op('i64.shr_u')
}

export const upperForm = writerForm('textUpper', pushLetters)
export const lowerForm = writerForm('textLower', pushLetters)
export const initcapForm = writerForm('textInitcap', pushLetters)
export const reverseForm = writerForm('textReverse', (ctx, [text]) => pushSize(ctx, text))

/** Bytes of a character at most. */
const CHARACTER_BYTES = 4

export const characterForm = writerForm('textCharacter', fixedBytes(CHARACTER_BYTES))

/** The kernel works behind the digest. */
const DIGEST_BYTES = 192

export const md5Form = writerForm('textMd5', fixedBytes(DIGEST_BYTES))

/** Filling up with spaces or a text, at the start or the end. */
export function padForm(atStart: boolean): InlineForm {
  const pushBytes: Push = (ctx, [text, count]) => {
    pushSize(ctx, text)
    pushCount(ctx, count)
    ctx.f.i64(BigInt(CHARACTER_BYTES)).op('i64.mul').op('i64.add')
  }
  return writerForm('textPad', pushBytes, (ctx, args) => {
    pushLanes(ctx, args)
    if (args.length < 3) ctx.f.i64(ONE_SPACE)
    ctx.f.i32(atStart ? 1 : 0)
  })
}

export const repeatForm = writerForm('textRepeat', (ctx, [text, count]) => {
  pushSize(ctx, text)
  pushCount(ctx, count)
  ctx.f.op('i64.mul')
})

/** As if the text were nothing but what is replaced. */
export const replaceForm = writerForm('textReplace', (ctx, [text, from, to]) => {
  const { f } = ctx
  pushSize(ctx, text)
  pushSize(ctx, text)
  pushSize(ctx, from)
  pushSize(ctx, from)
  f.op('i64.eqz').op('i64.extend_i32_u').op('i64.add').op('i64.div_u')
  pushSize(ctx, to)
  f.op('i64.mul').op('i64.add')
})

/** What is put in the place of so many units, or of as many as it has itself, which `pushUnits` tells. */
export function overlaidForm(
  kernel: 'textOverlay' | 'bytesOverlay',
  pushUnits: (ctx: InlineContext, piece: Value | undefined) => void,
): InlineForm {
  return writerForm(
    kernel,
    (ctx, [whole, piece]) => {
      // A count below 0 has units stand on both sides.
      pushSize(ctx, whole)
      ctx.f.i64(2n).op('i64.mul')
      pushSize(ctx, piece)
      ctx.f.op('i64.add')
    },
    (ctx, args) => {
      pushLanes(ctx, args.slice(0, 3))
      const [, piece, , count] = args
      if (count === undefined) pushUnits(ctx, piece)
      else ctx.f.get(lane(count))
    },
  )
}

/** Of characters. */
export const overlayForm = overlaidForm('textOverlay', (ctx, piece) => {
  ctx.f.get(lane(present(piece, 'missing piece'))).call(ctx.kernel('textLength'))
})

/** The time that it takes is bounded as the bytes are: each character is looked for in the second text. */
export const translateForm = writerForm('textTranslate', (ctx, [text, from]) => {
  const { f } = ctx
  pushSize(ctx, text)
  pushSize(ctx, from)
  f.i64(BigInt(CHARACTER_BYTES)).op('i64.add').op('i64.mul')
})

/** Apostrophes and backslashes are doubled. */
export const quotedForm = writerForm('textQuoted', (ctx, [text]) => {
  pushSize(ctx, text)
  ctx.f.i64(2n).op('i64.mul').i64(3n).op('i64.add')
})

const nullWord = Uint8Array.from([78, 85, 76, 76])

/** The same, or the word NULL. */
export const quotedOrNullForm: InlineForm = (ctx, args, result) => {
  const { f } = ctx
  const quoted = quotedForm(ctx, args, result)
  const valid = args[0]?.valid
  if (valid === undefined) return quoted
  f.get(present(quoted.lanes[0], 'quoted text')).get(ctx.bytes(nullWord)).get(valid).op('select')
  return { lanes: [keep(f, 'i64')] }
}

/** Bytes of 64 bits in hexadecimal. */
const HEX_BYTES = 16

export const hexForm = writerForm('integerHex', fixedBytes(HEX_BYTES), ({ f }, [value]) => {
  const source = lane(present(value, 'missing number'))
  f.get(source)
  if (f.typeOf(source) === 'i32') f.op('i64.extend_i32_u')
})

/** Bits of a text. */
export const bitLengthForm: InlineForm = (ctx, args, result) => {
  const [bytes] = byteLengthForm(ctx, args, result).lanes
  ctx.f.get(present(bytes, 'length')).i32(8).op('i32.mul')
  return { lanes: [keep(ctx.f, 'i32')] }
}

/** What is stored in varchar(n): a text that is longer is for TypeScript, which may cut off spaces. */
export const storeForm: InlineForm = (ctx, args) => {
  const { f } = ctx
  const [text, most] = args
  const result = f.local('i64')
  f.get(lane(present(text, 'missing text'))).tee(result)
  f.call(ctx.kernel('textLength'))
    .get(lane(present(most, 'missing length')))
    .op('i32.gt_s')
  orElsewhere(ctx, result, 1n, keep(f, 'i32'))
  return { lanes: [result] }
}

/** Bytes of a char(n), which come behind its key. */
export const paddedLengthForm: InlineForm = ({ f }, [text]) => {
  f.get(keyedTextLane(f, present(text, 'missing text')))
    .i64(32n)
    .op('i64.shr_u')
    .op('i32.wrap_i64')
  return { lanes: [keep(f, 'i32')] }
}
