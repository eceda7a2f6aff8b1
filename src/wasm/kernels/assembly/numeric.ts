// Numerics as rows hold them: 120 bits and a scale, or a view of bytes of their own where these do not
// suffice (see data/types/wide-numeric.ts).
import { divideBillion, quotientHigh, quotientLow, unsignedHigh } from './decimal'
import { POWERS } from './limbs'
import { K1, mix } from './mix'
import { isSpecial } from './numeric-specials'
import { NEAR_ERROR, nearFloat, sumShort } from './short-numerics'

// The place of the scale says that the low word is a view.
const WIDE: u64 = 255
export const HEADER_BYTES: usize = 16

@inline export function isWide(hi: i64): bool {
  return <u64>hi >> 56 == WIDE
}

// The magnitude under work; globals of this instance, as functions return one value.
let low: u64 = 0
let high: u64 = 0
let scale: u32 = 0
let negative: bool = false

function unpack(lo: u64, hi: i64): void {
  scale = <u32>(<u64>hi >> 56)
  const upper = (hi << 8) >> 8
  negative = upper < 0
  low = negative ? 0 - lo : lo
  high = negative ? ~(<u64>upper) + u64(lo == 0) : <u64>upper
}

// Divides the magnitude by 10, unless there is a remainder (then it is left as it was).
function divideExactly10(): bool {
  const q3 = high / 10
  let rest = high % 10
  const upper = (rest << 32) | (low >> 32)
  const q1 = upper / 10
  rest = upper % 10
  const lower = (rest << 32) | (low & 0xffffffff)
  if (lower % 10 != 0) return false
  high = q3
  low = (q1 << 32) | (lower / 10)
  return true
}

function stripZeros(): void {
  if (low == 0 && high == 0) {
    scale = 0
    negative = false
  }
  while (scale > 0 && divideExactly10()) scale--
}

// Powers of ten of one word.
const WORD_DIGITS: u32 = 19

// Multiplies the magnitude by a power of ten; false when it leaves 124 bits, and the magnitude is spoilt then.
function raise(digits: u32): bool {
  if (low == 0 && high == 0) return true
  for (; digits > WORD_DIGITS; digits -= WORD_DIGITS) if (!raise(WORD_DIGITS)) return false
  const factor = load<u64>(POWERS + (<usize>digits << 4))
  const carried = unsignedHigh(low, factor)
  low *= factor
  if (high == 0) {
    high = carried
    return carried >> 60 == 0
  }
  if (unsignedHigh(high, factor) != 0) return false
  const upper = high * factor
  high = upper + carried
  return upper >> 60 == 0 && high >> 60 == 0
}

export function numericHash(lo: u64, hi: i64): u64 {
  if (isWide(hi)) return load<u64>(<usize>(lo & 0xffffffff), 8)
  unpack(lo, hi)
  stripZeros()
  return mix(low ^ (<u64>scale << 32), mix(high, u64(negative) + K1))
}

// The unscaled value's upper word.
@inline function upperOf(hi: i64): i64 {
  return (hi << 8) >> 8
}

export function numericOrder(aLow: u64, aHigh: i64, bLow: u64, bHigh: i64): i32 {
  // Of one scale, as values of a column mostly are: nothing is to be moved.
  if ((aHigh ^ bHigh) >>> 56 == 0 && !isWide(aHigh)) {
    const a = upperOf(aHigh)
    const b = upperOf(bHigh)
    if (a != b) return a < b ? -1 : 1
    return aLow < bLow ? -1 : i32(aLow > bLow)
  }
  if (isWide(aHigh) || isWide(bHigh)) return wideOrder(aLow, aHigh, bLow, bHigh)
  const aNear = nearFloat(aLow, aHigh)
  const bNear = nearFloat(bLow, bHigh)
  const apart = aNear - bNear
  if (abs(apart) > NEAR_ERROR * (abs(aNear) + abs(bNear))) return apart < 0 ? -1 : 1
  unpack(bLow, bHigh)
  const bl = low
  const bh = high
  const bs = scale
  const bn = negative
  unpack(aLow, aHigh)
  if (negative != bn) return negative ? -1 : 1
  const sign = negative ? -1 : 1
  const aScale = scale
  if (aScale < bs) return (raise(bs - aScale) ? magnitudeOrder(low, high, bl, bh) : 1) * sign
  const al = low
  const ah = high
  low = bl
  high = bh
  return (raise(aScale - bs) ? magnitudeOrder(al, ah, low, high) : -1) * sign
}

