import type { Address } from '../../../data/vectors/vector.ts'
import { badPage, type DecodeContext, type PlaceInFile } from './context.ts'
import { decompress } from './decompress.ts'
import {
  booleanField,
  integerField,
  readStruct,
  requiredInteger,
  structField,
  ThriftError,
  type ThriftStruct,
} from './thrift.ts'

export const ENCODING = {
  plain: 0,
  plainDictionary: 2,
  rle: 3,
  deltaBinaryPacked: 5,
  deltaLengthByteArray: 6,
  deltaByteArray: 7,
  rleDictionary: 8,
  byteStreamSplit: 9,
} as const

/** A page of a column chunk that lies in memory. */
export interface DataPage {
  readonly kind: 'dictionary' | 'data' | 'data-v2'
  readonly rows: number
  readonly encoding: number
  /** Of definition and repetition levels: the RLE encoding is the only one in use. */
  readonly levelEncoding: number
  readonly repetitionEncoding: number
  /** data-v2: bytes of repetition and definition levels, never compressed. */
  readonly repetitionBytes: number
  readonly definitionBytes: number
  readonly isCompressed: boolean
  readonly body: Address
  readonly storedBytes: number
  readonly bytes: number
}

/** Bytes of a page that are ready to be decoded. */
export interface PageBody {
  readonly start: number
  readonly end: number
}

const HEADER_BYTES_MAX = 1_048_576
const PAGE_BYTES_MAX = 1_073_741_824

export function usesDictionary(page: DataPage): boolean {
  return (
    page.kind !== 'dictionary' &&
    (page.encoding === ENCODING.rleDictionary || page.encoding === ENCODING.plainDictionary)
  )
}

/** The pages of a chunk that lies at `start`, up to `rows` rows. */
export function scanPages(
  ctx: DecodeContext,
  start: number,
  bytes: number,
  rows: number,
  place: PlaceInFile,
): readonly DataPage[] {
  const { u8 } = ctx.env.heap
  const end = start + bytes
  const pages: DataPage[] = []
  let at = start
  let seen = 0
  while (seen < rows) {
    if (at >= end) {
      const found = `${seen}`
      throw badPage(place, 'its pages hold too few rows', { expected: `${rows} rows`, found })
    }
    const header = headerAt(u8.subarray(at, Math.min(end, at + HEADER_BYTES_MAX)), place)
    const body = at + header.end
    const page = pageOf(header.struct, body, place)
    if (page !== undefined) {
      if (page.storedBytes > end - body) {
        const expected = `at most ${end - body} bytes`
        const found = `${page.storedBytes}`
        throw badPage(place, 'a page goes past its column chunk', { expected, found })
      }
      if (page.kind !== 'dictionary') seen += page.rows
      pages.push(page)
    }
    at = body + requiredInteger(header.struct, 3)
  }
  if (seen > rows) {
    const found = `${seen}`
    throw badPage(place, 'its pages hold too many rows', { expected: `${rows} rows`, found })
  }
  return pages
}

function headerAt(
  bytes: Uint8Array,
  place: PlaceInFile,
): { readonly struct: ThriftStruct; readonly end: number } {
  try {
    const header = readStruct(bytes, 0)
    requiredInteger(header.struct, 2)
    requiredInteger(header.struct, 3)
    return header
  } catch (error) {
    if (!(error instanceof ThriftError)) throw error
    throw badPage(place, `a page header cannot be read: ${error.message}`)
  }
}

function pageOf(struct: ThriftStruct, body: number, place: PlaceInFile): DataPage | undefined {
  const bytes = requiredInteger(struct, 2)
  if (bytes > PAGE_BYTES_MAX) throw badPage(place, `a page of ${bytes} bytes`)
  const shape = { body: body as Address, storedBytes: requiredInteger(struct, 3), bytes }
  const unlevelled = {
    repetitionBytes: 0,
    definitionBytes: 0,
    levelEncoding: ENCODING.rle,
    repetitionEncoding: ENCODING.rle,
  }
  try {
    switch (integerField(struct, 1)) {
      case 0: {
        const header = structField(struct, 5) ?? new Map()
        return {
          kind: 'data',
          rows: requiredInteger(header, 1),
          encoding: requiredInteger(header, 2),
          ...unlevelled,
          levelEncoding: integerField(header, 3) ?? ENCODING.rle,
          repetitionEncoding: integerField(header, 4) ?? ENCODING.rle,
          isCompressed: true,
          ...shape,
        }
      }
      case 2: {
        const header = structField(struct, 7) ?? new Map()
        const rows = requiredInteger(header, 1)
        const encoding = requiredInteger(header, 2)
        return { kind: 'dictionary', rows, encoding, ...unlevelled, isCompressed: true, ...shape }
      }
      case 3:
        return secondVersion(structField(struct, 8) ?? new Map(), shape, place)
      case undefined:
      default:
        return undefined
    }
  } catch (error) {
    if (!(error instanceof ThriftError)) throw error
    throw badPage(place, `a page header cannot be read: ${error.message}`)
  }
}

function secondVersion(
  header: ThriftStruct,
  shape: Pick<DataPage, 'body' | 'storedBytes' | 'bytes'>,
  place: PlaceInFile,
): DataPage {
  const definitionBytes = requiredInteger(header, 5)
  const repetitionBytes = requiredInteger(header, 6)
  const levels = definitionBytes + repetitionBytes
  if (levels > shape.bytes || levels > shape.storedBytes) {
    throw badPage(place, `levels of ${levels} bytes in a page of ${shape.storedBytes}`)
  }
  return {
    kind: 'data-v2',
    rows: requiredInteger(header, 1),
    encoding: requiredInteger(header, 4),
    levelEncoding: ENCODING.rle,
    repetitionEncoding: ENCODING.rle,
    repetitionBytes,
    definitionBytes,
    isCompressed: booleanField(header, 7) ?? true,
    ...shape,
  }
}

/** Whether a page's body lies in the file as it is decoded. */
export function isStoredAsIs(page: DataPage, codec: number): boolean {
  return codec === 0 || !page.isCompressed || page.bytes === levelBytesOf(page)
}

/** The body of a page that is stored as it is; of data-v2 without its levels. */
export function storedBody(page: DataPage, codec: number, place: PlaceInFile): PageBody {
  const start = page.body + levelBytesOf(page)
  const isCompressed = codec !== 0 && page.isCompressed
  // Nothing but levels (or nothing at all): some codecs store a byte or two for that.
  if (isCompressed || page.bytes === levelBytesOf(page)) return { start, end: start }
  if (page.storedBytes === page.bytes) return { start, end: page.body + page.storedBytes }
  const expected = `${page.bytes} bytes`
  throw badPage(place, 'a page has another size', { expected, found: `${page.storedBytes}` })
}

/**
 * The body of a compressed page, of data-v2 without its levels: at `target`, which has 64 bytes of slack, else in
 * memory that the next page uses again.
 */
export function decompressBody(
  ctx: DecodeContext,
  page: DataPage,
  codec: number,
  target: Address | undefined,
  place: PlaceInFile,
): PageBody {
  const levels = levelBytesOf(page)
  const bytes = page.bytes - levels
  const start = target ?? ctx.page.ensure(bytes)
  const stored = { start: page.body + levels, end: page.body + page.storedBytes }
  decompress(ctx, codec, stored, start, bytes, place)
  return { start, end: start + bytes }
}

function levelBytesOf(page: DataPage): number {
  return page.repetitionBytes + page.definitionBytes
}
