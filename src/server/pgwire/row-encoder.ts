import type { Batch, ResultColumn } from '../../engine/result.ts'
import { formatScalar } from '../../data/types/format-scalar.ts'
import { encodeBinary } from './binary-values.ts'

const DATA_ROW = 0x44
const BUFFER_BYTES = 65_536

/** Encodes DataRow messages into large buffers: per-row buffers cost several times as much. */
export class RowEncoder {
  readonly #columns: readonly ResultColumn[]
  readonly #formats: readonly number[]
  #buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  #at = 0

  /** `formats`: 0 text or 1 binary, one a column. */
  constructor(columns: readonly ResultColumn[], formats: readonly number[]) {
    this.#columns = columns
    this.#formats = formats
  }

  /** Rows `start` to `end` of a batch, as buffers to be written in order. */
  *encode(batch: Batch, start: number, end: number): Iterable<Buffer> {
    const columns = this.#columns.map((_, index) => batch.column(index))
    for (let row = start; row < end; row++) {
      const header = this.#at
      this.#reserve(7)
      this.#at += 7
      columns.forEach((values, index) => this.#value(values[row] ?? null, index))
      this.#buffer[header] = DATA_ROW
      this.#buffer.writeInt32BE(this.#at - header - 1, header + 1)
      this.#buffer.writeInt16BE(columns.length, header + 5)
      if (this.#at > BUFFER_BYTES / 2) yield this.#take()
    }
    if (this.#at > 0) yield this.#take()
  }

  #value(value: ReturnType<Batch['column']>[number], index: number): void {
    if (value === null) {
      this.#reserve(4)
      this.#at = this.#buffer.writeInt32BE(-1, this.#at)
      return
    }
    const { type } = this.#columns[index]!
    if (this.#formats[index] === 1) {
      const bytes = encodeBinary(value, type)
      this.#reserve(4 + bytes.length)
      this.#at = this.#buffer.writeInt32BE(bytes.length, this.#at)
      this.#at += bytes.copy(this.#buffer, this.#at)
      return
    }
    const text = formatScalar(value, type)
    // A UTF-16 unit takes at most three bytes.
    this.#reserve(4 + 3 * text.length)
    const length = this.#buffer.write(text, this.#at + 4, 'utf8')
    this.#buffer.writeInt32BE(length, this.#at)
    this.#at += 4 + length
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + bytes))
    this.#buffer.copy(grown, 0, 0, this.#at)
    this.#buffer = grown
  }

  #take(): Buffer {
    const taken = this.#buffer.subarray(0, this.#at)
    this.#buffer = Buffer.allocUnsafe(BUFFER_BYTES)
    this.#at = 0
    return taken
  }
}
