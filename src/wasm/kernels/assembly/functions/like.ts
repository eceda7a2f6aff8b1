// LIKE and ILIKE: 1 match, 0 none, 2 the pattern ends with its escape character, -1 for what is left to
// TypeScript: what takes many more steps than the text has bytes, as that can be cancelled. The escape character
// comes as its code point, NO_ESCAPE for none. Behind a run of anything the text is searched for the letters that
// must follow it.
import { textFind } from '../text'
import { lowerOf } from './letters'
import { codeAt, ELSEWHERE, isAscii, size, start, viewOf, width, written } from './views'

const LEFT_OUT: i32 = -1
const NO_ESCAPE: i32 = -1
// The escape character of a text that is longer than one.
const NO_CHARACTER: i32 = -2

// Longer texts are left out: a kernel cannot be cancelled.
const TEXT_BYTES_MAX: u32 = 1048576

// Steps for each byte of a text, and those that a short text has besides.
const STEPS_A_BYTE: i32 = 16
const STEPS_MORE: i32 = 4096

const ANY_RUN: u32 = 0x25
const ANY_ONE: u32 = 0x5f

// The escape character that a text stands for.
export function likeEscape(text: i64): i32 {
  const bytes = size(text)
  if (bytes == 0) return NO_ESCAPE
  return bytes == width(<u32>load<u8>(start(text))) ? <i32>codeAt(start(text)) : NO_CHARACTER
}

// The first byte of the escape character; no byte without one.
// @ts-ignore: decorator
@inline
function leadOf(escape: i32): u32 {
  if (escape < 0x80) return escape < 0 ? 256 : <u32>escape
  if (escape < 0x800) return 0xc0 | (<u32>escape >> 6)
  return escape < 0x10000 ? 0xe0 | (<u32>escape >> 12) : 0xf0 | (<u32>escape >> 18)
}

// How many of the next 16 bytes of a pattern stand for themselves; `lead` begins the escape character.
function lettersAt(m: usize, end: usize, lead: u32): u32 {
  const block = v128.load(m)
  let special = v128.or(
    i8x16.eq(block, i8x16.splat(<i8>ANY_RUN)),
    i8x16.eq(block, i8x16.splat(<i8>ANY_ONE)),
  )
  if (lead < 256) special = v128.or(special, i8x16.eq(block, i8x16.splat(<i8>lead)))
  return min(<u32>(end - m), <u32>ctz(<u32>i8x16.bitmask(special) | 0x10000))
}

// Where letters of a pattern in lower case begin in a text of ASCII, of which the case does not matter; 0 where
// they do not.
function findFolded(p: usize, end: usize, letters: usize, count: u32): usize {
  if (<u32>(end - p) < count) return 0
  const first = i8x16.splat(load<i8>(letters))
  const last = i8x16.splat(load<i8>(letters + count - 1))
  const places = <u32>(end - p) - count + 1
  for (let i: u32 = 0; i < places; i += 16) {
    const starts = i8x16.eq(foldBlock(v128.load(p + i)), first)
    const ends = i8x16.eq(foldBlock(v128.load(p + i + count - 1)), last)
    let mask = <u32>i8x16.bitmask(v128.and(starts, ends))
    const left = places - i
    if (left < 16) mask &= (1 << left) - 1
    while (mask != 0) {
      const at = p + i + ctz(mask)
      if (isSame(at, letters, count, true)) return at
      mask &= mask - 1
    }
  }
  return 0
}

// @ts-ignore: decorator
@inline
function foldBlock(block: v128): v128 {
  const letters = v128.and(
    i8x16.ge_s(block, i8x16.splat(0x41)),
    i8x16.le_s(block, i8x16.splat(0x5a)),
  )
  return v128.or(block, v128.and(letters, i8x16.splat(0x20)))
}

