// Text by bytes. A view is an i64: address in the low 32 bits, byte length in the high 32.
// Loads may run up to 63 bytes past a value: every buffer is followed by 64 readable bytes.

import { twoWayFind } from './functions/two-way'
import { ELSEWHERE, put, size, space, start, viewOf as view, width } from './functions/views'

// Whether `bytes` bytes at two addresses are the same.
function same(a: usize, b: usize, bytes: u32): bool {
  let left = bytes
  while (left >= 8) {
    if (load<u64>(a) != load<u64>(b)) return false
    a += 8
    b += 8
    left -= 8
  }
  if (left == 0) return true
  const difference = load<u64>(a) ^ load<u64>(b)
  return difference << ((8 - left) * 8) == 0
}

export function textStartsWith(text: i64, prefix: i64): i32 {
  const bytes = size(prefix)
  if (bytes > size(text)) return 0
  return i32(same(start(text), start(prefix), bytes))
}

export function textEndsWith(text: i64, suffix: i64): i32 {
  const bytes = size(suffix)
  const whole = size(text)
  if (bytes > whole) return 0
  return i32(same(start(text) + (whole - bytes), start(suffix), bytes))
}

// Bytes that may be compared for each that was passed.
const TRIED_A_BYTE: u64 = 16

// Byte offset of the first occurrence at or after `from`, or -1. Compares the first and the last byte
// of the needle at 16 places at once (W. Mula, "SIMD-friendly algorithms for substring searching"); where
// that lets too many places through, searches in time that is bounded whatever the texts are.
export function textFind(text: i64, needle: i64, from: u32): i32 {
  const bytes = size(needle)
  const whole = size(text)
  if (bytes == 0) return from <= whole ? <i32>from : -1
  if (bytes > whole || from > whole - bytes) return -1
  const p = start(text)
  const q = start(needle)
  const places = whole - bytes + 1
  const first = i8x16.splat(load<i8>(q))
  const last = i8x16.splat(load<i8>(q + bytes - 1))
  let compared: u64 = 0
  for (let i: u32 = from; i < places; i += 16) {
    let mask = <u32>(
      i8x16.bitmask(
        v128.and(
          i8x16.eq(v128.load(p + i), first),
          i8x16.eq(v128.load(p + i + bytes - 1), last),
        ),
      )
    )
    const left = places - i
    if (left < 16) mask &= (1 << left) - 1
    while (mask != 0) {
      const at = i + ctz(mask)
      if (bytes <= 2 || same(p + at + 1, q + 1, bytes - 2)) return <i32>at
      mask &= mask - 1
      compared += bytes
    }
    if (compared > TRIED_A_BYTE * (<u64>(i - from) + bytes)) {
      return twoWayFind(p, whole, q, bytes, i + 16)
    }
  }
  return -1
}

// Characters, not bytes.
export function textLength(text: i64): i32 {
  const p = start(text)
  const bytes = size(text)
  let continued: u32 = 0
  let i: u32 = 0
  // Continuation bytes are 10xxxxxx, the least there are with a sign.
  for (; i + 16 <= bytes; i += 16) {
    continued += <u32>popcnt(i8x16.bitmask(i8x16.lt_s(v128.load(p + i), i8x16.splat(-64))))
  }
  const rest = i8x16.bitmask(i8x16.lt_s(v128.load(p + i), i8x16.splat(-64)))
  continued += <u32>popcnt(rest & ((1 << (bytes - i)) - 1))
  return <i32>(bytes - continued)
}

// Byte offset of the character number `index` (from 0), at most the byte length.
function text_offset(text: i64, index: u32): i32 {
  const p = start(text)
  const bytes = size(text)
  let at: u32 = 0
  let left = index
  while (left >= 8 && at + 8 <= bytes && (load<u64>(p + at) & 0x8080808080808080) == 0) {
    at += 8
    left -= 8
  }
  while (left > 0 && at < bytes) {
    at += width(load<u8>(p + at))
    left--
  }
  return <i32>min(at, bytes)
}

// Characters of a text times those of a set: each is looked for among them.
const TRIM_STEPS_MAX: u64 = 67_108_864

// Trims characters of `given`, -1 for a space (bit 0 of sides: the start, bit 1: the end) and gives the
// view that is left. ELSEWHERE where that could take long.
export function textTrim(text: i64, given: i64, sides: i32): i64 {
  const set = given == -1 ? space() : given
  if (<u64>size(text) * <u64>size(set) > TRIM_STEPS_MAX) return ELSEWHERE
  let p = start(text)
  let end = p + size(text)
  if ((sides & 1) != 0) {
    while (p < end) {
      const bytes = width(load<u8>(p))
      if (!inSet(p, bytes, set)) break
      p += bytes
    }
  }
  if ((sides & 2) != 0) {
    while (p < end) {
      let last = end - 1
      while (last > p && (load<u8>(last) & 0xc0) == 0x80) last--
      if (!inSet(last, <u32>(end - last), set)) break
      end = last
    }
  }
  return (<i64>(<u32>(end - p)) << 32) | <i64>(<u32>p)
}

function inSet(at: usize, bytes: u32, set: i64): bool {
  const q = start(set)
  const all = size(set)
  let i: u32 = 0
  while (i < all) {
    const other = width(load<u8>(q + i))
    if (other == bytes && same(at, q + i, bytes)) return true
    i += other
  }
  return false
}

// Copies two texts to `target`, one behind the other, and gives the view. Spoils 15 bytes behind them.
export function textConcatenate(left: i64, right: i64, target: usize): i64 {
  const first = size(left)
  const second = size(right)
  put(put(target, start(left), first), start(right), second)
  return (<i64>(first + second) << 32) | <i64>(<u32>target)
}

// Characters from number `from` (from 0) up to number `to`, as a view into the text.
export function textSlice(text: i64, from: i64, to: i64): i64 {
  const bytes = <i64>size(text)
  const first = <u32>text_offset(text, <u32>max<i64>(0, min(from, bytes)))
  const rest = view(start(text) + first, size(text) - first)
  const count = max<i64>(0, min(to, bytes) - max<i64>(0, from))
  return view(start(rest), <u32>text_offset(rest, <u32>count))
}

// The first characters; a negative count leaves out that many at the end.
export function textLeft(text: i64, count: i32): i64 {
  const to = count >= 0 ? <i64>count : <i64>textLength(text) + <i64>count
  return textSlice(text, 0, to)
}

// The last characters; a negative count leaves out that many at the start.
export function textRight(text: i64, count: i32): i64 {
  // PostgreSQL's negation of the least count is that count: nothing is left out.
  if (count == i32.MIN_VALUE) return text
  const all = <i64>textLength(text)
  return textSlice(text, count >= 0 ? all - <i64>count : -<i64>count, all)
}

// Position in characters (from 1) of the needle, 0 without one.
export function textPosition(text: i64, needle: i64): i32 {
  const at = textFind(text, needle, 0)
  return at < 0 ? 0 : textLength(view(start(text), <u32>at)) + 1
}
