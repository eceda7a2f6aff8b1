// Numbers to text and back.
import { putFloat } from '../float-text'
import { isWide } from '../numeric'
import { ELSEWHERE, size, start, viewOf, written } from './views'

const BILLION: u64 = 1_000_000_000
// What a group of 18 digits is below.
const QUINTILLION: u64 = 1_000_000_000_000_000_000

const PAIRS: usize = memory.data<u8>([
  0x30, 0x30, 0x30, 0x31, 0x30, 0x32, 0x30, 0x33, 0x30, 0x34, 0x30, 0x35, 0x30, 0x36, 0x30, 0x37,
  0x30, 0x38, 0x30, 0x39, 0x31, 0x30, 0x31, 0x31, 0x31, 0x32, 0x31, 0x33, 0x31, 0x34, 0x31, 0x35,
  0x31, 0x36, 0x31, 0x37, 0x31, 0x38, 0x31, 0x39, 0x32, 0x30, 0x32, 0x31, 0x32, 0x32, 0x32, 0x33,
  0x32, 0x34, 0x32, 0x35, 0x32, 0x36, 0x32, 0x37, 0x32, 0x38, 0x32, 0x39, 0x33, 0x30, 0x33, 0x31,
  0x33, 0x32, 0x33, 0x33, 0x33, 0x34, 0x33, 0x35, 0x33, 0x36, 0x33, 0x37, 0x33, 0x38, 0x33, 0x39,
  0x34, 0x30, 0x34, 0x31, 0x34, 0x32, 0x34, 0x33, 0x34, 0x34, 0x34, 0x35, 0x34, 0x36, 0x34, 0x37,
  0x34, 0x38, 0x34, 0x39, 0x35, 0x30, 0x35, 0x31, 0x35, 0x32, 0x35, 0x33, 0x35, 0x34, 0x35, 0x35,
  0x35, 0x36, 0x35, 0x37, 0x35, 0x38, 0x35, 0x39, 0x36, 0x30, 0x36, 0x31, 0x36, 0x32, 0x36, 0x33,
  0x36, 0x34, 0x36, 0x35, 0x36, 0x36, 0x36, 0x37, 0x36, 0x38, 0x36, 0x39, 0x37, 0x30, 0x37, 0x31,
  0x37, 0x32, 0x37, 0x33, 0x37, 0x34, 0x37, 0x35, 0x37, 0x36, 0x37, 0x37, 0x37, 0x38, 0x37, 0x39,
  0x38, 0x30, 0x38, 0x31, 0x38, 0x32, 0x38, 0x33, 0x38, 0x34, 0x38, 0x35, 0x38, 0x36, 0x38, 0x37,
  0x38, 0x38, 0x38, 0x39, 0x39, 0x30, 0x39, 0x31, 0x39, 0x32, 0x39, 0x33, 0x39, 0x34, 0x39, 0x35,
  0x39, 0x36, 0x39, 0x37, 0x39, 0x38, 0x39, 0x39,
])

// Two digits of a number below 100.
// @ts-ignore: decorator
@inline
export function putPair(at: usize, value: u32): void {
  store<u16>(at, load<u16>(PAIRS + (value << 1)))
}

// How many digits a number has; 0 has one.
// @ts-ignore: decorator
@inline
function digitCount(value: u64): u32 {
  let count: u32 = 1
  let limit: u64 = 10
  while (count < 20 && value >= limit) {
    count++
    limit *= 10
  }
  return count
}

// Writes the last `count` digits of a number.
export function putDigits(at: usize, value: u64, count: u32): usize {
  const end = at + count
  let left = count
  let rest = value
  while (rest > 0xffff_ffff && left >= 2) {
    const next = rest / 100
    putPair(at + left - 2, <u32>(rest - next * 100))
    rest = next
    left -= 2
  }
  let small = <u32>rest
  while (left >= 2) {
    const next = small / 100
    putPair(at + left - 2, small - next * 100)
    small = next
    left -= 2
  }
  if (left != 0) store<u8>(at, <u8>(0x30 + (small % 10)))
  return end
}

// An integer of up to 64 bits.
export function integerText(value: i64, target: usize): i64 {
  let at = target
  let rest = <u64>value
  if (value < 0) {
    store<u8>(at++, 0x2d)
    rest = 0 - rest
  }
  return written(target, putDigits(at, rest, digitCount(rest)))
}

