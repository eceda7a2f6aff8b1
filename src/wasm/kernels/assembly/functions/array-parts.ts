// Arrays as their bytes have them: a key (data/types/array-key.ts), PostgreSQL's text, the key's length. The key has the
// elements one behind the other, so that it is read rather than the text; that is copied. The slot of a NULL has no bytes.
// Kinds of elements are those of value-kinds.ts. Most have no text: bare-lists.ts.
import { BOOL, DATE, DECIMAL64, FLOAT4, FLOAT8, INTEGER32, JSON, NUMERIC, TEXT, UUID } from '../value-text'
import { isExact, keyWidth } from '../value-keys'
import { endBareAt, isBareAt } from '../bare-lists'
import { decimalOfText, numericOfText } from './rounding'
import { size, start, viewOf, written } from './views'

export const NULL_ELEMENT: u32 = 2
const NUMBER_NEGATIVE: u32 = 0x40
const NUMBER_POSITIVE: u32 = 0xc0

const COMMA: u32 = 44
const OPEN: u32 = 123
const CLOSE: u32 = 125
const QUOTE: u32 = 34
const BACKSLASH: u32 = 92

// Digits of a decimal that is read as 64 bits.
const DIGITS_MAX: u32 = 18

// A zero and how many dimensions there are; for each of these a length and a lower bound.
export const DIMENSION_BYTES: u32 = 8
export const ONE_DIMENSION_BYTES: u32 = 10

// No elements: a key of two zeros, "{}", the key's length.
const EMPTY: usize = memory.data<u8>([0, 0, 0x7b, 0x7d, 2, 0, 0, 0])
// @ts-ignore: decorator
@inline
export function emptyArray(): i64 {
  return viewOf(EMPTY, 8)
}

// Ends a key of so many elements in one dimension, from 1 on.
export function putOneDimension(count: u32, to: usize): usize {
  store<u16>(to, 0x0100)
  store<u32>(to, bswap(count), 2)
  store<u32>(to, 0x01000080, 6)
  return to + ONE_DIMENSION_BYTES
}

// Where the key ends and the text begins.
// @ts-ignore: decorator
@inline
export function keyEnd(view: i64): usize {
  return start(view) + load<u32>(start(view) + size(view) - 4)
}

// @ts-ignore: decorator
@inline
export function textEnd(view: i64): usize {
  return start(view) + size(view) - 4
}

// Whether only the key is there, of an array that has bytes.
// @ts-ignore: decorator
@inline
export function isBare(view: i64): bool {
  return isBareAt(start(view), size(view))
}

// The array whose keys lie from `target` up to `key`, of so many elements; without elements it is another one.
// @ts-ignore: decorator
@inline
export function endBare(target: usize, count: u32, key: usize): i64 {
  return written(target, endBareAt(target, count, key))
}

// Whether the subscripts of the first elements are told in front of them: [2:3]={1,2}.
// @ts-ignore: decorator
@inline
export function hasBounds(view: i64): bool {
  return !isBare(view) && load<u8>(keyEnd(view)) == 91
}

// The first brace of the text.
export function firstBrace(view: i64): usize {
  let at = keyEnd(view)
  while (load<u8>(at) != OPEN) at++
  return at
}

// How many dimensions there are, by the braces or bounds that the text begins with.
export function dimensionsOf(view: i64): u32 {
  if (isBare(view)) return 1
  let at = keyEnd(view)
  let count: u32 = 0
  if (load<u8>(at) == 91) {
    for (; load<u8>(at) != 61; at++) count += u32(load<u8>(at) == 91)
    return count
  }
  if (load<u8>(at) == OPEN) {
    const second = <u32>load<u8>(at + 1)
    if (second != OPEN) return u32(second != CLOSE)
  }
  while (load<u8>(at + count) == OPEN) count++
  return load<u8>(at + count) == CLOSE ? 0 : count
}

// Of dimension `at`, from 0, of so many.
// @ts-ignore: decorator
@inline
export function lengthOf(view: i64, dimensions: u32, at: u32): i32 {
  return <i32>bswap(load<u32>(keyEnd(view) - dimensions * DIMENSION_BYTES + (at << 2)))
}

