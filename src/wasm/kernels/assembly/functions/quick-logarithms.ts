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

// The constants of the series and the sums, loaded: engines put constants together in other registers first.
const CONSTANTS: usize = memory.data<f64>([
  0.3333333333333333, 0.5, 0.25, 0.2, 0.16666666666666666, 0.14285714285714285, 0.125, 0.1111111111111111, 0.1,
  LN2_CUT, LN2_REST, LN10_CUT, LN10_REST, CUTTER, UPPER_CUTTER, INTEGER_CUTTER,
])

const THIRD: usize = 0
const HALF: usize = 8
const FOURTH: usize = 16
const FIFTH: usize = 24
const SIXTH: usize = 32
const SEVENTH: usize = 40
const EIGHTH: usize = 48
const NINTH: usize = 56
const TENTH: usize = 64
const LN2_FIRST: usize = 72
const LN2_SECOND: usize = 80
const LN10_FIRST: usize = 88
const LN10_SECOND: usize = 96
const CUTS: usize = 104
const CUTS_UPPER: usize = 112
const CUTS_INTEGER: usize = 120

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
    load<f64>(CONSTANTS, THIRD) * r - load<f64>(CONSTANTS, HALF) -
    square * (load<f64>(CONSTANTS, FOURTH) - load<f64>(CONSTANTS, FIFTH) * r) -
    fourth * (
      load<f64>(CONSTANTS, SIXTH) - load<f64>(CONSTANTS, SEVENTH) * r +
      square * (load<f64>(CONSTANTS, EIGHTH) - load<f64>(CONSTANTS, NINTH) * r) + fourth * load<f64>(CONSTANTS, TENTH)
    )
  const own = load<f64>(entry, 8)
  const cutter = load<f64>(CONSTANTS, CUTS)
  const cut = own + cutter - cutter
  const places = <f64><i32>scale
  const sum = power * load<f64>(CONSTANTS, LN2_FIRST) + cut - places * load<f64>(CONSTANTS, LN10_FIRST)
  const small =
    own - cut + load<f64>(entry, 16) + power * load<f64>(CONSTANTS, LN2_SECOND) - places * load<f64>(CONSTANTS, LN10_SECOND) +
    (rest - rest * r + square * series)
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
  const upperCutter = load<f64>(CONSTANTS, CUTS_UPPER)
  const upperPart = product + upperCutter
  const left = product - (upperPart - upperCutter) + (productRest(high, unit, product) + low * unit)
  const integerCutter = load<f64>(CONSTANTS, CUTS_INTEGER)
  const more = left + integerCutter
  const error = isNatural ? QUICK_ERROR : QUICK_ERROR * abs(factor)
  if (0.5 - abs(left - (more - integerCutter)) < error * unit + ERROR_MIN) return false
  const value = ((reinterpret<i64>(upperPart) - UPPER_BITS) << UPPER_SHIFT) + (reinterpret<i64>(more) - INTEGER_BITS)
  store<i64>(target, value)
  store<i64>(target, ((value >> 63) & 0x00ff_ffff_ffff_ffff) | (<i64>decimals << 56), 8)
  return true
}
