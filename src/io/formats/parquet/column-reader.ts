import type { ValueBounds } from '../../../data/types/value-bounds.ts'
import { assert, present } from '../../../base/assert.ts'
import type { QueryError } from '../../../base/errors.ts'
import {
  address,
  layoutBytes,
  NO_ADDRESS,
  type Layout,
  type Vector,
} from '../../../data/vectors/vector.ts'
import { integerBoundsOf } from '../../../wasm/kernels/statistics.ts'
import type { IndexedPage } from './page-index.ts'
import type { DataType } from '../../../data/types/data-type.ts'
import type { LocalFile } from '../../filesystems/local.ts'
import { ChunkPages } from './chunk-pages.ts'
import { ColumnWindow } from './column-window.ts'
import { badPage, type DecodeContext, type PlaceInFile } from './context.ts'
import { readDictionary, type Dictionary } from './dictionary.ts'
import { decodeFixedWidth, type FixedTarget } from './fixed-width.ts'
import type { ColumnChunk, RowGroup } from './footer.ts'
import { readLevels, readListLevels, type PageLevels, type SlotLevels } from './levels.ts'
import { ENCODING, usesDictionary, type DataPage, type PageBody } from './pages.ts'
import type { ParquetColumn } from './schema.ts'
import { Scratch } from '../scratch.ts'
import { boundsOfBytes, chunkBounds, typeBounds } from './statistics.ts'
import { decodePlainText, decodeText, isPlainText, type PackedText } from './text.ts'

/** What a reader does with one column of the table. */
export interface ColumnPlan {
  /** The layout that the statistics of all files together allow; utf8 may become dict*. */
  readonly layout: Layout
  /** The table's type: a file's integers may be narrower. */
  readonly type: DataType
  /** Of a list's elements: where the levels of their slots are noted. A slot is a row to the reader. */
  readonly slots?: SlotLevels
}

/** Decodes one column of one row group after another into windows of rows. */
export class ColumnReader {
  readonly #ctx: DecodeContext
  readonly #plan: ColumnPlan
  readonly #chunkPages: ChunkPages
  readonly #window: ColumnWindow
  readonly #dictionary: Dictionary
  #pages: readonly DataPage[] = []
  #next = 0
  #place!: PlaceInFile
  #chunk!: ColumnChunk
  #target!: FixedTarget
  #coded = false
  /** What the page index says of each data page's values. */
  #claimed: ReadonlyMap<DataPage, ValueBounds | undefined> | undefined
  /** Codes never become narrower again: every other width costs a compiled pipeline. */
  #codeBytes: 1 | 2 | 4 = 1

