import type { DataType } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'

/**
 * A value in the unit of the column statistics (unscaled decimal, days, microseconds, 0 and 1 for
 * bool); undefined for NULL and for types without an integer representation.
 */
export function integerValue(value: Scalar, type: DataType): bigint | undefined {
  if (value === null) return undefined
  switch (type.kind) {
    case 'bool':
      return value === true ? 1n : 0n
    case 'int2':
    case 'int4':
    case 'date':
      return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : undefined
    case 'int8':
    case 'decimal':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return typeof value === 'bigint' ? value : undefined
    default:
      return undefined
  }
}

const microsPerDay = 86_400_000_000

/**
 * Statistics' values as real numbers that compare across the types of a family: decimals by value,
 * dates and timestamps in microseconds. For estimates only.
 */
export function realValue(value: bigint, type: DataType): number {
  if (type.kind === 'decimal') return Number(value) / 10 ** type.scale
  return type.kind === 'date' ? Number(value) * microsPerDay : Number(value)
}

/** A literal on the same scale as {@link realValue}. */
export function realLiteral(value: Scalar, type: DataType): number | undefined {
  if (typeof value === 'number' && (type.kind === 'float4' || type.kind === 'float8')) return value
  if (typeof value === 'object' && value !== null && 'unscaled' in value) {
    return Number(value.unscaled) / 10 ** value.scale
  }
  const integer = integerValue(value, type)
  return integer === undefined ? undefined : realValue(integer, type)
}
