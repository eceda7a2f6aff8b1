// Quotients and roots of what floats hold, or nearly so: a float says them but for the last digits, and integers of 64
// bits say what is left. All is in locals, which are quicker than globals. Integers are made floats with their sign, which
// is quicker, too.
import { unsignedHigh } from './decimal'
import { POWERS } from './limbs'

// Integers below are floats, and quotients of them are made integers by one addition.
const FLOAT_MAX: u64 = 1 << 51
// Divisors below leave room for eight digits at least: a product of 63 bits and a quotient of 50.
const DIVISOR_MAX: u64 = 1 << 31
const DIVIDEND_BITS: u64 = 63
const DIGITS_MAX: i32 = 15
const FIRST_DIGITS: i32 = 8
const FIRST_FACTOR: u64 = 100_000_000
// With the first digits behind it, it has 63 bits.
const UPPER_MAX: u64 = 1 << 36
const SCALE_MAX: i32 = 127
const POWERS_MAX: i32 = 38
const SIGNIFICANT_DIGITS: i32 = 16

@inline function power(digits: i32): u64 {
  return load<u64>(POWERS + (<usize>digits << 4))
}

// Whether a value is its lower word.
@inline function isShort(lo: u64, hi: i64, places: i32): bool {
  const upper = places < 0 ? (hi << 8) >> 8 : hi
  return upper == <i64>lo >> 63
}

// A numeric says its scale itself, which is told by -1.
@inline function scaleOf(hi: i64, places: i32): i32 {
  return places < 0 ? <i32>(<u64>hi >> 56) : places
}

@inline function magnitude(lo: u64): u64 {
  return <i64>lo < 0 ? 0 - lo : lo
}

// How many digits a magnitude of 53 bits has; 0 for 0.
@inline function digitsOf(value: u64): i32 {
  const least = <i32>(((64 - clz(value)) * 1233) >> 12)
  return least + i32(value >= power(least))
}

// The power of the first digit in base 10000 of a magnitude of so many digits; 0 for 0.
@inline function weightOf(digits: i32, scale: i32): i32 {
  return digits == 0 ? 0 : (digits - 1 - scale) >> 2
}

// That digit. Of integers that floats hold, their quotient is not as near to the next one as rounding would take it.
@inline function digitOf(value: u64, scale: i32, weight: i32): u64 {
  const drop = scale + (weight << 2)
  if (drop < 0) return value * power(-drop)
  return <u64><i64>(<f64><i64>value / <f64><i64>power(drop))
}

// Whether that digit is not above another one, of 1 to 9999.
@inline function isDigitWithin(value: u64, digits: i32, scale: i32, weight: i32, most: u64): bool {
  const drop = digits == 0 ? 0 : scale + (weight << 2)
  const own = drop < 0 ? value * power(-drop) : value
  return own < (most + 1) * power(max(drop, 0))
}

// Added to a float of 51 bits it leaves the nearest integer in the last ones.
const INTEGER_CUTTER: f64 = 6755399441055744
const INTEGER_BITS: u64 = 0x4338_0000_0000_0000

@inline function nearestInteger(value: f64): u64 {
  return reinterpret<u64>(value + INTEGER_CUTTER) - INTEGER_BITS
}

// A quotient as a float says it, which may be off by one either way: how far it is to be mended. Without branches, as no
// processor foretells them.
@inline function mend(rest: i64, divisor: u64): i64 {
  return (rest >> 63) + i64(rest >= <i64>divisor)
}

// Stores a magnitude with its sign (all bits or none) and scale.
@inline function putSigned(target: usize, low: u64, high: u64, turn: u64, places: i32): bool {
  const lower = (low ^ turn) - turn
  const turned = (high ^ turn) + (u64(lower == 0) & turn)
  store<u64>(target, lower)
  store<u64>(target, (turned & 0x00ff_ffff_ffff_ffff) | (<u64>places << 56), 8)
  return true
}

@inline function quotientPlaces(weight: i32, aScale: i32, bScale: i32): i32 {
  return max(max(SIGNIFICANT_DIGITS - (weight << 2), 0), max(aScale, bScale))
}

// Of 64 bits, so that its product with a dividend has 119.
const TENS_MAX: u32 = 19

// By ten to a power no digit is lost but those that the quotient's scale has no room for.
@inline function divideByTens(target: usize, a: u64, aScale: i32, tens: i32, bScale: i32, turn: u64): bool {
  const digits = digitsOf(a)
  const aWeight = weightOf(digits, aScale)
  const isWithin = isDigitWithin(a, digits, aScale, aWeight, power((tens - bScale) & 3))
  const places = quotientPlaces(aWeight - ((tens - bScale) >> 2) - i32(isWithin), aScale, bScale)
  const shift = places + bScale - aScale - tens
  if (<u32>shift > TENS_MAX || places > SCALE_MAX) return false
  const factor = power(shift)
  return putSigned(target, a * factor, unsignedHigh(a, factor), turn, places)
}

