// Numbers to text and back.
import { numericBytes, putDecimal, putNumeric } from '../decimal-text'
import { putHex, putInteger } from '../digits'
import { putFloat } from '../float-text'
import { commonDivisor } from '../numeric'
import { size, start, viewOf, written } from './views'

// An integer of up to 64 bits.
export function integerText(value: i64, target: usize): i64 {
  return written(target, putInteger(value, target))
}

// A number of 128 bits with `scale` digits behind its point: 40 digits, sign, point and zeros at most.
export function decimalText(low: u64, high: i64, scale: u32, target: usize): i64 {
  return written(target, putDecimal(low, high, scale, target))
}

// The shortest text that reads back as a float8, or a float4 as such: 25 bytes at most.
export function floatText(value: f64, single: i32, target: usize): i64 {
  return written(target, putFloat(value, single != 0, target))
}

// Bytes that the text of a numeric has at most.
export function numericTextBytes(low: u64, high: i64): i32 {
  return <i32>numericBytes(low, high)
}

export function numericText(low: u64, high: i64, target: usize): i64 {
  return written(target, putNumeric(low, high, target))
}

// In hexadecimal, without zeros in front.
export function integerHex(value: u64, target: usize): i64 {
  const digits: u32 = value == 0 ? 1 : (67 - <u32>clz(value)) >> 2
  return written(target, putHex(value, digits, target))
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

// The greatest common divisor up to `most`; -1 leaves it to TypeScript.
export function integerDivisor(left: i64, right: i64, most: i64): i64 {
  const divisor = commonDivisor(abs(left), abs(right))
  return divisor <= <u64>most ? <i64>divisor : -1
}

// The least common multiple up to `most`, with the same answer for others.
export function integerMultiple(left: i64, right: i64, most: i64): i64 {
  if (left == 0 || right == 0) return 0
  const a = <u64>abs(left)
  const b = <u64>abs(right)
  const part = a / commonDivisor(a, b)
  return part <= <u64>most / b ? <i64>(part * b) : -1
}

// A digit of hexadecimal, or a number above 15.
// @ts-ignore: decorator
@inline
function hexDigit(byte: u32): u32 {
  const digit = byte - 0x30
  if (digit < 10) return digit
  const letter = (byte | 0x20) - 0x61
  return letter < 6 ? letter + 10 : 0xff
}

const UUID_DIGITS: u32 = 32
const UUID_DASHES: u32 = 4

// The uuid that a text of 32 digits says, in 16 bytes at `target`, with dashes where they usually stand or none; 1 leaves it to TypeScript.
export function uuidOfText(target: usize, text: i64): i32 {
  const bytes = size(text)
  const hasDashes = bytes == UUID_DIGITS + UUID_DASHES
  if (!hasDashes && bytes != UUID_DIGITS) return 1
  let at = start(text)
  let upper: u64 = 0
  let lower: u64 = 0
  for (let place: u32 = 0; place < UUID_DIGITS; place++) {
    if (hasDashes && (place == 8 || place == 12 || place == 16 || place == 20)) {
      if (load<u8>(at++) != 0x2d) return 1
    }
    const digit = hexDigit(<u32>load<u8>(at++))
    if (digit > 15) return 1
    upper = (upper << 4) | (lower >> 60)
    lower = (lower << 4) | <u64>digit
  }
  store<u64>(target, lower)
  store<u64>(target, upper ^ 0x8000_0000_0000_0000, 8)
  return 0
}

// A uuid, of whose 128 bits the topmost one is turned.
export function uuidText(low: u64, high: u64, target: usize): i64 {
  const upper = high ^ 0x8000_0000_0000_0000
  let at = putHex(upper >> 32, 8, target)
  store<u8>(at++, 0x2d)
  at = putHex((upper >> 16) & 0xffff, 4, at)
  store<u8>(at++, 0x2d)
  at = putHex(upper & 0xffff, 4, at)
  store<u8>(at++, 0x2d)
  at = putHex(low >> 48, 4, at)
  store<u8>(at++, 0x2d)
  return written(target, putHex(low & 0xffff_ffff_ffff, 12, at))
}
