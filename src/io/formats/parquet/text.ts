import type { DecodeContext, PlaceInFile } from './context.ts'
import { badPage } from './context.ts'
import { ENCODING, type DataPage, type PageBody } from './pages.ts'

/** Byte strings in memory: `count + 1` u32 offsets from `at`. Valid until the next page is decoded. */
export interface PackedText {
  readonly at: number
  readonly offsets: number
  /** Sum of the lengths: `offsets[count] - offsets[0]`. */
  readonly bytes: number
}

const TEXT_BYTES_MAX = 2_147_000_000

/** Decodes `count` byte strings of a page (not dictionary codes). */
export function decodeText(
  ctx: DecodeContext,
  page: DataPage,
  body: PageBody,
  count: number,
  place: PlaceInFile,
): PackedText {
  const text = packedText(ctx, page, body, count, place)
  if (place.column.conversion.kind === 'text') expectUtf8(ctx, text, count, place)
  return text
}

function packedText(
  ctx: DecodeContext,
  page: DataPage,
  body: PageBody,
  count: number,
  place: PlaceInFile,
): PackedText {
  const offsets = ctx.offsets.ensure((count + 1) * 4)
  const { physical, width } = place.column
  switch (page.encoding) {
    case ENCODING.plainDictionary:
    case ENCODING.plain:
      if (physical === 'fixed') return fixedText(ctx, body.start, body, count, place)
      return plainText(ctx, body, count, offsets, place)
    case ENCODING.deltaLengthByteArray:
      return deltaLengthText(ctx, body, count, offsets, place)
    case ENCODING.deltaByteArray:
      return frontCodedText(ctx, body, count, offsets, place)
    case ENCODING.byteStreamSplit:
      if (physical === 'fixed') {
        expectFixed(body, count, place)
        const at = ctx.packed.ensure(count * width)
        ctx.call('parquetByteStreamSplit', body.start, width, count, at)
        return fixedText(ctx, at, body, count, place)
      }
      break
  }
  throw badPage(place, `a page of encoding ${page.encoding} in a column of ${physical}`)
}

function plainText(
  ctx: DecodeContext,
  body: PageBody,
  count: number,
  offsets: number,
  place: PlaceInFile,
): PackedText {
  const at = ctx.packed.ensure(body.end - body.start)
  const end = storePlainText(ctx, body, count, { offsets, base: at, at }, place)
  return { at, offsets, bytes: end - at }
}

/** Where texts go: `count + 1` offsets from `base`, bytes from `at` on, with room for the page's. */
export interface TextTarget {
  readonly offsets: number
  readonly base: number
  readonly at: number
}

/** Decodes a page of PLAIN byte arrays; returns the end of the bytes. */
function storePlainText(
  ctx: DecodeContext,
  body: PageBody,
  count: number,
  { offsets, base, at }: TextTarget,
  place: PlaceInFile,
): number {
  const { start, end } = body
  const textEnd = ctx.callAddress('parquetPlainText', start, end, count, offsets, base, at)
  if (textEnd !== 0) return textEnd
  throw badPage(place, 'a string goes past its page', { expected: `${count} strings` })
}

/** Whether a page's texts lie in it as they will be read, so that one copy is enough. */
export function isPlainText(page: DataPage, place: PlaceInFile): boolean {
  return page.encoding === ENCODING.plain && place.column.physical === 'bytes'
}

/** As {@link decodeText}, for such pages, straight to where the texts will stay. */
export function decodePlainText(
  ctx: DecodeContext,
  body: PageBody,
  count: number,
  target: TextTarget,
  place: PlaceInFile,
): number {
  const end = storePlainText(ctx, body, count, target, place)
  if (place.column.conversion.kind === 'text') {
    expectUtf8(ctx, { at: target.base, offsets: target.offsets }, count, place)
  }
  return end
}

function expectFixed(body: PageBody, count: number, place: PlaceInFile): void {
  const bytes = count * place.column.width
  if (bytes <= body.end - body.start) return
  const found = `${body.end - body.start}`
  throw badPage(place, 'a page ends within its values', { expected: `${bytes} bytes`, found })
}

function fixedText(
  ctx: DecodeContext,
  at: number,
  body: PageBody,
  count: number,
  place: PlaceInFile,
): PackedText {
  expectFixed(body, count, place)
  const { width } = place.column
  ctx.call('parquetFixedOffsets', 0, width, count, ctx.offsets.at)
  return { at, offsets: ctx.offsets.at, bytes: count * width }
}

/** Decodes lengths; returns the position behind them. */
function lengthsAt(
  ctx: DecodeContext,
  body: PageBody,
  start: number,
  count: number,
  target: number,
  place: PlaceInFile,
): number {
  const delta = ctx.delta.at
  const end = ctx.callAddress('parquetDelta32', start, body.end, count, target, delta, 0)
  if (end > 1) return end
  throw badPage(place, 'the lengths of its strings are not well-formed', {
    expected: `${count} lengths`,
  })
}

function deltaLengthText(
  ctx: DecodeContext,
  body: PageBody,
  count: number,
  offsets: number,
  place: PlaceInFile,
): PackedText {
  const lengths = ctx.lengths.ensure(count * 4)
  const at = lengthsAt(ctx, body, body.start, count, lengths, place)
  const there = body.end - at
  const bytes = ctx.call('parquetLengthsToOffsets', lengths, count, 0, offsets, there)
  if (bytes >= 0) return { at, offsets, bytes }
  throw badPage(place, 'its strings are longer than the page', { expected: `${there} bytes` })
}

function frontCodedText(
  ctx: DecodeContext,
  body: PageBody,
  count: number,
  offsets: number,
  place: PlaceInFile,
): PackedText {
  const prefixes = ctx.lengths.ensure(count * 4)
  const suffixes = ctx.suffixes.ensure(count * 4)
  const suffixesAt = lengthsAt(ctx, body, body.start, count, prefixes, place)
  const source = lengthsAt(ctx, body, suffixesAt, count, suffixes, place)
  const there = body.end - source
  const stored = ctx.call('parquetLengthsToOffsets', suffixes, count, 0, offsets, there)
  const bytes = ctx.call('parquetFrontCodedBytes', prefixes, suffixes, count, TEXT_BYTES_MAX)
  if (stored < 0 || bytes < 0) {
    throw badPage(place, 'the prefixes of its strings are not well-formed')
  }
  const { physical, width } = place.column
  if (physical === 'fixed' && bytes !== count * width) {
    throw badPage(place, 'its values have another width', { expected: `${width} bytes each` })
  }
  const at = ctx.packed.ensure(bytes)
  ctx.call('parquetFrontCoded', prefixes, suffixes, count, source, offsets, at, at)
  return { at, offsets, bytes }
}

function expectUtf8(
  ctx: DecodeContext,
  text: Pick<PackedText, 'at' | 'offsets'>,
  count: number,
  place: PlaceInFile,
): void {
  const invalid = ctx.call('utf8FirstInvalid', text.offsets, count, text.at)
  if (invalid < 0) return
  const what = `value ${invalid + 1} of a page is not valid UTF-8, or has a NUL in it`
  throw badPage(place, what)
}
