// e to numerics, with the digits that PostgreSQL's exp_var gives them.
import { divideSmall, lengthOf, limb, multiplySmall, POWERS, setLimb, shiftDigits } from '../limbs'
import { isWide } from '../numeric'
import { LN2_LIMBS, RECIPROCALS } from './exponential-tables'
import { entryOf, keepFound, takeKnown } from './found-before'
import { quickExponential } from './quick-exponentials'

const SIGNIFICANT_DIGITS_MIN: i32 = 16
const LOG10_E: f64 = 0.434294481903252
const LOG2_E: f64 = 1.4426950408889634
// So close to a power of ten, numbers of either side are not told apart.
const NEAR: f64 = 1e-8
// Results of 16 bytes have 254 digits behind the point, and 36 before it.
const EXPONENT_MAX: f64 = 84
const EXPONENT_MIN: f64 = -550
const SCALE_MAX: i32 = 254

// Fixed point: five limbs behind the point, one before it.
const FRACTION: i32 = 5
const FRACTION_BITS: i32 = 160
const LIMBS: i32 = 6
const BYTES: usize = 24
// Halvings of the exponent, and terms of its series (1 / 17! / 2^136 is below 2^-184).
const HALVINGS: u32 = 8
const TERMS: i32 = 17

// Where numbers lie in `work`, WORKSPACE_BYTES of functions/inline.ts.
const EXPONENT: usize = 16
const POWER: usize = 40
const PRODUCT: usize = 64
const LONG: usize = 112

// Multiplies two numbers, cut off; `product`: 12 limbs. What is below the 64th last bit is left out.
function multiplyFixed(a: usize, b: usize, product: usize, target: usize): void {
  memory.fill(product, 0, 2 * BYTES)
  for (let i = 0; i < LIMBS; i++) {
    const factor = limb(a, i)
    let carry: u64 = 0
    for (let j = max(FRACTION - 2 - i, 0); j < LIMBS; j++) {
      const sum = factor * limb(b, j) + limb(product, i + j) + carry
      setLimb(product, i + j, sum)
      carry = sum >> 32
    }
    setLimb(product, i + LIMBS, carry)
  }
  memory.copy(target, product + (<usize>FRACTION << 2), BYTES)
}

// at - by, in place, or the opposite.
function subtract(at: usize, by: usize, isTurned: bool): void {
  let borrow: u64 = 0
  for (let i = 0; i < LIMBS; i++) {
    const difference = (isTurned ? limb(by, i) - limb(at, i) : limb(at, i) - limb(by, i)) - borrow
    setLimb(at, i, difference)
    borrow = difference >> 63
  }
}

// The exponent in fixed point, of a magnitude over a power of ten; false: it has too many bits before the point.
function putExponent(work: usize, lower: u64, upper: u64, scale: i32): bool {
  const long = work + LONG
  memory.fill(long, 0, <usize>(FRACTION + 6) << 2)
  store<u64>(long + (<usize>FRACTION << 2), lower)
  store<u64>(long + (<usize>FRACTION << 2), upper, 8)
  let length = lengthOf(long, FRACTION + 4)
  let left = scale
  for (; left >= 9; left -= 9) length = divideSmall(long, length, 1_000_000_000, long)
  if (left > 0) length = divideSmall(long, length, load<u64>(POWERS + (<usize>left << 4)), long)
  memory.copy(work + EXPONENT, long, BYTES)
  return length <= LIMBS
}

// e to the exponent, which is from 0 to 1: halved, by Taylor's series, and squared as often.
function raise(work: usize): void {
  const at = work + EXPONENT
  const power = work + POWER
  const product = work + PRODUCT
  for (let i = 0; i < LIMBS; i++) {
    const above = i + 1 < LIMBS ? limb(at, i + 1) : 0
    setLimb(at, i, (limb(at, i) >> HALVINGS) | (above << (32 - HALVINGS)))
  }
  memory.copy(power, RECIPROCALS + <usize>TERMS * BYTES, BYTES)
  for (let term = TERMS - 1; term >= 0; term--) {
    multiplyFixed(power, at, product, power)
    const next = RECIPROCALS + <usize>term * BYTES
    let carry: u64 = 0
    for (let i = 0; i < LIMBS; i++) {
      const sum = limb(power, i) + limb(next, i) + carry
      setLimb(power, i, sum)
      carry = sum >> 32
    }
  }
  for (let count: u32 = 0; count < HALVINGS; count++) multiplyFixed(power, power, product, power)
}