// @ts-ignore: decorator
@inline
export function lowerOf(view: i64, dimensions: u32, at: u32): i32 {
  return <i32>(bswap(load<u32>(keyEnd(view) - (dimensions << 2) + (at << 2))) ^ 0x80000000)
}

export function elementsOf(view: i64): u32 {
  const dimensions = dimensionsOf(view)
  let count: u32 = u32(dimensions > 0)
  for (let at: u32 = 0; at < dimensions; at++) count *= <u32>lengthOf(view, dimensions, at)
  return count
}

// The zero behind a text.
export function endOfText(at: usize): usize {
  while (true) {
    const zeros = <u32>i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(0)))
    if (zeros != 0) return at + <usize>ctz(zeros)
    at += 16
  }
  return at
}

// Behind the element whose key begins at `at`; `width`: bytes of the keys of its kind, 0 where these vary.
export function elementEnd(kind: u32, width: u32, at: usize): usize {
  if (load<u8>(at) == NULL_ELEMENT) return at + 1
  if (width != 0) return at + 1 + width
  return isExact(kind) ? numberEnd(at + 1) : endOfText(at + 1) + 1
}

// Behind the key of a number: a sign, a power of three bytes, digits, and what ends these.
export function numberEnd(at: usize): usize {
  const sign = <u32>load<u8>(at++)
  // Zero, NaN and infinity are their sign alone.
  if (sign != NUMBER_POSITIVE && sign != NUMBER_NEGATIVE) return at
  at += 3
  const last: u32 = sign == NUMBER_POSITIVE ? 0 : 0xff
  while (<u32>load<u8>(at) != last) at++
  return at + 1
}

// How many elements there are of an array like most: one dimension from 1 on, no NULLs, keys of so many bytes each. 0: it is
// no such array.
// @ts-ignore: decorator
@inline
export function listCount(view: i64, width: u32): u32 {
  if (size(view) == 0) return 0
  const text = keyEnd(view)
  if (!isBare(view)) {
    const head = <u32>load<u16>(text)
    if ((head & 0xff) != OPEN || head >> 8 == OPEN || head >> 8 == CLOSE) return 0
  }
  const count = bswap(load<u32>(text - DIMENSION_BYTES))
  return <u64>(text - start(view)) == <u64>count * (width + 1) + ONE_DIMENSION_BYTES ? count : 0
}

// Behind so many commas of a list's text. Texts of values whose keys have one width have no commas of their own.
export function behindCommas(at: usize, count: u32): usize {
  while (count > 0) {
    let commas = <u32>i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(<i8>COMMA)))
    const found = <u32>popcnt(commas)
    if (found >= count) {
      for (; count > 1; count--) commas &= commas - 1
      return at + <usize>ctz(commas) + 1
    }
    count -= found
    at += 16
  }
  return at
}

// The key of the element with a number, from 0, of those that there are.
export function elementAt(view: i64, kind: u32, number: u32, count: u32): usize {
  const width = keyWidth(kind)
  let at = start(view)
  // All are as long where none is NULL.
  const bytes = keyEnd(view) - at
  if (width != 0 && <u64>bytes == <u64>count * (width + 1) + ONE_DIMENSION_BYTES) return at + number * (width + 1)
  for (; number > 0; number--) at = elementEnd(kind, width, at)
  return at
}

// The text of an element as a key has it.
// @ts-ignore: decorator
@inline
export function keyText(at: usize): i64 {
  return viewOf(at + 1, <u32>(endOfText(at + 1) - at - 1))
}

// Where the text of an element ends that begins at `at`, quotes and all: at a comma or a brace.
export function elementTextEnd(at: usize): usize {
  if (load<u8>(at) != QUOTE) {
    while (load<u8>(at) != COMMA && load<u8>(at) != CLOSE) at++
    return at
  }
  for (at++; load<u8>(at) != QUOTE; at++) if (load<u8>(at) == BACKSLASH) at++
  return at + 1
}

// The text of the element with a number, of an array of one dimension.
export function elementTextAt(view: i64, number: u32): usize {
  let at = firstBrace(view) + 1
  for (; number > 0; number--) at = elementTextEnd(at) + 1
  return at
}

// Stands for the text of an element of an array that has none.
export const NO_TEXT: usize = 1

