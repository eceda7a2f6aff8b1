import type { Address } from '../arenas/address.ts'
import type { DataType, TypeKind } from '../types/data-type.ts'
import { DECIMAL64_PRECISION_MAX } from '../types/data-type.ts'

export { address, NO_ADDRESS, type Address } from '../arenas/address.ts'

/**
 * How the values of a vector lie in memory (little-endian, Arrow's layouts).
 *
 * | layout | bytes a value | holds |
 * |---|---|---|
 * | bit | 1/8, least significant bit first | bool |
 * | i8 i16 i32 i64 | 1 2 4 8, two's complement | integers, dates, times, 64-bit decimals; narrower than the type where statistics allow |
 * | i128 | 16, low word first | decimals over 18 digits |
 * | numeric | 16: bits 0-119 the signed unscaled value, byte 15 the scale; 255 there: u32 address and u32 length of bytes that live as long (see types/wide-numeric.ts) | numeric |
 * | f32 f64 | 4 8 | float4, float8 |
 * | interval | 16: i32 months, i32 days, i64 microseconds | interval |
 * | utf8 | u32 offsets (length + 1 of them, relative to `values`), bytes | text, bytea |
 * | dict8 dict16 dict32 | 1 2 4, unsigned index into `dictionary` | text, bytea |
 */
export type Layout =
  | 'bit'
  | 'i8'
  | 'i16'
  | 'i32'
  | 'i64'
  | 'i128'
  | 'numeric'
  | 'f32'
  | 'f64'
  | 'interval'
  | 'utf8'
  | 'dict8'
  | 'dict16'
  | 'dict32'

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
  /** utf8 only: `length + 1` u32 offsets from `values`, ascending. */
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

const widestLayouts: Readonly<Record<Exclude<TypeKind, 'decimal'>, Layout>> = {
  bool: 'bit',
  int2: 'i16',
  int4: 'i32',
  int8: 'i64',
  float4: 'f32',
  float8: 'f64',
  numeric: 'numeric',
  date: 'i32',
  time: 'i64',
  timestamp: 'i64',
  timestamptz: 'i64',
  interval: 'interval',
  text: 'utf8',
  bytea: 'utf8',
  unknown: 'utf8',
}

export function isTypeKind(kind: string): kind is TypeKind {
  return kind === 'decimal' || Object.hasOwn(widestLayouts, kind)
}

/** The layout that holds every value of a type: what intermediate results use. */
export function widestLayout(type: DataType): Layout {
  if (type.kind === 'decimal') return type.precision <= DECIMAL64_PRECISION_MAX ? 'i64' : 'i128'
  return widestLayouts[type.kind]
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
