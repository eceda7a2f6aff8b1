// Logarithms of numerics, with the digits that PostgreSQL gives them (see
// functions/math/transcendental.ts). They are computed with about 25 digits and a bound of the error, and left to TypeScript,
// which has as many as it takes, where that leaves the last digit in doubt: 1.
import { productRest } from '../floats/pairs'
import { isWide } from '../numeric'
import { add, divide, high, low, multiply, negate, ofWords, take } from './long-floats'
import { LN10_HIGH, LN10_LOW, LN2_HIGH, LN2_LOW, LOGARITHMS } from './log-tables'
import { putSum } from './quick-exponentials'
import { putLogarithm, weightOf } from './quick-logarithms'
import { POWERS_OF_FLOATS } from './rounding'

// The last of these powers.
const SCALE_MAX: i32 = 22
// The upper word of what is read without loss.
const UPPER_MAX: u64 = 0x000f_ffff_ffff_ffff
const SIGNIFICANT_DIGITS_MIN: i32 = 16
// A third, in two parts.
const THIRD: f64 = 0.3333333333333333
const THIRD_REST: f64 = 1.850371707708594e-17
// So close to a power of ten, numbers of either side are not told apart.
const NEAR: f64 = 1e-7
// Of the error, and of what is asked of it.
export const LOGARITHM_ERROR: f64 = 2e-25
const ERROR_MIN: f64 = 1e-6
const ERROR_MAX: f64 = 0.05

let isNegative: bool = false
// Of the number that was taken last.
export let scale: i32 = 0

// Takes a numeric: its magnitude and its scale; false: it has too many digits.
export function takeNumeric(lower: u64, upper: i64): bool {
  scale = <i32>(<u64>upper >> 56)
  if (isWide(upper) || scale > SCALE_MAX) return false
  const signed = (upper << 8) >> 8
  isNegative = signed < 0
  const magnitude = isNegative ? 0 - lower : lower
  const rest = <u64>(isNegative ? ~signed + i64(lower == 0) : signed)
  if (rest > UPPER_MAX) return false
  ofWords(magnitude, rest)
  return true
}

// Stores the number in `high` and `low`, rounded to so many digits behind the point; 1: `error` leaves them in doubt.
function storeRounded(target: usize, places: i32, negative: bool, error: f64): i32 {
  if (places > SCALE_MAX) return 1
  const unit = load<f64>(POWERS_OF_FLOATS + (<usize>places << 3))
  const margin = max(error * unit, ERROR_MIN)
  if (margin > ERROR_MAX) return 1
  const product = high * unit
  if (!(product < 1e30)) return 1
  const whole = nearest(product)
  const rest = product - whole + (productRest(high, unit, product) + low * unit)
  const more = nearest(rest)
  if (0.5 - abs(rest - more) < margin) return 1
  putSum(target, whole, more, places, negative)
  return 0
}

// The natural logarithm of a number that is above 0, over a power of ten; its error is below LOGARITHM_ERROR.
export function logarithm(value: f64, rest: f64, places: i32): void {
  const bits = reinterpret<u64>(value)
  const power = <i64>(bits >> 52) - 1023
  const mantissa = reinterpret<f64>((bits & 0x000f_ffff_ffff_ffff) | 0x3ff0_0000_0000_0000)
  const small = rest * reinterpret<f64>((1023 - power) << 52)
  // Multiplied by a number of few bits it is close to 1.
  const entry = LOGARITHMS + <usize>((bits >> 45) & 127) * 24
  const factor = load<f64>(entry)
  const product = mantissa * factor
  take(product - 1, productRest(mantissa, factor, product) + small * factor)
  const r = high
  const rLow = low
  const square = r * r
  const squareRest = productRest(r, r, square) + 2 * r * rLow
  const cube = square * r
  const cubeRest = productRest(square, r, cube) + (squareRest * r + square * rLow)
  // (r - r * r / 2 + r^3 / 3 - ln(1 + r)) / r^4
  let series: f64 = 1.0 / 12 - r * (1.0 / 13)
  series = 1.0 / 11 - r * series
  series = 1.0 / 10 - r * series
  series = 1.0 / 9 - r * series
  series = 1.0 / 8 - r * series
  series = 1.0 / 7 - r * series
  series = 1.0 / 6 - r * series
  series = 1.0 / 5 - r * series
  series = 1.0 / 4 - r * series
  multiply(cube, cubeRest, THIRD, THIRD_REST)
  add(high, low, -square * square * series, 0)
  const thirdHigh = high
  const thirdLow = low
  add(r, rLow, -0.5 * square, -0.5 * squareRest)
  add(high, low, thirdHigh, thirdLow)
  add(high, low, load<f64>(entry, 8), load<f64>(entry, 16))
  const ownHigh = high
  const ownLow = low
  multiply(LN2_HIGH, LN2_LOW, <f64>power, 0)
  add(high, low, ownHigh, ownLow)
  const sumHigh = high
  const sumLow = low
  multiply(LN10_HIGH, LN10_LOW, <f64>-places, 0)
  add(sumHigh, sumLow, high, low)
}

// The logarithm of a numeric in `high` and `low`, and its weight, or -100 for what is left to TypeScript.
function takeLogarithm(lower: u64, upper: i64): i32 {
  if (!takeNumeric(lower, upper) || isNegative || high == 0) return -100
  logarithm(high, low, scale)
  return weightOf(high, NEAR)
}

function storeLogarithm(target: usize, weight: i32, least: i32, error: f64): i32 {
  const negative = high < 0
  if (negative) negate()
  const places = max(max(SIGNIFICANT_DIGITS_MIN - weight, least), 0)
  return storeRounded(target, places, negative, error * (1 + high))
}

// The natural logarithm of a numeric, in 16 bytes at `target`.
export function numericLn(target: usize, lower: u64, upper: i64): i32 {
  const least = <i32>(<u64>upper >> 56)
  if (putLogarithm(target, lower, upper, true, 1, 0, 0, least)) return 0
  const weight = takeLogarithm(lower, upper)
  return weight == -100 ? 1 : storeLogarithm(target, weight, scale, LOGARITHM_ERROR)
}

// The base that was taken last, which is mostly that of the next row, too: globals of this instance.
let knownLow: u64 = 0
let knownHigh: i64 = 0
let baseLog: f64 = 0
let baseRest: f64 = 0
let baseScale: i32 = 0
let baseFactor: f64 = 0
let baseFactorRest: f64 = 0
let baseWeight: i32 = -100

function takeBase(lower: u64, upper: i64): void {
  baseWeight = takeLogarithm(lower, upper)
  knownLow = lower
  knownHigh = upper
  baseLog = high
  baseRest = low
  baseScale = scale
  divide(1, 0, baseLog, baseRest)
  baseFactor = high
  baseFactorRest = low
}

// The logarithm to a base.
export function numericLog(target: usize, baseLow: u64, baseHigh: i64, lower: u64, upper: i64): i32 {
  if (baseLow != knownLow || baseHigh != knownHigh) takeBase(baseLow, baseHigh)
  if (baseWeight == -100) return 1
  const least = max(<i32>(<u64>upper >> 56), baseScale)
  if (putLogarithm(target, lower, upper, false, baseFactor, baseFactorRest, baseWeight, least)) return 0
  const weight = takeLogarithm(lower, upper)
  if (weight == -100) return 1
  divide(high, low, baseLog, baseRest)
  // The base's logarithm is above 0.1.
  return storeLogarithm(target, weight - baseWeight, max(scale, baseScale), 10 * LOGARITHM_ERROR)
}
