import type { ValueBounds } from '../../../data/types/value-bounds.ts'
import type { ColumnStatistics } from '../../../data/vectors/vector.ts'
import type { FilePart } from '../../../plan/catalog/catalog.ts'
import { unreachable } from '../../../base/assert.ts'
import type { ColumnChunk, RowGroup } from './footer.ts'
import { widestIntegerBytes, type ParquetColumn } from './schema.ts'

/** Statistics of one column in one row group; undefined when the file says nothing. */
export function chunkStatistics(
  column: ParquetColumn,
  group: RowGroup,
): ColumnStatistics | undefined {
  const chunk = group.chunks[column.chunk]
  // What a file says of lists is said of what they hold.
  const isKnown = column.unsupported === undefined && column.element === undefined
  if (chunk === undefined || !isKnown) return undefined
  const bounds = chunkBounds(column, chunk)
  const nullCount = column.nullable ? chunk.nullCount : 0
  // Without a null count nothing exact can be said; all rows is the loose answer.
  if (bounds === undefined && nullCount === undefined) return undefined
  return {
    min: bounds?.min,
    max: bounds?.max,
    nullCount: nullCount ?? group.rows,
    distinct: chunk.distinct,
    ascending: group.sortedBy === column.chunk,
  }
}

/**
 * The bounds of a column's values, in its own unit, as the file claims them: the reader checks every
 * value against them. Undefined for types without an integer representation.
 */
export function chunkBounds(column: ParquetColumn, chunk: ColumnChunk): ValueBounds | undefined {
  if (chunk.min === undefined || chunk.max === undefined) return undefined
  if (chunk.legacyBounds && !orderedAsSigned(column)) return undefined
  const min = boundOf(column, chunk.min)
  const max = boundOf(column, chunk.max)
  if (min === undefined || max === undefined || min > max) return undefined
  return { min, max }
}

function orderedAsSigned(column: ParquetColumn): boolean {
  const { kind } = column.conversion
  return kind === 'integer' || kind === 'scaled' || kind === 'nanoseconds'
}

function boundOf(column: ParquetColumn, bytes: Uint8Array): bigint | undefined {
  const { conversion } = column
  switch (conversion.kind) {
    case 'integer':
      return signedOf(bytes, column.width)
    case 'unsigned32':
    case 'unsigned64': {
      const value = signedOf(bytes, column.width)
      return value === undefined ? undefined : BigInt.asUintN(column.width * 8, value)
    }
    case 'scaled': {
      const value = signedOf(bytes, column.width)
      return value === undefined ? undefined : value * BigInt(conversion.factor)
    }
    case 'nanoseconds': {
      const value = signedOf(bytes, column.width)
      return value === undefined ? undefined : floorDivide(value, 1_000n)
    }
    case 'big-endian':
      return bytes.length > 0 && bytes.length <= 16 ? bigEndianOf(bytes) : undefined
    case 'int96':
    case 'boolean':
    case 'float':
    case 'half-float':
    case 'text':
    case 'bytes':
    case 'uuid':
      // Floats: NaN and signed zeros are not ordered by all writers. Text may be truncated.
      return undefined
    default:
      return unreachable(conversion)
  }
}

function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor
  return value < 0n && quotient * divisor !== value ? quotient - 1n : quotient
}

function signedOf(bytes: Uint8Array, width: number): bigint | undefined {
  if (bytes.length !== width) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return width === 4 ? BigInt(view.getInt32(0, true)) : view.getBigInt64(0, true)
}

function bigEndianOf(bytes: Uint8Array): bigint {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return BigInt.asIntN(bytes.length * 8, value)
}

/** What a column's type and conversion allow at all. */
export function typeBounds(column: ParquetColumn): ValueBounds | undefined {
  const { type, conversion } = column
  switch (conversion.kind) {
    case 'integer':
      return { min: conversion.low, max: conversion.high }
    case 'unsigned32':
      return { min: 0n, max: 0xffff_ffffn }
    case 'unsigned64':
      return { min: 0n, max: 0xffff_ffff_ffff_ffffn }
    case 'big-endian': {
      const limit = type.kind === 'decimal' ? 10n ** BigInt(type.precision) - 1n : 0n
      return { min: -limit, max: limit }
    }
    case 'scaled':
    case 'nanoseconds':
    case 'int96':
    case 'boolean':
    case 'float':
    case 'half-float':
    case 'text':
    case 'bytes':
    case 'uuid': {
      const bytes = widestIntegerBytes(type)
      return bytes === undefined ? undefined : boundsOfBytes(bytes)
    }
  }
}

export function boundsOfBytes(bytes: number): ValueBounds {
  const half = 1n << BigInt(bytes * 8 - 1)
  return { min: -half, max: half - 1n }
}

/** Whether statistics prove that all of a part's rows are NULL. */
function holdsNullsOnly(statistics: ColumnStatistics | undefined, rows: number): boolean {
  return statistics !== undefined && statistics.min === undefined && statistics.nullCount === rows
}

/** One column's statistics over the parts of a file. */
export function mergeStatistics(
  parts: readonly FilePart[],
  column: number,
): ColumnStatistics | undefined {
  let min: bigint | undefined
  let max: bigint | undefined
  let bounded = true
  let nullCount = 0
  for (const { rows, statistics } of parts) {
    const part = statistics[column]
    if (part === undefined) return undefined
    nullCount += part.nullCount
    if (part.min === undefined || part.max === undefined) {
      bounded &&= holdsNullsOnly(part, rows)
    } else {
      if (min === undefined || part.min < min) min = part.min
      if (max === undefined || part.max > max) max = part.max
    }
  }
  const single = parts.length === 1 ? parts[0]?.statistics[column] : undefined
  return {
    min: bounded ? min : undefined,
    max: bounded ? max : undefined,
    nullCount,
    distinct: single?.distinct,
    ascending: single?.ascending ?? false,
  }
}
