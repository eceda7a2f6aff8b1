import type { Heap } from '../../data/arenas/heap.ts'
import type { Chunk } from '../../data/vectors/vector.ts'
import type { PipelineJob } from './jobs.ts'

/** Rows are run in pieces that take about so long, so that others come to their turn in between. */
const PIECE_MS = 2
const GROWTH_MAX = 4
/** What a piece may take of its fixed costs: of many call-outs, more than the rows cost. */
const FIXED_SHARES = 3
/** Two pieces tell about fixed costs when one has so many times the rows of the other. */
const COMPARED_ROWS_MIN = 1.25

/** How many rows to run at once, by how long the last ones took. */
export class Pace {
  #rows: number
  readonly #rowsMax: number
  /** What a piece takes however few rows it has, as far as it is known. */
  #fixedMs = 0
  #before: { readonly rows: number; readonly ms: number } | undefined

  /** Begins with `rows`: what a row costs is not known yet. */
  constructor(rows: number, rowsMax: number) {
    this.#rowsMax = Math.max(1, rowsMax)
    this.#rows = Math.max(1, Math.min(Math.floor(rows), this.#rowsMax))
  }

  /** Rows of the next piece. */
  get rows(): number {
    return this.#rows
  }

  /** A piece of so many rows took so long. Fewer rows than asked for say little about more. */
  took(rows: number, ms: number): void {
    this.#compare(rows, ms)
    const fixed = Math.min(this.#fixedMs, ms)
    const wanted = Math.max(PIECE_MS, FIXED_SHARES * fixed) - fixed
    const growth = ms <= fixed ? GROWTH_MAX : Math.min(GROWTH_MAX, wanted / (ms - fixed))
    const next = Math.floor(rows * growth)
    if (next < this.#rows && growth >= 1) return
    this.#rows = Math.max(1, Math.min(next, this.#rowsMax))
  }

  /** Where fewer rows take hardly less, it is not the rows that take long. */
  #compare(rows: number, ms: number): void {
    const before = this.#before
    if (before !== undefined) {
      const ratio = rows / before.rows
      if (ratio < COMPARED_ROWS_MIN && 1 / ratio < COMPARED_ROWS_MIN) return
      const rowMs = Math.max(0, (ms - before.ms) / (rows - before.rows))
      this.#fixedMs = Math.max(0, Math.min(ms, before.ms, ms - rowMs * rows))
    }
    this.#before = { rows, ms }
  }
}

/** Rows to begin with where nothing is known against it. */
const FIRST_ROWS = 2_048
/** Rows of a nested loop's other side that a first piece may meet. */
const FIRST_PAIRS = 262_144
/** A function that is called out may take long for a single row. */
const FIRST_ROWS_CALLED_OUT = 64

/** A row may be compared with very many of its key, none of which it joins. */
const FIRST_ROWS_COMPARED = 16

/** Of a row many more may be made. */
const FIRST_ROWS_REPEATED = 64

/** The pace to begin a pipeline with. */
export function firstPace({ pipeline, breakers, morselRows }: PipelineJob): Pace {
  let rows = FIRST_ROWS
  let pairs = 1
  for (const step of pipeline.steps) {
    if (step.kind === 'call-out') rows = Math.min(rows, FIRST_ROWS_CALLED_OUT)
    if (step.kind === 'probe' && step.residual !== undefined) {
      rows = Math.min(rows, FIRST_ROWS_COMPARED)
    }
    if (step.kind === 'repeat') rows = Math.min(rows, FIRST_ROWS_REPEATED)
    if (step.kind === 'nested-loop') pairs *= Math.max(1, breakers.get(step.breaker)?.rows ?? 1)
  }
  return new Pace(Math.min(rows, FIRST_PAIRS / pairs), morselRows)
}

/** Bytes of text that a piece may have: functions look at all of them, and some take nanoseconds a byte. */
const PIECE_BYTES_MAX = 8_388_608

/** How many rows of a chunk may be run at once, by how long its texts are. */
export function rowsAtOnce({ u32 }: Heap, { rows, columns }: Chunk): number {
  let bytes = 0
  for (const { layout, offsets, length } of columns) {
    const first = offsets >>> 2
    if (layout === 'utf8') bytes += (u32[first + length] ?? 0) - (u32[first] ?? 0)
  }
  return Math.max(1, Math.floor((rows * PIECE_BYTES_MAX) / Math.max(1, bytes)))
}