// Bits of a number from one on, 64 of them.
function bitsFrom(at: usize, length: i32, first: i32): u64 {
  let word: u64 = 0
  for (let i = 2; i >= 0; i--) {
    const index = (first >> 5) + i
    const part = index >= 0 && index < length ? limb(at, index) : 0
    const shift = (i << 5) - (first & 31)
    if (shift < 64) word |= shift >= 0 ? part << shift : part >> -shift
  }
  return word
}

// So near to a half the fraction is in doubt: squarings and terms are off by 2^-148, of results below 2^119, as parts of 2^64.
const DOUBT: u64 = 1 << 36

// Stores the power, with so many digits behind the point, times a power of two.
function putRounded(target: usize, work: usize, places: i32, doublings: i32): i32 {
  const long = work + LONG
  memory.copy(long, work + POWER, BYTES)
  const length = shiftDigits(long, lengthOf(long, LIMBS), places)
  const first = FRACTION_BITS - doublings
  if (bitsFrom(long, length, first + 128) != 0) return 1
  let lower = bitsFrom(long, length, first)
  let upper = bitsFrom(long, length, first + 64)
  const fraction = bitsFrom(long, length, first - 64)
  const half: u64 = 0x8000000000000000
  if (fraction - half + DOUBT < 2 * DOUBT) return 1
  if (fraction >= half) {
    lower++
    upper += u64(lower == 0)
  }
  if (upper >> 55 != 0) return 1
  store<u64>(target, lower)
  store<u64>(target, upper | (<u64>places << 56), 8)
  return 0
}

// e to a numeric, in 16 bytes at `target`, behind which there is room to compute; `known`: see found-before.ts.
export function numericExp(target: usize, known: usize, lower: u64, upper: i64): i32 {
  if (isWide(upper)) return 1
  const entry = entryOf(known, lower, upper)
  if (entry == 0) return exponential(target, lower, upper)
  if (takeKnown(target, known, entry, lower, upper)) return 0
  if (exponential(target, lower, upper) != 0) return 1
  keepFound(entry, lower, upper, target)
  return 0
}

function exponential(target: usize, valueLow: u64, valueHigh: i64): i32 {
  const scale = <u32>(<u64>valueHigh >> 56)
  const signed = (valueHigh << 8) >> 8
  const negative = signed < 0
  const lower = negative ? 0 - valueLow : valueLow
  const upper = <u64>(negative ? ~signed + i64(valueLow == 0) : signed)
  if (quickExponential(target, lower, upper, scale, negative)) return 0
  return longExponential(target, lower, upper, <i32>scale, negative)
}

function longExponential(target: usize, lower: u64, upper: u64, scale: i32, negative: bool): i32 {
  if (!putExponent(target, lower, upper, scale)) return 1
  const at = target + EXPONENT
  const whole = limb(at, FRACTION)
  if (<f64>whole > -EXPONENT_MIN) return 1
  const size = <f64>whole + <f64>((limb(at, 4) << 32) | limb(at, 3)) / 18446744073709551616.0
  const value = negative ? -size : size
  if (value > EXPONENT_MAX || value < EXPONENT_MIN) return 1
  const decimals = value * LOG10_E
  const near = nearest(decimals)
  if (near != 0 && abs(decimals - near) < NEAR) return 1
  const places = max(max(SIGNIFICANT_DIGITS_MIN - <i32>decimals, scale), 0)
  if (places > SCALE_MAX) return 1
  // What is left of it is not below 0.
  const floored = <i32>floor(value * LOG2_E - 1e-9)
  const doublings = negative ? floored : max(floored, 0)
  memory.copy(target + PRODUCT, LN2_LIMBS, BYTES)
  multiplySmall(target + PRODUCT, LIMBS - 1, <u64>abs(doublings))
  subtract(at, target + PRODUCT, negative)
  raise(target)
  return putRounded(target, target, places, doublings)
}
