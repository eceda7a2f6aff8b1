import { ByteWriter } from '../../data/vectors/byte-writer.ts'
import type { CellWriter } from '../../data/vectors/cells.ts'
import { textCells } from '../../data/vectors/text-cells.ts'
import type { Piece, ResultColumn } from '../../engine/result.ts'
import { binaryCells } from './binary-cells.ts'

const DATA_ROW = 0x44
const BUFFER_BYTES = 65_536

/** Encodes DataRow messages into large buffers: per-row buffers cost several times as much. */
export class RowEncoder {
  readonly #columns: readonly ResultColumn[]
  readonly #formats: readonly number[]
  readonly #out = new ByteWriter(BUFFER_BYTES)

  /** `formats`: 0 text or 1 binary, one a column. */
  constructor(columns: readonly ResultColumn[], formats: readonly number[]) {
    this.#columns = columns
    this.#formats = formats
  }

  /** What writes the cells of a piece, column by column. */
  writers(piece: Piece): readonly CellWriter[] {
    return piece.columns.map((cells, index) =>
      this.#formats[index] === 1
        ? binaryCells(cells, this.#columns[index]!.type)
        : textCells(cells),
    )
  }

  /** Rows `start` to `end` of a piece, as buffers to be written in order. */
  *encode(writers: readonly CellWriter[], start: number, end: number): Iterable<Uint8Array> {
    const out = this.#out
    for (let row = start; row < end; row++) {
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
}
