import { QueryError } from '../../base/errors.ts'
import {
  isNaNumeric,
  isSpecial,
  NUMERIC_NAN,
  numericSign,
  specialNumeric,
  specialResult,
} from './numeric-specials.ts'
import type { NumericValue } from './scalar.ts'

/** Digits behind the point that a numeric may have. */
export const NUMERIC_SCALE_MAX = 16_383
/** Digits before the point that a numeric may have. */
export const NUMERIC_WHOLE_DIGITS_MAX = 131_072
/** Significant digits that division and roots give at least (NUMERIC_MIN_SIG_DIGITS). */
const SIGNIFICANT_DIGITS_MIN = 16
const DISPLAY_SCALE_MAX = 1_000

/** Values of fewer bits are surely within bounds: telling digits takes longer. */
const SURELY_WITHIN = 1n << 400_000n

/** Powers of ten below this exponent are kept: making one takes as long as a few divisions. */
const KEPT_POWERS_MAX = 512
const keptPowers: bigint[] = []

export function powerOfTen(exponent: number): bigint {
  const kept = keptPowers[exponent]
  if (kept !== undefined) return kept
  if (exponent >= KEPT_POWERS_MAX) return 10n ** BigInt(exponent)
  while (keptPowers.length <= exponent) keptPowers.push(10n ** BigInt(keptPowers.length))
  return keptPowers[exponent] ?? 10n ** BigInt(exponent)
}

/**
 * A numeric within PostgreSQL's limits: rounded to {@link NUMERIC_SCALE_MAX} digits behind the point.
 * Throws NUMERIC_OUT_OF_RANGE beyond {@link NUMERIC_WHOLE_DIGITS_MAX} before it.
 */
export function numericValue(unscaled: bigint, scale: number): NumericValue {
  if (scale > NUMERIC_SCALE_MAX) {
    return numericValue(rescale(unscaled, scale, NUMERIC_SCALE_MAX), NUMERIC_SCALE_MAX)
  }
  const magnitude = absolute(unscaled)
  const isHuge =
    magnitude >= SURELY_WITHIN && magnitude >= powerOfTen(NUMERIC_WHOLE_DIGITS_MAX + scale)
  if (isHuge) throw numericOverflow()
  return { unscaled, scale }
}

/** The same of a value that may be special. */
export function checkedNumeric(value: NumericValue): NumericValue {
  return value.special === undefined ? numericValue(value.unscaled, value.scale) : value
}

export function numericOverflow(): QueryError {
  return new QueryError('NUMERIC_OUT_OF_RANGE', 'value overflows numeric format')
}

/** Brings an unscaled value to another scale, rounding halves away from zero. */
export function rescale(unscaled: bigint, from: number, to: number): bigint {
  if (to >= from) return to === from ? unscaled : unscaled * powerOfTen(to - from)
  return divideRounded(unscaled, powerOfTen(from - to))
}

/** The quotient rounded to the nearest integer, halves away from zero. */
export function divideRounded(dividend: bigint, divisor: bigint): bigint {
  const magnitude = absolute(dividend)
  const by = absolute(divisor)
  const quotient = (magnitude + (by >> 1n)) / by
  return dividend < 0n === divisor < 0n ? quotient : -quotient
}

export function absolute(value: bigint): bigint {
  return value < 0n ? -value : value
}

export function addNumeric(left: NumericValue, right: NumericValue): NumericValue {
  const special = specialResult(left, right, (a, b) => a + b)
  if (special !== undefined) return special
  const scale = Math.max(left.scale, right.scale)
  const a = rescale(left.unscaled, left.scale, scale)
  return { unscaled: a + rescale(right.unscaled, right.scale, scale), scale }
}

export function negateNumeric(value: NumericValue): NumericValue {
  if (value.special !== undefined) return specialNumeric(-Number(value.special))
  return { unscaled: -value.unscaled, scale: value.scale }
}

export function absoluteNumeric(value: NumericValue): NumericValue {
  return numericSign(value) < 0 ? negateNumeric(value) : value
}

export function multiplyNumeric(left: NumericValue, right: NumericValue): NumericValue {
  const special = specialResult(left, right, (a, b) => a * b)
  if (special !== undefined) return special
  return { unscaled: left.unscaled * right.unscaled, scale: left.scale + right.scale }
}

/** The quotient with the number of digits that PostgreSQL gives it. Throws DIVISION_BY_ZERO. */
export function divideNumeric(left: NumericValue, right: NumericValue): NumericValue {
  const special = specialQuotient(left, right)
  if (special !== undefined) return special
  const scale = divisionScale(left, right)
  return { unscaled: quotientAt(left, right, scale), scale }
}

/** The quotient of which an operand is special; undefined where none is. Throws DIVISION_BY_ZERO. */
export function specialQuotient(left: NumericValue, right: NumericValue): NumericValue | undefined {
  if (numericSign(right) === 0 && !isNaNumeric(left)) throw divisionByZero()
  return specialResult(left, right, (a, b) => a / b)
}

