// Logarithms of numerics of 53 bits, with an error below QUICK_ERROR: what two floats and one series say. Where that
// leaves the last digit in doubt they are computed with more digits, see logarithms.ts.
import { productRest } from '../floats/pairs'
import { LN10_HIGH, LN10_LOW, LN2_HIGH, LN2_LOW, LOGARITHMS } from './log-tables'
import { POWERS_OF_FLOATS } from './rounding'

const VALUE_MAX: u64 = 1 << 53
const SCALE_MAX: u64 = 22
// A series of 2^-15 in floats, rounded a few times.
export const QUICK_ERROR: f64 = 4e-20
// Of the second part as so many units of the last digit.
const ERROR_MIN: f64 = 2e-4

// Added and taken away again, it leaves of a number below 512 a multiple of 2^-42: sums of these are exact.
const CUTTER: f64 = 1_536
const LN2_CUT: f64 = LN2_HIGH + CUTTER - CUTTER
const LN2_REST: f64 = LN2_HIGH - LN2_CUT + LN2_LOW
const LN10_CUT: f64 = LN10_HIGH + CUTTER - CUTTER
const LN10_REST: f64 = LN10_HIGH - LN10_CUT + LN10_LOW

// The last bits of a mantissa: without them it has 40, and a product with a number of 8 bits is exact.
const LAST_BITS: u64 = 0x1fff

const SECOND_MAX: f64 = 1e-4
const SIGNIFICANT_DIGITS_MIN: i32 = 16
// Added to a float of 51 bits it leaves the nearest integer in the last ones.
const INTEGER_CUTTER: f64 = 6755399441055744
const INTEGER_BITS: i64 = 0x4338_0000_0000_0000
// Of one of 63 bits all but 22, which the second part has to say anyway.
const UPPER_CUTTER: f64 = 28334198897217871282176.0
const UPPER_BITS: i64 = 0x4498_0000_0000_0000
const UPPER_SHIFT: i64 = 22

// Power of ten of the leading digit, as estimate_ln_dweight has it, of what is off by less than `near`; -100 where that leaves
// it in doubt, and for logarithms near 0.
@inline export function weightOf(value: f64, near: f64): i32 {
  const size = abs(value)
  // No numeric of 16 bytes has a logarithm of more digits.
  if (size < 0.11 || size > 999) return -100
  if (abs(size - 10) < near || abs(size - 100) < near) return -100
  return i32(size >= 10) + i32(size >= 100)
}

// Stores the natural logarithm of a numeric, or (`isNatural` is false) that times a factor in two parts, which is the reciprocal of
// the logarithm of a base, of that weight. It has 16 significant digits, and at least so many behind the point. False: it is
// too long, not above 0, or an error leaves the last digit in doubt. All is in locals of the kernel, nothing waits for a call.
@inline export function putLogarithm(
  target: usize, lower: u64, upper: i64, isNatural: bool, factor: f64, factorRest: f64, baseWeight: i32, least: i32,
): bool {
  const scale = <u64>upper >> 56
  if (upper << 8 != 0 || lower - 1 >= VALUE_MAX - 1 || scale > SCALE_MAX) return false
  const bits = reinterpret<u64>(<f64><i64>lower)
  const power = <f64>(<i32>(bits >> 52) - 1023)
  const mantissa = (bits & 0x000f_ffff_ffff_ffff) | 0x3ff0_0000_0000_0000
  const first = reinterpret<f64>(mantissa & ~LAST_BITS)
  const last = reinterpret<f64>(mantissa) - first
  // Multiplied by a number of few bits it is close to 1.
  const entry = LOGARITHMS + <usize>((bits >> 45) & 127) * 24
  const nearInverse = load<f64>(entry)
  const whole = first * nearInverse - 1
  const part = last * nearInverse
  const r = whole + part
  const rest = part - (r - whole)
  const square = r * r
  const fourth = square * square
  const series =
    1.0 / 3 * r - 0.5 - square * (1.0 / 4 - 1.0 / 5 * r) -
    fourth * (1.0 / 6 - 1.0 / 7 * r + square * (1.0 / 8 - 1.0 / 9 * r) + fourth * (1.0 / 10))
  const own = load<f64>(entry, 8)
  const cut = own + CUTTER - CUTTER
  const places = <f64><i32>scale
  const sum = power * LN2_CUT + cut - places * LN10_CUT
  const small =
    own - cut + load<f64>(entry, 16) + power * LN2_REST - places * LN10_REST + (rest - rest * r + square * series)
  const total = sum + r
  const mine = total - sum
  // The second part is below 2^-14, so that the weight does not wait for it.
  let high = total
  let low = sum - (total - mine) + (r - mine) + small
  const weight = weightOf(total, SECOND_MAX)
  if (weight == -100) return false
  if (!isNatural) {
    high = total * factor
    low = productRest(total, factor, high) + (total * factorRest + low * factor)
  }
  const decimals = max(SIGNIFICANT_DIGITS_MIN - (weight - baseWeight), least)
  if (<u32>decimals > <u32>SCALE_MAX) return false
  const unit = load<f64>(POWERS_OF_FLOATS + (<usize>decimals << 3))
  const product = high * unit
  if (!(abs(product) < 9e18)) return false
  const upperPart = product + UPPER_CUTTER
  const left = product - (upperPart - UPPER_CUTTER) + (productRest(high, unit, product) + low * unit)
  const more = left + INTEGER_CUTTER
  const error = isNatural ? QUICK_ERROR : QUICK_ERROR * abs(factor)
  if (0.5 - abs(left - (more - INTEGER_CUTTER)) < error * unit + ERROR_MIN) return false
  const value = ((reinterpret<i64>(upperPart) - UPPER_BITS) << UPPER_SHIFT) + (reinterpret<i64>(more) - INTEGER_BITS)
  store<i64>(target, value)
  store<i64>(target, ((value >> 63) & 0x00ff_ffff_ffff_ffff) | (<i64>decimals << 56), 8)
  return true
}
