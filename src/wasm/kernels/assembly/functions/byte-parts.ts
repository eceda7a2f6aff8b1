// Single bits and bytes of a bytea, and parts that are looked for, cut off or put in the place of others.
import { textFind } from '../text'
import { ELSEWHERE, put, size, start, viewOf, written } from './views'

// What stands for an index that is out of range.
const NONE: i32 = -1

// A bit of a bytea: within a byte, the lowest is the first.
export function bytesBit(bytes: i64, at: i64): i32 {
  if (at < 0 || at >= <i64>size(bytes) << 3) return NONE
  return (<i32>load<u8>(start(bytes) + <usize>(at >> 3)) >> <i32>(at & 7)) & 1
}

export function bytesByte(bytes: i64, at: i32): i32 {
  if (at < 0 || <u32>at >= size(bytes)) return NONE
  return <i32>load<u8>(start(bytes) + at)
}

// The bytes with one bit set to 0 or 1.
export function bytesWithBit(bytes: i64, at: i64, bit: i32, target: usize): i64 {
  if (at < 0 || at >= <i64>size(bytes) << 3 || (bit & ~1) != 0) return ELSEWHERE
  const end = put(target, start(bytes), size(bytes))
  const place = target + <usize>(at >> 3)
  const mask = <i32>1 << <i32>(at & 7)
  const old = <i32>load<u8>(place)
  store<u8>(place, bit == 0 ? old & ~mask : old | mask)
  return written(target, end)
}

// The bytes with one of them set to the last eight bits of a number.
export function bytesWithByte(bytes: i64, at: i32, value: i32, target: usize): i64 {
  if (at < 0 || <u32>at >= size(bytes)) return ELSEWHERE
  const end = put(target, start(bytes), size(bytes))
  store<u8>(target + at, <u8>value)
  return written(target, end)
}

export function bytesBitCount(bytes: i64): i64 {
  const end = start(bytes) + size(bytes)
  let at = start(bytes)
  let count: i64 = 0
  for (; at + 8 <= end; at += 8) count += <i64>popcnt(load<u64>(at))
  for (; at < end; at++) count += <i64>popcnt(<u32>load<u8>(at))
  return count
}

// Where some bytes stand in others, from 1; 0: nowhere.
export function bytesPosition(bytes: i64, part: i64): i32 {
  return size(part) == 0 ? 1 : textFind(bytes, part, 0) + 1
}

// The bytes with `count` of them from a position (from 1) on replaced by others.
export function bytesOverlay(bytes: i64, piece: i64, from: i32, count: i32, target: usize): i64 {
  const rest = <i64>from + <i64>count
  if (from <= 0 || rest > i32.MAX_VALUE || rest < i32.MIN_VALUE) return ELSEWHERE
  const whole = <i64>size(bytes)
  const head = <u32>min<i64>(whole, <i64>from - 1)
  const tail = <u32>min<i64>(whole, max<i64>(0, rest - 1))
  let at = put(target, start(bytes), head)
  at = put(at, start(piece), size(piece))
  return written(target, put(at, start(bytes) + tail, size(bytes) - tail))
}

function has(set: i64, byte: u32): bool {
  const end = start(set) + size(set)
  for (let at = start(set); at < end; at++) if (<u32>load<u8>(at) == byte) return true
  return false
}

// The bytes without those of a set at the start (1), the end (2) or both (3).
export function bytesTrim(bytes: i64, set: i64, sides: i32): i64 {
  let from = start(bytes)
  let to = from + size(bytes)
  if ((sides & 1) != 0) while (from < to && has(set, <u32>load<u8>(from))) from++
  if ((sides & 2) != 0) while (from < to && has(set, <u32>load<u8>(to - 1))) to--
  return viewOf(from, <u32>(to - from))
}

const PERCENT: u32 = 37
const UNDERSCORE: u32 = 95
const BACKSLASH: u32 = 92

// Whether bytes match a pattern of LIKE: by bytes, not by characters. -1: the pattern ends with its escape.
export function bytesLike(bytes: i64, pattern: i64, negated: i32): i32 {
  let at = start(bytes)
  const end = at + size(bytes)
  let p = start(pattern)
  const last = p + size(pattern)
  // Where to go on when what follows the last % does not match.
  let again: usize = 0
  let from: usize = 0
  while (at < end || p < last) {
    if (p < last) {
      let c = <u32>load<u8>(p)
      if (c == PERCENT) {
        again = ++p
        from = at
        continue
      }
      const isAny = c == UNDERSCORE
      let wide: usize = 1
      if (c == BACKSLASH) {
        if (p + 1 >= last) return NONE
        c = <u32>load<u8>(p, 1)
        wide = 2
      }
      if (at < end && (isAny || <u32>load<u8>(at) == c)) {
        at++
        p += wide
        continue
      }
    }
    if (again == 0 || from >= end) return negated
    at = ++from
    p = again
  }
  return negated ^ 1
}
