import { QueryError } from '../../base/errors.ts'
import {
  absolute,
  absoluteNumeric,
  divideRounded,
  leadingDigit,
  negateNumeric,
  NUMERIC_WHOLE_DIGITS_MAX,
  numericOverflow,
  powerOfTen,
  rescale,
} from '../../data/types/numeric-arithmetic.ts'
import { compareNumerics } from '../../data/types/compare-values.ts'
import {
  isNaNumeric,
  isSpecial,
  NUMERIC_INFINITY,
  NUMERIC_MINUS_INFINITY,
  NUMERIC_NAN,
  numericSign,
} from '../../data/types/numeric-specials.ts'
import type { NumericValue } from '../../data/types/scalar.ts'
import { numericToFloat } from '../cast-scalar.ts'

/**
 * Logarithm, exponential and power of numerics, with the number of digits that PostgreSQL's numeric.c
 * gives them. Computed in fixed point with guard digits.
 */

const SIGNIFICANT_DIGITS_MIN = 16
const GUARD_DIGITS = 12
const DISPLAY_SCALE_MAX = 1_000
/** exp() beyond is an overflow, or 0 (three times NUMERIC_MAX_RESULT_SCALE). */
const EXPONENT_MAX = 6_000
/** The same for powers, with room for the estimate's error. */
const POWER_EXPONENT_MAX = 6_020
const ESTIMATE_DIGITS = 8
/** As numeric_exp has it. */
// oxlint-disable-next-line approx-constant
const LOG10_E = 0.434294481903252

export function lnNumeric(value: NumericValue): NumericValue {
  checkLogarithm(value)
  if (isSpecial(value)) return value
  const scale = resultScale(estimateLnWeight(value), value.scale)
  const digits = scale + GUARD_DIGITS
  return rounded(lnFixed(value, digits), digits, scale)
}

/** Logarithm of `value` to a base. */
export function logNumeric(base: NumericValue, value: NumericValue): NumericValue {
  if (isNaNumeric(base) || isNaNumeric(value)) return NUMERIC_NAN
  checkLogarithm(base)
  checkLogarithm(value)
  if (isSpecial(base)) return isSpecial(value) ? NUMERIC_NAN : { unscaled: 0n, scale: 0 }
  if (isSpecial(value)) return value
  const weight = estimateLnWeight(value) - estimateLnWeight(base)
  const scale = resultScale(weight, Math.max(base.scale, value.scale))
  const digits = scale + GUARD_DIGITS + Math.max(0, -2 * estimateLnWeight(base)) + 8
  const divisor = lnFixed(base, digits)
  if (divisor === 0n) throw new QueryError('DIVISION_BY_ZERO', 'division by zero')
  const quotient = (lnFixed(value, digits) * powerOfTen(digits)) / divisor
  return rounded(quotient, digits, scale)
}

export function expNumeric(value: NumericValue): NumericValue {
  if (isSpecial(value)) return numericSign(value) < 0 ? { unscaled: 0n, scale: 0 } : value
  const estimate = numericToFloat(value)
  const weight = Math.trunc(clamp(estimate * LOG10_E))
  const scale = resultScale(weight, value.scale)
  if (Math.abs(estimate) >= EXPONENT_MAX) {
    if (estimate > 0) throw numericOverflow()
    return { unscaled: 0n, scale }
  }
  const digits = scale + GUARD_DIGITS + Math.max(0, weight)
  return rounded(expFixed(rescale(value.unscaled, value.scale, digits), digits), digits, scale)
}

/** A power as power_var computes it: by squaring for whole exponents of 32 bits, else by logarithm. */
export function powerNumeric(base: NumericValue, exponent: NumericValue): NumericValue {
  if (isSpecial(base) || isSpecial(exponent)) return specialPower(base, exponent)
  const unit = powerOfTen(exponent.scale)
  const isWhole = exponent.unscaled % unit === 0n
  if (base.unscaled === 0n && exponent.unscaled < 0n) throw powerOfZero()
  if (base.unscaled < 0n && !isWhole) throw complexPower()
  const count = exponent.unscaled / unit
  if (isWhole && BigInt.asIntN(32, count) === count) return integerPower(base, Number(count))
  if (base.unscaled === 0n) return { unscaled: 0n, scale: SIGNIFICANT_DIGITS_MIN }
  const magnitude = { unscaled: absolute(base.unscaled), scale: base.scale }
  const power = logarithmicPower(magnitude, exponent)
  return base.unscaled < 0n && count % 2n !== 0n ? negateNumeric(power) : power
}

const ONE: NumericValue = { unscaled: 1n, scale: 0 }
const ZERO: NumericValue = { unscaled: 0n, scale: 0 }

