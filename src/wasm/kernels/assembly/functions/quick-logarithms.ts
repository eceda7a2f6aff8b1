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

// The logarithm found last, in two parts, the second below 2^-14 so that nothing waits for it; globals of this instance, as functions return one value.
export let nearHigh: f64 = 0
export let nearLow: f64 = 0

// Finds the natural logarithm of a numeric; false: it is too long, or not above 0.
export function quickLogarithm(lower: u64, upper: i64): bool {
  const scale = <u64>upper >> 56
  if (upper << 8 != 0 || lower - 1 >= VALUE_MAX - 1 || scale > SCALE_MAX) return false
  const bits = reinterpret<u64>(<f64><i64>lower)
  const power = <f64>(<i64>(bits >> 52) - 1023)
  const mantissa = (bits & 0x000f_ffff_ffff_ffff) | 0x3ff0_0000_0000_0000
  const first = reinterpret<f64>(mantissa & ~LAST_BITS)
  const last = reinterpret<f64>(mantissa) - first
  // Multiplied by a number of few bits it is close to 1.
  const entry = LOGARITHMS + <usize>((bits >> 45) & 127) * 24
  const factor = load<f64>(entry)
  const whole = first * factor - 1
  const part = last * factor
  const r = whole + part
  const rest = part - (r - whole)
  const square = r * r
  const fourth = square * square
  const series =
    1.0 / 3 * r - 0.5 - square * (1.0 / 4 - 1.0 / 5 * r) -
    fourth * (1.0 / 6 - 1.0 / 7 * r + square * (1.0 / 8 - 1.0 / 9 * r) + fourth * (1.0 / 10))
  const own = load<f64>(entry, 8)
  const cut = own + CUTTER - CUTTER
  const places = <f64><i64>scale
  const sum = power * LN2_CUT + cut - places * LN10_CUT
  const small =
    own - cut + load<f64>(entry, 16) + power * LN2_REST - places * LN10_REST + (rest - rest * r + square * series)
  const total = sum + r
  const mine = total - sum
  nearHigh = total
  nearLow = sum - (total - mine) + (r - mine) + small
  return true
}

// Multiplies what was found last by a number in two parts.
export function multiplyNear(factor: f64, factorRest: f64): void {
  const product = nearHigh * factor
  nearLow = productRest(nearHigh, factor, product) + (nearHigh * factorRest + nearLow * factor)
  nearHigh = product
}

// Stores what was found last as a numeric of so many digits behind the point; false: an error leaves them in doubt, or they
// are too many.
export function storeNear(target: usize, places: i32, error: f64): bool {
  if (<u32>places > <u32>SCALE_MAX) return false
  const unit = load<f64>(POWERS_OF_FLOATS + (<usize>places << 3))
  const product = nearHigh * unit
  if (!(abs(product) < 9e18)) return false
  const whole = nearest(product)
  const rest = product - whole + (productRest(nearHigh, unit, product) + nearLow * unit)
  const more = nearest(rest)
  if (0.5 - abs(rest - more) < error * unit + ERROR_MIN) return false
  const value = <i64>whole + <i64>more
  store<i64>(target, value)
  store<i64>(target, ((value >> 63) & 0x00ff_ffff_ffff_ffff) | (<i64>places << 56), 8)
  return true
}