@inline function magnitudeOrder(al: u64, ah: u64, bl: u64, bh: u64): i32 {
  if (ah != bh) return ah < bh ? -1 : 1
  return al < bl ? -1 : i32(al > bl)
}

// Adds a numeric to the one at an address; 1 when the sum has no room, or one of the two has bytes of its
// own. The result's scale is the larger.
export function numericAddInto(address: usize, lo: u64, hi: i64): i32 {
  const own = load<i64>(address, 8)
  if (isWide(hi) || isWide(own)) return 1
  if ((own ^ hi) >>> 56 == 0) {
    const sum = load<u64>(address) + lo
    const upper = upperOf(own) + upperOf(hi) + i64(sum < lo)
    if (upperOf(upper) != upper) return 1
    store<u64>(address, sum)
    store<i64>(address, (own & ~0x00ff_ffff_ffff_ffff) | (upper & 0x00ff_ffff_ffff_ffff), 8)
    return 0
  }
  unpack(lo, hi)
  let al = low
  let ah = high
  const aScale = scale
  const aNegative = negative
  unpack(load<u64>(address), load<i64>(address, 8))
  if (scale < aScale) {
    if (!raise(aScale - scale)) return 1
    scale = aScale
  }
  const bl = low
  const bh = high
  const bScale = scale
  const bNegative = negative
  low = al
  high = ah
  if (aScale < bScale && !raise(bScale - aScale)) return 1
  al = aNegative ? 0 - low : low
  ah = aNegative ? ~high + u64(low == 0) : high
  const cl = bNegative ? 0 - bl : bl
  const ch = bNegative ? ~bh + u64(bl == 0) : bh
  const sum = al + cl
  const upper = <i64>(ah + ch + u64(sum < al))
  if ((upper << 8) >> 8 != upper) return 1
  store<u64>(address, sum)
  store<u64>(address, (<u64>upper & 0x00ff_ffff_ffff_ffff) | (<u64>bScale << 56), 8)
  return 0
}

// Adds the square of a numeric, with the same answer.
export function numericAddSquareInto(address: usize, lo: u64, hi: i64): i32 {
  if (isWide(hi)) return 1
  unpack(lo, hi)
  if (high != 0 || scale > 127) return 1
  const upper = unsignedHigh(low, low)
  if (upper >> 55 != 0) return 1
  return numericAddInto(address, low * low, <i64>(upper | (<u64>(scale << 1) << 56)))
}

// ------------------------------------------------------------------ numerics of any size
// A value as sign (0: zero), power of ten of the first digit, and digits two a byte from the first one
// on: those of an inline value in three words, those of others where they lie.
let sign: i32 = 0
let power: i32 = 0
let digits: usize = 0
let digitBytes: u32 = 0
let word0: u64 = 0
let word1: u64 = 0
let word2: u64 = 0

function spread(lo: u64, hi: i64): void {
  if (isWide(hi)) {
    const at = <usize>(lo & 0xffffffff)
    digitBytes = <u32>(lo >> 32) - <u32>HEADER_BYTES
    digits = at + HEADER_BYTES
    sign = digitBytes == 0 ? 0 : load<u8>(at, 2) != 0 ? -1 : 1
    power = load<i32>(at, 4)
    return
  }
  digits = 0
  digitBytes = 24
  unpack(lo, hi)
  sign = low == 0 && high == 0 ? 0 : negative ? -1 : 1
  if (sign == 0) return
  const count = digitsOfMagnitude()
  power = count - 1 - <i32>scale
  if (count < WORK_DIGITS) raise(<u32>(WORK_DIGITS - count))
  const d = divideBillion(low, high)
  const c = divideBillion(quotientLow, quotientHigh)
  const b = divideBillion(quotientLow, quotientHigh)
  const upper = quotientLow * BILLION + b
  const lower = c * BILLION + d
  // 18 digits each: nine bytes.
  word0 = pairs(upper / 100)
  word1 = ((upper % 100) << 56) | (pairs(lower / 100) >> 8)
  word2 = (pairs(lower / 100) << 56) | ((lower % 100) << 48)
}