/** Where one of the two is special, as POSIX has it for pow and numeric_power in PostgreSQL's numeric.c. */
function specialPower(base: NumericValue, exponent: NumericValue): NumericValue {
  const isOne = compareNumerics(base, ONE) === 0
  const [sign, direction] = [numericSign(base), numericSign(exponent)]
  if (isNaNumeric(base)) return direction === 0 ? ONE : NUMERIC_NAN
  if (isNaNumeric(exponent)) return isOne ? ONE : NUMERIC_NAN
  const unit = powerOfTen(exponent.scale)
  if (sign === 0 && direction < 0) throw powerOfZero()
  if (sign < 0 && exponent.unscaled % unit !== 0n) throw complexPower()
  if (isOne || direction === 0) return ONE
  if (sign === 0) return ZERO
  if (isSpecial(exponent)) {
    const size = compareNumerics(absoluteNumeric(base), ONE)
    if (size === 0) return ONE
    return size > 0 === direction > 0 ? NUMERIC_INFINITY : ZERO
  }
  if (direction < 0) return ZERO
  const isOdd = (exponent.unscaled / unit) % 2n !== 0n
  return sign < 0 && isOdd ? NUMERIC_MINUS_INFINITY : NUMERIC_INFINITY
}

function powerOfZero(): QueryError {
  return new QueryError('INVALID_POWER', 'zero raised to a negative power is undefined')
}

function complexPower(): QueryError {
  const message = 'a negative number raised to a non-integer power yields a complex result'
  return new QueryError('INVALID_POWER', message)
}

// power_var in numeric.c: its scale follows from a logarithm of some eight digits.
function logarithmicPower(base: NumericValue, exponent: NumericValue): NumericValue {
  const places = Math.max(0, ESTIMATE_DIGITS - estimateLnWeight(base))
  const near = rescale(lnFixed(base, places + GUARD_DIGITS), places + GUARD_DIGITS, places)
  const unscaled = rescale(near * exponent.unscaled, places + exponent.scale, places)
  const estimate = numericToFloat({ unscaled, scale: places })
  if (Math.abs(estimate) > POWER_EXPONENT_MAX) {
    if (estimate > 0) throw numericOverflow()
    return { unscaled: 0n, scale: DISPLAY_SCALE_MAX }
  }
  const weight = Math.trunc(estimate * LOG10_E)
  const scale = resultScale(weight, Math.max(base.scale, exponent.scale))
  const exponentDigits = absolute(exponent.unscaled).toString().length
  const digits = scale + GUARD_DIGITS + 2 * Math.abs(weight) + exponentDigits + 8
  const product = (lnFixed(base, digits) * exponent.unscaled) / powerOfTen(exponent.scale)
  return rounded(expFixed(product, digits), digits, scale)
}

/** A value with a limited number of digits: `mantissa * 10^exponent`. */
interface Floating {
  readonly mantissa: bigint
  readonly exponent: number
}

// power_var_int in numeric.c
function integerPower(base: NumericValue, count: number): NumericValue {
  const scale = resultScale(0, base.scale)
  if (count === 0) return { unscaled: powerOfTen(scale), scale }
  if (base.unscaled === 0n) return { unscaled: 0n, scale }
  const weight = count * log10Of(base)
  if (weight > NUMERIC_WHOLE_DIGITS_MAX) throw numericOverflow()
  if (weight + 1 < -scale || weight + 1 < -DISPLAY_SCALE_MAX) return { unscaled: 0n, scale }
  const steps = Math.abs(count)
  // Each of the squarings may be wrong in its last digit.
  const significant = 1 + scale + Math.max(0, Math.trunc(weight)) + Math.log10(steps) + 8
  const digits = Math.max(1, Math.ceil(significant))
  const { mantissa, exponent } = raised(base, steps, digits)
  if (count > 0) return { unscaled: shifted(mantissa, exponent + scale), scale }
  // 1 / (mantissa * 10^exponent), at the scale
  const shift = scale - exponent
  const one = powerOfTen(Math.max(0, shift))
  return { unscaled: divideRounded(one, mantissa * powerOfTen(Math.max(0, -shift))), scale }
}

function raised(base: NumericValue, steps: number, digits: number): Floating {
  let square = cut({ mantissa: base.unscaled, exponent: -base.scale }, digits)
  let result: Floating = { mantissa: 1n, exponent: 0 }
  for (let rest = steps; ; square = times(square, square, digits)) {
    if (rest % 2 === 1) result = times(result, square, digits)
    rest = Math.floor(rest / 2)
    if (rest === 0) return result
  }
}

function times(left: Floating, right: Floating, digits: number): Floating {
  const mantissa = left.mantissa * right.mantissa
  return cut({ mantissa, exponent: left.exponent + right.exponent }, digits)
}

