import { present } from '../../base/assert.ts'
import type { BreakerId, Pipeline } from '../../compile/model/pipeline.ts'
import { rowsOfSeries } from '../../plan/physical/series.ts'
import { breakerSize, rowsOfPiece } from '../breakers/table.ts'
import type { BreakerState, JobInput } from '../jobs/jobs.ts'

/** What a slice is to give, in bytes, as far as the one before tells; of a small memory less, as two are there at once. */
const SLICE_BYTES_MAX = 8_388_608
const SLICE_PART_MAX = 1 / 32
/** A slice is so many times the one before, at most: what rows give may change. */
const SLICE_GROWTH_MAX = 4

/** In smaller memories the first slice is of fewer rows, as nothing tells yet how much a row gives. */
const FIRST_ROWS_MEMORY_BYTES = 1_073_741_824

/** Rows of a series that are a piece of it. */
const SERIES_PIECE_ROWS = 262_144

/** Of a breaker of which a piece is more rows, a slice might need memory that is not there once rows were given. */
const BREAKER_PIECE_ROWS_MAX = 524_288

/**
 * The part of the memory that breakers may have whose rows are given in slices: they have it as long as somebody
 * reads, while rows that are made whole can wait in a file.
 */
const BREAKERS_PART_MAX = 1 / 2

/** Tables' chunks, parts of files, pieces of a series. */
type PlainInput = Extract<JobInput, { readonly kind: 'chunks' | 'units' | 'series' }>

/** An input that can be taken in slices: or what a breaker holds. */
type SlicedInput = PlainInput | { readonly kind: 'breaker'; readonly state: BreakerState }

/** What a run has when one of its pipelines begins. */
export interface RunSoFar {
  readonly breakers: ReadonlyMap<BreakerId, BreakerState>
  /** What they and whatever else the run has take. */
  readonly bytesHeld: number
  readonly memoryBytes: number
}

/** The input of a pipeline that gives output of each of its rows, in no other order than theirs; else undefined. */
export function slicedInput(
  { sink, source }: Pipeline,
  input: JobInput,
  { breakers, bytesHeld, memoryBytes }: RunSoFar,
): SlicedInput | undefined {
  if (sink.kind !== 'output' || sink.partitions !== 1) return undefined
  switch (input.kind) {
    case 'chunks':
    case 'units':
      return input
    case 'series': {
      const { series, columns } = input.series
      const isSliced =
        series.kind === 'integers' && columns.every(({ holds }) => holds === 'values')
      return isSliced ? input : undefined
    }
    case 'breaker': {
      if (source.kind === 'chunks' || bytesHeld > memoryBytes * BREAKERS_PART_MAX) return undefined
      const state = present(breakers.get(source.breaker), 'breaker of a source')
      const { pieces } = breakerSize(state)
      for (let piece = 0; piece < pieces; piece++) {
        if (rowsOfPiece(state, piece) > BREAKER_PIECE_ROWS_MAX) return undefined
      }
      return { kind: 'breaker', state }
    }
    case 'values':
      return undefined
  }
}

/**
 * Whether a pipeline that runs once rows were given takes no more memory than a slice of its own: nothing can be
 * begun anew in parts then. What fills a breaker may, and what sorts.
 */
export function needsLittle({ sink, source }: Pipeline): boolean {
  return sink.kind === 'output' && source.kind !== 'sorted'
}

/** Whether output of so many bytes is worth handing on before the rest of it is made. */
export function givesEnough(bytes: number): boolean {
  return bytes >= SLICE_BYTES_MAX / 2
}

/** Inputs slice by slice, in their order, each of as many rows as are thought to give enough. */
export class InputSlices {
  #input: SlicedInput | undefined
  #pieces: Pieces = { length: 0, rows: () => 0 }
  #at = 0
  #rowsWanted: number
  #rowsTaken = 0

  readonly #bytesWanted: number

  /** In a memory of so many bytes. */
  constructor(firstRows: number, memoryBytes: number) {
    this.#bytesWanted = Math.min(SLICE_BYTES_MAX, memoryBytes * SLICE_PART_MAX)
    this.#rowsWanted = firstRows * Math.min(1, memoryBytes / FIRST_ROWS_MEMORY_BYTES)
  }

  /** Goes on with another input. */
  begin(input: SlicedInput): void {
    this.#input = input
    this.#pieces = piecesOf(input)
    this.#at = 0
  }

  get isOver(): boolean {
    return this.#at >= this.#pieces.length
  }

  /** The next slice: at least one piece. */
  next(): JobInput {
    const from = this.#at
    this.#rowsTaken = 0
    do this.#rowsTaken += this.#pieces.rows(this.#at++)
    while (this.#at < this.#pieces.length && this.#rowsTaken < this.#rowsWanted)
    return sliceOf(present(this.#input, 'input'), from, this.#at, this.#rowsTaken)
  }

  /** So many bytes came of the last slice, and what nobody has taken of the one before. Whether they are enough. */
  gave(bytes: number): boolean {
    const rows = (this.#rowsTaken * this.#bytesWanted) / Math.max(bytes, 1)
    this.#rowsWanted = Math.min(rows, this.#rowsTaken * SLICE_GROWTH_MAX)
    return bytes >= this.#bytesWanted / 2
  }

  /** The last slice again, in smaller ones; false where it was a single piece. */
  halve(): boolean {
    let rows = 0
    let at = this.#at
    while (rows < this.#rowsTaken) rows += this.#pieces.rows(--at)
    if (this.#at - at <= 1) return false
    this.#at = at
    this.#rowsWanted = this.#rowsTaken / 2
    return true
  }
}

/** What an input is made of: how many pieces, of how many rows each. */
interface Pieces {
  readonly length: number
  readonly rows: (piece: number) => number
}

function piecesOf(input: SlicedInput): Pieces {
  switch (input.kind) {
    case 'chunks':
      return { length: input.chunks.length, rows: (at) => input.chunks[at]!.rows }
    case 'units':
      return { length: input.units.length, rows: (at) => input.units[at]!.rows }
    case 'series': {
      const length = Math.ceil(input.series.rows / SERIES_PIECE_ROWS)
      return { length, rows: () => SERIES_PIECE_ROWS }
    }
    case 'breaker': {
      const { state } = input
      return { length: breakerSize(state).pieces, rows: (at) => rowsOfPiece(state, at) }
    }
  }
}

function sliceOf(input: SlicedInput, from: number, to: number, rows: number): JobInput {
  switch (input.kind) {
    case 'chunks':
      return { ...input, chunks: input.chunks.slice(from, to) }
    case 'units':
      return { ...input, units: input.units.slice(from, to) }
    case 'series': {
      const rowOf = (piece: number): number =>
        Math.min(piece * SERIES_PIECE_ROWS, input.series.rows)
      return { ...input, series: rowsOfSeries(input.series, rowOf(from), rowOf(to)) }
    }
    case 'breaker':
      return { kind: 'breaker', pieces: { from, to, rows } }
  }
}
