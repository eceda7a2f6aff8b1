import { assert } from '../../base/assert.ts'
import type { Steps } from '../../base/steps.ts'
import { Arena } from '../../data/arenas/arena.ts'
import type { Schema } from '../../data/types/schema.ts'
import type { Chunk, ColumnStatistics } from '../../data/vectors/vector.ts'
import { createColumnBuilder, type ColumnRoom } from './column-builder.ts'
import type { Kernels } from './loader.ts'
import { mergeStatistics } from './statistics.ts'

/** Rows of a table's chunks: small enough that a column's piece stays in the second-level cache. */
export const TABLE_CHUNK_ROWS = 122_880

/** What a table's rows became. */
export interface BuiltTable {
  readonly rows: number
  readonly chunks: readonly Chunk[]
  /** One entry a column, over all chunks. */
  readonly statistics: readonly ColumnStatistics[]
}

/**
 * Puts pieces of any size together into table chunks: 122880 rows each but the last, with
 * statistics, integer-like columns in the narrowest layout that holds the chunk's values (never
 * narrower than in the chunk before, so that few layouts occur), and text of few distinct values as
 * codes into one dictionary that all chunks of the table share.
 */
export interface TableBuilder {
  /** Copies the rows of a chunk, in steps; its memory may be reused afterwards. */
  append(chunk: Chunk): Steps<void>
  /** Everything appended, in memory of the arena, in steps. The builder cannot be used afterwards. */
  finish(): Steps<BuiltTable>
  /** Gives the working memory back when the table is not wanted any more. */
  cancel(): void
}

/** A builder of a table of at most `rowsMax` rows whose chunks lie in `arena`. */
export function createTableBuilder(
  arena: Arena,
  kernels: Kernels,
  schema: Schema,
  rowsMax: number,
): TableBuilder {
  const work = new Arena(arena.heap)
  const room: ColumnRoom = {
    work,
    chunkRowsMax: Math.min(rowsMax, TABLE_CHUNK_ROWS),
    chunksMax: Math.ceil(rowsMax / TABLE_CHUNK_ROWS),
  }
  const columns = releasedOnError(work, () =>
    schema.map(({ type }) => createColumnBuilder(arena, kernels, type, room)),
  )
  const rowCounts: number[] = []
  let [rows, appended] = [0, 0]
  const flush = function* (): Steps<void> {
    for (const column of columns) {
      column.flush(rows)
      yield
    }
    rowCounts.push(rows)
    rows = 0
  }
  const release = (): void => {
    for (const column of columns) column.release()
    work.release()
  }
  return {
    *append(chunk) {
      assert(chunk.columns.length === columns.length, 'chunk of another table')
      appended += chunk.rows
      assert(appended <= rowsMax, 'more rows than a table was to have')
      for (let from = 0; from < chunk.rows;) {
        const count = Math.min(chunk.rows - from, TABLE_CHUNK_ROWS - rows)
        for (const [index, column] of columns.entries()) {
          column.append(chunk.columns[index]!, from, count, rows)
          yield
        }
        from += count
        rows += count
        if (rows === TABLE_CHUNK_ROWS) yield* flush()
      }
    },
    *finish() {
      if (rows > 0) yield* flush()
      const finished = columns.map((column) => column.finish())
      release()
      const chunks = rowCounts.map((count, at) => ({
        rows: count,
        columns: finished.map((column) => column.vectors[at]!),
        statistics: finished.map((column) => column.statistics[at]!),
      }))
      const statistics = finished.map((column) =>
        column.statistics.reduce((left, right) => mergeStatistics(left, right), emptyStatistics),
      )
      return { rows: rowCounts.reduce((sum, count) => sum + count, 0), chunks, statistics }
    },
    cancel: release,
  }
}

/** What `make` gives; what it took of the arena goes back where it fails. */
function releasedOnError<T>(arena: Arena, make: () => T): T {
  try {
    return make()
  } catch (error) {
    arena.release()
    throw error
  }
}

const emptyStatistics: ColumnStatistics = {
  min: undefined,
  max: undefined,
  nullCount: 0,
  distinct: 0,
  ascending: true,
}
