import { ByteWriter, checkMessageBytes } from '../../data/vectors/byte-writer.ts'
import type { CellWriter } from '../../data/vectors/cells.ts'
import {
  longValues,
  textBytesOf,
  textParts,
  type LongValue,
  type LongValues,
} from '../../data/vectors/long-values.ts'
import { textCells } from '../../data/vectors/text-cells.ts'
import type { Piece, ResultColumn } from '../../engine/results/result.ts'
import { binaryCells } from '../../data/binary/binary-cells.ts'
import { unsupportedFormat } from './parameters.ts'

const DATA_ROW = 0x44
const BUFFER_BYTES = 65_536

const SHORT_BYTES = 256

/** What writes the cells of a piece. */
export interface PieceWriters {
  readonly writers: readonly CellWriter[]
  readonly long: readonly (LongValues | undefined)[] | undefined
}

/** A cell of a row with long ones; -1 bytes: NULL. */
interface WaitingCell {
  readonly bytes: number
  readonly short?: Uint8Array
  readonly value?: LongValue
}

/** Encodes DataRow messages into large buffers: per-row buffers cost several times as much. */
export class RowEncoder {
  readonly #columns: readonly ResultColumn[]
  readonly #formats: readonly number[]
  readonly #out = new ByteWriter(BUFFER_BYTES)
  #isWithinRow = false

  /** `formats`: 0 text or 1 binary, one a column. */
  constructor(columns: readonly ResultColumn[], formats: readonly number[]) {
    this.#columns = columns
    this.#formats = formats
  }

  /** What writes the cells of a piece, column by column. Errors: INVALID_PARAMETER_VALUE for an unknown format. */
  writers(piece: Piece): readonly CellWriter[] {
    // As PostgreSQL, which looks at formats when the first row is sent.
    const odd = this.#formats.find((format) => format !== 0 && format !== 1)
    if (odd !== undefined) throw unsupportedFormat(odd)
    return piece.columns.map((cells, index) =>
      this.#formats[index] === 1
        ? binaryCells(cells, this.#columns[index]!.type)
        : textCells(cells, this.#columns[index]!.locale),
    )
  }

  /** What finds the cells of a piece that are written in parts; undefined when there are none. */
  longCells({ columns }: Piece): readonly (LongValues | undefined)[] | undefined {
    const found = columns.map(longValues)
    return found.some((values) => values !== undefined) ? found : undefined
  }

  /** Whether the last buffer ended within a row: nothing else may be sent then. */
  get isWithinRow(): boolean {
    return this.#isWithinRow
  }

  /** Rows `start` to `end` of a piece, as buffers to be written in order. */
  *encode({ writers, long }: PieceWriters, start: number, end: number): Iterable<Uint8Array> {
    const out = this.#out
    for (let row = start; row < end; row++) {
      if (long?.some((values) => values?.(row) !== undefined) === true) {
        yield* this.#longRow(writers, long, row)
        continue
      }
      const header = out.at
      out.byte(DATA_ROW)
      out.int32(0)
      out.int16(writers.length)
      for (const write of writers) {
        const length = out.at
        out.int32(-1)
        if (write(out, row)) out.setInt32(length, out.at - length - 4)
      }
      out.setInt32(header + 1, out.at - header - 1)
      if (out.at > BUFFER_BYTES / 2) yield out.take()
    }
    if (out.at > 0) yield out.take()
  }

  /** A row with long cells: its length is told first, so the other cells are written before it. */
  *#longRow(
    writers: readonly CellWriter[],
    long: readonly (LongValues | undefined)[],
    row: number,
  ): Iterable<Uint8Array> {
    const cells = writers.map((write, index): WaitingCell => {
      const value = long[index]?.(row)
      if (value !== undefined) {
        const bytes = this.#formats[index] === 1 ? value.end - value.start : textBytesOf(value)
        return { value, bytes }
      }
      const short = new ByteWriter(SHORT_BYTES)
      if (!write(short, row)) return { bytes: -1 }
      const taken = short.take()
      return { short: taken, bytes: taken.length }
    })
    const out = this.#out
    const bytes = cells.reduce((sum, cell) => sum + 4 + Math.max(0, cell.bytes), 6)
    checkMessageBytes(bytes)
    this.#isWithinRow = true
    out.byte(DATA_ROW)
    out.int32(bytes)
    out.int16(cells.length)
    for (const [index, cell] of cells.entries()) {
      out.int32(cell.bytes)
      if (cell.short !== undefined) out.copy(cell.short, 0, cell.short.length)
      if (cell.value === undefined) continue
      const isBinary = this.#formats[index] === 1
      const value = isBinary ? { ...cell.value, isBytea: false } : cell.value
      for (const _part of textParts(out, value)) yield out.take()
    }
    this.#isWithinRow = false
    if (out.at > 0) yield out.take()
  }
}