/** The quotient's unscaled value at a given scale, rounded. */
export function quotientAt(left: NumericValue, right: NumericValue, scale: number): bigint {
  const shift = scale + right.scale - left.scale
  const dividend = shift > 0 ? left.unscaled * powerOfTen(shift) : left.unscaled
  const divisor = shift < 0 ? right.unscaled * powerOfTen(-shift) : right.unscaled
  return divideRounded(dividend, divisor)
}

/** The remainder of truncating division; it has the dividend's sign. Throws DIVISION_BY_ZERO. */
export function remainderNumeric(left: NumericValue, right: NumericValue): NumericValue {
  if (numericSign(right) === 0 && !isNaNumeric(left)) throw divisionByZero()
  if (isSpecial(left) || isNaNumeric(right)) return NUMERIC_NAN
  if (isSpecial(right)) return left
  const scale = Math.max(left.scale, right.scale)
  const a = rescale(left.unscaled, left.scale, scale)
  return { unscaled: a % rescale(right.unscaled, right.scale, scale), scale }
}

/** The square root with PostgreSQL's number of digits (numeric_sqrt). Throws for negative values. */
export function sqrtNumeric(value: NumericValue): NumericValue {
  if (numericSign(value) < 0) {
    throw new QueryError('INVALID_POWER', 'cannot take square root of a negative number')
  }
  if (isSpecial(value)) return value
  const { weight } = leadingDigit(value)
  const resultWeight = Math.trunc(((weight + 1) * DIGIT_WIDTH) / 2) - 1
  const wanted = Math.max(SIGNIFICANT_DIGITS_MIN - resultWeight, value.scale, 0)
  return sqrtAt(value, Math.min(wanted, DISPLAY_SCALE_MAX))
}

/** The square root rounded to a given scale. */
export function sqrtAt(value: NumericValue, scale: number): NumericValue {
  const shift = 2 * scale - value.scale
  const scaled =
    shift >= 0 ? value.unscaled * powerOfTen(shift) : value.unscaled / powerOfTen(-shift)
  const root = integerSqrt(scaled)
  const rounded = scaled - root * root > root ? root + 1n : root
  return { unscaled: rounded, scale }
}

/** The largest integer whose square is not above a non-negative value (Newton's iteration). */
export function integerSqrt(value: bigint): bigint {
  if (value < 2n) return value
  let guess = firstGuess(value)
  for (;;) {
    const next = (guess + value / guess) >> 1n
    if (next >= guess) return guess
    guess = next
  }
}

/** A number whose square is not below the value: from there the iteration only goes down. */
function firstGuess(value: bigint): bigint {
  if (value >= ROUGHLY_MAX) return 1n << BigInt((value.toString(2).length + 1) >> 1)
  const near = BigInt(Math.floor(Math.sqrt(Number(value))))
  // One step of the iteration from any positive number leads above the root, or onto it.
  return ((near + value / near) >> 1n) + 1n
}

/** Digits behind the point of a quotient, as select_div_scale in PostgreSQL's numeric.c. */
export function divisionScale(left: NumericValue, right: NumericValue): number {
  const dividend = leadingDigit(left)
  const divisor = leadingDigit(right)
  let weight = dividend.weight - divisor.weight
  if (dividend.digit <= divisor.digit) weight--
  const scale = Math.max(SIGNIFICANT_DIGITS_MIN - weight * DIGIT_WIDTH, left.scale, right.scale, 0)
  return Math.min(scale, DISPLAY_SCALE_MAX)
}

export function divisionByZero(): QueryError {
  return new QueryError('DIVISION_BY_ZERO', 'division by zero')
}

/** PostgreSQL computes in base 10000. */
const DIGIT_WIDTH = 4

/** The first digit in base 10000 and its power; 0 and 0 for the value 0. */
export function leadingDigit(value: NumericValue): {
  readonly weight: number
  readonly digit: bigint
} {
  const magnitude = absolute(value.unscaled)
  if (magnitude === 0n) return { weight: 0, digit: 0n }
  const exponent = digitsOf(magnitude) - 1 - value.scale
  const weight = Math.floor(exponent / DIGIT_WIDTH)
  const drop = value.scale + weight * DIGIT_WIDTH
  const digit = drop >= 0 ? magnitude / powerOfTen(drop) : magnitude * powerOfTen(-drop)
  return { weight, digit }
}

/** Numbers below this are known to a double's digits, as a double. */
const ROUGHLY_MAX = 1n << 1_000n

/** Decimal digits of a positive number. */
function digitsOf(magnitude: bigint): number {
  if (magnitude >= ROUGHLY_MAX) return magnitude.toString().length
  const exponent = Math.floor(Math.log10(Number(magnitude)))
  // Rounding may have crossed the next power of ten, in either direction.
  if (magnitude >= powerOfTen(exponent + 1)) return exponent + 2
  return magnitude < powerOfTen(exponent) ? exponent : exponent + 1
}
