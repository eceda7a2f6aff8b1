// Texts that are filled up, repeated, replaced in and cut.
import { textFind, textLeft, textLength, textSlice } from '../text'
import { codeAt, ELSEWHERE, isAscii, put, putCode, size, space, start } from './views'
import { viewOf, width, written } from './views'

// Writes characters of a text that is not empty again and again, `count` of them.
function fillWith(at: usize, text: i64, count: i32): usize {
  const p = start(text)
  const bytes = size(text)
  if (bytes == 1) {
    const end = at + count
    const filling = i8x16.splat(load<i8>(p))
    for (let next = at; next < end; next += 16) v128.store(next, filling)
    return end
  }
  let from: u32 = 0
  for (let left = count; left > 0; left--) {
    const wide = width(<u32>load<u8>(p + from))
    for (let i: u32 = 0; i < wide; i++) store<u8>(at + i, load<u8>(p + from + i))
    at += wide
    from += wide
    if (from == bytes) from = 0
  }
  return at
}

// A text of so many characters: cut at its end, or filled up at its start or end, with spaces for -1.
export function textPad(text: i64, wanted: i32, given: i64, atStart: i32, target: usize): i64 {
  const count = max(0, wanted)
  const missing = count - textLength(text)
  if (missing <= 0) return textLeft(text, count)
  const fill = given == -1 ? space() : given
  if (size(fill) == 0) return text
  if (atStart != 0) {
    const at = fillWith(target, fill, missing)
    return written(target, put(at, start(text), size(text)))
  }
  const at = put(target, start(text), size(text))
  return written(target, fillWith(at, fill, missing))
}

// Copies a text to an address and gives the end.
export function textPut(target: usize, text: i64): usize {
  return put(target, start(text), size(text))
}

// A text several times over.
export function textRepeat(text: i64, times: i32, target: usize): i64 {
  const bytes = size(text)
  if (times <= 0 || bytes == 0) return viewOf(target, 0)
  if (bytes == 1) return written(target, fillWith(target, text, times))
  let at = target
  for (let left = times; left > 0; left--) at = put(at, start(text), bytes)
  return written(target, at)
}

// Every occurrence of a text replaced by another.
export function textReplace(text: i64, from: i64, to: i64, target: usize): i64 {
  const taken = size(from)
  if (taken == 0) return text
  let next = textFind(text, from, 0)
  if (next < 0) return text
  const p = start(text)
  let at = target
  let done: u32 = 0
  while (next >= 0) {
    at = put(at, p + done, <u32>next - done)
    at = put(at, start(to), size(to))
    done = <u32>next + taken
    next = textFind(text, from, done)
  }
  return written(target, put(at, p + done, size(text) - done))
}

// One of the fields between separators, from 1, from the end when negative; 0 is left to TypeScript.
export function textField(text: i64, separator: i64, number: i32): i64 {
  if (number == 0) return ELSEWHERE
  const taken = size(separator)
  const whole = size(text)
  if (whole == 0 || taken == 0) {
    return number == 1 || number == -1 ? text : viewOf(start(text), 0)
  }
  let wanted = number
  if (number < 0) {
    let count = 0
    let next = textFind(text, separator, 0)
    while (next >= 0) {
      count++
      next = textFind(text, separator, <u32>next + taken)
    }
    wanted = count + 2 + number
    if (wanted < 1) return viewOf(start(text), 0)
  }
  let from: u32 = 0
  for (let field = 1; field < wanted; field++) {
    const next = textFind(text, separator, from)
    if (next < 0) return viewOf(start(text), 0)
    from = <u32>next + taken
  }
  const end = textFind(text, separator, from)
  return viewOf(start(text) + from, (end < 0 ? whole : <u32>end) - from)
}

// Each character that is in `from` replaced by the one at its place in `to`, or left out.
export function textTranslate(text: i64, from: i64, to: i64, target: usize): i64 {
  const ascii = isAscii(start(from), size(from)) && isAscii(start(to), size(to))
  return ascii ? translateBytes(text, from, to, target) : translateCodes(text, from, to, target)
}

