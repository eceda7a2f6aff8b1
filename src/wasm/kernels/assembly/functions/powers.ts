// Powers of numerics, with the digits that PostgreSQL gives them (see functions/math/transcendental.ts): multiplied out where
// sixteen bytes hold all digits, else e to the product of exponent and logarithm. Where that leaves the last digit in doubt
// they are left to TypeScript: 1.
import { unsignedHigh } from '../decimal'
import { productRest } from '../floats/pairs'
import { POWERS } from '../limbs'
import { isWide } from '../numeric'
import { high, low, take } from './long-floats'
import { logarithm, LOGARITHM_ERROR, scale, takeNumeric } from './logarithms'
import { putExponential } from './quick-exponentials'

const SIGNIFICANT_DIGITS_MIN: i32 = 16
const LOG10_E: f64 = 0.4342944819032518
// By so much, as a part of the exponent and of the result's logarithm, the number of digits before the point is off of which
// PostgreSQL makes the scale.
const NEAR: f64 = 1e-8
// Exponents of powers that are multiplied out, and whole ones for which there is another rule than for others.
const FACTORS_MAX: u64 = 64
const WHOLE_MAX: u64 = 0x7fff_ffff
// Powers of ten of 64 bits.
const EXPONENT_SCALE_MAX: u64 = 19
// Exponents whose floats are exact.
const EXPONENT_MAX: u64 = 1 << 53

let productLow: u64 = 0
let productHigh: u64 = 0

// Multiplies by a number; false: the product has more than 119 bits.
function multiplyExact(factorLow: u64, factorHigh: u64): bool {
  if (productHigh != 0 && factorHigh != 0) return false
  const cross = productHigh != 0 ? unsignedHigh(productHigh, factorLow) : unsignedHigh(productLow, factorHigh)
  if (cross != 0) return false
  const carried = unsignedHigh(productLow, factorLow)
  const upper = productHigh * factorLow + productLow * factorHigh
  productHigh = upper + carried
  productLow *= factorLow
  return productHigh >= carried && productHigh < 0x0080_0000_0000_0000
}

// A magnitude to a whole power, from 1 on, of which all digits are kept; 1: there are too many.
function multipliedOut(target: usize, lower: u64, upper: u64, own: i32, count: u64, negative: bool): i32 {
  const places = max(SIGNIFICANT_DIGITS_MIN, own)
  const left = places - own * <i32>count
  if (left < 0) return 1
  productLow = 1
  productHigh = 0
  for (let times = count; times > 0; times--) if (!multiplyExact(lower, upper)) return 1
  // There are 16 of them at most.
  if (left > 0 && !multiplyExact(load<u64>(POWERS + (<usize>left << 4)), 0)) return 1
  const low = negative ? 0 - productLow : productLow
  const high = negative ? ~productHigh + u64(productLow == 0) : productHigh
  store<u64>(target, low)
  store<u64>(target, (high & 0x00ff_ffff_ffff_ffff) | (<u64>places << 56), 8)
  return 0
}

// A numeric to the power of another.
export function numericPower(target: usize, baseLow: u64, baseHigh: i64, powerLow: u64, powerHigh: i64): i32 {
  if (isWide(baseHigh) || isWide(powerHigh)) return 1
  const powerScale = <u64>powerHigh >> 56
  const isBelow = (powerHigh << 8) < 0
  if ((powerHigh << 8) >> 8 != <i64>powerLow >> 63 || powerScale > EXPONENT_SCALE_MAX) return 1
  const size = isBelow ? 0 - powerLow : powerLow
  if (size >= EXPONENT_MAX || size == 0) return 1
  const unit = load<u64>(POWERS + (<usize>powerScale << 4))
  const count = size / unit
  const isWhole = count * unit == size
  const signed = (baseHigh << 8) >> 8
  const isTurned = signed < 0
  const lower = isTurned ? 0 - baseLow : baseLow
  const upper = <u64>(isTurned ? ~signed + i64(baseLow == 0) : signed)
  const own = <i32>(<u64>baseHigh >> 56)
  const negative = isTurned && (count & 1) != 0
  if (isWhole && !isBelow && count <= FACTORS_MAX) {
    if (multipliedOut(target, lower, upper, own, count, negative) == 0) return 0
  }
  if ((lower | upper) == 0 || (isTurned && !isWhole) || count > WHOLE_MAX) return 1
  if (!takeNumeric(baseLow, baseHigh)) return 1
  logarithm(high, low, scale)
  // Times the exponent, and over its power of ten.
  const factor = isBelow ? -<f64><i64>size : <f64><i64>size
  const product = high * factor
  take(product, productRest(high, factor, product) + low * factor)
  const by = <f64><i64>unit
  const quotient = high / by
  const back = quotient * by
  const rest = (high - back - productRest(quotient, by, back) + low) / by
  const exponent = quotient + rest
  const exponentRest = quotient - exponent + rest
  const decimals = exponent * LOG10_E
  const whole = nearest(decimals)
  const times = abs(factor) / by
  if (!isWhole && whole != 0 && abs(decimals - whole) < NEAR * (1 + times + abs(exponent))) return 1
  const least = isWhole ? own : max(own, <i32>powerScale)
  const places = max(max(isWhole ? SIGNIFICANT_DIGITS_MIN : SIGNIFICANT_DIGITS_MIN - <i32>decimals, least), 0)
  const error = LOGARITHM_ERROR * (times + abs(exponent))
  return putExponential(target, exponent, exponentRest, error, places, negative) ? 0 : 1
}
