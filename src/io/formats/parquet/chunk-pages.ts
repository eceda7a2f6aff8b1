import { address, type Address } from '../../../data/vectors/vector.ts'
import type { KeptKey } from '../../../data/arenas/kept-blocks.ts'
import { identityOf, readInto, type LocalFile } from '../../filesystems/local.ts'
import { Scratch } from '../scratch.ts'
import type { DecodeContext, PlaceInFile } from './context.ts'
import { expectPossible } from './decompress.ts'
import type { ColumnChunk } from './footer.ts'
import { decompressBody, isStoredAsIs, scanPages, storedBody } from './pages.ts'
import type { DataPage, PageBody } from './pages.ts'

/** Smaller pages are not kept, nor pages of chunks that take less in the file: there may be very many, and they take little. */
const KEPT_PAGE_BYTES_MIN = 4_096
const KEPT_CHUNK_BYTES_MIN = 16_384
/** What may be read behind a page. */
const SLACK_BYTES = 64
/** Headers of pages that a thread remembers. */
const REMEMBERED_PAGES_MAX = 65_536

/** The headers of a column chunk, with bodies counted from its begin; by file and place, the oldest first. */
const remembered = new Map<string, readonly DataPage[]>()
let rememberedPages = 0

/**
 * The pages of one column chunk after another, each without compression for as long as it is decoded. Pages are taken from
 * what the heap has kept of them, if they were read before, and of the file only what is not there.
 */
export class ChunkPages {
  readonly #ctx: DecodeContext
  readonly #stored: Scratch
  #file!: LocalFile
  #chunk!: ColumnChunk
  #at!: Address
  #isRead = false
  #source: Uint32Array | undefined

  constructor(ctx: DecodeContext) {
    this.#ctx = ctx
    this.#stored = new Scratch(ctx.env.heap)
  }

  /** Begins a column chunk of so many rows; gives its pages. Throws BAD_FILE. */
  open(file: LocalFile, chunk: ColumnChunk, rows: number, place: PlaceInFile): readonly DataPage[] {
    this.#file = file
    this.#chunk = chunk
    this.#at = this.#stored.ensure(chunk.bytes)
    this.#isRead = false
    const mayBeKept = chunk.codec !== 0 && chunk.bytes >= KEPT_CHUNK_BYTES_MIN
    this.#source = mayBeKept ? identityOf(file) : undefined
    const key = `${this.#source?.join(' ')} ${chunk.offset} ${chunk.bytes} ${rows}`
    const known = this.#source && remembered.get(key)
    if (known !== undefined) return movedBy(known, this.#at)
    this.#readWhole()
    const pages = scanPages(this.#ctx, this.#at, chunk.bytes, rows, place)
    if (this.#source !== undefined) remember(key, movedBy(pages, 0 - this.#at))
    return pages
  }

  /** What `use` makes of a page without compression, which is there until it returns. Throws BAD_FILE. */
  read<T>(page: DataPage, place: PlaceInFile, use: (body: PageBody) => T): T {
    const { codec } = this.#chunk
    if (isStoredAsIs(page, codec)) {
      this.#readPage(page)
      return use(storedBody(page, codec, place))
    }
    const bytes = page.bytes - page.repetitionBytes - page.definitionBytes
    expectPossible(codec, page.storedBytes, bytes, place)
    const key = this.#keyOf(page, bytes)
    const kept = key && this.#ctx.env.heap.kept.hold(key, bytes)
    if (kept === undefined) {
      this.#readPage(page)
      return use(decompressBody(this.#ctx, page, codec, undefined, place))
    }
    try {
      // Levels of the second version lie in front of what is compressed.
      if (!kept.isFilled || page.kind === 'data-v2') this.#readPage(page)
      if (!kept.isFilled) {
        decompressBody(this.#ctx, page, codec, kept.at, place)
        this.#ctx.env.heap.kept.filled(kept)
      }
      return use({ start: kept.at, end: kept.at + bytes })
    } finally {
      this.#ctx.env.heap.kept.release(kept)
    }
  }

  free(): void {
    this.#stored.release()
  }

  #keyOf(page: DataPage, bytes: number): KeptKey | undefined {
    if (this.#source === undefined || bytes < KEPT_PAGE_BYTES_MIN) return undefined
    return { source: this.#source, offset: this.#chunk.offset + page.body - this.#at }
  }

  #readWhole(): void {
    this.#readPiece(0, this.#chunk.bytes)
    this.#isRead = true
  }

  #readPage(page: DataPage): void {
    if (!this.#isRead) this.#readPiece(page.body - this.#at, page.storedBytes)
  }

  /** With zero bytes behind it: wild reads past it must not depend on what was there before. */
  #readPiece(from: number, bytes: number): void {
    const { heap } = this.#ctx.env
    const at = this.#at + from
    readInto(heap, this.#file, this.#chunk.offset + from, bytes, address(at))
    heap.u8.fill(0, at + bytes, at + bytes + SLACK_BYTES)
  }
}

function movedBy(pages: readonly DataPage[], bytes: number): readonly DataPage[] {
  return pages.map((page) => ({ ...page, body: (page.body + bytes) as Address }))
}

function remember(key: string, pages: readonly DataPage[]): void {
  if (remembered.has(key)) return
  remembered.set(key, pages)
  rememberedPages += pages.length
  for (const [oldest, { length }] of remembered) {
    if (rememberedPages <= REMEMBERED_PAGES_MAX) break
    remembered.delete(oldest)
    rememberedPages -= length
  }
}
