import { present } from '../../base/assert.ts'
import type { Steps } from '../../base/steps.ts'
import { isOverdue, spend } from '../../base/budget.ts'
import { Arena } from '../../data/arenas/arena.ts'
import { isKept, keptBytes, type TableChunk } from '../../data/chunks/table-chunk.ts'
import { int8 } from '../../data/types/data-type.ts'
import { ChunkLease } from '../../data/vectors/chunk-lease.ts'
import { NO_ADDRESS, type Chunk, type Vector } from '../../data/vectors/vector.ts'
import { rowNumberField } from '../../plan/binder/changes/change.ts'
import type { TableEntry } from '../../plan/catalog/catalog.ts'
import { chunksInTurn } from '../../storage/kept-reader.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { randomTableId } from '../catalog/table-id.ts'
import type { MemoryTable } from './memory-tables.ts'

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

/** A group of chunks in memory, each with the numbers of its rows as one more column. Held until the lease ends. */
export function* numberedChunks(
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
      const columns = [...chunk.columns, numbersFrom(arena, first, chunk.rows)]
      const statistics = chunk.statistics && [
        ...chunk.statistics,
        {
          min: BigInt(first),
          max: BigInt(first + chunk.rows - 1),
          nullCount: 0,
          distinct: chunk.rows,
          ascending: true,
        },
      ]
      numbered.push({ rows: chunk.rows, columns, statistics })
    }
    return new ChunkLease(numbered, release)
  } catch (error) {
    release()
    throw error
  }
}

/** Numbers one after another, as values of an int8 column. */
function numbersFrom(arena: Arena, first: number, rows: number): Vector {
  const isWide = first + rows > 2 ** 31
  const values = arena.allocate((isWide ? 8 : 4) * rows)
  const { u32 } = arena.heap
  const words = values >>> 2
  if (isWide) {
    for (let row = 0; row < rows; row++) {
      u32[words + 2 * row] = (first + row) >>> 0
      u32[words + 2 * row + 1] = Math.floor((first + row) / 2 ** 32)
    }
  } else for (let row = 0; row < rows; row++) u32[words + row] = first + row
  return {
    type: int8,
    layout: isWide ? 'i64' : 'i32',
    length: rows,
    validity: NO_ADDRESS,
    values,
    offsets: NO_ADDRESS,
    dictionary: undefined,
  }
}