// The quotient of two exact values of so many places each (-1: numerics), the second not 0, with the digits that
// exactQuotient gives it, as a numeric at `target`: long division in two steps. False: these are too large.
export function quickQuotient(
  target: usize, aLow: u64, aHigh: i64, aPlaces: i32, bLow: u64, bHigh: i64, bPlaces: i32,
): bool {
  if (!isShort(aLow, aHigh, aPlaces) || !isShort(bLow, bHigh, bPlaces)) return false
  const a = magnitude(aLow)
  const b = magnitude(bLow)
  const aScale = scaleOf(aHigh, aPlaces)
  const bScale = scaleOf(bHigh, bPlaces)
  if (a >= FLOAT_MAX || b - 1 >= DIVISOR_MAX - 1 || (aScale | bScale) > SCALE_MAX) return false
  const turn = <u64>(<i64>(aLow ^ bLow) >> 63)
  const bDigits = digitsOf(b)
  if (b == power(bDigits - 1)) return divideByTens(target, a, aScale, bDigits - 1, bScale, turn)
  const reciprocal = 1.0 / <f64><i64>b
  let upper = nearestInteger(<f64><i64>a * reciprocal)
  upper += <u64>mend(<i64>(a - upper * b), b)
  let rest = a - upper * b
  // The first digits are found meanwhile, whatever the number of all is.
  const dividend = rest * FIRST_FACTOR
  let found = nearestInteger(<f64><i64>dividend * reciprocal)
  found += <u64>mend(<i64>(dividend - found * b), b)
  const aDigits = digitsOf(a)
  const aWeight = weightOf(aDigits, aScale)
  const bWeight = weightOf(bDigits, bScale)
  const isWithin = isDigitWithin(a, aDigits, aScale, aWeight, digitOf(b, bScale, bWeight))
  const places = quotientPlaces(aWeight - bWeight - i32(isWithin), aScale, bScale)
  let shift = places + bScale - aScale
  if (shift < 0 || places > SCALE_MAX) return false
  if (shift >= FIRST_DIGITS) {
    if (upper > UPPER_MAX) return false
    shift -= FIRST_DIGITS
    upper = upper * FIRST_FACTOR + found
    rest = dividend - found * b
  }
  // 10^n is below 2^(n * 10 / 3).
  if (shift > min(<i32>((DIVIDEND_BITS - (64 - clz(b)) - 1) * 3 / 10), DIGITS_MAX)) return false
  const secondFactor = power(shift)
  const next = rest * secondFactor
  found = nearestInteger(<f64><i64>next * reciprocal)
  found += <u64>mend(<i64>(next - found * b), b)
  const product = upper * secondFactor
  const low = product + found + u64((next - found * b) << 1 >= b)
  const high = unsignedHigh(upper, secondFactor) + u64(low < product)
  return putSigned(target, low, high, turn, places)
}

// Of radicands below, the square of a float's root differs by 63 bits.
const RADICAND_MAX: f64 = 1e34

// The square root of a numeric with the digits that numericRoot gives it. False: it is too large, or below 0.
export function quickRoot(target: usize, lo: u64, hi: i64): bool {
  const scale = scaleOf(hi, -1)
  if (!isShort(lo, hi, -1) || lo >= FLOAT_MAX || scale > SCALE_MAX) return false
  const places = max(SIGNIFICANT_DIGITS - (weightOf(digitsOf(lo), scale) << 1) - 1, scale)
  const shift = 2 * places - scale
  if (<u32>shift > <u32>POWERS_MAX || places > SCALE_MAX) return false
  const factor = power(shift)
  const factorHigh = load<u64>(POWERS + (<usize>shift << 4), 8)
  const near = <f64><i64>lo * (<f64><i64>factorHigh * 18446744073709551616.0 + <f64><i64>(factor >> 1) * 2.0)
  if (near > RADICAND_MAX) return false
  const radicand = lo * factor
  const root = sqrt(near)
  let found = <u64><i64>root
  let rest = <i64>(radicand - found * found)
  found += <u64><i64>nearest(<f64>rest / (root + root + 1))
  rest = <i64>(radicand - found * found)
  while (rest > <i64>found) {
    rest -= <i64>(2 * found + 1)
    found++
  }
  // The square of what is a half less is a quarter more.
  while (rest <= -<i64>found && found != 0) {
    found--
    rest += <i64>(2 * found + 1)
  }
  store<u64>(target, found)
  store<u64>(target, <u64>places << 56, 8)
  return true
}
