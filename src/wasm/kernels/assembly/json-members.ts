// Members of JSON objects as most programs write them.

import { isWritten, isWrittenTwice, KEY_ENTRY_BYTES, keyEntry } from './json-keys'

// So many bytes before the end of a piece nothing is taken for simple: blocks are read and values end inside.
export const SIMPLE_SLACK: usize = 64

// Vectors of one byte, loaded where they are needed: engines make constants of vectors anew at each use.
const VECTORS: usize = memory.data<u8>([
  34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34,
  92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92,
  31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31,
  48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48,
  9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
])
const QUOTES = 0
const BACKSLASHES = 16
const CONTROLS_MAX = 32
const ZEROS = 48
const NINES = 64

// Which of 16 bytes a string cannot have as they are: quotes, backslashes and control characters.
// @ts-ignore: decorator
@inline
export function specialsOf(block: v128): u32 {
  const marks = v128.or(
    i8x16.eq(block, v128.load(VECTORS, QUOTES)),
    i8x16.eq(block, v128.load(VECTORS, BACKSLASHES)),
  )
  return i8x16.bitmask(v128.or(marks, i8x16.le_u(block, v128.load(VECTORS, CONTROLS_MAX))))
}

// Which of 16 bytes are digits.
// @ts-ignore: decorator
@inline
export function digitsOf(block: v128): u32 {
  const values = i8x16.sub(block, v128.load(VECTORS, ZEROS))
  return i8x16.bitmask(i8x16.le_u(values, v128.load(VECTORS, NINES)))
}

// Behind a number of at most 15 characters, its sign not counted, without exponent; p for anything else. What comes
// behind it is the caller's to look at.
// @ts-ignore: decorator
@inline
export function shortNumberEnd(p: usize): usize {
  const from = p + <usize>(load<u8>(p) == 45)
  const digits = digitsOf(v128.load(from))
  const whole = ctz(~digits)
  let length = whole
  if (load<u8>(from + <usize>whole) == 46) {
    const fraction = ctz(~(digits >> (whole + 1)))
    if (fraction == 0) return p
    length += 1 + fraction
  }
  if (whole == 0 || length > 15 || (whole > 1 && load<u8>(from) == 48)) return p
  return from + <usize>length
}

// What simpleMembers left: the key that is expected next, and whether the object ended.
export let nextKey: i32 = 0
export let hasEnded: bool = false

// Behind the value at p and its closing quote, and the value's pair where one is wanted (not 0): a string without escapes that
// is not empty, a short number, or a word. 0 for anything else. What comes behind it is the caller's to look at.
// @ts-ignore: decorator
@inline
function simpleValue(p: usize, stop: usize, pair: usize): usize {
  if (load<u8>(p) == 34) {
    let q = p + 1
    let special = specialsOf(v128.load(q))
    while (special == 0 && q < stop) {
      q += 16
      special = specialsOf(v128.load(q))
    }
    q += <usize>ctz(special)
    if (special == 0 || q == p + 1 || load<u8>(q) != 34) return 0
    if (pair != 0) {
      store<u32>(pair, <u32>p)
      store<u32>(pair, <u32>q, 4)
    }
    return q + 1
  }
  let q = shortNumberEnd(p)
  let valueEnd = q
  if (q == p) {
    const word = load<u32>(p)
    if (word == 0x6c6c756e) q += 4
    else if (word == 0x65757274) valueEnd = q += 4
    else if (word == 0x736c6166 && load<u8>(p, 4) == 101) valueEnd = q += 5
    else return 0
  }
  if (pair != 0) {
    store<u32>(pair, <u32>p - 1)
    store<u32>(pair, <u32>valueEnd, 4)
  }
  return q
}

// Behind the comma and the blank, if any, in front of the next key's quote; 0 for anything else.
// @ts-ignore: decorator
@inline
function behindComma(p: usize): usize {
  const next = <u32>load<u32>(p) & 0xffffff
  if ((next & 0xffff) == 0x222c) return p + 1
  return next == 0x22202c ? p + 2 : 0
}

// Members from the key at p on, as most files have them: known keys in their order, strings without escapes,
// short numbers and words, at most one blank behind colons and commas. A loop without calls and with few variables, which
// stay in registers. Returns where the first member begins that is anything else, or what is behind the object.
export function simpleMembers(p: usize, end: usize, keys: usize, pairs: usize, guess: i32): usize {
  nextKey = guess
  hasEnded = false
  if (end - p < SIMPLE_SLACK) return p
  const stop = end - SIMPLE_SLACK
  let entry = keyEntry(keys, guess)
  const entriesEnd = keyEntry(keys, load<i32>(keys))
  while (entry < entriesEnd) {
    const length = <usize>load<u32>(entry, 16)
    let q = p + length
    if (q >= stop || !isWritten(<usize>load<u32>(entry, 12), length, p)) break
    q += <usize>(load<u8>(q) == 32)
    const slot = load<i32>(entry, 8)
    q = simpleValue(q, stop, slot < 0 ? 0 : pairs + (<usize>slot << 3))
    if (q == 0) break
    const next = behindComma(q)
    if (next == 0) {
      hasEnded = load<u8>(q) == 125
      if (hasEnded) return q + 1
      break
    }
    p = next
    entry += KEY_ENTRY_BYTES
  }
  nextKey = <i32>((entry - keyEntry(keys, 0)) / KEY_ENTRY_BYTES)
  return p
}

// Where twoObjects left the second of its objects, as simpleMembers returns it for the first.
export let secondAt: usize = 0

// Members of two objects from the keys at p and p2 on, p before p2: what simpleMembers does, for both. Where a member ends
// is known only once it is looked through, so that one object's members wait for each other; two objects' do not.
// `pairs2`: the second's pairs. Both have ended (hasEnded), or both go on at the key nextKey.
export function twoObjects(
  p: usize, p2: usize, end: usize, keys: usize, pairs: usize, pairs2: usize,
): usize {
  nextKey = 0
  hasEnded = false
  const stop = end - SIMPLE_SLACK
  let entry = keyEntry(keys, 0)
  const entriesEnd = keyEntry(keys, load<i32>(keys))
  while (entry < entriesEnd) {
    const length = <usize>load<u32>(entry, 16)
    if (p2 + length >= stop || !isWrittenTwice(<usize>load<u32>(entry, 12), length, p, p2)) break
    let q = p + length
    let q2 = p2 + length
    q += <usize>(load<u8>(q) == 32)
    q2 += <usize>(load<u8>(q2) == 32)
    const slot = load<i32>(entry, 8)
    const offset = <usize>slot << 3
    q = simpleValue(q, stop, slot < 0 ? 0 : pairs + offset)
    q2 = simpleValue(q2, stop, slot < 0 ? 0 : pairs2 + offset)
    if (q == 0 || q2 == 0) break
    const next = behindComma(q)
    const next2 = behindComma(q2)
    if (next == 0 || next2 == 0) {
      hasEnded = next == 0 && next2 == 0 && load<u8>(q) == 125 && load<u8>(q2) == 125
      if (!hasEnded) break
      p = q + 1
      p2 = q2 + 1
      entry += KEY_ENTRY_BYTES
      break
    }
    p = next
    p2 = next2
    entry += KEY_ENTRY_BYTES
  }
  nextKey = <i32>((entry - keyEntry(keys, 0)) / KEY_ENTRY_BYTES)
  secondAt = p2
  return p
}
