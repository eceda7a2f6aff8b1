import { assert } from '../../base/assert.ts'
import type { DataType } from './data-type.ts'
import { powerOfTen } from './numeric-arithmetic.ts'
import { isInterval, isNumeric, type IntervalValue, type Scalar } from './scalar.ts'

const MICROS_PER_DAY = 86_400_000_000n

/**
 * PostgreSQL's order of two non-NULL values of one type: negative, 0 or positive. NaN equals itself
 * and is above every number, -0 equals 0, text goes by bytes (C collation), an interval's month
 * counts 30 days. Decimals may differ in scale when both types are given.
 */
export function compareScalars(
  left: Scalar,
  right: Scalar,
  leftType: DataType,
  rightType: DataType = leftType,
): number {
  if (typeof left === 'bigint' && typeof right === 'bigint') {
    return compareScaled(left, scaleOf(leftType), right, scaleOf(rightType))
  }
  if (typeof left === 'number' && typeof right === 'number') return compareNumbers(left, right)
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right)
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right)
  if (isNumeric(left) && isNumeric(right)) {
    return compareScaled(left.unscaled, left.scale, right.unscaled, right.scale)
  }
  if (isInterval(left) && isInterval(right)) return sign(intervalSpan(left) - intervalSpan(right))
  assert(
    left instanceof Uint8Array && right instanceof Uint8Array,
    'values of unlike types compared',
  )
  return compareBytes(left, right)
}

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

function compareNumbers(left: number, right: number): number {
  if (Number.isNaN(left)) return Number.isNaN(right) ? 0 : 1
  if (Number.isNaN(right)) return -1
  return left < right ? -1 : left > right ? 1 : 0
}

function compareScaled(left: bigint, leftScale: number, right: bigint, rightScale: number): number {
  const scale = Math.max(leftScale, rightScale)
  const a = leftScale === scale ? left : left * powerOfTen(scale - leftScale)
  const b = rightScale === scale ? right : right * powerOfTen(scale - rightScale)
  return a < b ? -1 : a > b ? 1 : 0
}

function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const length = Math.min(left.length, right.length)
  for (let index = 0; index < length; index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

function scaleOf(type: DataType): number {
  return type.kind === 'decimal' ? type.scale : 0
}

function sign(value: bigint): number {
  return value < 0n ? -1 : value > 0n ? 1 : 0
}