// A number of 128 bits with `scale` digits behind its point: 40 digits, sign, point and zeros at most.
export function decimalText(low: u64, high: i64, scale: u32, target: usize): i64 {
  let at = target
  let lo = low
  let hi = <u64>high
  if (high < 0) {
    store<u8>(at++, 0x2d)
    lo = 0 - lo
    hi = ~hi + u64(lo == 0)
  }
  // Groups of 18 digits, the last first.
  let first = lo
  let second: u64 = 0
  let third: u64 = 0
  let groups: u32 = 1
  if (hi != 0 || lo >= QUINTILLION) {
    first = divide(lo, hi)
    second = divide(quotientLow, quotientHigh)
    third = quotientLow
    groups = third != 0 ? 3 : 2
  }
  const lead = groups == 1 ? first : groups == 2 ? second : third
  let digits = digitCount(lead) + 18 * (groups - 1)
  // Zeros that stand before the digits, so that there is one before the point.
  const zeros = digits <= scale ? scale + 1 - digits : 0
  memory.fill(at, 0x30, zeros)
  let end = putDigits(at + zeros, lead, digitCount(lead))
  if (groups == 3) end = putDigits(end, second, 18)
  if (groups > 1) end = putDigits(end, first, 18)
  if (scale == 0) return written(target, end)
  // The fraction moves on by the point.
  memory.copy(end - scale + 1, end - scale, scale)
  store<u8>(end - scale, 0x2e)
  return written(target, end + 1)
}

let quotientLow: u64 = 0
let quotientHigh: u64 = 0

// Divides 128 bits by 10^18: gives the rest, and keeps the quotient. Long division in digits of 32 bits,
// twice by 10^9.
function divide(low: u64, high: u64): u64 {
  const small = divideBillion(low, high)
  const large = divideBillion(quotientLow, quotientHigh)
  return large * BILLION + small
}

function divideBillion(low: u64, high: u64): u64 {
  let rest = (high >> 32) % BILLION
  const a = (high >> 32) / BILLION
  rest = (rest << 32) | (high & 0xffff_ffff)
  const b = rest / BILLION
  rest = ((rest % BILLION) << 32) | (low >> 32)
  const c = rest / BILLION
  rest = ((rest % BILLION) << 32) | (low & 0xffff_ffff)
  quotientHigh = (a << 32) | b
  quotientLow = (c << 32) | (rest / BILLION)
  return rest % BILLION
}

// The shortest text that reads back as a float8, or a float4 as such: 25 bytes at most.
export function floatText(value: f64, single: i32, target: usize): i64 {
  return written(target, putFloat(value, single != 0, target))
}

// A numeric as its 16 bytes have it; one of its own bytes is left to TypeScript.
export function numericText(low: u64, high: i64, target: usize): i64 {
  if (isWide(high)) return ELSEWHERE
  return decimalText(low, (high << 8) >> 8, <u32>(<u64>high >> 56), target)
}

// In hexadecimal, without zeros in front.
export function integerHex(value: u64, target: usize): i64 {
  const digits: u32 = value == 0 ? 1 : (67 - <u32>clz(value)) >> 2
  let rest = value
  for (let at = digits; at > 0; at--) {
    const digit = <u32>(rest & 15)
    store<u8>(target + at - 1, <u8>(digit < 10 ? 0x30 + digit : 0x57 + digit))
    rest >>= 4
  }
  return written(target, target + digits)
}

// Whether a byte is white space around a number.
// @ts-ignore: decorator
@inline
function isSpace(byte: u32): bool {
  return byte == 0x20 || byte - 9 < 5
}

// The integer that a text says with up to 18 digits, within bounds; else the smallest of 64 bits, for what
// is left to TypeScript.
export function integerOfText(text: i64, least: i64, most: i64): i64 {
  let at = start(text)
  let end = at + size(text)
  while (at < end && isSpace(<u32>load<u8>(at))) at++
  while (at < end && isSpace(<u32>load<u8>(end - 1))) end--
  let negative = false
  if (at < end) {
    const sign = <u32>load<u8>(at)
    negative = sign == 0x2d
    if (negative || sign == 0x2b) at++
  }
  if (at == end || end - at > 18) return i64.MIN_VALUE
  let value: i64 = 0
  for (; at < end; at++) {
    const digit = <u32>load<u8>(at) - 0x30
    if (digit > 9) return i64.MIN_VALUE
    value = value * 10 + <i64>digit
  }
  if (negative) value = -value
  return value >= least && value <= most ? value : i64.MIN_VALUE
}

const WORDS: usize = memory.data<u8>([0x66, 0x61, 0x6c, 0x73, 0x65, 0x74, 0x72, 0x75, 0x65])

// `true` and `false`, or `t` and `f`.
export function truthText(value: i32, isLong: i32): i64 {
  if (value != 0) return viewOf(WORDS + 5, isLong != 0 ? 4 : 1)
  return viewOf(WORDS, isLong != 0 ? 5 : 1)
}
