import type { Piece, QueryResult, ResultColumn } from '../../engine/results/result.ts'
import { RowEncoder, type PieceWriters } from './row-encoder.ts'

type EncodedPiece = PieceWriters & { readonly rowCount: number }

/** A result that is handed out in runs of rows; each goes on where the one before stopped. */
export class Portal {
  readonly result: QueryResult
  readonly #encoder: RowEncoder
  #pieces: Iterator<Piece>
  #piece: EncodedPiece | undefined
  #row = 0
  #sent = 0

  constructor(result: QueryResult, formats: readonly number[]) {
    this.result = result
    this.#encoder = new RowEncoder(result.columns, formats)
    this.#pieces = result.pieces()[Symbol.iterator]()
  }

  /** Rows handed out by the last {@link fetch}. */
  get sent(): number {
    return this.#sent
  }

  /**
   * The next `rowsMax` rows (0: all that are left) as buffers, waiting for those that are still made. Returns whether
   * the portal stays open: true when the limit was reached, even if no row is left, as PostgreSQL does.
   */
  async *fetch(rowsMax: number, signal: AbortSignal): AsyncGenerator<Uint8Array, boolean> {
    const limit = rowsMax > 0 ? rowsMax : Infinity
    this.#sent = 0
    while (this.#sent < limit) {
      const piece = this.#current() ?? (await this.#later(signal))
      if (piece === undefined) return false
      const end = Math.min(piece.rowCount, this.#row + limit - this.#sent)
      yield* this.#encoder.encode(piece, this.#row, end)
      this.#sent += end - this.#row
      this.#row = end
    }
    return true
  }

  close(): void {
    this.result.release()
  }

  /** Whether what was handed out last ended within a row. */
  get isWithinRow(): boolean {
    return this.#encoder.isWithinRow
  }

  /** The next piece once it has been made. */
  async #later(signal: AbortSignal): Promise<EncodedPiece | undefined> {
    while (this.result.isPartial && (await this.result.more(signal))) {
      this.#pieces = this.result.pieces()[Symbol.iterator]()
      const piece = this.#current()
      if (piece !== undefined) return piece
    }
    return undefined
  }

  #current(): EncodedPiece | undefined {
    while (this.#piece === undefined || this.#row >= this.#piece.rowCount) {
      const next = this.#pieces.next()
      if (next.done === true) return undefined
      const { rowCount } = next.value
      const long = this.#encoder.longCells(next.value)
      this.#piece = { rowCount, writers: this.#encoder.writers(next.value), long }
      this.#row = 0
    }
    return this.#piece
  }
}

/** One format a column from the codes of a Bind message: none is text, one goes for all. */
export function expandFormats(
  formats: readonly number[],
  columns: readonly ResultColumn[],
): readonly number[] {
  if (formats.length === 1) return columns.map(() => formats[0] ?? 0)
  return columns.map((_, index) => formats[index] ?? 0)
}
