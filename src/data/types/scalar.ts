import { assert } from '../../base/assert.ts'
import type { DataType } from './data-type.ts'

/**
 * One value as plain TypeScript. What the host type means follows from the column's data type:
 *
 * | type | value |
 * |---|---|
 * | bool | boolean |
 * | int2, int4 | number |
 * | int8 | bigint |
 * | float4, float8 | number (float4 rounded with Math.fround) |
 * | decimal(p, s) | bigint, unscaled: 1.50 of scale 2 is 150n |
 * | numeric | {@link NumericValue} |
 * | date | number, days since 1970-01-01 (proleptic Gregorian) |
 * | time | bigint, microseconds since midnight |
 * | timestamp, timestamptz | bigint, microseconds since 1970-01-01 00:00 (UTC for timestamptz) |
 * | interval | {@link IntervalValue} |
 * | text | string |
 * | bytea | Uint8Array |
 * | uuid | bigint, see types/uuid.ts |
 * | oid | bigint |
 * | timetz, char(n), json, jsonb, jsonpath | string |
 * | array, record, range, multirange | string, PostgreSQL's text of it |
 * | any | null for SQL NULL |
 */
export type Scalar =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | IntervalValue
  | NumericValue

/** PostgreSQL's interval: the three parts are kept apart, as a month has no fixed number of days. */
export interface IntervalValue {
  readonly months: number
  readonly days: number
  readonly micros: bigint
}

/**
 * A value of unconstrained numeric: `unscaled * 10^-scale`, printed with exactly `scale` digits; or what
 * is no finite number, with 0 for both (numeric-specials.ts).
 */
export interface NumericValue {
  readonly unscaled: bigint
  readonly scale: number
  readonly special?: NumericSpecial
}

export type NumericSpecial = 'NaN' | 'Infinity' | '-Infinity'

export function isInterval(value: Scalar): value is IntervalValue {
  return typeof value === 'object' && value !== null && 'months' in value
}

export function isNumeric(value: Scalar): value is NumericValue {
  return typeof value === 'object' && value !== null && 'unscaled' in value
}

/** The exact value of a decimal or numeric. */
export function numericOf(value: NonNullable<Scalar>, type: DataType): NumericValue {
  if (typeof value === 'bigint') {
    return { unscaled: value, scale: type.kind === 'decimal' ? type.scale : 0 }
  }
  assert(isNumeric(value), 'numeric of another value')
  return value
}

/** The value of an interval. */
export function intervalOf(value: NonNullable<Scalar>): IntervalValue {
  assert(isInterval(value), 'interval of another value')
  return value
}
