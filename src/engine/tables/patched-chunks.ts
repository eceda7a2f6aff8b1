import { present } from '../../base/assert.ts'
import { isOverdue, spend } from '../../base/budget.ts'
import type { Steps } from '../../base/steps.ts'
import { Arena } from '../../data/arenas/arena.ts'
import { isWorkingMemoryFull } from '../../data/arenas/heap.ts'
import { isKept, type TableChunk } from '../../data/chunks/table-chunk.ts'
import { chunksBytes } from '../../data/vectors/chunk-bytes.ts'
import type { Chunk } from '../../data/vectors/vector.ts'
import type { Patch, PatchedColumn, PatchRoom } from '../../wasm/kernels/patch.ts'
import { patchedColumn } from '../../wasm/kernels/patched-column.ts'
import { gatherStatistics } from '../../wasm/kernels/statistics.ts'
import { chunkTextBytesMax } from '../../wasm/kernels/table-builder.ts'
import type { ColumnHome } from '../catalog/catalog-memory.ts'
import type { StatementContext } from '../context/statement-context.ts'
import type { MemoryTable, StoredRows } from './memory-tables.ts'
import { keysOver } from './replaced-rows.ts'
import { allNumbersOf, NOWHERE, Places, type Located } from './row-marks.ts'

/** Of more rows it is not kept in mind where each of them goes. */
const PATCHED_ROWS_MAX = 4_194_304

/** A column of a table that is assigned to, and the one of the stored rows that has its values. */
export interface AssignedColumn {
  readonly column: number
  readonly from: number
}

/**
 * Whether rows of a table may be changed in their place: keys that are assigned to are checked against the rows that are left,
 * and then these are made; what is kept in files is stored anew.
 */
export function mayPatch(table: MemoryTable, assigned: ReadonlySet<number>): boolean {
  return keysOver(table, assigned).length === 0 && !table.source.chunks.some(isKept)
}

/** Rows of one chunk of stored rows, and where in a chunk of the table each belongs. */
interface Hits {
  readonly stored: Chunk
  readonly from: Uint32Array
  readonly to: Uint32Array
}

/**
 * By chunk of a table in which rows are assigned to, the chunk that comes in its place: other columns stay where they are,
 * and every row in its place. `stored`: each row once, its number first; less than 0: one that is nowhere yet. Undefined where there is no room for it, or more
 * rows than are looked at so; nothing is held then. In steps: see `isOverdue`.
 */
export function* patchSteps(
  ctx: StatementContext,
  table: MemoryTable,
  { chunks, rows }: Pick<StoredRows, 'chunks' | 'rows'>,
  columns: readonly AssignedColumn[],
): Steps<ReadonlyMap<TableChunk, readonly TableChunk[]> | undefined> {
  const here = chunks.filter((chunk): chunk is Chunk => !isKept(chunk))
  if (here.length < chunks.length || rows > PATCHED_ROWS_MAX) return undefined
  const hits = yield* hitSteps(ctx, table, here)
  if (!hasRoom(ctx, [...hits.keys()], columns)) return undefined
  const replaced = new Map<TableChunk, readonly TableChunk[]>()
  for (const [chunk, own] of hits) {
    spend(chunk.rows * columns.length)
    if (isOverdue()) yield
    const patched = patchedChunk(ctx, chunk, own, columns)
    if (patched === undefined) return undefined
    replaced.set(chunk, [patched])
  }
  return replaced
}

/** Where in which chunk of the table each stored row belongs. */
function* hitSteps(
  { heap }: StatementContext,
  { source }: MemoryTable,
  chunks: readonly Chunk[],
): Steps<ReadonlyMap<Chunk, readonly Hits[]>> {
  const places = new Places(source.chunks)
  const hits = new Map<Chunk, Hits[]>()
  for (const stored of chunks) {
    spend(stored.rows)
    if (isOverdue()) yield
    const numbers = allNumbersOf(heap, present(stored.columns[0], 'numbers of rows'))
    const runs = isAscending(numbers)
      ? runsInOrder(places, numbers)
      : runsOf(places.locate(numbers), source.chunks.length)
    for (const [index, run] of runs) {
      const chunk = present(source.chunks[index], 'a chunk of a table') as Chunk
      const all = hits.get(chunk) ?? []
      hits.set(chunk, [...all, { stored, ...run }])
    }
  }
  return hits
}

/** Whether rows are some of the table's, in its order: as most queries give them. */
function isAscending(numbers: Int32Array | Float64Array): boolean {
  let before = -1
  for (let at = 0; at < numbers.length; at++) {
    const number = numbers[at]!
    if (number <= before) return false
    before = number
  }
  return true
}

type Run = readonly [chunk: number, Pick<Hits, 'from' | 'to'>]

