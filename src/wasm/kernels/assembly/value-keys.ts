// What equal values have in common, in their order: the bytes of data/types/sort-key.ts.
import { MICROS_PER_DAY } from './datetime'
import { unsignedHigh } from './decimal'
import { DIGITS, eightDigits, leadingBits } from './digits'
import { intervalDays } from './intervals'
import {
  BOOL, copyBytes, DATE, fixedBytes, floatAt, INTEGER32, INTEGER64, INTERVAL, isFloat, isNumber, JSONB, KEYED,
  NUMERIC, TEXT, textOf, UUID,
} from './value-text'

const NUMBER_NEGATIVE: u32 = 0x40
const NUMBER_ZERO: u32 = 0x80
const NUMBER_POSITIVE: u32 = 0xc0
const KEY_OF_MINUS_INFINITY: u32 = 0x3f
const KEY_OF_INFINITY: u32 = 0xc1
const KEY_OF_NAN: u32 = 0xc2
const EXPONENT_OFFSET: u32 = 0x20000

@inline export function putByte(value: u32, to: usize): usize {
  store<u8>(to, <u8>value)
  return to + 1
}

export function putWord(value: u32, to: usize): usize {
  store<u32>(to, bswap(value))
  return to + 4
}

// The key of a number, of its text.
export function putNumber(text: usize, end: usize, to: usize): usize {
  const isNegative = load<u8>(text) == 45
  if (isNegative) text++
  // "NaN" and "Infinity", of which the texts of numbers hold nothing.
  const letter = load<u8>(text)
  if (letter == 78) return putByte(KEY_OF_NAN, to)
  if (letter == 73) return putByte(isNegative ? KEY_OF_MINUS_INFINITY : KEY_OF_INFINITY, to)
  let point = end
  for (let at = text; at < end; at++) if (load<u8>(at) == 46) point = at
  let first = text
  while (first < end && load<u8>(first) <= 48) first++
  if (first == end) {
    store<u8>(to, NUMBER_ZERO)
    return to + 1
  }
  while (load<u8>(end - 1) == 48 || load<u8>(end - 1) == 46) end--
  // Digits in front of the point, or minus the zeros behind it.
  const power = <i32>(point - first) + i32(first > point)
  store<u8>(to, isNegative ? NUMBER_NEGATIVE : NUMBER_POSITIVE)
  const start = to + 1
  store<u32>(to, bswap(<u32>power + EXPONENT_OFFSET) >> 8, 1)
  to += 4
  for (let at = first; at < end; at++) {
    const c = load<u8>(at)
    if (c != 46) store<u8>(to++, c)
  }
  store<u8>(to++, 0)
  if (isNegative) for (let at = start; at < to; at++) store<u8>(at, ~load<u8>(at))
  return to
}

// The same of a whole number below 100,000,000, of its size's digits and the bits of the zeros in front (digits.ts). Twelve bytes
// are written, however many the key has.
@inline export function putShortKey(digits: u64, bits: u64, isNegative: bool, to: usize): usize {
  if (digits == 0) return putByte(NUMBER_ZERO, to)
  const count = 8 - <u32>(bits >> 3)
  const kept = count - <u32>(clz(digits) >> 3)
  // The power in three bytes, the highest one first.
  const power = (EXPONENT_OFFSET >> 16) | (count << 16)
  const shown = (digits | DIGITS) >> bits
  store<u8>(to, isNegative ? NUMBER_NEGATIVE : NUMBER_POSITIVE)
  store<u32>(to, isNegative ? ~power : power, 1)
  store<u64>(to, isNegative ? ~shown : shown, 4)
  to += 4 + <usize>kept
  return putByte(isNegative ? 0xff : 0, to)
}

// The key of an integer.
export function putIntegerKey(value: i64, text: usize, textEnd: usize, to: usize): usize {
  const size = <u64>(value < 0 ? -value : value)
  if (size >= SHORT_MAX) return putNumber(text, textEnd, to)
  const digits = eightDigits(<u32>size)
  return putShortKey(digits, leadingBits(digits), value < 0, to)
}

export const SHORT_MAX: u64 = 100_000_000

export function putTextKey(view: u64, to: usize): usize {
  const bytes = <usize>(view >> 32)
  copyBytes(to, <usize>(<u32>view), bytes)
  store<u8>(to + bytes, 0)
  return to + bytes + 1
}

