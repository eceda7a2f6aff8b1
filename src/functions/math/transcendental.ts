import { QueryError } from '../../base/errors.ts'
import {
  absolute,
  divideRounded,
  leadingDigit,
  powerOfTen,
  rescale,
} from '../../data/types/numeric-arithmetic.ts'
import type { NumericValue } from '../../data/types/scalar.ts'
import { numericToFloat } from '../cast-scalar.ts'

/**
 * Logarithm, exponential and power of numerics, with the number of digits that PostgreSQL's numeric.c
 * gives them. Computed in fixed point with guard digits.
 */

const SIGNIFICANT_DIGITS_MIN = 16
const GUARD_DIGITS = 12
const DISPLAY_SCALE_MAX = 1_000
const RESULT_DIGITS_MAX = 400

export function lnNumeric(value: NumericValue): NumericValue {
  checkLogarithm(value)
  const scale = resultScale(estimateLnWeight(value), value.scale)
  const digits = scale + GUARD_DIGITS
  return rounded(lnFixed(value, digits), digits, scale)
}

/** Logarithm of `value` to a base. */
export function logNumeric(base: NumericValue, value: NumericValue): NumericValue {
  checkLogarithm(base)
  checkLogarithm(value)
  const weight = estimateLnWeight(value) - estimateLnWeight(base)
  const scale = resultScale(weight, Math.max(base.scale, value.scale))
  const digits = scale + GUARD_DIGITS + Math.max(0, -2 * estimateLnWeight(base)) + 8
  const divisor = lnFixed(base, digits)
  if (divisor === 0n) throw new QueryError('DIVISION_BY_ZERO', 'division by zero')
  const quotient = (lnFixed(value, digits) * powerOfTen(digits)) / divisor
  return rounded(quotient, digits, scale)
}

export function expNumeric(value: NumericValue): NumericValue {
  const weight = Math.trunc(clamp(numericToFloat(value) * Math.LOG10E))
  if (weight > RESULT_DIGITS_MAX) throw overflow()
  const scale = resultScale(weight, value.scale)
  const digits = scale + GUARD_DIGITS + Math.max(0, weight)
  return rounded(expFixed(rescale(value.unscaled, value.scale, digits), digits), digits, scale)
}

export function powerNumeric(base: NumericValue, exponent: NumericValue): NumericValue {
  const whole = exponent.unscaled % powerOfTen(exponent.scale) === 0n
  if (base.unscaled === 0n && exponent.unscaled < 0n) {
    throw new QueryError('INVALID_POWER', 'zero raised to a negative power is undefined')
  }
  if (base.unscaled < 0n && !whole) {
    const message = 'a negative number raised to a non-integer power yields a complex result'
    throw new QueryError('INVALID_POWER', message)
  }
  if (whole) return integerPower(base, exponent)
  const scaleMin = Math.max(base.scale, exponent.scale)
  if (base.unscaled === 0n) {
    const scale = resultScale(0, scaleMin)
    return { unscaled: 0n, scale: Math.min(scale, SIGNIFICANT_DIGITS_MIN) }
  }
  const estimate = numericToFloat(exponent) * Math.log(Math.abs(numericToFloat(base)))
  const weight = Math.trunc(clamp(estimate * Math.LOG10E))
  if (weight > RESULT_DIGITS_MAX) throw overflow()
  const scale = resultScale(weight, scaleMin)
  const digits = scale + GUARD_DIGITS + 2 * Math.abs(weight) + 8
  const product = (lnFixed(base, digits) * exponent.unscaled) / powerOfTen(exponent.scale)
  return rounded(expFixed(product, digits), digits, scale)
}

// power_var_int in numeric.c
function integerPower(base: NumericValue, exponent: NumericValue): NumericValue {
  const count = exponent.unscaled / powerOfTen(exponent.scale)
  const magnitude = absolute(base.unscaled)
  const log = magnitude === 0n ? 0 : Number(count) * log10Of(base)
  if (Math.abs(log) > RESULT_DIGITS_MAX * 4) {
    if (log > 0) throw overflow()
    return { unscaled: 0n, scale: DISPLAY_SCALE_MAX }
  }
  const scale = resultScale(0, base.scale)
  if (magnitude === 1n && base.scale === 0) {
    const sign = base.unscaled < 0n && count % 2n !== 0n ? -1n : 1n
    return { unscaled: sign * powerOfTen(scale), scale }
  }
  const steps = absolute(count)
  if (steps > 100_000n) throw overflow()
  const raised = base.unscaled ** steps
  const raisedScale = base.scale * Number(steps)
  if (count >= 0n) return { unscaled: rescale(raised, raisedScale, scale), scale }
  return { unscaled: divideRounded(powerOfTen(scale + raisedScale), raised), scale }
}

