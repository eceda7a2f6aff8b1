import { QueryError, type ErrorCode } from '../../base/errors.ts'
import { finishSteps, type Steps } from '../../base/steps.ts'
import { isWorkingMemoryFull } from '../../data/arenas/heap.ts'
import type { LeaseScope } from '../../data/arenas/lease.ts'
import { isKept, type TableChunk } from '../../data/chunks/table-chunk.ts'
import type { Schema } from '../../data/types/schema.ts'
import type { ChunkLease } from '../../data/vectors/chunk-lease.ts'
import type { RunningStream } from '../../data/vectors/chunk-stream.ts'
import type { Relation } from '../../plan/logical/relation.ts'
import type { Catalog, TableEntry } from '../../plan/catalog/catalog.ts'
import { chunksInTurn } from '../../storage/kept-reader.ts'
import {
  chunkTextBytesMax,
  TABLE_CHUNK_ROWS,
  textBytesARow,
} from '../../wasm/kernels/table-builder.ts'
import type { Engine } from '../process/engine.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { Storing, type StoredRows } from '../queries/storing.ts'
import { randomTableId } from '../catalog/table-id.ts'
import { rowsOf, tableStatistics } from '../catalog/table-statistics.ts'

export { rowsOf } from '../catalog/table-statistics.ts'
export { Storing, type StoredRows } from '../queries/storing.ts'

/** An in-memory table of the catalog. */
export type MemoryTable = TableEntry & { readonly source: { readonly kind: 'memory' } }

/** A table of these rows, that is in no catalog. */
export function tableOfRows(
  { schema, name, columns }: Pick<TableEntry, 'schema' | 'name' | 'columns'>,
  chunks: readonly TableChunk[],
): MemoryTable {
  return {
    kind: 'table',
    schema,
    name,
    columns,
    source: { kind: 'memory', id: randomTableId(), chunks },
    statistics: {
      rows: rowsOf(chunks),
      exact: true,
      columns: columns.map(() => undefined),
    },
  }
}

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
 * Stores the rows of a query, as they are made where that can be. The statement holds what they take until it ends; a table
 * of the catalog keeps it longer. Errors: those of the query, OUT_OF_MEMORY, DISK_FULL, IO_ERROR.
 */
export async function storeQuery(
  ctx: StatementContext,
  relation: Relation,
  schema: Schema,
): Promise<StoredRows> {
  let rest: RunningStream | undefined
  const output = await ctx.queries.run(relation, (made) => (rest = made))
  if (rest === undefined) return storeRows(ctx, output, schema)
  try {
    return await storeStream(ctx, { first: output, rest, schema })
  } catch (error) {
    rest.close()
    await rest.ended
    if (!isWorkingMemoryFull(error)) throw error
  }
  // What is stored and what makes rows do not fit side by side.
  return storeRows(ctx, await ctx.queries.run(relation), schema)
}

interface Stored {
  readonly first: ChunkLease
  readonly rest: RunningStream
  readonly schema: Schema
}

/** Stores rows while those behind them are made. */
async function storeStream(
  { engine, leases, queries, options: { signal } }: StatementContext,
  { first, rest, schema }: Stored,
): Promise<StoredRows> {
  let output: ChunkLease | undefined = first
  let storing: Storing | undefined
  try {
    storing = new Storing(engine, schema, Number.MAX_SAFE_INTEGER)
    while (output !== undefined) {
      await queries.inTurns(storing.append(output))
      output.release()
      output = undefined
      output = await rest.next(signal)
    }
    return await queries.inTurns(storing.finish(leases))
  } finally {
    output?.release()
    storing?.close()
  }
}

/** As {@link storeQuery}, in the order of the table that a plan filters and computes only. */
export async function storeInOrder(
  ctx: StatementContext,
  relation: Relation,
  schema: Schema,
): Promise<StoredRows> {
  return storeRows(ctx, await ctx.queries.runInOrder(relation), schema)
}

/** Stores the rows of a query, which is released. Errors: OUT_OF_MEMORY, DISK_FULL, IO_ERROR. */
async function storeRows(
  ctx: StatementContext,
  output: ChunkLease,
  schema: Schema,
): Promise<StoredRows> {
  const { engine, leases } = ctx
  const from = await engine.tableRoom.aside(output)
  if (from !== output) leases.add(from)
  return ctx.queries.inTurns(storeSteps(ctx, from, schema))
}

/** The same in steps, of rows that stay where they are meanwhile. */
export function* storeSteps(
  { engine, leases }: StatementContext,
  output: ChunkLease,
  schema: Schema,
): Steps<StoredRows> {
  try {
    return yield* store(engine, leases, schema, output)
  } finally {
    output.release()
  }
}

