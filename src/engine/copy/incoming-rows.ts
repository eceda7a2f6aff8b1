import { isOverdue } from '../../base/budget.ts'
import type { Steps } from '../../base/steps.ts'
import { Arena } from '../../data/arenas/arena.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { Schema } from '../../data/types/schema.ts'
import { vectorSteps } from '../../data/vectors/from-scalars.ts'
import type { Chunk, Vector } from '../../data/vectors/vector.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { Storing, type StoredRows } from '../tables/memory-tables.ts'
import type { RowReader } from './text-rows.ts'

/** Rows that wait to be stored together. */
const WAITING_ROWS_MAX = 16_384
/** And the characters of their texts, of which a row may have any number. */
const WAITING_CHARACTERS_MAX = 8_388_608
/** Rows are read between two looks at the clock. */
const ROWS_A_LOOK = 64

/**
 * Stores rows as they come in, with the columns of a schema. `order`: where the reader has the value of each of them. Held by
 * the statement. Errors: those of the reader and of the source, OUT_OF_MEMORY, DISK_FULL.
 */
export async function storeIncoming(
  ctx: StatementContext,
  source: AsyncIterable<Uint8Array>,
  { reader, schema, order }: IncomingRows,
): Promise<StoredRows> {
  const storing = new Storing(ctx.engine, schema, Number.MAX_SAFE_INTEGER)
  const waiting = new WaitingRows(ctx, storing, schema, order)
  try {
    for await (const bytes of source) await ctx.queries.inTurns(waiting.take(reader.push(bytes)))
    await ctx.queries.inTurns(waiting.take(reader.end()))
    await ctx.queries.inTurns(waiting.store())
    return await ctx.queries.inTurns(storing.finish(ctx.leases))
  } finally {
    storing.close()
  }
}

export interface IncomingRows {
  readonly reader: RowReader
  readonly schema: Schema
  readonly order: readonly number[]
}

/** Rows that were read and not yet stored, column by column. */
class WaitingRows {
  readonly #ctx: StatementContext
  readonly #storing: Storing
  readonly #schema: Schema
  readonly #order: readonly number[]
  #columns: Scalar[][]
  #rows = 0
  #characters = 0

  constructor(ctx: StatementContext, storing: Storing, schema: Schema, order: readonly number[]) {
    this.#ctx = ctx
    this.#storing = storing
    this.#schema = schema
    this.#order = order
    this.#columns = schema.map(() => [])
  }

  *take(rows: Iterable<readonly Scalar[]>): Steps<void> {
    for (const row of rows) {
      for (let at = 0; at < this.#order.length; at++) {
        const value = row[this.#order[at]!] ?? null
        if (typeof value === 'string') this.#characters += value.length
        else if (value instanceof Uint8Array) this.#characters += value.length
        this.#columns[at]!.push(value)
      }
      this.#rows++
      const isFull = this.#rows >= WAITING_ROWS_MAX || this.#characters >= WAITING_CHARACTERS_MAX
      if (isFull) yield* this.store()
      else if (this.#rows % ROWS_A_LOOK === 0 && isOverdue()) yield
    }
  }

  *store(): Steps<void> {
    if (this.#rows === 0) return
    const [columns, rows] = [this.#columns, this.#rows]
    this.#columns = this.#schema.map(() => [])
    this.#rows = 0
    this.#characters = 0
    const arena = new Arena(this.#ctx.heap)
    try {
      const vectors: Vector[] = []
      for (const [at, { type }] of this.#schema.entries()) {
        vectors.push(yield* vectorSteps(arena, type, columns[at]!))
      }
      const chunk: Chunk = { rows, columns: vectors, statistics: undefined }
      yield* this.#storing.append({
        *inTurn() {
          yield chunk
        },
      })
    } finally {
      arena.release()
    }
  }
}
