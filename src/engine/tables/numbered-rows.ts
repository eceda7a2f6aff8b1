import { present } from '../../base/assert.ts'
import type { Steps } from '../../base/steps.ts'
import { isOverdue, spend } from '../../base/budget.ts'
import { Arena } from '../../data/arenas/arena.ts'
import { isKept, keptBytes, type TableChunk } from '../../data/chunks/table-chunk.ts'
import { ChunkLease } from '../../data/vectors/chunk-lease.ts'
import { numbersFrom, statisticsOfNumbers } from '../../wasm/kernels/row-numbers.ts'
import type { Chunk } from '../../data/vectors/vector.ts'
import { rowNumberField } from '../../plan/binder/changes/change.ts'
import type { MemorySource, TableEntry } from '../../plan/catalog/catalog.ts'
import type { Relation } from '../../plan/logical/relation.ts'
import { rewriteAllRelations } from '../../plan/logical/walk.ts'
import { chunksInTurn } from '../../storage/kept-reader.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { randomTableId } from '../catalog/table-id.ts'
import { rowsOf, type MemoryTable } from './memory-tables.ts'

/** Chunks that are kept outside of the memory are read in groups of so many bytes at most, or one by one. */
const GROUP_BYTES_MAX = 134_217_728

/** Some chunks of a table, looked at together. */
export interface ChunkGroup {
  readonly chunks: readonly TableChunk[]
  /** The number of the first row of each in the table. */
  readonly firstRows: readonly number[]
}

/** A table as statements are bound over that change it: with a column behind the others that numbers its rows. */
export function withRowNumbers(table: MemoryTable): TableEntry {
  const { statistics } = table
  return {
    ...table,
    columns: [...table.columns, rowNumberField],
    source: { kind: 'memory', id: randomTableId(), chunks: [] },
    statistics: { ...statistics, columns: [...statistics.columns, undefined] },
  }
}

/** All chunks in order: those in memory together, the others in groups that fit it. */
export function chunkGroups(chunks: readonly TableChunk[]): readonly ChunkGroup[] {
  const groups: { chunks: TableChunk[]; firstRows: number[] }[] = []
  const here: (typeof groups)[number] = { chunks: [], firstRows: [] }
  let bytes = Infinity
  let row = 0
  for (const chunk of chunks) {
    if (isKept(chunk)) {
      const own = keptBytes(chunk)
      bytes += own
      if (bytes > GROUP_BYTES_MAX) {
        groups.push({ chunks: [], firstRows: [] })
        bytes = own
      }
    }
    const group = isKept(chunk) ? present(groups.at(-1), 'a group of kept chunks') : here
    group.chunks.push(chunk)
    group.firstRows.push(row)
    row += chunk.rows
  }
  return here.chunks.length > 0 ? [here, ...groups] : groups
}

/** All chunks together. */
export function wholeGroup(chunks: readonly TableChunk[]): ChunkGroup {
  let row = 0
  return { chunks, firstRows: chunks.map(({ rows }) => (row += rows) - rows) }
}

/** A group of chunks in memory whose rows are numbered by a column behind theirs. */
export interface NumberedGroup {
  readonly source: MemorySource
  release(): void
}

/** Numbers rows as they are scanned; on a cluster, whose workers are sent chunks, all of them before. In steps: see `isOverdue`. */
export function* numberedGroup(ctx: StatementContext, group: ChunkGroup): Steps<NumberedGroup> {
  const id = randomTableId()
  const { engine } = ctx
  if (engine.options.cluster !== undefined) {
    const lease = yield* numberedChunks(ctx, group)
    return { source: { kind: 'memory', id, chunks: lease.chunks }, release: () => lease.release() }
  }
  const pinned = chunksInTurn(engine, group.chunks).all()
  const { firstRows } = group
  const source: MemorySource = { kind: 'memory', id, chunks: pinned.chunks, firstRows }
  return { source, release: () => pinned.release() }
}

/** A relation over a numbered table, with the rows of a group in place of it. */
export function overGroup(
  relation: Relation,
  numbered: TableEntry,
  { source }: NumberedGroup,
): Relation {
  const statistics = { ...numbered.statistics, rows: rowsOf(source.chunks) }
  const table = { ...numbered, source, statistics }
  return rewriteAllRelations(relation, (node) =>
    node.kind === 'scan' && node.table === numbered ? { ...node, table } : node,
  )
}

/** Each with the numbers of its rows as one more column. Held until the lease ends. */
function* numberedChunks(
  { engine }: StatementContext,
  { chunks, firstRows }: ChunkGroup,
): Steps<ChunkLease> {
  const arena = new Arena(engine.heap, 'table')
  const pinned = chunksInTurn(engine, chunks).all()
  const release = (): void => {
    arena.release()
    pinned.release()
  }
  try {
    const numbered: Chunk[] = []
    for (const [at, chunk] of pinned.chunks.entries()) {
      const first = present(firstRows[at], 'the first row of a chunk')
      spend(chunk.rows)
      if (isOverdue()) yield
      const { rows } = chunk
      const columns = [...chunk.columns, numbersFrom(arena, engine.kernels, first, rows)]
      const statistics = chunk.statistics && [...chunk.statistics, statisticsOfNumbers(first, rows)]
      numbered.push({ rows, columns, statistics })
    }
    return new ChunkLease(numbered, release)
  } catch (error) {
    release()
    throw error
  }
}
