import { assert } from '../../base/assert.ts'
import type { Steps } from '../../base/steps.ts'
import { Arena } from '../../data/arenas/arena.ts'
import type { KeptChunk } from '../../data/chunks/table-chunk.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import type { Schema } from '../../data/types/schema.ts'
import type { Chunk, ColumnStatistics, Vector } from '../../data/vectors/vector.ts'
import { createColumnBuilder, type ColumnBuilder, type ColumnRoom } from './column-builder.ts'
import type { Kernels } from './loader.ts'
import { mergeStatistics } from './statistics.ts'

/** Rows of a table's chunks: small enough that a column's piece stays in the second-level cache. */
export const TABLE_CHUNK_ROWS = 122_880

/** Bytes of texts, about, of a chunk: of long ones it has fewer rows. */
const CHUNK_TEXT_BYTES_MAX = 33_554_432
/** Of the memory: one chunk can be made, which takes some three times its bytes, and read in a small part of it. */
const CHUNK_TEXT_PART_MAX = 1 / 32

/** How many bytes of texts a chunk of a table in this memory has, about. */
export function chunkTextBytesMax({ bytesMax }: Pick<Heap, 'bytesMax'>): number {
  return Math.min(CHUNK_TEXT_BYTES_MAX, bytesMax * CHUNK_TEXT_PART_MAX)
}

/** What a table's rows became. */
export interface BuiltTable<K extends KeptChunk = never> {
  readonly rows: number
  readonly chunks: readonly (Chunk | K)[]
  /** One entry a column, over all chunks. */
  readonly statistics: readonly ColumnStatistics[]
}

/**
 * Puts pieces of any size together into table chunks: 122880 rows each but the last (fewer of long texts), with
 * statistics, integer-like columns in the narrowest layout that holds the chunk's values (never
 * narrower than in the chunk before, so that few layouts occur), and text of few distinct values as
 * codes into one dictionary that all chunks of the table share.
 */
export interface TableBuilder<K extends KeptChunk = never> {
  /** Copies the rows of a chunk, in steps; its memory may be reused afterwards. */
  append(chunk: Chunk): Steps<void>
  /** Everything appended, in memory of the arena, in steps. The builder cannot be used afterwards. */
  finish(): Steps<BuiltTable<K>>
  /** Gives the working memory back when the table is not wanted any more. */
  cancel(): void
}

/** Keeps a chunk that was made elsewhere than in memory, in steps; undefined: it stays where it is. */
export type KeepChunk<K extends KeptChunk> = (chunk: Chunk) => Steps<K | undefined>

/** A builder of a table of at most `rowsMax` rows whose chunks lie in `arena`, but those that `keep` takes. */
export function createTableBuilder<K extends KeptChunk = never>(
  arena: Arena,
  kernels: Kernels,
  schema: Schema,
  rowsMax: number,
  keep?: KeepChunk<K>,
): TableBuilder<K> {
  const textBytesMax = chunkTextBytesMax(arena.heap)
  /** `fresh`: what the chunk is made in that comes next. */
  const [work, fresh] = [new Arena(arena.heap), new Arena(arena.heap, 'table')]
  const room: ColumnRoom = {
    work,
    chunkRowsMax: Math.min(rowsMax, TABLE_CHUNK_ROWS),
    chunksMax: Math.ceil(rowsMax / TABLE_CHUNK_ROWS),
  }
  const columns = releasedOnError(work, () =>
    schema.map(({ type }) => createColumnBuilder(fresh, kernels, type, room)),
  )
  const flushed: Flushed<K>[] = []
  let [rows, appended, textBytes] = [0, 0, 0]
  const flush = function* (): Steps<void> {
    const vectors: Vector[] = []
    for (const column of columns) {
      vectors.push(column.flush(rows))
      yield
    }
    const kept = keep && (yield* keep({ rows, columns: vectors, statistics: undefined }))
    if (kept === undefined) arena.adoptBlocks(fresh.takeBlocks())
    else fresh.release()
    flushed.push({ rows, kept })
    rows = 0
    textBytes = 0
  }
  const release = (): void => {
    for (const column of columns) column.release()
    work.release()
    fresh.release()
  }
  return {
    *append(chunk) {
      assert(chunk.columns.length === columns.length, 'chunk of another table')
      appended += chunk.rows
      assert(appended <= rowsMax, 'more rows than a table was to have')
      const rowBytes = textBytesARow(arena.heap, chunk)
      for (let from = 0; from < chunk.rows;) {
        const fitting = Math.ceil((textBytesMax - textBytes) / rowBytes)
        const count = Math.min(chunk.rows - from, TABLE_CHUNK_ROWS - rows, fitting)
        for (const [index, column] of columns.entries()) {
          column.append(chunk.columns[index]!, from, count, rows)
          yield
        }
        from += count
        rows += count
        textBytes += count * rowBytes
        if (rows === TABLE_CHUNK_ROWS || textBytes >= textBytesMax) yield* flush()
      }
    },
    *finish() {
      if (rows > 0) yield* flush()
      const finished = columns.map((column) => column.finish(arena))
      release()
      const chunks = flushed.map((chunk, at) => described(chunk, finished, at))
      const statistics = finished.map((column) =>
        column.statistics.reduce((left, right) => mergeStatistics(left, right), emptyStatistics),
      )
      return { rows: flushed.reduce((sum, chunk) => sum + chunk.rows, 0), chunks, statistics }
    },
    cancel: release,
  }
}

/** Bytes that the texts of a row take, on average; 0 where there are none. */
export function textBytesARow({ u32 }: Heap, { rows, columns }: Chunk): number {
  const bytesOf = ({ layout, offsets, length, dictionary }: Vector): number => {
    const texts = dictionary ?? { layout, offsets, length }
    if (texts.layout !== 'utf8' || texts.length === 0) return 0
    const first = texts.offsets >>> 2
    return (((u32[first + texts.length] ?? 0) - (u32[first] ?? 0)) / texts.length) * length
  }
  return columns.reduce((bytes, vector) => bytes + bytesOf(vector), 0) / Math.max(1, rows)
}

/** A chunk of the table, when it was flushed. */
interface Flushed<K extends KeptChunk> {
  readonly rows: number
  /** Undefined: it stayed in memory. */
  readonly kept: K | undefined
}

/** A chunk with what is known when its table is finished: the dictionaries that codes of kept ones lead into. */
function described<K extends KeptChunk>(
  { rows, kept }: Flushed<K>,
  finished: readonly ReturnType<ColumnBuilder['finish']>[],
  at: number,
): Chunk | K {
  const vectors = finished.map((column) => column.vectors[at]!)
  const statistics = finished.map((column) => column.statistics[at]!)
  if (kept === undefined) return { rows, columns: vectors, statistics }
  const columns = kept.kept.columns.map((column, index) => ({
    ...column,
    dictionary: vectors[index]?.dictionary,
  }))
  return { ...kept, statistics, kept: { ...kept.kept, columns } }
}

/** What `make` gives; what it took of the arena goes back where it fails. */
function releasedOnError<T>(arena: Arena, make: () => T): T {
  try {
    return make()
  } catch (error) {
    arena.release()
    throw error
  }
}

const emptyStatistics: ColumnStatistics = {
  min: undefined,
  max: undefined,
  nullCount: 0,
  distinct: 0,
  ascending: true,
}
