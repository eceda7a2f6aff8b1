import { present } from '../../base/assert.ts'
import { isOverdue, spend } from '../../base/budget.ts'
import type { Steps } from '../../base/steps.ts'
import { Arena } from '../../data/arenas/arena.ts'
import { isWorkingMemoryFull } from '../../data/arenas/heap.ts'
import { isKept, type TableChunk } from '../../data/chunks/table-chunk.ts'
import { bool } from '../../data/types/data-type.ts'
import { chunksBytes } from '../../data/vectors/chunk-bytes.ts'
import { ChunkLease } from '../../data/vectors/chunk-lease.ts'
import { NO_ADDRESS, type Chunk, type Vector } from '../../data/vectors/vector.ts'
import type { TableEntry } from '../../plan/catalog/catalog.ts'
import { columnReference, filter, project, renamed, scan } from '../../plan/logical/build.ts'
import { chunksInTurn } from '../../storage/kept-reader.ts'
import { placedBits, selectedChunk } from '../../wasm/kernels/selected-column.ts'
import type { ColumnHome } from '../catalog/catalog-memory.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { storeInOrder, tableOfRows, type MemoryTable, type StoredRows } from './memory-tables.ts'
import { chunkGroups } from './numbered-rows.ts'
import { CUT_ROWS_MIN, partsLeft, type PartLeft } from './parts-left.ts'

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
 * stays where it is; of others the rows that are left are stored anew, small chunks together where they lie side by side.
 */
export async function rowsLeft(
  ctx: StatementContext,
  table: MemoryTable,
  left: ReadonlyMap<TableChunk, Uint8Array>,
): Promise<ReadonlyMap<TableChunk, readonly TableChunk[]>> {
  const replaced = new Map(await ctx.queries.inTurns(leftSteps(ctx, left)))
  const anew = new Map([...left].filter(([chunk]) => !replaced.has(chunk)))
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

/** What becomes of the chunks that stay large, and that there is room for beside them. In steps: see `isOverdue`. */
function* leftSteps(
  ctx: StatementContext,
  left: ReadonlyMap<TableChunk, Uint8Array>,
): Steps<ReadonlyMap<TableChunk, readonly TableChunk[]>> {
  const replaced = new Map<TableChunk, readonly TableChunk[]>()
  for (const [chunk, bits] of left) {
    if (isKept(chunk) || chunk.rows < CUT_ROWS_MIN) continue
    const parts = partsLeft(chunk, bits)
    const made: Chunk[] = []
    let isWhole = true
    for (const part of parts) {
      const stays = part.bits === undefined ? sharedView(ctx, chunk, part.view) : undefined
      const own = stays ?? selectedRows(ctx, chunk, part)
      if (own === undefined) {
        isWhole = false
        break
      }
      if (own.rows > 0) made.push(own)
      spend(part.view.rows * chunk.columns.length)
      if (isOverdue()) yield
    }
    if (isWhole) replaced.set(chunk, made)
  }
  return replaced
}

/** Rows of a chunk where they are. */
function sharedView({ engine }: StatementContext, of: Chunk, view: Chunk): Chunk {
  engine.catalog.share(
    view,
    view.columns.map((_, column) => ({ of, column })),
  )
  return view
}

/** Rows of a part of a chunk that are left, stored anew; undefined where there is no room, or few are. Held by the statement. */
function selectedRows(
  { engine, leases }: StatementContext,
  of: Chunk,
  { view, bits }: PartLeft,
): Chunk | undefined {
  const { heap, kernels, catalog, tableRoom } = engine
  if (!tableRoom.hasFor(chunksBytes(heap, [view]))) return undefined
  const [arena, scratch] = [new Arena(heap, 'table'), new Arena(heap)]
  try {
    const placed = placedBits(scratch, present(bits, 'bits of a part'))
    const rows = kernels.call('countBits', placed, view.rows)
    if (view === of && rows < CUT_ROWS_MIN) return undefined
    const own = selectedChunk({ arena, kernels }, view, { bits: placed, count: rows })
    leases.add(catalog.bring({ arena, chunks: [own] }))
    if (own.columns.every(({ dictionary }) => dictionary === undefined)) return own
    const made = { ...own }
    const homes = own.columns.map(({ dictionary }, column): ColumnHome => {
      const home = { of: own, column }
      return dictionary === undefined ? home : { ...home, dictionary: { of, column } }
    })
    catalog.share(made, homes)
    return made
  } catch (error) {
    arena.release()
    if (isWorkingMemoryFull(error)) return undefined
    throw error
  } finally {
    scratch.release()
  }
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
