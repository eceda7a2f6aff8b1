import { assert, present } from '../../base/assert.ts'
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
import { numbersFrom } from '../../wasm/kernels/row-numbers.ts'
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
  /** The table's that it is. */
  readonly of: TableChunk
  readonly chunk: TableChunk
  /** What they say of the scan's columns. */
  readonly known: Map<ColumnId, ValueRange>
}

/** What a scan reads of a chunk of a table. */
interface Scanned {
  readonly chunk: TableChunk
  readonly of: TableChunk
  /** The row of it that comes first. */
  readonly from: number
}

/**
 * What a scan reads of chunks of a table, their columns in the scan's order: nothing where a chunk's statistics
 * rule its conditions out; of a chunk whose rows ascend by a column that they ask for, only the rows between
 * the first and the last that may meet them, found by halving. What has to be copied is in `arena`, and so are numbers
 * of rows. A kept chunk stays one, unless few of them are left and few rows of it are wanted. Errors: what reading it gives.
 */
export function scannedChunks(
  arena: Arena,
  kernels: Kernels,
  scan: PhysicalScan,
  chunks: readonly TableChunk[],
): readonly TableChunk[] {
  const { source, columns } = scan.table
  const isNumbered = source.kind === 'memory' && source.firstRows !== undefined
  const at = isNumbered ? scan.sourceColumns.indexOf(columns.length - 1) : -1
  if (!isNumbered || at < 0) {
    return scannedOf(arena, kernels, scan, chunks).map(({ chunk }) => chunk)
  }
  const firstRows = new Map(source.chunks.map((chunk, index) => [chunk, source.firstRows?.[index]]))
  const without = {
    ...scan,
    columns: scan.columns.toSpliced(at, 1),
    sourceColumns: scan.sourceColumns.toSpliced(at, 1),
  }
  return scannedOf(arena, kernels, without, chunks).map(({ chunk, of, from }) => {
    assert(!isKept(chunk), 'numbered rows that are kept')
    const first = present(firstRows.get(of), 'a first row') + from
    const numbers = numbersFrom(arena, kernels, first, chunk.rows)
    return { ...chunk, columns: chunk.columns.toSpliced(at, 0, numbers), statistics: undefined }
  })
}

function scannedOf(
  arena: Arena,
  kernels: Kernels,
  scan: PhysicalScan,
  chunks: readonly TableChunk[],
): readonly Scanned[] {
  const asked = chunks.flatMap((chunk) => askedOf(scan, chunk) ?? [])
  if (scan.filters.length === 0) return asked.map(asItIs)
  const kept = asked.reduce((count, { chunk }) => (isKept(chunk) ? count + 1 : count), 0)
  const reader = new KeptReader({ heap: arena.heap, kernels })
  try {
    return asked.flatMap((one): readonly Scanned[] => {
      const { chunk } = one
      if (chunk.statistics === undefined) return [asItIs(one)]
      if (!isKept(chunk)) return halvedChunk(arena, scan, { ...one, chunk })
      const isHalved = kept <= HALVED_KEPT_MAX && keptBytes(chunk) <= HALVED_KEPT_BYTES_MAX
      return isHalved ? halvedKept(arena, reader, scan, { ...one, chunk }) : [asItIs(one)]
    })
  } finally {
    reader.close()
  }
}

function asItIs({ chunk, of }: Asked): Scanned {
  return { chunk, of, from: 0 }
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
function askedOf(scan: PhysicalScan, of: TableChunk): Asked | undefined {
  const chunk = pickedColumns(scan, of)
  const known = new Map<ColumnId, ValueRange>()
  const { statistics } = chunk
  if (statistics === undefined || scan.filters.length === 0) return { of, chunk, known }
  scan.columns.forEach(({ id, type }, at) => {
    const of = statistics[at]
    const nullable = mayHaveNulls(chunk, at)
    if (of !== undefined) known.set(id, rangeOfStatistics(of, { type, nullable }))
  })
  return mayAllBeTrue(scan.filters, (id) => known.get(id)) ? { of, chunk, known } : undefined
}

function halvedChunk(
  arena: Arena,
  scan: PhysicalScan,
  asked: Asked & { readonly chunk: Chunk },
): readonly Scanned[] {
  const { chunk, of } = asked
  const { from, to } = matchingRows(arena.heap, scan, asked, (at) =>
    present(chunk.columns[at], 'column of a scan'),
  )
  if (from >= to) return []
  const first = to - from <= COPIED_ROWS_MAX ? from : 0
  const { statistics } = chunk
  const rows = chunkRows(arena, chunk, first, to - first)
  return [{ chunk: { ...rows, statistics }, of, from: first }]
}

/** Reads the columns that are halved, and the others only when few rows are left. */
function halvedKept(
  arena: Arena,
  reader: KeptReader,
  scan: PhysicalScan,
  asked: Asked & { readonly chunk: KeptChunk },
): readonly Scanned[] {
  const { chunk, of } = asked
  const pins: ChunkLease[] = []
  try {
    const { from, to } = matchingRows(arena.heap, scan, asked, (at) => {
      const pin = reader.pin(onlyColumn(chunk, at))
      pins.push(pin)
      return present(pin.chunks[0]?.columns[0], 'column of a pinned chunk')
    })
    if (from >= to) return []
    if (to - from > COPIED_ROWS_MAX || to - from === chunk.rows) return [asItIs(asked)]
    const { statistics } = chunk
    const rows = chunkRows(arena, reader.pinIn(arena, chunk), from, to - from)
    return [{ chunk: { ...rows, statistics }, of, from }]
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
