// e to numerics of some 64 and less, with an error of 2^-76 of the result: the power of two by integers, the rest of it by two tables
// and a short series, whose parts are sums of two floats so that only what is small is rounded (P. T. P. Tang, "Table-driven
// implementation of the exponential function", ACM TOMS 15, 1989). Where that leaves the last digit in doubt (A. Ziv, "Fast
// evaluation of elementary mathematical functions with correctly rounded last bit", ACM TOMS 17, 1991) they are computed
// with more digits, see exponentials.ts.
import { DECIMAL_UNITS, LN2_MIDDLE, LN2_UPPER, POWERS_OF_TWO, REDUCTIONS, SMALL_POWERS } from './exponential-tables'

// Digits behind the point of the last of REDUCTIONS, and of the last unit.
const SCALE_MAX: u32 = 26
const PLACES_MAX: u32 = 63

// 2^126, in units of 2^-56.
const POWER_MAX: u64 = 0x7e00_0000_0000_0000

const LIMB: u64 = 0xffffffff
const SIGNIFICANT_DIGITS_MIN: i32 = 16
const LOG10_2: f64 = 0.3010299956639812
// So close to a power of ten, numbers of either side are not told apart.
const NEAR: f64 = 1e-8
// 2^-76 of the result, and units of the last digit.
const ERROR: f64 = 1.3234889800848443e-23
const ERROR_MIN: f64 = 1e-6
const ERROR_MAX: f64 = 0.05

// Added and taken away again, they leave multiples of 2^-25 and of 2^-39.
const CUTTER: f64 = 201326592
const SMALL_CUTTER: f64 = 12288

@inline function powerOfTwo(exponent: i64): f64 {
  return reinterpret<f64>((exponent + 1023) << 52)
}

// Stores whole + more, of which `whole` is 0 or more, as a numeric.
@inline export function putSum(target: usize, whole: f64, more: f64, places: i32, negative: bool): void {
  let lower: u64 = 0
  let upper: u64 = 0
  if (whole < 9e18) lower = <u64><i64>whole
  else {
    const bits = reinterpret<u64>(whole)
    const mantissa = (bits & 0x000f_ffff_ffff_ffff) | 0x0010_0000_0000_0000
    const shift = (bits >> 52) - 1075
    lower = mantissa << shift
    upper = mantissa >> (64 - shift)
  }
  const addend = <i64>more
  const sum = lower + <u64>addend
  upper += <u64>(addend >> 63) + u64(sum < lower)
  const turn = negative ? <u64>-1 : 0
  const turned = (upper ^ turn) + (u64(sum == 0) & turn)
  store<u64>(target, (sum ^ turn) - turn)
  store<u64>(target, (turned & 0x00ff_ffff_ffff_ffff) | (<u64>places << 56), 8)
}

// Stores e to a numeric whose magnitude is these two words; false: it is too long, or its last digit is in doubt.
export function quickExponential(target: usize, lower: u64, upper: u64, scale: u32, negative: bool): bool {
  if (scale > SCALE_MAX) return false
  // The magnitude, shifted so that 64 would have a bit more than 96, times log2(e) over a power of ten: 2^184 would be 1.
  const entry = REDUCTIONS + (<usize>scale << 4)
  const shift = <u64>load<u32>(entry, 12)
  const size = <f64><i64>upper * 18446744073709551616.0 + <f64><i64>(lower >> 1) * 2.0
  if (size >= powerOfTwo(96 - <i64>shift)) return false
  const isFar = shift >= 64
  const nHigh = isFar ? lower << (shift - 64) : (upper << shift) | ((lower >> 1) >> (63 - shift))
  const nLow = isFar ? 0 : lower << shift
  const n0 = nLow & LIMB
  const n1 = nLow >> 32
  const m0 = <u64>load<u32>(entry)
  const m1 = <u64>load<u32>(entry, 4)
  const m2 = <u64>load<u32>(entry, 8)
  const second = nHigh * m1
  const third = n1 * m2
  const last = ((nHigh * m0) >> 32) + ((n1 * m1) >> 32) + ((n0 * m2) >> 32) + (second & LIMB) + (third & LIMB)
  const magnitude = nHigh * m2 + (second >> 32) + (third >> 32) + (last >> 32)
  if (magnitude >= POWER_MAX) return false
  // Below 0 all bits are turned, which is off by one of the last.
  const turn = negative ? <u64>-1 : 0
  const power = magnitude ^ turn
  const rest = (last ^ turn) & LIMB
  // How many digits there are behind the point.
  const decimals = <f64><i64>power * (LOG10_2 / 72057594037927936.0)
  const whole = nearest(decimals)
  if (whole != 0 && abs(decimals - whole) < NEAR) return false
  const places = max(SIGNIFICANT_DIGITS_MIN - <i32>decimals, <i32>scale)
  if (<u32>max(places, 0) > PLACES_MAX) return false
  // Eight bits before the point, six for each table, and what is left of 2^-12, from -2^-13 on.
  const near = power + 0x800_0000_0000
  const first = <f64>(<i64>((near >> 18) & 0x3ff_ffff) - 0x200_0000) * 3.637978807091713e-12
  const little = <f64><i64>(((near & 0x3ffff) << 32) | rest) * 3.2311742677852644e-27
  const a = POWERS_OF_TWO + (<usize>((near >> 50) & 63) << 4)
  const b = SMALL_POWERS + (<usize>((near >> 44) & 63) << 4)
  return putPower(target, a, b, first, little, <i64>near >> 56, max(places, 0))
}