// By bytes; `caseless` for a text of ASCII and a pattern in lower case.
// @ts-ignore: decorator
@inline
function likeBytes(text: i64, pattern: i64, escape: i32, caseless: bool): i32 {
  let t = start(text)
  let m = start(pattern)
  const textEnd = t + size(text)
  const patternEnd = m + size(pattern)
  const lead = leadOf(escape)
  let retryText: usize = 0
  let retryPattern: usize = 0
  let letters: u32 = 0
  let steps = <i64>size(text) * STEPS_A_BYTE + STEPS_MORE
  while (true) {
    if (m < patternEnd) {
      const code = <u32>load<u8>(m)
      const escaped = code == lead && (code < 0x80 || <i32>codeAt(m) == escape)
      if (escaped || code != ANY_RUN) {
        if (t == textEnd) return 0
        if (escaped) {
          const wanted = m + width(code)
          if (wanted >= patternEnd) return 2
          const bytes = width(<u32>load<u8>(wanted))
          if (isSame(t, wanted, bytes, caseless)) {
            t += bytes
            m = wanted + bytes
            continue
          }
        } else if (code == ANY_ONE) {
          t += width(<u32>load<u8>(t))
          m++
          continue
        } else {
          // With less text than letters there is no match, and none further on.
          const count = max(lettersAt(m, patternEnd, lead), 1)
          if (<u32>(textEnd - t) < count) return 0
          if (isSame(t, m, count, caseless)) {
            t += count
            m += count
            continue
          }
        }
        if (retryPattern == 0 || retryText >= textEnd) return 0
        steps -= <i64>(t - retryText) + 1
        if (steps < 0) return LEFT_OUT
        retryText += width(<u32>load<u8>(retryText))
      } else {
        m++
        if (m == patternEnd) return 1
        retryText = t
        retryPattern = m
        letters = lettersAt(m, patternEnd, lead)
      }
    } else {
      if (t == textEnd) return 1
      if (retryPattern == 0 || retryText >= textEnd) return 0
      steps -= <i64>(t - retryText) + 1
      if (steps < 0) return LEFT_OUT
      retryText += width(<u32>load<u8>(retryText))
    }
    // Behind the last run of anything: on to where its letters are.
    if (letters > 0) {
      if (caseless) retryText = findFolded(retryText, textEnd, retryPattern, letters)
      else {
        const at = textFind(written(retryText, textEnd), viewOf(retryPattern, letters), 0)
        retryText = at < 0 ? 0 : retryText + at
      }
      if (retryText == 0) return 0
    }
    t = retryText + letters
    m = retryPattern + letters
  }
  return 0
}

// Whether up to 16 bytes are the same.
// @ts-ignore: decorator
@inline
function isSame(t: usize, m: usize, bytes: u32, caseless: bool): bool {
  const own = v128.load(t)
  const same = i8x16.eq(caseless ? foldBlock(own) : own, v128.load(m))
  const wanted = (<u32>1 << bytes) - 1
  return (<u32>i8x16.bitmask(same) & wanted) == wanted
}

export function textLike(text: i64, pattern: i64, escape: i32): i32 {
  if (escape == NO_CHARACTER || size(text) > TEXT_BYTES_MAX) return LEFT_OUT
  return likeBytes(text, pattern, escape, false)
}

// The same without regard to the case of the text; the pattern is in lower case, or left out itself.
export function textLikeFolded(text: i64, pattern: i64, escape: i32): i32 {
  if (escape == NO_CHARACTER || size(text) > TEXT_BYTES_MAX) return LEFT_OUT
  if (pattern == ELSEWHERE) return LEFT_OUT
  return isAscii(start(text), size(text))
    ? likeBytes(text, pattern, escape, true)
    : likeLetters(text, pattern, escape)
}

// Whether a text begins with one that is in lower case, the case of its own letters aside.
export function textStartsFolded(text: i64, prefix: i64): i32 {
  let t = start(text)
  const textEnd = t + size(text)
  const count = size(prefix)
  if (count <= 16) {
    const wanted = (<u32>1 << count) - 1
    if ((<u32>i8x16.bitmask(v128.load(t)) & wanted) == 0) {
      return i32(size(text) >= count && isSame(t, start(prefix), count, true))
    }
  }
  let m = start(prefix)
  const end = m + count
  while (m < end) {
    if (t == textEnd) return 0
    const own = lowerOf(codeAt(t))
    if (own < 0) return LEFT_OUT
    if (own != <i32>codeAt(m)) return 0
    t += width(<u32>load<u8>(t))
    m += width(<u32>load<u8>(m))
  }
  return 1
}

// By characters, for texts beyond ASCII.
function likeLetters(text: i64, pattern: i64, escape: i32): i32 {
  let t = start(text)
  let m = start(pattern)
  const textEnd = t + size(text)
  const patternEnd = m + size(pattern)
  let retryText: usize = 0
  let retryPattern: usize = 0
  let steps = <i64>size(text) * STEPS_A_BYTE + STEPS_MORE
  while (true) {
    if (m < patternEnd) {
      let code = <i32>codeAt(m)
      const escaped = code == escape
      if (code == ANY_RUN && !escaped) {
        m++
        retryText = t
        retryPattern = m
        continue
      }
      if (t == textEnd) return 0
      let wanted = m
      if (escaped) {
        wanted += width(<u32>load<u8>(m))
        if (wanted >= patternEnd) return 2
        code = <i32>codeAt(wanted)
      }
      const own = lowerOf(codeAt(t))
      if (own < 0) return LEFT_OUT
      if (own == code || (code == ANY_ONE && !escaped)) {
        t += width(<u32>load<u8>(t))
        m = wanted + width(<u32>load<u8>(wanted))
        continue
      }
    } else if (t == textEnd) return 1
    if (retryPattern == 0 || retryText >= textEnd) return 0
    steps -= <i64>(t - retryText) + 1
    if (steps < 0) return LEFT_OUT
    retryText += width(<u32>load<u8>(retryText))
    t = retryText
    m = retryPattern
  }
  return 0
}