// Puts the lanes of an element to an address, of which the key is at `at` and the text at `text`, as texts of exact
// numbers alone tell their zeros; false: it is left to TypeScript.
export function takeElement(kind: u32, places: u32, at: usize, text: usize, to: usize): bool {
  at++
  if (kind == INTEGER32 || kind == DATE) store<u32>(to, bswap(load<u32>(at)) ^ 0x80000000)
  else if (kind == TEXT || kind == JSON) store<i64>(to, viewOf(at, <u32>(endOfText(at) - at)))
  else if (kind == BOOL) store<i32>(to, <i32>load<u8>(at))
  else if (kind == UUID) {
    store<u64>(to, bswap(load<u64>(at, 8)))
    store<u64>(to, bswap(load<u64>(at)) ^ 0x8000000000000000, 8)
  } else if (kind == FLOAT4 || kind == FLOAT8) {
    const bits = bswap(load<u64>(at))
    const value = reinterpret<f64>(bits >> 63 != 0 ? bits ^ 0x8000000000000000 : ~bits)
    // Only its text tells -0; where there is none it is 0.
    if (value == 0 && text != NO_TEXT) return false
    if (kind == FLOAT4) store<f32>(to, <f32>value)
    else store<f64>(to, value)
  } else if (isExact(kind)) {
    const digits = viewOf(text, <u32>(elementTextEnd(text) - text))
    if (kind == NUMERIC) return numericOfText(to, digits) == 0
    if (places > DIGITS_MAX) return false
    const value = decimalOfText(digits, <i32>places, i64.MAX_VALUE)
    if (value == i64.MIN_VALUE) return false
    store<i64>(to, value)
    if (kind != DECIMAL64) store<i64>(to, value >> 63, 8)
  } else store<u64>(to, bswap(load<u64>(at)) ^ 0x8000000000000000)
  return true
}

// The element with a subscript, whose lanes are put to an address: 1; 0: there is none, or it is NULL; -1 leaves it
// to TypeScript.
export function arrayItem(view: i64, kind: u32, places: u32, subscript: i32, to: usize): i32 {
  const width = keyWidth(kind)
  const listed: u32 = width == 0 ? 0 : listCount(view, width)
  if (listed > 0) {
    if (<u32>subscript - 1 >= listed) return 0
    const at = start(view) + (<u32>subscript - 1) * (width + 1)
    return takeElement(kind, places, at, isBare(view) ? NO_TEXT : 0, to) ? 1 : -1
  }
  if (size(view) == 0 || dimensionsOf(view) != 1) return 0
  const number = <i64>subscript - <i64>lowerOf(view, 1, 0)
  const count = lengthOf(view, 1, 0)
  if (number < 0 || number >= <i64>count) return 0
  const at = elementAt(view, kind, <u32>number, <u32>count)
  if (load<u8>(at) == NULL_ELEMENT) return 0
  const text = isExact(kind) ? elementTextAt(view, <u32>number) : isBare(view) ? NO_TEXT : 0
  return takeElement(kind, places, at, text, to) ? 1 : -1
}

// How many elements there are.
export function arrayCount(view: i64): i32 {
  if (size(view) == 0) return 0
  const text = keyEnd(view)
  if (isBare(view)) return <i32>bswap(load<u32>(text - DIMENSION_BYTES))
  const head = <u32>load<u16>(text)
  if ((head & 0xff) != OPEN || head >> 8 == OPEN) return <i32>elementsOf(view)
  return head >> 8 == CLOSE ? 0 : <i32>bswap(load<u32>(text - DIMENSION_BYTES))
}

// How many dimensions, 0 of an empty array.
export function arrayDimensions(view: i64): i32 {
  return size(view) == 0 ? 0 : <i32>dimensionsOf(view)
}

// The length (0) of a dimension from 1 on, its lower (1) or its upper bound (2); the smallest of 64 bits: there is no such.
export function arrayBound(view: i64, dimension: i32, what: i32): i64 {
  if (size(view) == 0) return i64.MIN_VALUE
  const dimensions = dimensionsOf(view)
  if (dimension < 1 || <u32>dimension > dimensions) return i64.MIN_VALUE
  const length = <i64>lengthOf(view, dimensions, <u32>dimension - 1)
  if (what == 0) return length
  const lower = <i64>lowerOf(view, dimensions, <u32>dimension - 1)
  return what == 1 ? lower : lower + length - 1
}