/** Rows that ascend by the chunk that each belongs to. */
function* runsInOrder(places: Places, numbers: Int32Array | Float64Array): Generator<Run> {
  for (let at = 0; at < numbers.length;) {
    const { chunk, first, end } = places.around(numbers[at]!)
    const begin = at
    while (at < numbers.length && numbers[at]! < end) at++
    const [from, to] = [new Uint32Array(at - begin), new Uint32Array(at - begin)]
    for (let own = 0; own < to.length; own++) {
      from[own] = begin + own
      to[own] = numbers[begin + own]! - first
    }
    yield [chunk, { from, to }]
  }
}

/** Rows by the chunk that each belongs to: sorted by counting. */
function* runsOf({ chunkOf, rowOf }: Located, chunks: number): Generator<Run> {
  const ends = new Uint32Array(chunks)
  for (let at = 0; at < chunkOf.length; at++) if (chunkOf[at] !== NOWHERE) ends[chunkOf[at]!]!++
  let sum = 0
  for (let chunk = 0; chunk < chunks; chunk++) {
    const count = ends[chunk]!
    ends[chunk] = sum
    sum += count
  }
  const [from, to] = [new Uint32Array(sum), new Uint32Array(sum)]
  for (let at = 0; at < chunkOf.length; at++) {
    if (chunkOf[at] === NOWHERE) continue
    const place = ends[chunkOf[at]!]!++
    from[place] = at
    to[place] = rowOf[at]!
  }
  let begin = 0
  for (let chunk = 0; chunk < chunks; chunk++) {
    const end = ends[chunk]!
    if (end > begin) yield [chunk, { from: from.subarray(begin, end), to: to.subarray(begin, end) }]
    begin = end
  }
}

function hasRoom(
  { engine }: StatementContext,
  chunks: readonly Chunk[],
  columns: readonly AssignedColumn[],
): boolean {
  const assigned = chunks.map((chunk): Chunk => ({
    ...chunk,
    columns: columns.map(({ column }) => present(chunk.columns[column], 'a column of a chunk')),
  }))
  return engine.tableRoom.hasFor(chunksBytes(engine.heap, assigned))
}

/** Held by the statement; undefined where there is no room for it. */
function patchedChunk(
  { engine, leases }: StatementContext,
  chunk: Chunk,
  hits: readonly Hits[],
  columns: readonly AssignedColumn[],
): Chunk | undefined {
  const { heap, kernels, catalog } = engine
  const [arena, scratch] = [new Arena(heap, 'table'), new Arena(heap)]
  const room = { arena, scratch, kernels, textBytesMax: chunkTextBytesMax(heap) }
  try {
    const patched = patchedColumns(room, chunk, hits, columns)
    if (patched === undefined) {
      arena.release()
      return undefined
    }
    const vectors = patched.map(({ vector }) => vector)
    const own: Chunk = {
      rows: chunk.rows,
      columns: vectors,
      statistics: vectors.map((vector) => gatherStatistics(heap, kernels, vector)),
    }
    leases.add(catalog.bring({ arena, chunks: [own] }))
    const made = withColumns(chunk, own, columns)
    catalog.share(made, homesOf(chunk, own, { columns, patched }))
    return made
  } catch (error) {
    arena.release()
    if (isWorkingMemoryFull(error)) return undefined
    throw error
  } finally {
    scratch.release()
  }
}

function patchedColumns(
  room: PatchRoom,
  chunk: Chunk,
  hits: readonly Hits[],
  columns: readonly AssignedColumn[],
): readonly PatchedColumn[] | undefined {
  const patched: PatchedColumn[] = []
  for (const { column, from } of columns) {
    const patches = hits.map((own): Patch => {
      const vector = present(own.stored.columns[from], 'a column of stored rows')
      return { vector, from: own.from, to: own.to }
    })
    const base = present(chunk.columns[column], 'a column of a chunk')
    const made = patchedColumn(room, base, patches)
    if (made === undefined) return undefined
    patched.push(made)
  }
  return patched
}

/** A chunk with other columns in the place of some. */
function withColumns(chunk: Chunk, own: Chunk, columns: readonly AssignedColumn[]): Chunk {
  const vectors = [...chunk.columns]
  const statistics = chunk.statistics && [...chunk.statistics]
  for (const [at, { column }] of columns.entries()) {
    vectors[column] = present(own.columns[at], 'a patched column')
    const known = present(own.statistics?.[at], 'statistics of a patched column')
    if (statistics !== undefined) statistics[column] = known
  }
  return { rows: chunk.rows, columns: vectors, statistics }
}

function homesOf(
  of: Chunk,
  own: Chunk,
  {
    columns,
    patched,
  }: { readonly columns: readonly AssignedColumn[]; readonly patched: readonly PatchedColumn[] },
): readonly ColumnHome[] {
  const homes = of.columns.map((_, column): ColumnHome => ({ of, column }))
  for (const [at, { column }] of columns.entries()) {
    const home = { of: own, column: at }
    const shares = patched[at]?.sharesDictionary === true
    homes[column] = shares ? { ...home, dictionary: { of, column } } : home
  }
  return homes
}