// Digits that a magnitude of 119 bits has at most.
const WORK_DIGITS: i32 = 36

// Digits of the magnitude, which is not 0.
function digitsOfMagnitude(): i32 {
  const bits = high == 0 ? 64 - <i32>clz(low) : 128 - <i32>clz(high)
  const least = (bits * 1233) >> 12
  const power = POWERS + (<usize>least << 4)
  return least + i32(atLeast(load<u64>(power, 8), load<u64>(power)))
}

const BILLION: u64 = 1_000_000_000

// 16 digits as bytes of two, the first on top.
function pairs(value: u64): u64 {
  let bytes: u64 = 0
  for (let shift: u64 = 0; shift < 64; shift += 8) {
    bytes |= (value % 100) << shift
    value /= 100
  }
  return bytes
}

// Eight bytes of digits as a number whose order is theirs; zeros behind the end.
@inline function digitWord(from: usize, bytes: u32, at: u32, w0: u64, w1: u64, w2: u64): u64 {
  if (from == 0) return at == 0 ? w0 : at == 8 ? w1 : at == 16 ? w2 : 0
  if (at >= bytes) return 0
  const word = bswap(load<u64>(from + <usize>at))
  const left = bytes - at
  return left >= 8 ? word : word & ~((~(<u64>0)) >> (left << 3))
}

function wideOrder(aLow: u64, aHigh: i64, bLow: u64, bHigh: i64): i32 {
  spread(aLow, aHigh)
  const aSign = sign
  const aPower = power
  const aDigits = digits
  const aBytes = digitBytes
  const a0 = word0
  const a1 = word1
  const a2 = word2
  spread(bLow, bHigh)
  if (aSign != sign) return aSign < sign ? -1 : 1
  if (sign == 0) return 0
  if (aPower != power) return aPower < power ? -sign : sign
  const most = max(aBytes, digitBytes)
  for (let at: u32 = 0; at < most; at += 8) {
    const x = digitWord(aDigits, aBytes, at, a0, a1, a2)
    const y = digitWord(digits, digitBytes, at, word0, word1, word2)
    if (x != y) return x < y ? -sign : sign
  }
  return 0
}

// ------------------------------------------------------------------ from 128 bits
// 10^36 and 10^37
const E36_HIGH: u64 = 0x00c0_97ce_7bc9_0715
const E36_LOW: u64 = 0xb34b_9f10_0000_0000
const E37_HIGH: u64 = 0x0785_ee10_d5da_46d9
const E37_LOW: u64 = 0x00f4_36a0_0000_0000

@inline function atLeast(upper: u64, lower: u64): bool {
  return high > upper || (high == upper && low >= lower)
}

function loadMagnitude(lo: u64, hi: i64): void {
  negative = hi < 0
  low = negative ? 0 - lo : lo
  high = negative ? ~(<u64>hi) + u64(lo == 0) : <u64>hi
}

// Divides the magnitude by 100; gives the remainder.
function divideHundred(): u64 {
  const upper = high / 100
  let rest = high % 100
  const middle = (rest << 32) | (low >> 32)
  rest = ((middle % 100) << 32) | (low & 0xffffffff)
  high = upper
  low = ((middle / 100) << 32) | (rest / 100)
  return rest % 100
}

// Writes a decimal that does not fit 120 bits, so of 36 to 38 digits, as the bytes of a numeric; gives
// how many.
export function numericFromDecimal(target: usize, lo: u64, hi: i64, places: u32): u32 {
  loadMagnitude(lo, hi)
  const count = atLeast(E37_HIGH, E37_LOW) ? 38 : atLeast(E36_HIGH, E36_LOW) ? 37 : 36
  const exponent = count - 1 - <i32>places
  store<u64>(target, places)
  store<u8>(target, u8(negative), 2)
  store<i32>(target, exponent, 4)
  if (count == 37) {
    const lower = (low & 0xffffffff) * 10
    const upper = (low >> 32) * 10 + (lower >> 32)
    low = (upper << 32) | (lower & 0xffffffff)
    high = high * 10 + (upper >> 32)
  }
  let bytes: u32 = count == 36 ? 18 : 19
  for (let at = <i32>bytes - 1; at >= 0; at--) {
    store<u8>(target + HEADER_BYTES + <usize>at, <u8>divideHundred())
  }
  while (load<u8>(target + HEADER_BYTES + <usize>bytes - 1) == 0) bytes--
  loadMagnitude(lo, hi)
  scale = places
  stripZeros()
  let first = <u32>exponent
  let second: u32 = negative ? 1 : 2
  for (let at: u32 = 0; at < bytes; at++) {
    const pair = <u32>load<u8>(target + HEADER_BYTES + <usize>at)
    first = (first ^ pair) * 0x01000193
    second = second * 31 + pair
  }
  // The hash of an inline value where there may be an equal one.
  const hash = atLeast(E36_HIGH, E36_LOW)
    ? mix(<u64>first, <u64>second)
    : mix(low ^ (<u64>scale << 32), mix(high, u64(negative) + K1))
  store<u64>(target, hash, 8)
  return bytes + <u32>HEADER_BYTES
}

