import type { Steps } from '../../base/steps.ts'
import { Arena } from '../../data/arenas/arena.ts'
import type { Field } from '../../data/types/schema.ts'
import { vectorSteps } from '../../data/vectors/from-scalars.ts'
import type { Chunk, Vector } from '../../data/vectors/vector.ts'
import type { StatementContext } from '../context/statement-context.ts'
import type { QueryResult, ResultColumn } from '../results/result.ts'
import { Storing, tableOfRows, type MemoryTable, type StoredRows } from './memory-tables.ts'

/** Columns of a result as those of a table. */
export function fieldsOf(columns: readonly ResultColumn[]): readonly Field[] {
  return columns.map(({ name, type }): Field => ({
    name,
    type: type.kind === 'unknown' ? { kind: 'text' } : type,
    nullable: true,
  }))
}

/** The rows of a result, which is released, as a table that is in no catalog. Held by the statement. */
export async function storedResult(
  ctx: StatementContext,
  result: QueryResult,
  name: string,
): Promise<MemoryTable> {
  const columns = fieldsOf(result.columns)
  try {
    const { chunks } = await ctx.queries.inTurns(storeSteps(ctx, result, columns))
    return tableOfRows({ schema: '', name, columns }, chunks)
  } finally {
    result.release()
  }
}

function* storeSteps(
  ctx: StatementContext,
  result: QueryResult,
  columns: readonly Field[],
): Steps<StoredRows> {
  const storing = new Storing(ctx.engine, columns, result.rowCount)
  try {
    for (const batch of result.batches()) {
      const arena = new Arena(ctx.heap)
      try {
        const vectors: Vector[] = []
        for (const [at, { type }] of columns.entries()) {
          vectors.push(yield* vectorSteps(arena, type, batch.column(at)))
        }
        const chunk: Chunk = { rows: batch.rowCount, columns: vectors, statistics: undefined }
        yield* storing.append({
          *inTurn() {
            yield chunk
          },
        })
      } finally {
        arena.release()
      }
    }
    return yield* storing.finish(ctx.leases)
  } finally {
    storing.close()
  }
}
