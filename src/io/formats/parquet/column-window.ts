import type { DataType } from '../../../data/types/data-type.ts'
import {
  address,
  layoutBytes,
  NO_ADDRESS,
  type Layout,
  type Vector,
} from '../../../data/vectors/vector.ts'
import type { DecodeContext } from './context.ts'
import { Scratch } from '../scratch.ts'
import type { PackedText } from './text.ts'

/**
 * Windows begin at multiples of so many rows, so that every buffer of a window (bitmaps too) is
 * 64-byte aligned.
 */
export const WINDOW_ALIGNMENT_ROWS = 512

/**
 * The decoded rows of one column: pages are appended, windows are taken off the front. The memory is
 * used again and again, so that it stays in the processor's caches.
 */
export class ColumnWindow {
  readonly #ctx: DecodeContext
  readonly #values: Scratch
  readonly #validity: Scratch
  readonly #bytes: Scratch
  layout: Layout = 'i64'
  #filled = 0
  #taken = 0
  #bytesFilled = 0
  #hasNulls = false

  constructor(ctx: DecodeContext) {
    this.#ctx = ctx
    this.#values = new Scratch(ctx.env.heap)
    this.#validity = new Scratch(ctx.env.heap)
    this.#bytes = new Scratch(ctx.env.heap)
  }