// Stores the product of two entries of the tables and of 2^(first + little + whole).
@inline function putPower(
  target: usize, a: usize, b: usize, first: f64, little: f64, whole: i64, places: i32,
): bool {
  const exponent = first * LN2_UPPER
  const cutExponent = exponent + SMALL_CUTTER - SMALL_CUTTER
  const exponentRest = exponent - cutExponent + (first * LN2_MIDDLE + little * (LN2_UPPER + LN2_MIDDLE))
  return putProduct(target, a, b, cutExponent, exponentRest, whole, places, ERROR, ERROR_MAX, false)
}

// The same times e to cutExponent + exponentRest, which is off by some of `error` itself.
@inline function putProduct(
  target: usize, a: usize, b: usize, cutExponent: f64, exponentRest: f64, whole: i64, places: i32, error: f64, errorMax: f64,
  negative: bool,
): bool {
  const aHigh = load<f64>(a)
  const aLow = load<f64>(a, 8)
  const bHigh = load<f64>(b)
  const bLow = load<f64>(b, 8)
  const base = aHigh * bHigh
  const baseRest = aHigh * bLow + aLow * bHigh + aLow * bLow
  const cut = base + CUTTER - CUTTER
  const s = cutExponent + exponentRest
  const series = s * s * (0.5 + s * (1.0 / 6 + s * (1.0 / 24 + s * (1.0 / 120))))
  const product = cut * cutExponent
  const high = base + product
  const low = product - (high - base) + (baseRest + (cut * exponentRest + (base - cut + baseRest) * s + (base + baseRest) * series))
  // In units of the last digit.
  const entry = DECIMAL_UNITS + <usize>places * 24
  const factor = powerOfTwo(whole)
  const unitFirst = load<f64>(entry) * factor
  const unitNext = load<f64>(entry, 8) * factor
  const unit = unitFirst + unitNext
  const count = high * unit
  if (!(count < 1e30)) return false
  const highFirst = high + CUTTER - CUTTER
  const highNext = high - highFirst
  const countRest =
    highNext * unitNext - (count - highFirst * unitFirst - highFirst * unitNext - highNext * unitFirst) +
    (low * unit + high * (load<f64>(entry, 16) * factor))
  const wholeCount = nearest(count)
  const fraction = count - wholeCount + countRest
  const more = nearest(fraction)
  const margin = max(count * error, ERROR_MIN)
  if (margin > errorMax || 0.5 - abs(fraction - more) < margin) return false
  putSum(target, wholeCount, more, places, negative)
  return true
}

// Of one part of 4096 in the logarithm to base 2, and the exponents that are raised.
const PARTS: f64 = 5909.278887481194
const EXPONENT_MAX: f64 = 300
// Where more than that is in doubt, it is not tried.
const DOUBT_MAX: f64 = 0.2
// The tables' and the reduction's, of exponents up to EXPONENT_MAX.
const REDUCTION_ERROR: f64 = 1e-24

// Stores e to a number in two parts that is off by `error`, or that below 0, with so many digits behind the point; false: it is too
// long, or its last digit is in doubt.
export function putExponential(target: usize, exponent: f64, rest: f64, error: f64, places: i32, negative: bool): bool {
  if (!(abs(exponent) < EXPONENT_MAX) || <u32>places > PLACES_MAX) return false
  const near = nearest(exponent * PARTS)
  const parts = <i32>near
  // Products with numbers of few bits, and differences of what is close to each other, are exact.
  const upper = exponent - near * (LN2_UPPER / 4096)
  const lower = rest - near * (LN2_MIDDLE / 4096)
  const s = upper + lower
  const cutExponent = s + SMALL_CUTTER - SMALL_CUTTER
  const exponentRest = s - cutExponent + (upper - s + lower)
  const a = POWERS_OF_TWO + (<usize>((parts >> 6) & 63) << 4)
  const b = SMALL_POWERS + (<usize>(parts & 63) << 4)
  const total = ERROR + error + abs(exponent) * REDUCTION_ERROR
  return putProduct(target, a, b, cutExponent, exponentRest, <i64>(parts >> 12), places, total, DOUBT_MAX, negative)
}