function translateBytes(text: i64, from: i64, to: i64, target: usize): i64 {
  const p = start(text)
  const bytes = size(text)
  const codes = size(from)
  let at = target
  for (let i: u32 = 0; i < bytes; i++) {
    const code = load<u8>(p + i)
    let place: u32 = 0
    while (place < codes && load<u8>(start(from) + place) != code) place++
    if (place < codes) {
      if (place >= size(to)) continue
      store<u8>(at++, load<u8>(start(to) + place))
    } else store<u8>(at++, code)
  }
  return written(target, at)
}

function translateCodes(text: i64, from: i64, to: i64, target: usize): i64 {
  let p = start(text)
  const end = p + size(text)
  let at = target
  while (p < end) {
    const code = codeAt(p)
    p += width(<u32>load<u8>(p))
    const place = placeOf(from, code)
    if (place < 0) at = putCode(at, code)
    else {
      const other = codeNumber(to, place)
      if (other >= 0) at = putCode(at, <u32>other)
    }
  }
  return written(target, at)
}

// The number of the character in a text, from 0, or -1.
function placeOf(text: i64, wanted: u32): i32 {
  let p = start(text)
  const end = p + size(text)
  for (let place = 0; p < end; place++) {
    if (codeAt(p) == wanted) return place
    p += width(<u32>load<u8>(p))
  }
  return -1
}

// The character with a number in a text, or -1.
function codeNumber(text: i64, number: i32): i32 {
  let p = start(text)
  const end = p + size(text)
  for (let left = number; p < end; left--) {
    if (left == 0) return <i32>codeAt(p)
    p += width(<u32>load<u8>(p))
  }
  return -1
}

// A text with `count` characters from a position (from 1) on replaced by another text.
export function textOverlay(text: i64, piece: i64, from: i32, count: i32, target: usize): i64 {
  const rest = <i64>from + <i64>count
  if (from <= 0 || rest > i32.MAX_VALUE || rest < i32.MIN_VALUE) return ELSEWHERE
  const head = textSlice(text, 0, <i64>from - 1)
  const tail = textSlice(text, rest - 1, i64.MAX_VALUE)
  let at = put(target, start(head), size(head))
  at = put(at, start(piece), size(piece))
  return written(target, put(at, start(tail), size(tail)))
}

const APOSTROPHE: u32 = 39
const BACKSLASH: u32 = 92

// A text as a literal of SQL: apostrophes and backslashes are doubled, and an E tells of the latter. It takes twice as many
// bytes and three more.
export function textQuoted(text: i64, target: usize): i64 {
  const end = start(text) + size(text)
  // Behind the letter that there may be.
  let to = target + 1
  store<u8>(to++, <u8>APOSTROPHE)
  let hasBackslash = false
  for (let at = start(text); at < end; at += 16) {
    const block = v128.load(at)
    const left = <u32>min<usize>(end - at, 16)
    const marks = <u32>i8x16.bitmask(
      v128.or(i8x16.eq(block, i8x16.splat(<i8>APOSTROPHE)), i8x16.eq(block, i8x16.splat(<i8>BACKSLASH))),
    )
    if ((marks & ((<u32>1 << left) - 1)) == 0) {
      v128.store(to, block)
      to += left
      continue
    }
    for (let i: u32 = 0; i < left; i++) {
      const c = <u32>load<u8>(at + i)
      if (c == BACKSLASH) hasBackslash = true
      if (c == APOSTROPHE || c == BACKSLASH) store<u8>(to++, <u8>c)
      store<u8>(to++, <u8>c)
    }
  }
  store<u8>(to++, <u8>APOSTROPHE)
  if (hasBackslash) {
    store<u8>(target, 69)
    return written(target, to)
  }
  memory.copy(target, target + 1, to - target - 1)
  return written(target, to - 1)
}
