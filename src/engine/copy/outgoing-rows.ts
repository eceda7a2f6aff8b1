import { QueryError } from '../../base/errors.ts'
import { ByteWriter } from '../../data/vectors/byte-writer.ts'
import type { StatementContext } from '../context/statement-context.ts'
import type { QueryResult } from '../results/result.ts'
import type { CopySink } from '../results/copy-door.ts'
import type { RowWriter } from './row-writer.ts'

/** Bytes that are handed over at once, but for the last row of them. */
const BLOCK_BYTES = 65_536

/**
 * Writes the rows of a result, which is released, and tells how many they were. No more is made than the sink takes. Errors: those of
 * the sink and of making the rows, QUERY_CANCELED.
 */
export async function writeRows(
  ctx: StatementContext,
  result: QueryResult,
  { writer, sink }: { readonly writer: RowWriter; readonly sink: CopySink },
): Promise<number> {
  const out = new Block(sink)
  try {
    let rows = 0
    writer.head(out.writer)
    if (out.writer.at > 0) out.endRow()
    do {
      for (const piece of result.pieces()) {
        const write = writer.rows(piece)
        for (let row = 0; row < piece.rowCount; row++) {
          write(out.writer, row)
          out.endRow()
          if (out.isFull) await out.send(ctx)
        }
        rows += piece.rowCount
      }
    } while (result.isPartial && (await result.more(ctx.options.signal)))
    writer.tail(out.writer)
    if (out.writer.at > out.rowStart) out.endRow()
    await out.send(ctx)
    await sink.end()
    return rows
  } catch (error) {
    sink.abort()
    throw error
  } finally {
    result.release()
  }
}

/** Rows on their way to a sink. */
class Block {
  readonly writer = new ByteWriter(2 * BLOCK_BYTES)
  rowStart = 0
  readonly #sink: CopySink
  #ends: number[] = []

  constructor(sink: CopySink) {
    this.#sink = sink
  }

  get isFull(): boolean {
    return this.writer.at >= BLOCK_BYTES
  }

  endRow(): void {
    this.rowStart = this.writer.at
    this.#ends.push(this.rowStart)
  }

  async send({ options, engine }: StatementContext): Promise<void> {
    const { writer } = this
    if (writer.at > 0) await this.#sink.write(writer.bytes.subarray(0, writer.at), this.#ends)
    writer.at = 0
    this.rowStart = 0
    this.#ends = []
    const share = engine.eventLoop.share()
    if (share.isOver) await share.next()
    if (options.signal?.aborted !== true) return
    throw new QueryError('QUERY_CANCELED', 'canceling statement due to user request')
  }
}