  /** Empties it; the first `skipped` rows that are appended will not be part of a window. */
  start(layout: Layout, skipped: number): void {
    this.layout = layout
    const rest = skipped % WINDOW_ALIGNMENT_ROWS
    this.#filled = rest === 0 ? 0 : WINDOW_ALIGNMENT_ROWS - rest
    this.#taken = this.#filled + skipped
    this.#bytesFilled = 0
    this.#hasNulls = false
    // The rows before the first page are never shown, but must be legal.
    this.#reserveRows(this.#filled)
    if (this.#filled > 0) this.#clearRows(0, this.#filled)
  }

  get available(): number {
    return Math.max(0, this.#filled - this.#taken)
  }

  /** Rows at the begin of the next page that are to be left out. */
  get pending(): number {
    return Math.max(0, this.#taken - this.#filled)
  }

  /** Where the next `rows` rows of a fixed layout go; the caller fills them and calls {@link advance}. */
  valuesFor(rows: number): number {
    this.#reserveRows(rows)
    return this.#values.at + this.#filled * this.#rowBytes
  }

  /** Appends bits of a boolean column. */
  appendBits(bits: number, rows: number): void {
    this.#reserveRows(rows)
    this.#ctx.call('bitsAppend', this.#values.at, this.#filled, bits, rows)
  }

  /**
   * Room for the next `rows` texts of at most `bytesMax` bytes: offsets count from `base`, bytes go to
   * `at`. The caller fills it, tells the end by {@link textsEnd}, then calls {@link advance}.
   */
  textsFor(
    rows: number,
    bytesMax: number,
  ): { readonly offsets: number; readonly base: number; readonly at: number } {
    this.#reserveRows(rows)
    const base = this.#bytes.grow(this.#bytesFilled + bytesMax, this.#bytesFilled)
    const offsets = this.#values.at + this.#filled * 4
    return { offsets, base, at: base + this.#bytesFilled }
  }

  textsEnd(end: number): void {
    this.#bytesFilled = end - this.#bytes.at
  }

  /** Appends byte strings, one a row (a NULL's is empty). */
  appendText(text: PackedText, rows: number): void {
    const { call, env } = this.#ctx
    const { offsets, base, at } = this.textsFor(rows, text.bytes)
    const first = env.heap.u32[text.offsets >>> 2] ?? 0
    call('copy', at, text.at + first, text.bytes)
    call('parquetMoveOffsets', text.offsets, rows + 1, (at - base - first) | 0, offsets)
    this.textsEnd(at + text.bytes)
  }

  /** Accounts for rows that were filled in; `bitmap` is 0 when none of them is NULL. */
  advance(rows: number, bitmap: number): void {
    if (bitmap !== 0 && !this.#hasNulls) {
      this.#hasNulls = true
      this.#validity.ensure(this.#bitmapBytes(this.#capacity))
      this.#ctx.call('bitsAppendOnes', this.#validity.at, 0, this.#filled)
    }
    if (bitmap !== 0) {
      this.#ctx.call('bitsAppend', this.#validity.at, this.#filled, bitmap, rows)
    } else if (this.#hasNulls) {
      this.#ctx.call('bitsAppendOnes', this.#validity.at, this.#filled, rows)
    }
    this.#filled += rows
  }

  /** The next `rows` rows as a vector; valid until rows are appended or taken again. */
  take(rows: number, type: DataType, dictionary: Vector | undefined): Vector {
    const vector = this.peek(rows, type, dictionary)
    this.#taken += rows
    return vector
  }

  /** The same without taking them. */
  peek(rows: number, type: DataType, dictionary: Vector | undefined): Vector {
    const from = this.#taken
    const isText = this.layout === 'utf8'
    const bits = this.layout === 'bit'
    const at = this.#values.at + (bits ? from / 8 : from * this.#rowBytes)
    return {
      type,
      layout: this.layout,
      length: rows,
      validity: this.#hasNulls ? address(this.#validity.at + from / 8) : NO_ADDRESS,
      values: isText ? this.#bytes.ensure(1) : address(at),
      offsets: isText ? address(at) : NO_ADDRESS,
      dictionary,
    }
  }

  /** Leaves out up to `rows` of the rows that are there; returns how many those were. */
  drop(rows: number): number {
    const dropped = Math.min(rows, this.available)
    this.#taken += dropped
    return dropped
  }

  free(): void {
    this.#values.release()
    this.#validity.release()
    this.#bytes.release()
    this.#capacity = 0
  }

  /** Rows for which there is room. */
  #capacity = 0
  #capacityLayout: Layout = 'i64'

  get #rowBytes(): number {
    return this.layout === 'utf8' ? 4 : layoutBytes[this.layout]
  }

  #bitmapBytes(rows: number): number {
    return Math.ceil(rows / 8) + 64
  }

  #valueBytes(rows: number): number {
    return this.layout === 'bit' ? this.#bitmapBytes(rows) : (rows + 1) * this.#rowBytes + 64
  }

  #reserveRows(rows: number): void {
    if (this.#taken === this.#filled && this.#taken > 0) this.#drop()
    if (this.#capacityLayout !== this.layout) this.#capacity = 0
    if (this.#filled + rows <= this.#capacity) return
    if (this.#taken > 0 && this.#taken < this.#filled) this.#compact()
    const capacity = Math.max(this.#filled + rows, this.#capacity)
    this.#values.grow(this.#valueBytes(capacity), this.#valueBytes(this.#filled))
    if (this.#hasNulls) {
      this.#validity.grow(this.#bitmapBytes(capacity), this.#bitmapBytes(this.#filled))
    }
    this.#capacity = capacity
    this.#capacityLayout = this.layout
  }

  /** All rows were taken: begins anew at the front. */
  #drop(): void {
    this.#filled = 0
    this.#taken = 0
    this.#bytesFilled = 0
    this.#hasNulls = false
  }

  /** Moves the rows not yet taken to the front. */
  #compact(): void {
    const { call } = this.#ctx
    const rows = this.#filled - this.#taken
    const from = this.#taken
    if (this.#hasNulls) {
      call('copy', this.#validity.at, this.#validity.at + from / 8, Math.ceil(rows / 8))
    }
    const { at } = this.#values
    if (this.layout === 'bit') call('copy', at, at + from / 8, Math.ceil(rows / 8))
    else if (this.layout === 'utf8') {
      const { u32 } = this.#ctx.env.heap
      const first = u32[(at >>> 2) + from] ?? 0
      call('copy', this.#bytes.at, this.#bytes.at + first, this.#bytesFilled - first)
      call('parquetMoveOffsets', at + from * 4, rows + 1, -first | 0, at)
      this.#bytesFilled -= first
    } else {
      call('copy', at, at + from * this.#rowBytes, rows * this.#rowBytes)
    }
    this.#filled = rows
    this.#taken = 0
  }

  #clearRows(from: number, rows: number): void {
    const { at } = this.#values
    if (this.layout === 'bit') this.#ctx.call('fill', at, 0, this.#bitmapBytes(from + rows))
    else this.#ctx.call('fill', at, 0, (from + rows + 1) * this.#rowBytes)
  }
}
