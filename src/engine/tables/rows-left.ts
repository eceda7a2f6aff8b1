import { present } from '../../base/assert.ts'
import { Arena } from '../../data/arenas/arena.ts'
import { isKept, type TableChunk } from '../../data/chunks/table-chunk.ts'
import { bool } from '../../data/types/data-type.ts'
import { ChunkLease } from '../../data/vectors/chunk-lease.ts'
import { NO_ADDRESS, type Chunk, type Vector } from '../../data/vectors/vector.ts'
import type { TableEntry } from '../../plan/catalog/catalog.ts'
import { columnReference, filter, project, renamed, scan } from '../../plan/logical/build.ts'
import { chunksInTurn } from '../../storage/kept-reader.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { storeInOrder, tableOfRows, type MemoryTable, type StoredRows } from './memory-tables.ts'
import { chunkGroups } from './numbered-rows.ts'
import { partsLeft, type PartsLeft } from './parts-left.ts'

const bitField = { name: 'is left', type: bool, nullable: false } as const

/** The rows of chunks whose bits are 1, stored in their order. Held by the statement. */
export async function rowsWithBits(
  ctx: StatementContext,
  {
    table,
    chunks,
    bits,
  }: {
    readonly table: TableEntry
    readonly chunks: readonly TableChunk[]
    readonly bits: readonly Uint8Array[]
  },
): Promise<StoredRows> {
  const lease = withBits(ctx, chunks, bits)
  try {
    const marked = tableOfRows({ ...table, columns: [...table.columns, bitField] }, lease.chunks)
    const rows = scan(ctx.columnIds, marked)
    const isLeft = columnReference(present(rows.columns.at(-1), 'bits of rows'))
    const kept = project(filter(rows, isLeft), renamed(ctx.columnIds, rows.columns.slice(0, -1)))
    return await storeInOrder(ctx, kept, table.columns)
  } finally {
    lease.release()
  }
}

/** Chunks in memory, with their bits as one more column. */
function withBits(
  { engine }: StatementContext,
  chunks: readonly TableChunk[],
  bits: readonly Uint8Array[],
): ChunkLease {
  const arena = new Arena(engine.heap, 'table')
  const pinned = chunksInTurn(engine, chunks).all()
  const marked = pinned.chunks.map((chunk, at): Chunk => {
    const columns = [...chunk.columns, bitVector(arena, present(bits[at], 'bits'), chunk.rows)]
    return { rows: chunk.rows, columns, statistics: undefined }
  })
  return new ChunkLease(marked, () => {
    arena.release()
    pinned.release()
  })
}

function bitVector(arena: Arena, bits: Uint8Array, rows: number): Vector {
  const values = arena.allocateZeroed(bits.length)
  arena.heap.u8.set(bits, values)
  return {
    type: bool,
    layout: 'bit',
    length: rows,
    validity: NO_ADDRESS,
    values,
    offsets: NO_ADDRESS,
    dictionary: undefined,
  }
}

/**
 * What takes the place of the chunks of which rows are taken away. Of those that lose rows in few places what lies between
 * stays where it is; of others the rows that are left are stored anew, together where they lie side by side.
 */
export async function rowsLeft(
  ctx: StatementContext,
  table: MemoryTable,
  left: ReadonlyMap<TableChunk, Uint8Array>,
): Promise<ReadonlyMap<TableChunk, readonly TableChunk[]>> {
  const replaced = new Map<TableChunk, readonly TableChunk[]>()
  const anew = new Map<TableChunk, Uint8Array>()
  for (const [chunk, bits] of left) {
    const parts = isKept(chunk) ? undefined : partsLeft(chunk, bits)
    if (parts === undefined) anew.set(chunk, bits)
    else replaced.set(chunk, await storedParts(ctx, table, parts))
  }
  for (const group of neighbours(table.source.chunks, anew)) {
    const rest = group.filter((chunk) => !isEmpty(anew.get(chunk)!))
    for (const chunk of group) replaced.set(chunk, [])
    if (rest.length === 0) continue
    const bits = rest.map((chunk) => anew.get(chunk)!)
    const stored = await rowsWithBits(ctx, { table, chunks: rest, bits })
    replaced.set(present(group[0], 'a chunk of a group'), stored.chunks)
  }
  return replaced
}

/** What of a chunk that loses rows stays where it is, and rows that are stored anew. */
async function storedParts(
  ctx: StatementContext,
  table: MemoryTable,
  { of, parts }: PartsLeft,
): Promise<readonly TableChunk[]> {
  const made: TableChunk[] = []
  for (const { view, bits } of parts) {
    if (bits === undefined) {
      const homes = view.columns.map((_, column) => ({ of, column }))
      ctx.engine.catalog.share(view, homes)
      made.push(view)
      continue
    }
    if (isEmpty(bits)) continue
    const stored = await rowsWithBits(ctx, { table, chunks: [view], bits: [bits] })
    made.push(...stored.chunks)
  }
  return made
}

/** Runs of chunks that lose rows, as they lie side by side, each no more than is looked at together. */
function neighbours(
  chunks: readonly TableChunk[],
  left: ReadonlyMap<TableChunk, Uint8Array>,
): readonly (readonly TableChunk[])[] {
  const runs: TableChunk[][] = []
  let isOpen = false
  for (const chunk of chunks) {
    if (!left.has(chunk)) {
      isOpen = false
      continue
    }
    if (!isOpen) runs.push([])
    isOpen = true
    runs.at(-1)!.push(chunk)
  }
  return runs.flatMap((run) => chunkGroups(run).map((group) => group.chunks))
}

function isEmpty(bits: Uint8Array): boolean {
  return bits.every((byte) => byte === 0)
}
