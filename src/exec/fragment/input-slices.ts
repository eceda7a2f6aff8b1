import type { Pipeline } from '../../compile/model/pipeline.ts'
import { rowsOfSeries } from '../../plan/physical/series.ts'
import type { JobInput } from '../jobs/jobs.ts'
import { isLimited } from './ordered-output.ts'

/** What a slice is to give, in bytes, as far as the one before tells; of a small memory less, as two are there at once. */
const SLICE_BYTES_MAX = 8_388_608
const SLICE_PART_MAX = 1 / 32
/** A slice is so many times the one before, at most: what rows give may change. */
const SLICE_GROWTH_MAX = 4

/** Rows of a series that are a piece of it. */
const SERIES_PIECE_ROWS = 262_144

/** An input that can be taken in slices: tables' chunks, parts of files, pieces of a series. */
type SlicedInput = Extract<JobInput, { readonly kind: 'chunks' | 'units' | 'series' }>

/** Whether a pipeline gives output of each row of its input, in no other order than theirs. */
export function isGivenInSlices(
  { sink, source, ...pipeline }: Pipeline,
  input: JobInput,
): input is SlicedInput {
  if (sink.kind !== 'output' || sink.partitions !== 1 || source.kind !== 'chunks') return false
  if (isLimited({ sink, source, ...pipeline })) return false
  if (input.kind === 'chunks' || input.kind === 'units') return true
  if (input.kind !== 'series') return false
  const { series, columns } = input.series
  return series.kind === 'integers' && columns.every(({ holds }) => holds === 'values')
}

/** An input slice by slice, in its order, each of as many rows as are thought to give enough. */
export class InputSlices {
  readonly #input: SlicedInput
  readonly #pieces: Pieces
  #at = 0
  #rowsWanted: number
  #rowsTaken = 0

  readonly #bytesWanted: number

  /** In a memory of so many bytes. */
  constructor(input: SlicedInput, firstRows: number, memoryBytes: number) {
    this.#bytesWanted = Math.min(SLICE_BYTES_MAX, memoryBytes * SLICE_PART_MAX)
    this.#input = input
    this.#pieces = piecesOf(input)
    this.#rowsWanted = firstRows
  }

  get isOver(): boolean {
    return this.#at >= this.#pieces.length
  }

  /** The next slice: at least one piece. */
  next(): SlicedInput {
    const from = this.#at
    this.#rowsTaken = 0
    do this.#rowsTaken += this.#pieces.rows(this.#at++)
    while (this.#at < this.#pieces.length && this.#rowsTaken < this.#rowsWanted)
    return sliceOf(this.#input, from, this.#at)
  }

  /** So many bytes came of the last slice. */
  gave(bytes: number): void {
    const rows = (this.#rowsTaken * this.#bytesWanted) / Math.max(bytes, 1)
    this.#rowsWanted = Math.min(rows, this.#rowsTaken * SLICE_GROWTH_MAX)
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
  }
}

function sliceOf(input: SlicedInput, from: number, to: number): SlicedInput {
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
  }
}
