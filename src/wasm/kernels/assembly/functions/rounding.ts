// Exact numbers of up to 18 digits, rounded and made of floats and texts; larger ones are left to TypeScript.
import { productRest } from '../floats/pairs'
import { isWide } from '../numeric'
import { size, start } from './views'

const POWERS: usize = memory.data<i64>([
  1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
  10_000_000_000, 100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000,
  1_000_000_000_000_000, 10_000_000_000_000_000, 100_000_000_000_000_000,
  1_000_000_000_000_000_000,
])
// Powers of ten that floats have exactly.
export const POWERS_OF_FLOATS: usize = memory.data<f64>([
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
  1e19, 1e20, 1e21, 1e22,
])
const DIGITS_MAX: i32 = 18
// Of what is cut off more than these, nothing is left of a float's digits.
const FLOAT_DIGITS_MAX: i32 = 15
// Powers of ten that floats have exactly.
const POWER_MAX: i32 = 22

// Ways to round.
const NEAREST: i32 = 0
const DOWN: i32 = 2
const UP: i32 = 3

// @ts-ignore: decorator
@inline
function power(digits: i32): i64 {
  return load<i64>(POWERS + (<usize>digits << 3))
}

// A value without its last digits, 18 at most: to the nearest (0), halves away from zero, towards zero (1),
// down (2) or up (3).
export function cutDigits(value: i64, digits: i32, mode: i32): i64 {
  const unit = power(digits)
  const whole = value / unit
  const rest = value - whole * unit
  if (rest == 0) return whole
  if (mode == NEAREST) {
    const half = unit >> 1
    return rest >= half ? whole + 1 : rest <= -half ? whole - 1 : whole
  }
  if (mode == DOWN) return whole - i64(rest < 0)
  if (mode == UP) return whole + i64(rest > 0)
  return whole
}

// @ts-ignore: decorator
@inline
function storeNumeric(target: usize, value: i64, scale: i32): void {
  store<i64>(target, value)
  store<i64>(target, ((value >> 63) & 0x00ff_ffff_ffff_ffff) | (<i64>scale << 56), 8)
}

// A numeric at so many places behind the point, before it when negative, in 16 bytes at `target`; 1 leaves
// it to TypeScript.
export function numericRound(target: usize, low: i64, high: i64, places: i32, mode: i32): i32 {
  if (isWide(high) || (high << 8) >> 8 != low >> 63) return 1
  if (places < -DIGITS_MAX || places > DIGITS_MAX) return 1
  const scale = <i32>(<u64>high >> 56)
  const cut = scale - places
  if (cut > DIGITS_MAX) return 1
  if (cut <= 0) {
    const unit = power(-cut)
    const most = i64.MAX_VALUE / unit
    if (low > most || low < -most) return 1
    storeNumeric(target, low * unit, places)
    return 0
  }
  const whole = cutDigits(low, cut, mode)
  if (places >= 0) storeNumeric(target, whole, places)
  else {
    const most = i64.MAX_VALUE / power(-places)
    if (whole > most || whole < -most) return 1
    storeNumeric(target, whole * power(-places), 0)
  }
  return 0
}

// The same without the scale, for so many places from 0 on; the smallest integer leaves it to others.
export function roundedDigits(low: i64, high: i64, places: i32, mode: i32): i64 {
  if ((high << 8) >> 8 != low >> 63 || <u32>places > <u32>DIGITS_MAX) return i64.MIN_VALUE
  const cut = <u32>(<u64>high >> 56) - <u32>places
  if (cut > <u32>DIGITS_MAX) return i64.MIN_VALUE
  return cut == 0 ? low : cutDigits(low, cut, mode)
}

// The digits found last, as an integer, and how many are behind the point; globals of this instance.
let floatDigits: i64 = 0
let floatScale: i32 = 0

// Finds the first `count` digits, 15 or 6, of a float above 0, as printf rounds them: halves to the even one. False: it
// is too small or too large.
function findDigits(size: f64, count: i32): bool {
  const least = load<f64>(POWERS_OF_FLOATS + (<usize>(count - 1) << 3))
  const most = least * 10
  if (!(size < most) || size < 1e-6) return false
  // From one less than what the exponent says, which may be one too many.
  const power = <i32>(reinterpret<u64>(size) >> 52) - 1023
  let scale = max(count - 2 - ((power * 1_233) >> 12), 0)
  while (scale < POWER_MAX && size * load<f64>(POWERS_OF_FLOATS + (<usize>scale << 3)) < least) scale++
  const unit = load<f64>(POWERS_OF_FLOATS + (<usize>scale << 3))
  const product = size * unit
  if (!(product < most)) return false
  const rest = productRest(size, unit, product)
  let whole = <i64>nearest(product)
  const distance = product - <f64>whole
  // At a half of the product, what it leaves out decides.
  if (distance == 0.5 && rest > 0) whole++
  else if (distance == -0.5 && rest < 0) whole--
  floatDigits = whole
  floatScale = scale
  return true
}

// Drops so many zeros at the end of the digits, where there are as many, and as many digits behind the point. `unit` is
// that power of ten, and `inverse` a float near its inverse: of a multiple of it the product is nearest to the quotient.
// @ts-ignore: decorator
@inline
function dropZeros(zeros: i32, unit: i64, inverse: f64): void {
  const whole = <i64>nearest(<f64>floatDigits * inverse)
  if (floatScale < zeros || whole * unit != floatDigits) return
  floatDigits = whole
  floatScale -= zeros
}

