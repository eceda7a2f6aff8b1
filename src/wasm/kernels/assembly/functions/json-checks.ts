// Whether a text is JSON, which it then is as it stands. What is not, and what is nested too deeply, is left to TypeScript.
import { specialsOf } from '../json-members'
import { hexadecimal, isEscape } from '../json-text'
import {
  BACKSLASH, CLOSE_LIST, CLOSE_OBJECT, COLON, COMMA, DEPTH_MAX, OPEN_LIST, OPEN_OBJECT, pastBlanks, QUOTE, scanNumber,
  wordBytes,
} from './json-scanning'
import { ELSEWHERE, size, start } from './views'

// Behind the string whose opening quote is in front of p, or 0.
function pastString(p: usize, end: usize): usize {
  while (p < end) {
    const specials = specialsOf(v128.load(p))
    if (specials == 0) {
      p += 16
      continue
    }
    p += <usize>ctz(specials)
    if (p >= end) return 0
    const c = <u32>load<u8>(p)
    if (c == QUOTE) return p + 1
    if (c != BACKSLASH || p + 1 >= end) return 0
    const letter = <u32>load<u8>(p, 1)
    if (!isEscape(letter)) return 0
    p += 2
    if (letter != 117) continue
    if (p + 4 > end || hexadecimal(p) < 0) return 0
    p += 4
  }
  return 0
}

// Behind the name of a member and its colon, or 0.
// @ts-ignore: decorator
@inline
function pastName(p: usize, end: usize): usize {
  if (p >= end || load<u8>(p) != QUOTE) return 0
  p = pastString(p + 1, end)
  if (p == 0) return 0
  p = pastBlanks(p, end)
  return p < end && load<u8>(p) == COLON ? p + 1 : 0
}

// @ts-ignore: decorator
@inline
function pastScalar(c: u32, p: usize, end: usize): usize {
  if (c == QUOTE) return pastString(p + 1, end)
  if (c == 45 || c - 48 < 10) return scanNumber(p, end)
  const bytes = wordBytes(p, end)
  return bytes == 0 ? 0 : p + bytes
}

// The text; `levels` are 128 bytes for what arrays and objects it is in, a bit each: 1 for an object.
export function jsonOfText(text: i64, levels: usize): i64 {
  const end = start(text) + size(text)
  let p = start(text)
  let depth: u32 = 0
  let isObject = false
  while (true) {
    p = pastBlanks(p, end)
    if (p >= end) return ELSEWHERE
    const c = <u32>load<u8>(p)
    if (c == OPEN_LIST || c == OPEN_OBJECT) {
      if (depth == DEPTH_MAX) return ELSEWHERE
      isObject = c == OPEN_OBJECT
      const at = levels + (depth >> 3)
      const bit: u32 = 1 << (depth++ & 7)
      store<u8>(at, isObject ? load<u8>(at) | bit : load<u8>(at) & ~bit)
      p = pastBlanks(p + 1, end)
      if (p >= end) return ELSEWHERE
      // Braces and brackets are closed by what is two behind them.
      if (<u32>load<u8>(p) != c + 2) {
        if (isObject) p = pastName(p, end)
        if (p == 0) return ELSEWHERE
        continue
      }
    } else {
      p = pastScalar(c, p, end)
      if (p == 0) return ELSEWHERE
    }
    // Behind a value, or at the end of an array or object of nothing.
    while (depth > 0) {
      p = pastBlanks(p, end)
      if (p >= end) return ELSEWHERE
      const next = <u32>load<u8>(p++)
      if (next == COMMA) {
        if (isObject) p = pastName(pastBlanks(p, end), end)
        break
      }
      if (next != (isObject ? CLOSE_OBJECT : CLOSE_LIST)) return ELSEWHERE
      if (--depth > 0) isObject = (load<u8>(levels + ((depth - 1) >> 3)) & (1 << ((depth - 1) & 7))) != 0
    }
    if (depth == 0) return pastBlanks(p, end) == end ? text : ELSEWHERE
    if (p == 0) return ELSEWHERE
  }
  return ELSEWHERE
}