// ------------------------------------------------------------------ arithmetic in 120 bits
// Results are stored at an address; 1 leaves to TypeScript what has no room or bytes of its own, and division
// by zero.

@inline function storeUnsigned(target: usize, lo: u64, hi: u64, isNegative: bool, places: u32): i32 {
  if (hi >> 55 != 0 || places >= <u32>WIDE) return 1
  const lower = isNegative ? 0 - lo : lo
  const upper = isNegative ? ~hi + u64(lo == 0) : hi
  store<u64>(target, lower)
  store<u64>(target, (upper & 0x00ff_ffff_ffff_ffff) | (<u64>places << 56), 8)
  return 0
}

const NEGATED: i32 = 0
const ABSOLUTE: i32 = 1
const SIGN_ALONE: i32 = 2

// A numeric negated, without its sign, or its sign.
export function numericSigned(target: usize, lo: u64, hi: i64, mode: i32): i32 {
  if (isWide(hi)) return 1
  unpack(lo, hi)
  if (mode == NEGATED) return storeUnsigned(target, low, high, !negative, scale)
  if (mode == ABSOLUTE) return storeUnsigned(target, low, high, false, scale)
  return storeUnsigned(target, u64((low | high) != 0), 0, negative, 0)
}

// Without zeros at the end of the digits behind the point.
export function numericTrim(target: usize, lo: u64, hi: i64): i32 {
  if (isWide(hi)) return 1
  unpack(lo, hi)
  stripZeros()
  return storeUnsigned(target, low, high, negative, scale)
}

// Digits behind the point that the value needs: without zeros at the end; -1 for NaN and infinity.
export function numericNeededPlaces(lo: u64, hi: i64): i32 {
  if (!isWide(hi)) {
    unpack(lo, hi)
    stripZeros()
    return <i32>scale
  }
  const at = <usize>(lo & 0xffffffff)
  const bytes = <i32>(lo >> 32) - <i32>HEADER_BYTES
  if (bytes == 0) return 0
  if (isSpecial(at)) return -1
  const digits = (bytes << 1) - i32(load<u8>(at + HEADER_BYTES + <usize>(bytes - 1)) % 10 == 0)
  return max(0, digits - 1 - load<i32>(at, 4))
}

// Sum (0) or difference (1).
export function numericSum(target: usize, aLow: u64, aHigh: i64, bLow: u64, bHigh: i64, mode: i32): i32 {
  if (sumShort(target, aLow, aHigh, mode == 0 ? bLow : 0 - bLow, bHigh, bLow)) return 0
  if (isWide(aHigh) || isWide(bHigh)) return 1
  let lo = bLow
  let hi = bHigh
  if (mode != 0) {
    if (numericSigned(target, bLow, bHigh, NEGATED) != 0) return 1
    lo = load<u64>(target)
    hi = load<i64>(target, 8)
  }
  store<u64>(target, aLow)
  store<i64>(target, aHigh, 8)
  return numericAddInto(target, lo, hi)
}

export function numericProduct(target: usize, aLow: u64, aHigh: i64, bLow: u64, bHigh: i64): i32 {
  if (isWide(aHigh) || isWide(bHigh)) return 1
  unpack(aLow, aHigh)
  if (high != 0) return 1
  const factor = low
  const places = scale
  const isNegative = negative
  unpack(bLow, bHigh)
  if (high != 0) return 1
  const upper = unsignedHigh(factor, low)
  return storeUnsigned(target, factor * low, upper, negative != isNegative, places + scale)
}

