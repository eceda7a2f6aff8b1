import { QueryError } from '../base/errors.ts'
import { Arena } from '../data/arenas/arena.ts'
import type { Schema } from '../data/types/schema.ts'
import type { ChunkLease } from '../data/vectors/chunk-lease.ts'
import type { Chunk } from '../data/vectors/vector.ts'
import type { TableEntry, TableStatistics } from '../plan/catalog/catalog.ts'
import { mergeStatistics } from '../wasm/kernels/statistics.ts'
import { createTableBuilder, TABLE_CHUNK_ROWS } from '../wasm/kernels/table-builder.ts'
import type { StatementContext } from './statements/context.ts'
import { randomTableId } from './table-id.ts'

/** Rows stored as chunks of a table: narrowed, dictionary-coded, with statistics. */
export interface StoredRows {
  readonly chunks: readonly Chunk[]
  readonly rows: number
  readonly statistics: TableStatistics
}

/** An in-memory table of the catalog. */
export type MemoryTable = TableEntry & { readonly source: { readonly kind: 'memory' } }

/**
 * Stores the rows of a query, which is released. The statement holds their memory until it ends; a
 * table of the catalog keeps it longer.
 */
export function storeRows(
  { engine, leases }: StatementContext,
  output: ChunkLease,
  schema: Schema,
  before: readonly Chunk[] = [],
): StoredRows {
  const arena = new Arena(engine.heap, 'table')
  const rowsMax = before.reduce((rows, chunk) => rows + chunk.rows, output.rows)
  const builder = createTableBuilder(arena, engine.kernels, schema, rowsMax)
  try {
    for (const chunk of before) builder.append(chunk)
    for (const chunk of output.chunks) builder.append(chunk)
    const { rows, chunks, statistics } = builder.finish()
    leases.add(engine.catalog.bring({ arena, chunks }))
    return { chunks, rows, statistics: { rows, exact: true, columns: statistics } }
  } catch (error) {
    builder.cancel()
    arena.release()
    throw error
  } finally {
    output.release()
  }
}

/** Rows stored for an existing table, and how the table looks with them. */
export interface AppendedRows {
  readonly rows: number
  /** The table with the rows added. Throws SERIALIZATION_FAILURE when it changed meanwhile. */
  appendTo(table: MemoryTable): TableEntry
}

/**
 * Stores the rows of a query, which is released, behind those of a table. Chunks at the table's end
 * that are not much larger than the new rows are merged with them, so that many small inserts give few
 * chunks and each row is copied only as often as the logarithm of the table's size.
 */
export function appendRows(
  ctx: StatementContext,
  output: ChunkLease,
  table: MemoryTable,
): AppendedRows {
  const added = output.rows
  const { chunks } = table.source
  let kept = chunks.length
  for (let rows = added; kept > 0; kept--) {
    const last = chunks[kept - 1]?.rows ?? 0
    if (last > 2 * rows || rows + last > TABLE_CHUNK_ROWS) break
    rows += last
  }
  const merged = chunks.slice(kept)
  const stored = storeRows(ctx, output, table.columns, merged)
  return {
    rows: added,
    appendTo: (current) => withChunks(current, merged, stored.chunks),
  }
}

function withChunks(
  table: MemoryTable,
  merged: readonly Chunk[],
  added: readonly Chunk[],
): TableEntry {
  const current = table.source.chunks
  const kept = current.slice(0, current.length - merged.length)
  const unchanged = merged.every((chunk, i) => current[kept.length + i] === chunk)
  if (!unchanged) {
    throw new QueryError(
      'SERIALIZATION_FAILURE',
      'could not serialize access due to concurrent update',
      { hint: 'Run the statement again.' },
    )
  }
  const chunks = [...kept, ...added]
  return {
    ...table,
    source: { kind: 'memory', id: randomTableId(), chunks },
    statistics: {
      rows: chunks.reduce((rows, chunk) => rows + chunk.rows, 0),
      exact: true,
      columns: table.columns.map((_, column) => {
        const [first, ...rest] = chunks.map((chunk) => chunk.statistics?.[column])
        return rest.reduce(
          (left, right) =>
            left === undefined || right === undefined ? undefined : mergeStatistics(left, right),
          first,
        )
      }),
    },
  }
}
