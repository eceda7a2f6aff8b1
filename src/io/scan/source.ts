import type { ValueBounds } from '../../data/types/value-bounds.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import type { Schema } from '../../data/types/schema.ts'
import type { Address, Chunk } from '../../data/vectors/vector.ts'
import type { FileSource, TableStatistics } from '../../plan/catalog/catalog.ts'
import type { Expression } from '../../plan/logical/expression.ts'
import type { Kernels } from '../../wasm/kernels/loader.ts'

/** What is known of a location after it was inspected: enough to make a catalog entry. */
export interface InspectedSource {
  readonly source: FileSource
  readonly columns: Schema
  readonly statistics: TableStatistics
}

/** A scan of file columns. Plain data. */
export interface ScanRequest {
  readonly source: FileSource
  /** The whole table's schema, file columns then partition columns. */
  readonly tableColumns: Schema
  /** Positions of the wanted columns in the schema, in the order of the chunks' columns. */
  readonly columns: readonly number[]
  /** Of each wanted column, what all its values lie in, where that is known: readers narrow by it. */
  readonly columnBounds: readonly (ValueBounds | undefined)[]
  /**
   * Conjuncts that the rows must satisfy; units are dropped by them where statistics or partition
   * values prove that no row can match. `predicateColumns[id]` is the schema position of a column id.
   */
  readonly predicates: readonly Expression[]
  readonly predicateColumns: ReadonlyMap<number, number>
  /** Rows without one of these keys may be left out as well, where they are known; not those with a NULL. */
  readonly keys?: readonly WantedKeys[]
}

/** The keys of a join's table, as a rank index in the shared memory (see rankMark) has them. */
export interface WantedKeys {
  /** Index in the request's columns. */
  readonly column: number
  readonly words: Address
  /** The smallest key, and the way from there to the largest. */
  readonly first: bigint
  readonly span: bigint
}

/** A piece of a file that one thread reads at a time: a row group, a byte range, a whole file. */
export interface ScanUnit {
  readonly file: number
  /** Parquet: the row group, and the rows of it when it is split. CSV, JSON: a byte range. */
  readonly part: number
  readonly start: number
  readonly end: number
  /** Exact for Parquet, estimated otherwise. */
  readonly rows: number
}

export interface ReaderEnvironment {
  readonly heap: Heap
  readonly kernels: Kernels
}

/**
 * The values of one column that still matter to whoever reads: the rows of all others may be left out.
 * What a top-k has seen narrows them while the scan runs.
 */
export interface WantedValues {
  /** Index in the request's columns. */
  readonly column: number
  /** Inclusive, in the column's own unit as in ColumnStatistics; undefined: no bound. */
  readonly min: bigint | undefined
  readonly max: bigint | undefined
  /** Whether any value does, NULL aside. */
  readonly values: boolean
  readonly nulls: boolean
}

/** Reads units on one thread, synchronously. Not shared between threads. */
export interface UnitReader {
  /**
   * Chunks of one unit, each of at most 131072 rows, columns in request order, in memory from `arena`
   * or of the reader's own, valid until the next chunk is asked for. Chunks without a wanted value may
   * be left out; `wanted` is asked before each. Throws QueryError with file, row and column.
   */
  read(unit: ScanUnit, arena: Arena, wanted?: () => WantedValues | undefined): Iterable<Chunk>
  close(): void
}
