import { VIEW_ROWS, viewOfRows } from '../../data/vectors/chunk-views.ts'
import type { Chunk } from '../../data/vectors/vector.ts'

/** Smaller chunks are not cut: their rows are soon stored anew, and tables of many small chunks are slow to read. */
export const CUT_ROWS_MIN = 16_384
/** Fewer rows between those that go are stored anew with them. */
const VIEW_ROWS_MIN = 4_096
/** A chunk that loses rows in more places is stored anew. */
const PLACES_MAX = 8

/** Rows side by side of a chunk that loses some, in its memory. */
export interface PartLeft {
  readonly view: Chunk
  /** By row 1 for those that are left; undefined where all are. */
  readonly bits: Uint8Array | undefined
}

/**
 * A chunk in parts where it loses rows in few places: those between them, all of whose rows are left, and those around them;
 * else the whole of it. `bits`: a bit a row, 1 for those that are left.
 */
export function partsLeft(of: Chunk, bits: Uint8Array): readonly PartLeft[] {
  const { rows } = of
  const ranges = rangesLost(rows, bits)
  const lost = ranges.reduce((sum, { from, to }) => sum + to - from, 0)
  // What is left must be worth the memory of all.
  if (ranges.length > PLACES_MAX || rows - lost < rows / 2) return [{ view: of, bits }]
  const parts: PartLeft[] = []
  let next = 0
  for (const { from, to } of ranges) {
    if (from > next) parts.push({ view: viewOfRows(of, next, from), bits: undefined })
    const own = bits.subarray(from / 8, (to + 7) >> 3)
    parts.push({ view: viewOfRows(of, from, to), bits: own })
    next = to
  }
  if (next < rows) parts.push({ view: viewOfRows(of, next, rows), bits: undefined })
  return parts
}

interface RowRange {
  readonly from: number
  readonly to: number
}

/** Where rows are lost, from the beginning of a view up to that of another, those near to each other as one. */
function rangesLost(rows: number, bits: Uint8Array): readonly RowRange[] {
  const ranges: { from: number; to: number }[] = []
  for (let from = 0; from < rows; from += VIEW_ROWS) {
    const to = Math.min(from + VIEW_ROWS, rows)
    if (!loses(bits, from, to)) continue
    const last = ranges.at(-1)
    if (last !== undefined && from - last.to < VIEW_ROWS_MIN) last.to = to
    else ranges.push({ from: from < VIEW_ROWS_MIN ? 0 : from, to })
  }
  const last = ranges.at(-1)
  if (last !== undefined && rows - last.to < VIEW_ROWS_MIN) last.to = rows
  return ranges
}

function loses(bits: Uint8Array, from: number, to: number): boolean {
  const whole = to >> 3
  for (let byte = from >> 3; byte < whole; byte++) if (bits[byte] !== 0xff) return true
  const behind = to & 7
  return behind > 0 && bits[whole] !== (1 << behind) - 1
}
