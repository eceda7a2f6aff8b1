import { present } from '../../base/assert.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import { chunkRows } from '../../data/vectors/chunk-rows.ts'
import { scalarAt } from '../../data/vectors/to-scalars.ts'
import { NO_ADDRESS, type Chunk } from '../../data/vectors/vector.ts'
import { mayAllBeTrue, rangeOfStatistics, type ValueRange } from '../../io/scan/prune.ts'
import type { ColumnId } from '../../plan/logical/expression.ts'
import { columnsUsed } from '../../plan/logical/walk.ts'
import type { PhysicalScan } from '../../plan/physical/plan.ts'

/** Rows of a chunk, from the first up to the second exclusive. */
interface RowRange {
  readonly from: number
  readonly to: number
}

/** In chunks of no more rows nobody looks for where they begin. */
const SEARCHED_ROWS_MIN = 256
/** So many rows are copied at most, so that those before them need not be read. */
const COPIED_ROWS_MAX = 4_096

/**
 * What a scan reads of a chunk of a table in memory, its columns in the scan's order: nothing where the chunk's
 * statistics rule its conditions out; of a chunk whose rows ascend by a column that they ask for, only the rows
 * between the first and the last that may meet them, found by halving. What has to be copied is in `arena`.
 */
export function scannedChunk(arena: Arena, scan: PhysicalScan, chunk: Chunk): Chunk | undefined {
  const { statistics } = chunk
  const pick = <T>(from: readonly T[]): readonly T[] =>
    scan.sourceColumns.map((at) => present(from[at], 'column of a chunk'))
  const picked: Chunk = {
    rows: chunk.rows,
    columns: pick(chunk.columns),
    statistics: statistics && pick(statistics),
  }
  if (picked.statistics === undefined || scan.filters.length === 0) return picked
  const { from, to } = matchingRows(arena.heap, scan, picked)
  if (from >= to) return undefined
  const first = to - from <= COPIED_ROWS_MAX ? from : 0
  return { ...chunkRows(arena, picked, first, to - first), statistics: picked.statistics }
}

/** The rows that may meet a scan's conditions; none where all conditions together rule all out. */
function matchingRows(heap: Heap, scan: PhysicalScan, chunk: Chunk): RowRange {
  const { rows, columns } = chunk
  const known = new Map<ColumnId, ValueRange>()
  scan.columns.forEach(({ id, type }, at) => {
    const { statistics } = chunk
    const nullable = columns[at]?.validity !== NO_ADDRESS
    const of = statistics?.[at]
    if (of !== undefined) known.set(id, rangeOfStatistics(of, { type, nullable }))
  })
  const mayMatch = (): boolean => mayAllBeTrue(scan.filters, (id) => known.get(id))
  if (!mayMatch()) return { from: 0, to: 0 }
  let range: RowRange = { from: 0, to: rows }
  if (rows < SEARCHED_ROWS_MIN) return range
  const asked = new Set(scan.filters.flatMap((filter) => [...columnsUsed(filter)]))
  scan.columns.forEach(({ id, type }, at) => {
    const vector = present(columns[at], 'column of a scan')
    const whole = known.get(id)
    const ascends = chunk.statistics?.[at]?.ascending === true && vector.validity === NO_ADDRESS
    if (!ascends || !asked.has(id) || whole === undefined) return
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
