import type { Batch, QueryResult, ResultColumn } from '../../engine/result.ts'
import { RowEncoder } from './row-encoder.ts'

/** A result that is handed out in pieces of rows. */
export class Portal {
  readonly result: QueryResult
  readonly #encoder: RowEncoder
  readonly #batches: Iterator<Batch>
  #batch: Batch | undefined
  #row = 0
  #sent = 0

  constructor(result: QueryResult, formats: readonly number[]) {
    this.result = result
    this.#encoder = new RowEncoder(result.columns, formats)
    this.#batches = result.batches()[Symbol.iterator]()
  }

  /** Rows handed out by the last {@link fetch}. */
  get sent(): number {
    return this.#sent
  }

  /**
   * The next `rowsMax` rows (0: all that are left) as buffers. Returns whether the portal stays open:
   * true when the limit was reached, even if no row is left, as PostgreSQL does.
   */
  *fetch(rowsMax: number): Generator<Buffer, boolean> {
    const limit = rowsMax === 0 ? Infinity : rowsMax
    this.#sent = 0
    while (this.#sent < limit) {
      const batch = this.#current()
      if (batch === undefined) return false
      const end = Math.min(batch.rowCount, this.#row + limit - this.#sent)
      yield* this.#encoder.encode(batch, this.#row, end)
      this.#sent += end - this.#row
      this.#row = end
    }
    return true
  }

  close(): void {
    this.result.release()
  }

  #current(): Batch | undefined {
    while (this.#batch === undefined || this.#row >= this.#batch.rowCount) {
      const next = this.#batches.next()
      if (next.done === true) return undefined
      this.#batch = next.value
      this.#row = 0
    }
    return this.#batch
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
