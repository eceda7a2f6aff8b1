// The shortest text that reads back as the same float, as PostgreSQL writes it: R. Giulietti, "The Schubfach way to
// render doubles" (2020), with bounds that do not count as the float, as in PostgreSQL's d2s.c.
import { unsignedHigh } from './decimal'
import { putDigits, putPoint } from './digits'
import { POWER_MIN, POWERS } from './powers-of-ten'

// Digits and their power of ten; globals of this instance, as functions return one value.
let digits: u64 = 0
let power: i32 = 0

// The upper word of a product, of which the last bit tells whether anything was left out.
@inline function rounded(high: u64, middle: u64): u64 {
  return high | u64(middle > 1)
}

// Finds the shortest digits of m * 2^e, or one digit more; the float below is half as far where `isEdge`.
function shorten(m: u64, e: i32, isEdge: bool): void {
  // What is looked for are whole numbers times 10^power, of which the interval around the float has one at least.
  power = (e * 1262611 - (isEdge ? 524031 : 0)) >> 22
  const bits = <u64>(e + ((-power * 1741647) >> 19) + 1)
  const factor = POWERS + (<usize>(-power - POWER_MIN) << 4)
  const low = load<u64>(factor)
  const high = load<u64>(factor, 8)
  // The product has three words: four times the float.
  const scaled = m << (bits + 2)
  const carried = unsignedHigh(low, scaled)
  const p0 = low * scaled
  const p1 = high * scaled + carried
  const p2 = unsignedHigh(high, scaled) + u64(p1 < carried)
  const value = rounded(p2, p1)

  // Half the distance to the float above, and to the one below.
  let shift = bits + 1
  let d0 = low << shift
  let d1 = (high << shift) | (low >> (64 - shift))
  const up = p1 + d1
  const upCarried = up + u64(p0 + d0 < p0)
  const above = rounded(p2 + (high >> (64 - shift)) + u64(up < p1) + u64(upCarried < up), upCarried) - 1
  if (isEdge) {
    shift--
    d0 = low << shift
    d1 = (high << shift) | (low >> (64 - shift))
  }
  const borrowed = u64(p0 < d0)
  const down = p1 - d1
  const below =
    rounded(p2 - (high >> (64 - shift)) - u64(p1 < d1) - u64(down < borrowed), down - borrowed) + 1

  // One digit less will do where just one of the two nearest numbers is within the interval.
  const whole = value >> 2
  const tenth = whole / 10
  const isTenth = below <= tenth * 40
  const isNextTenth = tenth * 40 + 40 <= above
  if (tenth > 0 && isTenth != isNextTenth) {
    digits = tenth + u64(isNextTenth)
    power++
    return
  }
  const least = whole << 2
  const isLeast = below <= least
  const isNext = least + 4 <= above
  if (isLeast != isNext) digits = whole + u64(isNext)
  // The nearer one; of two that are as near the even one.
  else digits = whole + u64(value > least + 2 || (value == least + 2 && (whole & 1) != 0))
}

const EIGHT_ZEROS: u64 = 100_000_000
// Five times this is 1 modulo 2^64: only multiples of five become at most a fifth of 2^64 by it (H. Warren, "Hacker's
// Delight", chapter 10).
const BY_FIVE: u64 = 0xcccccccccccccccd
const FIFTH_MAX: u64 = 0x3333333333333333

function dropZeros(): void {
  if ((digits & 255) == 0) {
    const upper = digits / EIGHT_ZEROS
    if (upper * EIGHT_ZEROS == digits) {
      digits = upper
      power += 8
    }
  }
  while ((digits & 1) == 0) {
    const fifth = digits * BY_FIVE
    if (fifth > FIFTH_MAX) return
    digits = fifth >> 1
    power++
  }
}

// The shortest digits of a float8 above 0, and their power of ten: globals, too.
export let shortestDigits: u64 = 0
export let shortestPower: i32 = 0

export function findShortest(value: f64): void {
  const bits = reinterpret<u64>(value)
  unpack(bits & 0xfffffffffffff, <i32>((bits >> 52) & 0x7ff), 52, 1023)
  dropZeros()
  shortestDigits = digits
  shortestPower = power
}

// Bytes that a text has at most.
export const FLOAT_BYTES: u32 = 25

// Writes a float8, or a float4 as such; gives the end.
export function putFloat(value: f64, single: bool, to: usize): usize {
  if (value != value) {
    // "NaN"
    store<u32>(to, 0x4e614e)
    return to + 3
  }
  const bits = reinterpret<u64>(value)
  if (bits >> 63 != 0) store<u8>(to++, 45)
  if (abs(value) == Infinity) {
    // "Infinity"
    store<u64>(to, 0x7974696e69666e49)
    return to + 8
  }
  if (value == 0) {
    store<u8>(to, 48)
    return to + 1
  }
  if (single) {
    const word = reinterpret<u32>(<f32>value)
    unpack(<u64>word & 0x7fffff, <i32>((word >> 23) & 0xff), 23, 127)
  } else unpack(bits & 0xfffffffffffff, <i32>((bits >> 52) & 0x7ff), 52, 1023)
  dropZeros()
  return putShortest(single ? 6 : 15, to)
}

function unpack(mantissa: u64, exponent: i32, mantissaBits: i32, bias: i32): void {
  const base = -bias - mantissaBits
  if (exponent == 0) shorten(mantissa, 1 + base, false)
  else shorten(mantissa | (<u64>1 << <u64>mantissaBits), exponent + base, mantissa == 0 && exponent > 1)
}

// Numbers of at least `precision` digits before the point, and very small ones, have an exponent.
function putShortest(precision: i32, to: usize): usize {
  const start = to + usize(power < 0)
  const end = putDigits(digits, start)
  const count = <i32>(end - start)
  const exponent = power + count - 1
  if (exponent < -4 || exponent >= precision) return putExponent(exponent, count, start, to)
  if (power < 0) return putPoint(to, end, <u32>(-power))
  for (let at = end; at < end + <usize>power; at++) store<u8>(at, 48)
  return end + <usize>power
}

// Puts a point behind the first of so many digits, "e", its sign, and two digits at least.
function putExponent(exponent: i32, count: i32, start: usize, to: usize): usize {
  if (start == to) memory.copy(to + 1, to, <usize>count)
  store<u8>(to, load<u8>(to + 1))
  store<u8>(to, 46, 1)
  to += count > 1 ? <usize>count + 1 : 1
  store<u8>(to, 101)
  store<u8>(to, exponent < 0 ? 45 : 43, 1)
  to += 2
  const size = <u64>(exponent < 0 ? -exponent : exponent)
  if (size < 10) store<u8>(to++, 48)
  return putDigits(size, to)
}