function* store(
  engine: Engine,
  leases: LeaseScope,
  schema: Schema,
  from: Pick<ChunkLease, 'rows' | 'inTurn'>,
): Steps<StoredRows> {
  const storing = new Storing(engine, schema, from.rows)
  try {
    yield* storing.append(from)
    return yield* storing.finish(leases)
  } finally {
    storing.close()
  }
}

/** What the texts of a chunk take, about. */
function textBytesOf({ heap }: Engine, chunk: TableChunk): number {
  const { rows } = chunk
  if (!isKept(chunk)) return textBytesARow(heap, chunk) * rows
  const dictionaries = chunk.kept.columns.flatMap(({ header, dictionary }) =>
    dictionary === undefined
      ? []
      : [{ ...dictionary, layout: header.layout, length: rows, dictionary }],
  )
  const coded = textBytesARow(heap, { rows, columns: dictionaries, statistics: undefined }) * rows
  return chunk.kept.columns.reduce((bytes, { header }) => bytes + header.textBytes, coded)
}

/**
 * Chunks of which those from `at` on are new. Chunks before them that are not much larger are merged with
 * them, so that many small inserts give few chunks and each row is copied only as often as the logarithm of
 * the table's size. The same array when nothing is merged, or there is no memory for it.
 */
export function mergeTail(
  engine: Engine,
  leases: LeaseScope,
  { columns, chunks }: { readonly columns: Schema; readonly chunks: readonly TableChunk[] },
  at: number,
): readonly TableChunk[] {
  const fresh = chunks.slice(at)
  let kept = at
  let bytes = fresh.reduce((sum, chunk) => sum + textBytesOf(engine, chunk), 0)
  for (let rows = rowsOf(fresh); kept > 0; kept--) {
    const last = chunks[kept - 1]!
    if (last.rows > 2 * rows || rows + last.rows > TABLE_CHUNK_ROWS) break
    rows += last.rows
    bytes += textBytesOf(engine, last)
    // They would be as many chunks as before.
    if (bytes > chunkTextBytesMax(engine.heap)) break
  }
  if (kept === at) return chunks
  const merged = mergedChunks(engine, leases, columns, chunks.slice(kept))
  return merged === undefined ? chunks : [...chunks.slice(0, kept), ...merged]
}

/** So many chunks side by side that have the rows of one are brought together. */
export const RUN_CHUNKS_MIN = 16

/**
 * Chunks of which some were cut: where many lie side by side that are no more than one, that one comes in their place. The
 * same array when nothing is merged, or there is no memory for it.
 */
export function mergeRuns(
  engine: Engine,
  leases: LeaseScope,
  { columns, chunks }: { readonly columns: Schema; readonly chunks: readonly TableChunk[] },
  runChunksMin = RUN_CHUNKS_MIN,
): readonly TableChunk[] {
  const runs: TableChunk[][] = []
  let rows = Infinity
  for (const chunk of chunks) {
    rows += chunk.rows
    if (rows > TABLE_CHUNK_ROWS || isKept(chunk)) {
      runs.push([])
      rows = isKept(chunk) ? Infinity : chunk.rows
    }
    runs.at(-1)!.push(chunk)
  }
  if (runs.every((run) => run.length < runChunksMin)) return chunks
  return runs.flatMap((run) => {
    if (run.length < runChunksMin) return run
    return mergedChunks(engine, leases, columns, run) ?? run
  })
}

/** The rows of some chunks in as few as they fit; undefined where there is no memory for it. */
function mergedChunks(
  engine: Engine,
  leases: LeaseScope,
  columns: Schema,
  chunks: readonly TableChunk[],
): readonly TableChunk[] | undefined {
  try {
    const merged = finishSteps(store(engine, leases, columns, chunksInTurn(engine, chunks)))
    return merged.chunks
  } catch (error) {
    // The rows are there: for want of room to have them in fewer chunks no statement may fail.
    if (error instanceof QueryError && ofRoom.has(error.code)) return undefined
    throw error
  }
}

/** What ends when chunks are brought together that are not to be. */
const ofRoom: ReadonlySet<ErrorCode> = new Set([
  'OUT_OF_MEMORY',
  'DISK_FULL',
  'IO_ERROR',
  'DATA_CORRUPTED',
])

/** A table with other rows. */
export function withChunks(table: MemoryTable, chunks: readonly TableChunk[]): MemoryTable {
  return {
    ...table,
    source: { kind: 'memory', id: randomTableId(), chunks },
    statistics: tableStatistics(table.columns, chunks),
  }
}
