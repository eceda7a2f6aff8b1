// Members of JSON objects as most programs write them.

import { isWritten, KEY_ENTRY_BYTES, keyEntry } from './json-keys'

// So many bytes before the end of a piece nothing is taken for simple: blocks are read and values end inside.
const SIMPLE_SLACK: usize = 64

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

// Members from the key at p on, as most files have them: known keys in their order, strings without escapes,
// short numbers, at most one blank behind colons and commas. A loop without calls and with few variables, which stay in
// registers. Returns where the first member begins that is anything else, or what is behind the object.
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
    let c = <u32>load<u8>(q)
    if (c == 32) c = <u32>load<u8>(++q)
    const slot = load<i32>(entry, 8)
    let from = q
    if (c == 34) {
      q++
      let special = specialsOf(v128.load(q))
      while (special == 0 && q < stop) {
        q += 16
        special = specialsOf(v128.load(q))
      }
      q += <usize>ctz(special)
      if (special == 0 || q == from + 1 || load<u8>(q) != 34) break
    } else {
      q = shortNumberEnd(from)
      if (q == from--) break
    }
    if (slot >= 0) {
      const pair = pairs + (<usize>slot << 3)
      store<u32>(pair, <u32>from)
      store<u32>(pair, <u32>q, 4)
    }
    if (c == 34) q++
    const next = <u32>load<u32>(q) & 0xffffff
    if ((next & 0xffff) == 0x222c) p = q + 1
    else if (next == 0x22202c) p = q + 2
    else {
      hasEnded = (next & 255) == 125
      if (hasEnded) return q + 1
      break
    }
    entry += KEY_ENTRY_BYTES
  }
  nextKey = <i32>((entry - keyEntry(keys, 0)) / KEY_ENTRY_BYTES)
  return p
}