/** Drops what is behind so many digits, and a few more, as their number is estimated by bits. */
function cut({ mantissa, exponent }: Floating, digits: number): Floating {
  const bits = absolute(mantissa).toString(16).length * 4
  const excess = Math.floor(bits * Math.LOG10E * Math.LN2) - 4 - digits
  if (excess <= 0) return { mantissa, exponent }
  return { mantissa: mantissa / powerOfTen(excess), exponent: exponent + excess }
}

function shifted(value: bigint, digits: number): bigint {
  return digits >= 0 ? value * powerOfTen(digits) : divideRounded(value, powerOfTen(-digits))
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
  if (numericSign(value) === 0) {
    throw new QueryError('INVALID_LOGARITHM', 'cannot take logarithm of zero')
  }
  if (numericSign(value) < 0) {
    throw new QueryError('INVALID_LOGARITHM', 'cannot take logarithm of a negative number')
  }
}

function rounded(fixed: bigint, digits: number, scale: number): NumericValue {
  return { unscaled: rescale(fixed, digits, scale), scale }
}

/** Bits for so many digits, and as many more as errors take. */
function bitsOf(digits: number): number {
  return Math.ceil(digits * BITS_PER_DIGIT) + GUARD_BITS
}

const BITS_PER_DIGIT = Math.LOG2E * Math.LN10
const GUARD_BITS = 72

/** How many binary digits a number above 0 has, four more at most. */
function lengthOf(value: bigint): number {
  return value.toString(16).length * 4
}

/** Natural logarithm in fixed point: halved or doubled into [0.7, 1.4], then the series of atanh. */
function lnFixed(value: NumericValue, digits: number): bigint {
  const bits = bitsOf(digits)
  const one = 1n << BigInt(bits)
  const unit = powerOfTen(value.scale)
  let doublings = lengthOf(value.unscaled) - lengthOf(unit)
  const shift = bits - doublings
  let mantissa =
    shift >= 0
      ? (value.unscaled << BigInt(shift)) / unit
      : value.unscaled / (unit << BigInt(-shift))
  const [low, high] = [(one * 7n) / 10n, (one * 14n) / 10n]
  for (; mantissa > high; doublings++) mantissa >>= 1n
  for (; mantissa < low; doublings--) mantissa <<= 1n
  const ln = 2n * atanh(((mantissa - one) * one) / (mantissa + one), bits)
  return ((ln + BigInt(doublings) * ln2Fixed(bits)) * powerOfTen(digits)) >> BigInt(bits)
}

function atanh(x: bigint, bits: number): bigint {
  const by = BigInt(bits)
  const square = (x * x) >> by
  let power = absolute(x)
  let sum = 0n
  for (let odd = 1n; power !== 0n; odd += 2n) {
    sum += power / odd
    power = (power * square) >> by
  }
  return x < 0n ? -sum : sum
}

/** The logarithm of 2 with the most bits that were asked for, up to {@link KEPT_BITS_MAX}. */
let kept = { bits: 0, ln2: 0n }
const KEPT_BITS_MAX = 16_384

/** The natural logarithm of 2 in fixed point, some hundred units of the last bit off at most. */
function ln2Fixed(bits: number): bigint {
  if (bits <= kept.bits) return kept.ln2 >> BigInt(kept.bits - bits)
  const ln2 = 2n * atanh((1n << BigInt(bits)) / 3n, bits)
  if (bits <= KEPT_BITS_MAX) kept = { bits, ln2 }
  return ln2
}

/** How often the exponent is halved, so that its series is short, and the power is squared. */
const SQUARINGS = 12n

/** e to a fixed-point power: reduced by multiples of ln 2, Taylor series, shifted back. */
function expFixed(x: bigint, digits: number): bigint {
  const bits = BigInt(bitsOf(digits))
  const scaled = (x << bits) / powerOfTen(digits)
  // What halvings multiply is to have as many bits as the rest.
  const ln2 = ln2Fixed(Number(bits) + ROOM_FOR_HALVINGS)
  const halvings = (scaled << BigInt(ROOM_FOR_HALVINGS)) / ln2
  const rest = (scaled - ((halvings * ln2) >> BigInt(ROOM_FOR_HALVINGS))) >> SQUARINGS
  let term = 1n << bits
  let sum = 0n
  for (let n = 1n; term !== 0n && term !== -1n; n++) {
    sum += term
    term = ((term * rest) >> bits) / n
  }
  for (let left = SQUARINGS; left > 0n; left--) sum = (sum * sum) >> bits
  const shifted = halvings >= 0n ? sum << halvings : sum >> -halvings
  return (shifted * powerOfTen(digits)) >> bits
}

const ROOM_FOR_HALVINGS = 16
