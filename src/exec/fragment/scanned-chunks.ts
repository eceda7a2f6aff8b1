import { present } from '../../base/assert.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import {
  isKept,
  keptBytes,
  mayHaveNulls,
  type KeptChunk,
  type TableChunk,
} from '../../data/chunks/table-chunk.ts'
import type { ChunkLease } from '../../data/vectors/chunk-lease.ts'
import { chunkRows } from '../../data/vectors/chunk-rows.ts'
import { scalarAt } from '../../data/vectors/to-scalars.ts'
import type { Chunk, Vector } from '../../data/vectors/vector.ts'
import { mayAllBeTrue, rangeOfStatistics, type ValueRange } from '../../io/scan/prune.ts'
import type { ColumnId } from '../../plan/logical/expression.ts'
import { columnsUsed } from '../../plan/logical/walk.ts'
import type { PhysicalScan } from '../../plan/physical/plan.ts'
import { KeptReader } from '../../storage/kept-reader.ts'
import type { Kernels } from '../../wasm/kernels/loader.ts'

/** Rows of a chunk, from the first up to the second exclusive. */
interface RowRange {
  readonly from: number
  readonly to: number
}

/** In chunks of no more rows nobody looks for where they begin. */
const SEARCHED_ROWS_MIN = 256
/** So many rows are copied at most, so that those before them need not be read. */
const COPIED_ROWS_MAX = 4_096

/** Where more kept chunks may have rows, threads look through them: to halve one is to read its column. */
const HALVED_KEPT_MAX = 4
/** The same of one whose columns take more. */
const HALVED_KEPT_BYTES_MAX = 16_777_216

/** A chunk, its columns in a scan's order, that its statistics do not rule out. */
interface Asked {
  readonly chunk: TableChunk
  /** What they say of the scan's columns. */
  readonly known: Map<ColumnId, ValueRange>
}

/**
 * What a scan reads of chunks of a table, their columns in the scan's order: nothing where a chunk's statistics
 * rule its conditions out; of a chunk whose rows ascend by a column that they ask for, only the rows between
 * the first and the last that may meet them, found by halving. What has to be copied is in `arena`. A kept
 * chunk stays one, unless few of them are left and few rows of it are wanted. Errors: what reading it gives.
 */
export function scannedChunks(
  arena: Arena,
  kernels: Kernels,
  scan: PhysicalScan,
  chunks: readonly TableChunk[],
): readonly TableChunk[] {
  const asked = chunks.flatMap((chunk) => askedOf(scan, pickedColumns(scan, chunk)) ?? [])
  if (scan.filters.length === 0) return asked.map(({ chunk }) => chunk)
  const kept = asked.reduce((count, { chunk }) => (isKept(chunk) ? count + 1 : count), 0)
  const reader = new KeptReader({ heap: arena.heap, kernels })
  try {
    return asked.flatMap(({ chunk, known }): readonly TableChunk[] => {
      if (chunk.statistics === undefined) return [chunk]
      if (!isKept(chunk)) return halvedChunk(arena, scan, chunk, known)
      const isHalved = kept <= HALVED_KEPT_MAX && keptBytes(chunk) <= HALVED_KEPT_BYTES_MAX
      return isHalved ? halvedKept(arena, reader, scan, chunk, known) : [chunk]
    })
  } finally {
    reader.close()
  }
}

function pickedColumns({ sourceColumns }: PhysicalScan, chunk: TableChunk): TableChunk {
  const { rows } = chunk
  const pick = <T>(from: readonly T[]): readonly T[] =>
    sourceColumns.map((at) => present(from[at], 'column of a chunk'))
  const statistics = chunk.statistics && pick(chunk.statistics)
  if (!isKept(chunk)) return { rows, columns: pick(chunk.columns), statistics }
  const { kept } = chunk
  return { rows, statistics, kept: { ...kept, columns: pick(kept.columns) } }
}

