// Bit strings, which are texts of the digits 0 and 1.
import { ELSEWHERE, size, start, viewOf, written } from './views'

const ZERO: u32 = 48

// Two of one length digit by digit: and (0), or (1), exclusive or (2).
export function bitsCombine(left: i64, right: i64, operation: i32, target: usize): i64 {
  const length = size(left)
  if (length != size(right)) return ELSEWHERE
  const p = start(left)
  const q = start(right)
  const zeros = i8x16.splat(<i8>ZERO)
  for (let at: u32 = 0; at < length; at += 16) {
    const a = v128.load(p + at)
    const b = v128.load(q + at)
    const digits = operation == 0 ? v128.and(a, b) : operation == 1 ? v128.or(a, b) : v128.or(v128.xor(a, b), zeros)
    v128.store(target + at, digits)
  }
  return viewOf(target, length)
}

export function bitsNot(bits: i64, target: usize): i64 {
  const length = size(bits)
  const ones = i8x16.splat(1)
  for (let at: u32 = 0; at < length; at += 16) v128.store(target + at, v128.xor(v128.load(start(bits) + at), ones))
  return viewOf(target, length)
}

// To the left, or below 0 to the right; zeros come in.
export function bitsShift(bits: i64, by: i64, target: usize): i64 {
  const length = <i64>size(bits)
  const away = min<i64>(length, by < 0 ? -by : by)
  const kept = <usize>(length - away)
  const p = start(bits)
  if (by >= 0) {
    memory.copy(target, p + <usize>away, kept)
    memory.fill(target + kept, <u8>ZERO, <usize>away)
  } else {
    memory.fill(target, <u8>ZERO, <usize>away)
    memory.copy(target + <usize>away, p, kept)
  }
  return viewOf(target, <u32>length)
}

// How many digits are 1.
export function bitsCount(bits: i64): i64 {
  const end = start(bits) + size(bits)
  let count: i64 = 0
  for (let at = start(bits); at < end; at++) count += <i64>(load<u8>(at) & 1)
  return count
}

// The number that the digits are, of 64 at most.
export function bitsNumber(bits: i64): i64 {
  const end = start(bits) + size(bits)
  let number: i64 = 0
  for (let at = start(bits); at < end; at++) number = (number << 1) | <i64>(load<u8>(at) & 1)
  return number
}

// The last digits of a number, as many as are wanted; its sign in front of them.
export function bitsOfNumber(number: i64, wanted: i32, target: usize): i64 {
  if (wanted < 0) wanted = 0
  for (let at = 0; at < wanted; at++) {
    const place = min(63, wanted - 1 - at)
    store<u8>(target + at, ZERO + (<u32>(number >> place) & 1))
  }
  return viewOf(target, <u32>wanted)
}

// The first digits, as many as are wanted; zeros behind them.
export function bitsResize(bits: i64, wanted: i32, target: usize): i64 {
  if (wanted < 0) wanted = 0
  const kept = min<u32>(size(bits), <u32>wanted)
  memory.copy(target, start(bits), kept)
  memory.fill(target + kept, <u8>ZERO, <u32>wanted - kept)
  return viewOf(target, <u32>wanted)
}

// A digit, or -1 where there is none.
export function bitsDigit(bits: i64, at: i32): i32 {
  if (at < 0 || <u32>at >= size(bits)) return -1
  return load<u8>(start(bits) + at) & 1
}

// The digits with one of them set.
export function bitsWithDigit(bits: i64, at: i32, digit: i32, target: usize): i64 {
  if (at < 0 || <u32>at >= size(bits) || (digit & ~1) != 0) return ELSEWHERE
  memory.copy(target, start(bits), size(bits))
  store<u8>(target + at, ZERO + <u32>digit)
  return written(target, target + size(bits))
}

// The bits that a text is; texts with other letters are left to TypeScript.
export function bitsOfText(text: i64): i64 {
  const end = start(text) + size(text)
  for (let at = start(text); at < end; at++) if ((<u32>load<u8>(at) & ~1) != ZERO) return ELSEWHERE
  return text
}
