import type { DataType, TypeKind } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'

/**
 * A value in the unit of the column statistics (unscaled decimal, days, microseconds, 0 and 1 for
 * bool); undefined for NULL and for types without an integer representation.
 */
export function integerValue(value: Scalar, type: DataType): bigint | undefined {
  const form = integerForms[type.kind]
  if (form === undefined || value === null) return undefined
  if (form === 'boolean') return value === true ? 1n : 0n
  if (typeof value === 'number' && !Number.isInteger(value)) return undefined
  return typeof value === form ? BigInt(value as number | bigint) : undefined
}

/** What values are to TypeScript whose statistics are integers; others have no such statistics. */
const integerForms: { readonly [K in TypeKind]?: 'boolean' | 'number' | 'bigint' } = {
  bool: 'boolean',
  int2: 'number',
  int4: 'number',
  int8: 'bigint',
  decimal: 'bigint',
  date: 'number',
  time: 'bigint',
  timestamp: 'bigint',
  timestamptz: 'bigint',
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
    if (value.special !== undefined) return undefined
    return Number(value.unscaled) / 10 ** value.scale
  }
  const integer = integerValue(value, type)
  return integer === undefined ? undefined : realValue(integer, type)
}