// A float by its first `digits` digits, 15 or 6. The numeric's 16 bytes go to `target`; 1 leaves it to TypeScript.
export function floatNumeric(target: usize, value: f64, digits: i32): i32 {
  if (value == 0) {
    storeNumeric(target, 0, 0)
    return 0
  }
  if (!findDigits(abs(value), digits)) return 1
  // The last of all digits is mostly no zero.
  if (<i64>nearest(<f64>floatDigits * 0.1) * 10 == floatDigits) {
    if (digits > 8) dropZeros(8, 100_000_000, 1e-8)
    dropZeros(4, 10_000, 1e-4)
    dropZeros(2, 100, 1e-2)
    dropZeros(1, 10, 0.1)
  }
  storeNumeric(target, value < 0 ? -floatDigits : floatDigits, floatScale)
  return 0
}

// The same as a decimal of so many digits behind the point, unscaled; the smallest integer leaves it to TypeScript.
export function floatDecimal(value: f64, digits: i32, places: i32): i64 {
  if (value == 0) return 0
  if (!findDigits(abs(value), digits)) return i64.MIN_VALUE
  const cut = floatScale - places
  let whole: i64 = 0
  if (cut <= 0) {
    if (cut < -DIGITS_MAX) return i64.MIN_VALUE
    const unit = load<i64>(POWERS + (<usize>-cut << 3))
    if (<f64>floatDigits * <f64>unit > 9e18) return i64.MIN_VALUE
    whole = floatDigits * unit
  } else if (cut <= FLOAT_DIGITS_MAX) {
    const unit = load<i64>(POWERS + (<usize>cut << 3))
    whole = <i64>(<f64>floatDigits / <f64>unit)
    whole += i64((floatDigits - whole * unit) << 1 >= unit)
  }
  return value < 0 ? -whole : whole
}

// What `digitsAt` read: digits as an integer, whether there was a minus, and how many were behind the point.
let read: i64 = 0
let readMinus: bool = false
let readScale: i32 = 0

// Reads a sign and up to 18 digits with a point; false for any other text.
function digitsAt(text: i64): bool {
  let at = start(text)
  let end = at + size(text)
  while (at < end && isBlank(<u32>load<u8>(at))) at++
  while (at < end && isBlank(<u32>load<u8>(end - 1))) end--
  if (at == end) return false
  const negative = load<u8>(at) == 0x2d
  if (negative || load<u8>(at) == 0x2b) at++
  if (end - at > 19) return false
  let value: i64 = 0
  let digits = 0
  let point: usize = 0
  for (; at < end; at++) {
    const digit = <u32>load<u8>(at) - 0x30
    if (digit < 10) {
      value = value * 10 + <i64>digit
      digits++
    } else if (load<u8>(at) == 0x2e && point == 0) point = at + 1
    else return false
  }
  if (digits == 0 || digits > DIGITS_MAX) return false
  readScale = point == 0 ? 0 : <i32>(end - point)
  read = negative ? -value : value
  readMinus = negative
  return true
}

// @ts-ignore: decorator
@inline
function isBlank(byte: u32): bool {
  return byte == 0x20 || byte - 9 < 5
}

// The float that a text says; NaN leaves it to TypeScript. Both numbers are exact, so their quotient is the
// nearest float.
export function floatOfText(text: i64): f64 {
  if (!digitsAt(text) || read > 0x20_0000_0000_0000 || read < -0x20_0000_0000_0000) return NaN
  if (read == 0) return readMinus ? -0.0 : 0.0
  return <f64>read / load<f64>(POWERS_OF_FLOATS + (<usize>readScale << 3))
}

// The numeric that a text says, in 16 bytes at `target`; 1 leaves it to TypeScript.
export function numericOfText(target: usize, text: i64): i32 {
  if (!digitsAt(text)) return 1
  storeNumeric(target, read, readScale)
  return 0
}

// The decimal that a text says at a scale, below a limit in size; the smallest number leaves it to
// TypeScript.
export function decimalOfText(text: i64, scale: i32, limit: i64): i64 {
  if (!digitsAt(text)) return i64.MIN_VALUE
  let value = read
  if (readScale > scale) value = cutDigits(value, readScale - scale, NEAREST)
  else {
    const unit = power(scale - readScale)
    const most = i64.MAX_VALUE / unit
    if (value > most || value < -most) return i64.MIN_VALUE
    value *= unit
  }
  return value < limit && value > -limit ? value : i64.MIN_VALUE
}

// The float nearest to an exact number of 53 bits and its digits behind the point, -1 for a numeric that says
// them; NaN leaves others to TypeScript.
export function exactFloat(low: i64, high: i64, places: i32): f64 {
  const scale = places < 0 ? <i32>(<u64>high >> 56) : places
  const upper = places < 0 ? (high << 8) >> 8 : high
  if (scale > POWER_MAX || upper != low >> 63) return NaN
  if (low > 0x20_0000_0000_0000 || low < -0x20_0000_0000_0000) return NaN
  // Both are exact, so their quotient is the nearest float.
  return <f64>low / load<f64>(POWERS_OF_FLOATS + (<usize>scale << 3))
}
