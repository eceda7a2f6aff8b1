import { powerOfTen } from './numeric-arithmetic.ts'
import { assert } from '../../base/assert.ts'
import type { DataType } from './data-type.ts'
import { compareSpecials } from './numeric-specials.ts'
import { numericOf, type IntervalValue, type NumericValue, type Scalar } from './scalar.ts'

const MICROS_PER_DAY = 86_400_000_000n

/** The length that PostgreSQL compares intervals by, in microseconds. */
export function intervalSpan(value: IntervalValue): bigint {
  return (BigInt(value.months) * 30n + BigInt(value.days)) * MICROS_PER_DAY + value.micros
}

/** Order by UTF-8 bytes, which is that of code points. */
export function compareText(left: string, right: string): number {
  const length = Math.min(left.length, right.length)
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index)
    const b = right.charCodeAt(index)
    if (a !== b) return codePointRank(a) - codePointRank(b)
  }
  return left.length - right.length
}

// UTF-16 puts surrogates (code points above 0xffff) below 0xe000 to 0xffff; bytes have them above.
function codePointRank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

/** NaN equals itself and is above every number, -0 equals 0. */
export function compareNumbers(left: number, right: number): number {
  if (Number.isNaN(left)) return Number.isNaN(right) ? 0 : 1
  if (Number.isNaN(right)) return -1
  return left < right ? -1 : left > right ? 1 : 0
}

/** Exact numbers of their scales. */
export function compareScaled(
  left: bigint,
  leftScale: number,
  right: bigint,
  rightScale: number,
): number {
  const scale = Math.max(leftScale, rightScale)
  const a = leftScale === scale ? left : left * powerOfTen(scale - leftScale)
  const b = rightScale === scale ? right : right * powerOfTen(scale - rightScale)
  return a < b ? -1 : a > b ? 1 : 0
}

/** Order by unsigned bytes. */
export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const length = Math.min(left.length, right.length)
  for (let index = 0; index < length; index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

/** Intervals by their length: a month counts 30 days. */
export function compareIntervals(left: IntervalValue, right: IntervalValue): number {
  const difference = intervalSpan(left) - intervalSpan(right)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

/** Whole numbers. */
export function compareIntegers(left: NonNullable<Scalar>, right: NonNullable<Scalar>): number {
  const [a, b] = [wholeOf(left), wholeOf(right)]
  return a < b ? -1 : a > b ? 1 : 0
}

function wholeOf(value: NonNullable<Scalar>): number | bigint {
  assert(typeof value === 'number' || typeof value === 'bigint', 'integer of another value')
  return value
}

/** Decimals and numerics, each of its own scale. */
export function compareExact(
  left: NonNullable<Scalar>,
  right: NonNullable<Scalar>,
  leftType: DataType,
  rightType: DataType,
): number {
  return compareNumerics(numericOf(left, leftType), numericOf(right, rightType))
}

/** NaN equals itself and is above infinity. */
export function compareNumerics(a: NumericValue, b: NumericValue): number {
  const order = compareSpecials(a, b)
  if (order !== undefined) return order
  return compareScaled(a.unscaled, a.scale, b.unscaled, b.scale)
}