// The key of a value of a column, of which the text was just written; `at`: where its lanes are.
export function putKey(kind: u32, at: usize, text: usize, textEnd: usize, to: usize): usize {
  if (kind == INTEGER32 || kind == DATE) return putWord(load<u32>(at) ^ 0x80000000, to)
  if (kind == BOOL) {
    store<u8>(to, u8(load<i32>(at) != 0))
    return to + 1
  }
  if (kind == KEYED || kind == JSONB) return copyKey(load<u64>(at), to)
  if (kind >= TEXT) return putTextKey(load<u64>(at), to)
  if (kind == UUID) {
    store<u64>(to, bswap(load<u64>(at, 8) ^ 0x8000000000000000))
    store<u64>(to, bswap(load<u64>(at)), 8)
    return to + 16
  }
  if (kind == INTERVAL) return putSpan(load<i64>(at), load<i64>(at, 8), to)
  if (isExact(kind)) return putNumber(text, textEnd, to)
  if (isFloat(kind)) return putDouble(floatAt(kind, at), to)
  store<u64>(to, bswap(load<u64>(at) ^ 0x8000000000000000))
  return to + 8
}

// How long an interval is, in microseconds of two words.
function putSpan(parts: i64, micros: i64, to: usize): usize {
  const days = intervalDays(parts)
  const size = <u64>(days < 0 ? -days : days)
  let low = size * <u64>MICROS_PER_DAY
  let high = unsignedHigh(size, <u64>MICROS_PER_DAY)
  if (days < 0) {
    high = ~high + u64(low == 0)
    low = 0 - low
  }
  low += <u64>micros
  high += <u64>(micros >> 63) + u64(low < <u64>micros)
  store<u64>(to, bswap(high ^ 0x8000000000000000))
  store<u64>(to, bswap(low), 8)
  return to + 16
}

// NaN is above all, -0 equals 0.
export function putDouble(value: f64, to: usize): usize {
  const bits = reinterpret<u64>(value == 0 ? 0 : value != value ? NaN : value)
  store<u64>(to, bswap(bits >> 63 != 0 && value == value ? ~bits : bits | 0x8000000000000000))
  return to + 8
}

// Decimals and numerics have keys of digits.
@inline export function isExact(kind: u32): bool {
  return kind > INTEGER64 && kind <= NUMERIC
}

// Bytes of the keys of a kind of which all are as long; 0 of others.
export function keyWidth(kind: u32): u32 {
  return kind >= TEXT || isExact(kind) ? 0 : keyBytes(kind, 0)
}

// Bytes that the key of a value has at most.
export function keyBytes(kind: u32, at: usize): u32 {
  if (kind == INTEGER32 || kind == DATE) return 4
  if (kind == BOOL) return 1
  if (kind == UUID || kind == INTERVAL) return 16
  // A sign, a power, the digits, an end.
  if (isExact(kind)) return fixedBytes(kind, at) + 5
  if (kind < TEXT) return 8
  const bytes = load<u32>(at, 4)
  return kind == KEYED || kind == JSONB ? bytes : bytes + 1
}

// The same as a member of a jsonb.
export function itemKeyBytes(kind: u32, at: usize): u32 {
  if (kind == JSONB) return load<u32>(at, 4) + 5
  if (kind >= TEXT) return load<u32>(at, 4) + 2
  return fixedBytes(kind, at) + 6
}

// The key that a keyed value brings along.
export function copyKey(view: u64, to: usize): usize {
  const bytes = <u32>(view >> 32)
  if (bytes == 0) return to
  const start = <usize>(<u32>view)
  const key = <usize>load<u32>(start + bytes - 4)
  memory.copy(to, start, key)
  return to + key
}

// ------------------------------------------------------------------ members of jsonb
export const JSON_NULL: u32 = 1
export const JSON_STRING: u32 = 2
export const JSON_NUMBER: u32 = 3
export const JSON_BOOL: u32 = 4
export const JSON_ARRAY: u32 = 5
export const JSON_OBJECT: u32 = 6

// The key of a value as a member of a jsonb, of which the text was just written.
export function putItemKey(kind: u32, at: usize, text: usize, textEnd: usize, to: usize): usize {
  if (kind == JSONB) {
    const end = copyKey(load<u64>(at), to)
    // An empty array that is all of a value has a key of its own.
    if (end - to != 1 || load<u8>(to) != 0) return end
    store<u8>(to, JSON_ARRAY)
    return putWord(0, to + 1)
  }
  if (kind <= INTEGER64) {
    const value = kind == INTEGER32 ? <i64>load<i32>(at) : load<i64>(at)
    return putIntegerKey(value, text, textEnd, putByte(JSON_NUMBER, to))
  }
  // A float that is no number is a string.
  if (isNumber(kind) && load<u8>(text) != 34) {
    store<u8>(to, JSON_NUMBER)
    return putNumber(text, textEnd, to + 1)
  }
  if (kind == BOOL) {
    store<u8>(to, JSON_BOOL)
    store<u8>(to, u8(load<i32>(at) != 0), 1)
    return to + 2
  }
  store<u8>(to, JSON_STRING)
  if (kind >= TEXT) return putTextKey(textOf(kind, at), to + 1)
  // What is between the quotes.
  return putTextKey((<u64>(textEnd - text - 2) << 32) | <u64>(<u32>text + 1), to + 1)
}
