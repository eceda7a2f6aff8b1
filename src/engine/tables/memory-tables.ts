import { QueryError } from '../../base/errors.ts'
import { finishSteps, type Steps } from '../../base/steps.ts'
import { Arena } from '../../data/arenas/arena.ts'
import type { LeaseScope } from '../../data/arenas/lease.ts'
import type { Schema } from '../../data/types/schema.ts'
import type { ChunkLease } from '../../data/vectors/chunk-lease.ts'
import type { Chunk } from '../../data/vectors/vector.ts'
import type { Catalog, TableEntry, TableStatistics } from '../../plan/catalog/catalog.ts'
import { mergeStatistics } from '../../wasm/kernels/statistics.ts'
import { createTableBuilder, TABLE_CHUNK_ROWS } from '../../wasm/kernels/table-builder.ts'
import type { Engine } from '../process/engine.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { randomTableId } from '../catalog/table-id.ts'

/** Rows stored as chunks of a table: narrowed, dictionary-coded, with statistics. */
export interface StoredRows {
  readonly chunks: readonly Chunk[]
  readonly rows: number
  readonly statistics: TableStatistics
}

/** An in-memory table of the catalog. */
export type MemoryTable = TableEntry & { readonly source: { readonly kind: 'memory' } }

/** The in-memory table of this name, if there is one. */
export function memoryTableIn(
  { relations }: Catalog,
  schema: string,
  name: string,
): MemoryTable | undefined {
  const entry = relations.get(schema)?.get(name)
  if (entry?.kind !== 'table' || entry.source.kind !== 'memory') return undefined
  return entry as MemoryTable
}

/**
 * Stores the rows of a query, which is released, in steps. The statement holds their memory until it ends; a
 * table of the catalog keeps it longer.
 */
export function* storeRows(
  { engine, leases }: StatementContext,
  output: ChunkLease,
  schema: Schema,
): Steps<StoredRows> {
  try {
    return yield* store(engine, leases, schema, output.chunks)
  } finally {
    output.release()
  }
}

function* store(
  engine: Engine,
  leases: LeaseScope,
  schema: Schema,
  from: readonly Chunk[],
): Steps<StoredRows> {
  const arena = new Arena(engine.heap, 'table')
  const builder = createTableBuilder(arena, engine.kernels, schema, rowsOf(from))
  let isStored = false
  try {
    for (const chunk of from) yield* builder.append(chunk)
    const { rows, chunks, statistics } = yield* builder.finish()
    leases.add(engine.catalog.bring({ arena, chunks }))
    isStored = true
    return { chunks, rows, statistics: { rows, exact: true, columns: statistics } }
  } finally {
    // An error, or nobody goes on.
    if (!isStored) {
      builder.cancel()
      arena.release()
    }
  }
}

function rowsOf(chunks: readonly Chunk[]): number {
  return chunks.reduce((rows, chunk) => rows + chunk.rows, 0)
}

/**
 * Chunks of which those from `at` on are new. Chunks before them that are not much larger are merged with
 * them, so that many small inserts give few chunks and each row is copied only as often as the logarithm of
 * the table's size. The same array when nothing is merged, or there is no memory for it.
 */
export function mergeTail(
  engine: Engine,
  leases: LeaseScope,
  { columns, chunks }: { readonly columns: Schema; readonly chunks: readonly Chunk[] },
  at: number,
): readonly Chunk[] {
  let kept = at
  for (let rows = rowsOf(chunks.slice(at)); kept > 0; kept--) {
    const last = chunks[kept - 1]?.rows ?? 0
    if (last > 2 * rows || rows + last > TABLE_CHUNK_ROWS) break
    rows += last
  }
  if (kept === at) return chunks
  try {
    const merged = finishSteps(store(engine, leases, columns, chunks.slice(kept)))
    return [...chunks.slice(0, kept), ...merged.chunks]
  } catch (error) {
    // The rows are there: for want of room to have them in fewer chunks no insert may fail.
    if (error instanceof QueryError && error.code === 'OUT_OF_MEMORY') return chunks
    throw error
  }
}

/** A table with other rows. */
export function withChunks(table: MemoryTable, chunks: readonly Chunk[]): MemoryTable {
  return {
    ...table,
    source: { kind: 'memory', id: randomTableId(), chunks },
    statistics: {
      rows: rowsOf(chunks),
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