function log10Of(value: NumericValue): number {
  const digits = absolute(value.unscaled).toString()
  return Math.log10(Number(`0.${digits}`)) + digits.length - value.scale
}

function resultScale(weight: number, least: number): number {
  return Math.min(Math.max(SIGNIFICANT_DIGITS_MIN - weight, least, 0), DISPLAY_SCALE_MAX)
}

function clamp(value: number): number {
  return Math.max(-2_000, Math.min(2_000, value))
}

/** Power of ten of the logarithm's leading digit, as estimate_ln_dweight. */
function estimateLnWeight(value: NumericValue): number {
  const near = numericToFloat(value)
  if (near >= 0.9 && near <= 1.1) {
    const difference = { unscaled: value.unscaled - powerOfTen(value.scale), scale: value.scale }
    if (difference.unscaled === 0n) return 0
    const { weight, digit } = leadingDigit(difference)
    return weight * 4 + Math.trunc(Math.log10(Number(digit)))
  }
  return Math.trunc(Math.log10(Math.abs(log10Of(value) * Math.LN10)))
}

function checkLogarithm(value: NumericValue): void {
  if (value.unscaled === 0n) {
    throw new QueryError('INVALID_LOGARITHM', 'cannot take logarithm of zero')
  }
  if (value.unscaled < 0n) {
    throw new QueryError('INVALID_LOGARITHM', 'cannot take logarithm of a negative number')
  }
}

function overflow(): QueryError {
  return new QueryError('NUMERIC_OUT_OF_RANGE', 'value overflows numeric format')
}

function rounded(fixed: bigint, digits: number, scale: number): NumericValue {
  return { unscaled: rescale(fixed, digits, scale), scale }
}

/** Natural logarithm in fixed point: halved or doubled into [0.7, 1.4], then the series of atanh. */
function lnFixed(value: NumericValue, digits: number): bigint {
  const work = digits + 10
  const one = powerOfTen(work)
  let mantissa = rescaleFloor(value, work)
  let doublings = 0n
  const [low, high] = [(one * 7n) / 10n, (one * 14n) / 10n]
  const bits = mantissa.toString(2).length - one.toString(2).length
  if (bits > 1) {
    mantissa >>= BigInt(bits)
    doublings += BigInt(bits)
  }
  if (bits < -1) {
    // Digits of tiny values are kept by scaling before the shift.
    mantissa = (value.unscaled * one * 2n ** BigInt(-bits)) / powerOfTen(value.scale)
    doublings += BigInt(bits)
  }
  while (mantissa > high) {
    mantissa >>= 1n
    doublings++
  }
  while (mantissa < low) {
    mantissa <<= 1n
    doublings--
  }
  const ln = 2n * atanh(((mantissa - one) * one) / (mantissa + one), one)
  const ln2 = 2n * atanh(one / 3n, one)
  return (ln + doublings * ln2) / powerOfTen(10)
}

function rescaleFloor(value: NumericValue, digits: number): bigint {
  return digits >= value.scale
    ? value.unscaled * powerOfTen(digits - value.scale)
    : value.unscaled / powerOfTen(value.scale - digits)
}

function atanh(x: bigint, one: bigint): bigint {
  const square = (x * x) / one
  let power = x
  let sum = 0n
  for (let odd = 1n; power !== 0n; odd += 2n) {
    sum += power / odd
    power = (power * square) / one
  }
  return sum
}

/** e to a fixed-point power: reduced by multiples of ln 2, Taylor series, shifted back. */
function expFixed(x: bigint, digits: number): bigint {
  const extra = 20
  const one = powerOfTen(digits + extra)
  const scaled = x * powerOfTen(extra)
  const ln2 = 2n * atanh(one / 3n, one)
  const halvings = scaled / ln2
  const rest = scaled - halvings * ln2
  let term = one
  let sum = 0n
  for (let n = 1n; term !== 0n; n++) {
    sum += term
    term = (term * rest) / (one * n)
  }
  const shifted = halvings >= 0n ? sum << halvings : sum >> -halvings
  return shifted / powerOfTen(extra)
}