  constructor(ctx: DecodeContext, plan: ColumnPlan) {
    this.#ctx = ctx
    this.#plan = plan
    this.#chunkPages = new ChunkPages(ctx)
    this.#window = new ColumnWindow(ctx)
    this.#dictionary = {
      values: new Scratch(ctx.env.heap),
      offsets: new Scratch(ctx.env.heap),
      size: 0,
      vector: undefined,
    }
  }

  /** Begins a row group: reads the column's bytes, skips to row `start` of the group. `index`: what is held to it. */
  start(
    file: LocalFile,
    column: ParquetColumn,
    group: RowGroup,
    groupIndex: number,
    start: number,
    index?: readonly IndexedPage[],
  ): void {
    this.#place = { location: file.location, column, group: groupIndex, row: group.firstRow + 1 }
    this.#chunk = present(group.chunks[column.chunk], 'a column without its chunk')
    const rows = column.levels === undefined ? group.rows : this.#chunk.values
    this.#pages = this.#chunkPages.open(file, this.#chunk, rows, this.#place)
    this.#target = {
      bytes: layoutBytes[this.#plan.layout],
      bounds: boundsFor(column, this.#chunk, this.#plan.layout),
    }
    this.#claimed = index === undefined ? undefined : this.#pagesClaimed(index)
    this.#dictionary.size = 0
    this.#dictionary.vector = undefined
    this.#next = 0
    this.#openDictionary()
    this.#window.start(this.#layout(), this.#skipPages(start))
  }

  /** The texts that codes stand for, where all pages of the row group use them. */
  get dictionary(): Vector | undefined {
    return this.#coded ? this.#dictionary.vector : undefined
  }

  /** Leaves out the next `rows` rows; pages that hold no other rows are not decoded. */
  skip(rows: number): void {
    const rest = rows - this.#window.drop(rows)
    if (rest === 0) return
    this.#window.start(this.#layout(), this.#skipPages(rest + this.#window.pending))
  }

  /** The next `rows` rows, valid until rows are asked for again. */
  take(rows: number): Vector {
    this.#fill(rows)
    return this.#window.take(rows, this.#plan.type, this.#dictionary.vector)
  }

  /** The next `rows` rows, to be looked at before they are taken or skipped. */
  peek(rows: number): Vector {
    this.#fill(rows)
    return this.#window.peek(rows, this.#plan.type, this.#dictionary.vector)
  }

  free(): void {
    this.#chunkPages.free()
    this.#window.free()
    this.#dictionary.values.release()
    this.#dictionary.offsets.release()
  }

  /** Decodes another page; false when there is none. */
  readPage(): boolean {
    const page = this.#pages[this.#next]
    if (page === undefined) return false
    this.#next++
    this.#append(page)
    return true
  }

  /** Decodes pages until `rows` rows are there. */
  #fill(rows: number): void {
    while (this.#window.available < rows) {
      assert(this.readPage(), 'a column chunk without its pages')
    }
  }

  get #isText(): boolean {
    return this.#plan.layout === 'utf8'
  }

  #openDictionary(): void {
    const dataPages = this.#pages.filter((page) => page.kind !== 'dictionary')
    const first = this.#pages[0]
    this.#coded = this.#isText && dataPages.length > 0 && dataPages.every(usesDictionary)
    if (first?.kind !== 'dictionary') {
      if (dataPages.some(usesDictionary)) {
        throw badPage(this.#place, 'a page uses a dictionary that the column chunk does not have')
      }
      return
    }
    this.#next = 1
    this.#chunkPages.read(first, this.#place, (body) =>
      readDictionary(
        this.#ctx,
        this.#dictionary,
        first,
        body,
        this.#target,
        this.#coded,
        this.#place,
      ),
    )
    this.#codeBytes = codeBytesFor(this.#dictionary.size, this.#codeBytes)
  }

  #layout(): Layout {
    if (!this.#coded) return this.#plan.layout
    return this.#codeBytes === 1 ? 'dict8' : this.#codeBytes === 2 ? 'dict16' : 'dict32'
  }

  /** Leaves out whole pages before a row; returns how many rows of the next page precede it. */
  #skipPages(start: number): number {
    let skipped = 0
    for (;;) {
      const page = this.#pages[this.#next]
      if (page === undefined || page.kind === 'dictionary') return start - skipped
      if (skipped + page.rows > start) return start - skipped
      skipped += page.rows
      this.#advancePlace(page.rows)
      this.#next++
    }
  }

  #advancePlace(rows: number): void {
    // How many rows the slots of lists are is told by their levels.
    if (this.#place.column.levels !== undefined) return
    this.#place = { ...this.#place, row: this.#place.row + rows }
  }

  #append(page: DataPage): void {
    if (page.kind === 'dictionary') {
      throw badPage(this.#place, 'a dictionary page that is not the first page')
    }
    if (page.rows === 0) return
    this.#chunkPages.read(page, this.#place, (body) => this.#appendBody(page, body))
    this.#advancePlace(page.rows)
  }

  #appendBody(page: DataPage, body: PageBody): void {
    const levels = this.#levels(page, body)
    const { valid } = levels
    const bitmap = valid < page.rows ? this.#ctx.levels.at : 0
    const values = { start: levels.valuesAt, end: body.end }
    if (this.#isText && !this.#coded) this.#appendText(page, values, valid, bitmap)
    else if (this.#window.layout === 'bit') this.#appendBits(page, values, valid, bitmap)
    else this.#appendFixed(page, values, valid, bitmap)
    this.#window.advance(page.rows, bitmap)
  }

  /** The page's bitmap and the number of its values; the levels of a list's slots are noted. */
  #levels(page: DataPage, body: PageBody): PageLevels {
    const { levels } = this.#place.column
    const { slots } = this.#plan
    if (levels === undefined) return readLevels(this.#ctx, page, body, this.#place)
    return readListLevels(this.#ctx, page, body, levels, present(slots, 'levels'), this.#place)
  }

  #appendFixed(page: DataPage, body: PageBody, valid: number, bitmap: number): void {
    const { call } = this.#ctx
    const bytes = this.#coded ? this.#codeBytes : this.#target.bytes
    const rowsAt = this.#window.valuesFor(page.rows)
    const target = bitmap === 0 ? rowsAt : this.#ctx.dense.ensure(valid * bytes)
    if (this.#coded) this.#decodeCodes(body, valid, this.#codeBytes, target)
    else if (usesDictionary(page)) this.#lookUpCodes(body, valid, target)
    else {
      decodeFixedWidth(this.#ctx, page, body, valid, this.#target, target, this.#place)
    }
    if (bitmap !== 0) call('parquetSpread', target, bitmap, page.rows, bytes, rowsAt)
    const claimed = this.#claimed?.get(page)
    if (claimed !== undefined) this.#expectClaimed(claimed, page.rows, rowsAt, bitmap)
  }

  /** The data pages by what an index says of them, which must tell of the same pages. */
  #pagesClaimed(index: readonly IndexedPage[]): ReadonlyMap<DataPage, ValueBounds | undefined> {
    const pages = this.#pages.filter(({ kind }) => kind !== 'dictionary')
    const isSame =
      pages.length === index.length && pages.every(({ rows }, at) => rows === index[at]?.rows)
    if (isSame) return new Map(pages.map((page, at) => [page, index[at]?.bounds]))
    throw badPage(this.#place, 'its page index tells of other pages than there are')
  }

  #expectClaimed(claimed: ValueBounds, rows: number, rowsAt: number, bitmap: number): void {
    const { heap, kernels } = this.#ctx.env
    const found = integerBoundsOf(heap, kernels, {
      type: this.#plan.type,
      layout: this.#plan.layout,
      length: rows,
      validity: address(bitmap),
      values: address(rowsAt),
      offsets: NO_ADDRESS,
      dictionary: undefined,
    })
    if (found?.min === undefined || found.max === undefined) return
    if (found.min >= claimed.min && found.max <= claimed.max) return
    throw badPage(this.#place, 'a value lies outside the bounds that the page index gives', {
      expected: `${claimed.min} to ${claimed.max}`,
    })
  }

  #appendBits(page: DataPage, body: PageBody, valid: number, bitmap: number): void {
    const { call } = this.#ctx
    const bytes = Math.ceil(valid / 8)
    let bits = body.start
    if (page.encoding === ENCODING.rle) {
      const length = body.end - bits < 4 ? -1 : this.#ctx.env.heap.view.getUint32(bits, true)
      const packed = this.#ctx.dense.ensure(bytes + 64)
      const end = bits + 4 + length
      const ones =
        length < 0 || end > body.end ? -1 : call('parquetBitmap', bits + 4, end, valid, packed)
      if (ones < 0) throw badPage(this.#place, 'its booleans are not well-formed')
      if (ones === valid) call('fill', packed, 255, bytes)
      bits = packed
    } else if (page.encoding !== ENCODING.plain) {
      throw badPage(this.#place, `a page of encoding ${page.encoding} in a column of booleans`)
    } else if (bytes > body.end - bits) {
      throw badPage(this.#place, 'a page ends within its values', { expected: `${bytes} bytes` })
    }
    if (bitmap !== 0) {
      const spread = this.#ctx.values.ensure(Math.ceil(page.rows / 8) + 64)
      call('bitsSpread', bits, bitmap, page.rows, spread)
      bits = spread
    }
    this.#window.appendBits(bits, page.rows)
  }

  #appendText(page: DataPage, body: PageBody, valid: number, bitmap: number): void {
    if (isPlainText(page, this.#place)) {
      this.#appendPlainText(page, body, valid, bitmap)
      return
    }
    const text = usesDictionary(page)
      ? this.#gatherText(body, valid)
      : decodeText(this.#ctx, page, body, valid, this.#place)
    if (bitmap === 0) {
      this.#window.appendText(text, page.rows)
      return
    }
    const offsets = this.#ctx.dense.ensure((page.rows + 1) * 4)
    this.#ctx.call('parquetSpreadOffsets', text.offsets, bitmap, page.rows, offsets)
    this.#window.appendText({ ...text, offsets }, page.rows)
  }

  #appendPlainText(page: DataPage, body: PageBody, valid: number, bitmap: number): void {
    const room = this.#window.textsFor(page.rows, body.end - body.start)
    const offsets = bitmap === 0 ? room.offsets : this.#ctx.offsets.ensure((valid + 1) * 4)
    const target = { ...room, offsets }
    const end = decodePlainText(this.#ctx, body, valid, target, this.#place)
    if (bitmap !== 0) {
      this.#ctx.call('parquetSpreadOffsets', offsets, bitmap, page.rows, room.offsets)
    }
    this.#window.textsEnd(end)
  }

  /** A page of codes in a chunk that has plain pages too: the values themselves are copied. */
  #gatherText(body: PageBody, valid: number): PackedText {
    const ctx = this.#ctx
    const codes = ctx.codes.ensure(valid * 4)
    const bytes = codeBytesFor(this.#dictionary.size, 1)
    this.#decodeCodes(body, valid, bytes, codes)
    const { values, offsets: from } = this.#dictionary
    const total = ctx.call('parquetGatherTextBytes', codes, bytes, valid, from.at)
    if (total > TEXT_BYTES_MAX) throw badPage(this.#place, `a page of ${total} bytes of text`)
    const at = ctx.packed.ensure(total)
    const offsets = ctx.offsets.ensure((valid + 1) * 4)
    const end = at + total
    ctx.call('parquetGatherText', codes, bytes, valid, from.at, values.at, offsets, at, at, end)
    return { at, offsets, bytes: total }
  }

  /** The values of a page of codes. */
  #lookUpCodes(body: PageBody, count: number, target: number): void {
    if (count === 0) return
    const { values, size } = this.#dictionary
    const codes = this.#ctx.codes.ensure(CODES_BLOCK_BYTES)
    const bits = this.#bitsOfCodes(body)
    const packed = [body.start + 1, body.end, bits, count] as const
    const dictionary = [values.at, size, this.#target.bytes] as const
    const result = this.#ctx.call(
      'parquetDictionaryValues',
      ...packed,
      codes,
      ...dictionary,
      target,
    )
    if (result === -1) throw this.#malformedCodes(count)
    if (result === -2) throw this.#codeNotInDictionary()
  }

  #bitsOfCodes(body: PageBody): number {
    return body.start < body.end ? (this.#ctx.env.heap.u8[body.start] ?? 0) : 255
  }

  #malformedCodes(count: number): QueryError {
    const expected = `${count} codes`
    return badPage(this.#place, 'its dictionary codes are not well-formed', { expected })
  }

  #codeNotInDictionary(): QueryError {
    const expected = `codes below ${this.#dictionary.size}`
    return badPage(this.#place, 'a code that is not in the dictionary', { expected })
  }

  /** Codes of a page, each checked against the dictionary's size. */
  #decodeCodes(body: PageBody, count: number, codeBytes: 1 | 2 | 4, target: number): void {
    const { call } = this.#ctx
    if (count === 0) return
    const { size } = this.#dictionary
    const bits = this.#bitsOfCodes(body)
    const wide = bits > codeBytes * 8
    const at = wide ? this.#ctx.values.ensure(count * 4 + 64) : target
    const width = wide ? 4 : codeBytes
    if (call('parquetCodes', body.start + 1, body.end, bits, count, at, width) < 0) {
      throw this.#malformedCodes(count)
    }
    const provedByWidth = bits < 32 && 2 ** bits <= size
    if (!provedByWidth && call('parquetCodesBelow', at, width, count, size) !== 1) {
      throw this.#codeNotInDictionary()
    }
    if (!wide) return
    const [low, high] = [0, size]
    // As signed numbers of the narrower width, bit for bit the codes.
    const { max } = boundsOfBytes(4)
    call('parquetNarrow32', at, count, target, codeBytes, low, Math.min(high, Number(max)))
  }
}

const TEXT_BYTES_MAX = 2_147_000_000
/** What parquetDictionaryValues works in: 4096 codes. */
const CODES_BLOCK_BYTES = 4_096 * 4

function codeBytesFor(size: number, atLeast: 1 | 2 | 4): 1 | 2 | 4 {
  const needed = size <= 256 ? 1 : size <= 65_536 ? 2 : 4
  return needed > atLeast ? needed : atLeast
}

/** What every value of a chunk is checked against. */
function boundsFor(
  column: ParquetColumn,
  chunk: ColumnChunk,
  layout: Layout,
): ValueBounds | undefined {
  const allowed = typeBounds(column)
  if (allowed === undefined) return undefined
  const claimed = chunkBounds(column, chunk) ?? allowed
  const bytes = layoutBytes[layout]
  const layoutBounds = bytes === 0 ? claimed : boundsOfBytes(bytes)
  const bounds = [allowed, claimed, layoutBounds]
  return {
    min: bounds.map(({ min }) => min).reduce((a, b) => (a > b ? a : b)),
    max: bounds.map(({ max }) => max).reduce((a, b) => (a < b ? a : b)),
  }
}