/** Undefined where all conditions together rule all rows out. */
function askedOf(scan: PhysicalScan, chunk: TableChunk): Asked | undefined {
  const known = new Map<ColumnId, ValueRange>()
  const { statistics } = chunk
  if (statistics === undefined || scan.filters.length === 0) return { chunk, known }
  scan.columns.forEach(({ id, type }, at) => {
    const of = statistics[at]
    const nullable = mayHaveNulls(chunk, at)
    if (of !== undefined) known.set(id, rangeOfStatistics(of, { type, nullable }))
  })
  return mayAllBeTrue(scan.filters, (id) => known.get(id)) ? { chunk, known } : undefined
}

function halvedChunk(
  arena: Arena,
  scan: PhysicalScan,
  chunk: Chunk,
  known: Asked['known'],
): readonly Chunk[] {
  const { from, to } = matchingRows(arena.heap, scan, { chunk, known }, (at) =>
    present(chunk.columns[at], 'column of a scan'),
  )
  if (from >= to) return []
  const first = to - from <= COPIED_ROWS_MAX ? from : 0
  const { statistics } = chunk
  return [{ ...chunkRows(arena, chunk, first, to - first), statistics }]
}

/** Reads the columns that are halved, and the others only when few rows are left. */
function halvedKept(
  arena: Arena,
  reader: KeptReader,
  scan: PhysicalScan,
  chunk: KeptChunk,
  known: Asked['known'],
): readonly TableChunk[] {
  const pins: ChunkLease[] = []
  try {
    const { from, to } = matchingRows(arena.heap, scan, { chunk, known }, (at) => {
      const pin = reader.pin(onlyColumn(chunk, at))
      pins.push(pin)
      return present(pin.chunks[0]?.columns[0], 'column of a pinned chunk')
    })
    if (from >= to) return []
    if (to - from > COPIED_ROWS_MAX || to - from === chunk.rows) return [chunk]
    const { statistics } = chunk
    return [{ ...chunkRows(arena, reader.pinIn(arena, chunk), from, to - from), statistics }]
  } finally {
    for (const pin of pins) pin.release()
  }
}

function onlyColumn({ rows, kept }: KeptChunk, at: number): KeptChunk {
  const column = present(kept.columns[at], 'column of a scan')
  return { rows, statistics: undefined, kept: { ...kept, columns: [column] } }
}

/** The rows that may meet a scan's conditions, of a chunk that may have some. */
function matchingRows(
  heap: Heap,
  scan: PhysicalScan,
  { chunk, known }: Asked,
  vectorAt: (at: number) => Vector,
): RowRange {
  const mayMatch = (): boolean => mayAllBeTrue(scan.filters, (id) => known.get(id))
  let range: RowRange = { from: 0, to: chunk.rows }
  if (chunk.rows < SEARCHED_ROWS_MIN) return range
  const asked = new Set(scan.filters.flatMap((filter) => [...columnsUsed(filter)]))
  scan.columns.forEach(({ id, type }, at) => {
    const whole = known.get(id)
    const ascends = chunk.statistics?.[at]?.ascending === true && !mayHaveNulls(chunk, at)
    if (!ascends || !asked.has(id) || whole === undefined) return
    const vector = vectorAt(at)
    range = narrowed(range, (from, to) => {
      const [min, max] = [scalarAt(heap, vector, from), scalarAt(heap, vector, to - 1)]
      known.set(id, { type, min, max, mayBeNull: false, mayBeValue: true })
      return mayMatch()
    })
    known.set(id, whole)
  })
  return range
}

/**
 * Leaves out the longest beginning and the longest end that hold nothing. `mayHold`: whether some row of a
 * range may match; where it may, it may of every range around it.
 */
function narrowed(
  { from, to }: RowRange,
  mayHold: (from: number, to: number) => boolean,
): RowRange {
  let [low, high] = [from, to]
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if (mayHold(from, middle)) high = middle - 1
    else low = middle
  }
  const first = low
  ;[low, high] = [first, to]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (mayHold(middle, to)) low = middle + 1
    else high = middle
  }
  return { from: first, to: low }
}
