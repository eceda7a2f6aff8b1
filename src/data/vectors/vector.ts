import type { Address } from '../arenas/address.ts'
import type { DataType } from '../types/data-type.ts'
import type { Layout } from '../types/layout.ts'

export { isTypeKind, widestLayout } from '../types/catalogue.ts'
export type { Layout } from '../types/layout.ts'
export { address, NO_ADDRESS, type Address } from '../arenas/address.ts'

/**
 * A column of one chunk: a plain description of bytes in the shared memory, so that it can be posted
 * to any thread as it is. Every buffer is 64-byte aligned and followed by 64 readable bytes.
 */
export interface Vector {
  readonly type: DataType
  readonly layout: Layout
  readonly length: number
  /** Bitmap, 1 = valid, least significant bit first; {@link NO_ADDRESS} when there are no NULLs. */
  readonly validity: Address
  /** Values, codes, or for utf8 the bytes. A NULL's slot holds a legal value (0, or an empty string). */
  readonly values: Address
  /** utf8 only: `length + 1` u32 offsets from `values`, ascending; the first one may be behind the beginning. */
  readonly offsets: Address
  /** dict* only: the distinct values (utf8 layout, no NULLs), shared by the chunks of a table or row group. */
  readonly dictionary: Vector | undefined
}

/** Bytes of one value; 0 for layouts without a fixed whole number of bytes (bit, utf8). */
export const layoutBytes: Readonly<Record<Layout, number>> = {
  bit: 0,
  i8: 1,
  i16: 2,
  i32: 4,
  i64: 8,
  i128: 16,
  numeric: 16,
  f32: 4,
  f64: 8,
  interval: 16,
  utf8: 0,
  dict8: 1,
  dict16: 2,
  dict32: 4,
}

/** What was learnt of one column of one chunk or file part. Bounds are inclusive and may be loose. */
export interface ColumnStatistics {
  /**
   * Smallest and largest value as a bigint in the column's own unit (unscaled decimal, days,
   * microseconds), for types with an integer representation; undefined when unknown or all NULL.
   */
  readonly min: bigint | undefined
  readonly max: bigint | undefined
  readonly nullCount: number
  /** Estimate of the number of distinct values; undefined when unknown. */
  readonly distinct: number | undefined
  /** Whether the values ascend (not strictly), NULLs aside. */
  readonly ascending: boolean
}

/** A horizontal piece of a table or result: vectors of equal length. */
export interface Chunk {
  readonly rows: number
  readonly columns: readonly Vector[]
  /** One entry a column, where statistics were gathered. */
  readonly statistics: readonly ColumnStatistics[] | undefined
}