// What a division leaves (0), or its whole quotient (1), of numbers that fit 64 bits at the larger scale.
export function numericRest(target: usize, aLow: u64, aHigh: i64, bLow: u64, bHigh: i64, mode: i32): i32 {
  if (isWide(aHigh) || isWide(bHigh)) return 1
  const places = max(<u64>aHigh >> 56, <u64>bHigh >> 56)
  unpack(bLow, bHigh)
  if (!raise(<u32>places - scale)) return 1
  const divisor = low
  const isDown = negative
  if (high != 0 || divisor == 0) return 1
  unpack(aLow, aHigh)
  if (!raise(<u32>places - scale) || high != 0) return 1
  if (mode == 0) return storeUnsigned(target, low % divisor, 0, negative, <u32>places)
  return storeUnsigned(target, low / divisor, 0, negative != isDown, 0)
}

// Takes a numeric at a scale; false where that has more than 63 bits.
function takeAt(lo: u64, hi: i64, places: u32): bool {
  if (isWide(hi)) return false
  unpack(lo, hi)
  return raise(places - scale) && high == 0 && low >> 63 == 0
}

export function commonDivisor(a: u64, b: u64): u64 {
  while (b != 0) {
    const rest = a % b
    a = b
    b = rest
  }
  return a
}

// The greatest common divisor (0) or the least common multiple (1) of numbers that fit 63 bits at the larger scale.
export function numericCommon(target: usize, aLow: u64, aHigh: i64, bLow: u64, bHigh: i64, mode: i32): i32 {
  const places = <u32>max(<u64>aHigh >> 56, <u64>bHigh >> 56)
  if (!takeAt(aLow, aHigh, places)) return 1
  const a = low
  if (!takeAt(bLow, bHigh, places)) return 1
  const b = low
  const divisor = commonDivisor(a, b)
  if (mode == 0) return storeUnsigned(target, divisor, 0, false, places)
  if (a == 0 || b == 0) return storeUnsigned(target, 0, 0, false, places)
  const part = a / divisor
  return storeUnsigned(target, part * b, unsignedHigh(part, b), false, places)
}

// Factorials of more have more than 119 bits.
const FACTORIAL_MAX: i64 = 32

export function numericFactorial(target: usize, count: i64): i32 {
  if (count < 0 || count > FACTORIAL_MAX) return 1
  let lo: u64 = 1
  let hi: u64 = 0
  for (let factor: u64 = 2; factor <= <u64>count; factor++) {
    hi = hi * factor + unsignedHigh(lo, factor)
    lo *= factor
  }
  return storeUnsigned(target, lo, hi, false, 0)
}

@inline function signedLow(): i64 {
  return negative ? 0 - <i64>low : <i64>low
}

// PostgreSQL gives the quotient of a bucket eight digits behind the point at least, and rounds.
const BUCKET_UNIT: u64 = 100_000_000

// The number of the bucket, of equal ones between two bounds, that a numeric falls in; -1 leaves it to TypeScript.
export function numericBucket(
  lo: u64, hi: i64, fromLow: u64, fromHigh: i64, toLow: u64, toHigh: i64, count: i32,
): i32 {
  if (count <= 0 || count == i32.MAX_VALUE) return -1
  const places = <u32>max(max(<u64>hi >> 56, <u64>fromHigh >> 56), <u64>toHigh >> 56)
  if (!takeAt(lo, hi, places)) return -1
  const value = signedLow()
  if (!takeAt(fromLow, fromHigh, places)) return -1
  const from = signedLow()
  if (!takeAt(toLow, toHigh, places)) return -1
  const to = signedLow()
  if (from == to) return -1
  const ascending = from < to
  if (ascending ? value < from : value > from) return 0
  if (ascending ? value >= to : value <= to) return count + 1
  const way = ascending ? <u64>value - <u64>from : <u64>from - <u64>value
  const whole = ascending ? <u64>to - <u64>from : <u64>from - <u64>to
  if (unsignedHigh(way, <u64>count) != 0) return -1
  const share = way * <u64>count
  const bucket = share / whole
  // So close below the next one that it may be rounded up.
  const left = whole - (share - bucket * whole)
  return left <= whole / BUCKET_UNIT ? -1 : <i32>bucket + 1
}
