import type { Arena } from '../../data/arenas/arena.ts'
import { NO_ADDRESS, widestLayout, type Chunk, type Vector } from '../../data/vectors/vector.ts'
import { addToTimestamp } from '../../functions/datetime/interval-arithmetic.ts'
import type { Moments } from '../../functions/function.ts'
import { signOf } from '../../functions/tables/series.ts'
import type { SeriesColumn, SeriesRows } from '../../plan/physical/series.ts'
import type { Kernels } from '../../wasm/kernels/loader.ts'

/** Rows that a thread takes at once, and rows of a chunk. */
const PIECE_ROWS = 65_536
const CHUNK_ROWS = 16_384
/** Longer pieces rather than more. */
const PIECES_MAX = 65_536

/** In how many pieces threads write a series: moments are made each of the one before. */
export function seriesPieces({ series, rows }: SeriesRows): number {
  return series.kind === 'moments' ? 1 : Math.ceil(rows / pieceRows(rows))
}

function pieceRows(rows: number): number {
  return Math.max(PIECE_ROWS, Math.ceil(rows / PIECES_MAX))
}

/**
 * The rows of a piece, chunk by chunk, in memory from `arena` that the next chunk takes again. Errors:
 * DATETIME_OVERFLOW.
 */
export function* seriesChunks(
  kernels: Kernels,
  arena: Arena,
  rows: SeriesRows,
  piece: number,
): Generator<Chunk> {
  const writer = new ColumnWriter(kernels, arena, rows.columns)
  const { series } = rows
  if (series.kind === 'moments') return yield* momentChunks(kernels, arena, writer, series)
  const { first, step } = series
  const size = pieceRows(rows.rows)
  const end = Math.min(rows.rows, (piece + 1) * size)
  for (let from = piece * size; from < end; from += CHUNK_ROWS) {
    const count = Math.min(CHUNK_ROWS, end - from)
    writer.writeValues(count, first + BigInt(from) * step, step)
    yield writer.chunk(from, count)
  }
}

function* momentChunks(
  kernels: Kernels,
  arena: Arena,
  writer: ColumnWriter,
  { first, last, step }: Moments,
): Generator<Chunk> {
  const { i64, u32 } = arena.heap
  const state = arena.allocateZeroed(16)
  // Moments are made even where nobody asks for them: how many there are is not known otherwise.
  const values = writer.values ?? arena.allocate(CHUNK_ROWS * 8)
  i64[state >>> 3] = first
  const ended = (state >>> 2) + 2
  const { months, days, micros } = step
  const by = [last, months, days, micros, signOf(step) > 0 ? 1 : 0] as const
  for (let from = 0, end = 0; end === 0; end = u32[ended] ?? 0) {
    const count = kernels.call('seriesMoments', values, CHUNK_ROWS, state, ...by)
    if (count > 0) yield writer.chunk(from, count)
    from += count
    if (u32[ended] === MOMENT_OUT_OF_RANGE) addToTimestamp(i64[state >>> 3] ?? 0n, step)
  }
}

/** What ends a series whose next moment cannot be. */
const MOMENT_OUT_OF_RANGE = 2

/** Writes the columns of a series' chunks, one chunk over the other. */
class ColumnWriter {
  readonly #kernels: Kernels
  readonly #columns: readonly (readonly [SeriesColumn, Vector])[]

  constructor(kernels: Kernels, arena: Arena, columns: readonly SeriesColumn[]) {
    this.#kernels = kernels
    this.#columns = columns.map((column) => {
      const { type } = column
      const vector = {
        type,
        layout: widestLayout(type),
        length: CHUNK_ROWS,
        validity: NO_ADDRESS,
        values: arena.allocate(CHUNK_ROWS * 8),
        offsets: NO_ADDRESS,
        dictionary: undefined,
      }
      return [column, vector]
    })
  }

  /** Where the values are, if they are wanted. */
  get values(): Vector['values'] | undefined {
    return this.#columns.find(([{ holds }]) => holds === 'values')?.[1].values
  }

  /** Writes so many integers that begin with one and are a step apart. */
  writeValues(rows: number, first: bigint, step: bigint): void {
    for (const [{ holds }, vector] of this.#columns) {
      if (holds === 'values') this.#write(vector, rows, first, step)
    }
  }

  /** The columns of so many rows, behind `before` others. */
  chunk(before: number, rows: number): Chunk {
    for (const [{ holds }, vector] of this.#columns) {
      if (holds === 'positions') this.#write(vector, rows, BigInt(before + 1), 1n)
    }
    const columns = this.#columns.map(([, vector]) => ({ ...vector, length: rows }))
    return { rows, columns, statistics: undefined }
  }

  #write({ layout, values }: Vector, rows: number, first: bigint, step: bigint): void {
    this.#kernels.call('seriesIntegers', values, layout === 'i64' ? 1 : 0, rows, first, step)
  }
}
