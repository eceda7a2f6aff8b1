// Arrays full of one value, and the bounds of arrays as text. Arrays of subscripts are of int4, whose elements have five bytes.
import { isSignedZero, keysTell } from '../bare-lists'
import { putTogether } from '../collect'
import { putInteger } from '../digits'
import { keyBytes, putWord } from '../value-keys'
import { COPIED_PAST, elementBytes, fixedBytes, TEXT, textOf } from '../value-text'
import { putCell, putCellKey } from './array-cells'
import { dimensionsOf, elementsOf, emptyArray, endBare, lengthOf, lowerOf, NULL_ELEMENT } from './array-parts'
import { ELSEWHERE, put, size, start, viewOf, written } from './views'

const DIMENSIONS_MAX: u32 = 6
const ELEMENT_BYTES: u32 = 5
// Subscripts that are far from the last ones there may be.
const LOWER_MAX: i32 = 1_000_000_000
const ELEMENTS_MAX: u64 = 1 << 24
// Brackets, two subscripts, a length and a lower bound of each dimension.
const BOUNDS_BYTES: usize = 512
const COMMA: u32 = 44
const OPEN: u32 = 123
const CLOSE: u32 = 125

function numberAt(view: i64, at: u32): i32 {
  return <i32>(bswap(load<u32>(start(view) + at * ELEMENT_BYTES, 1)) ^ 0x80000000)
}

// How many numbers there are; -1 where they are no list without NULLs, or more than there are dimensions.
function numbersOf(view: i64): i32 {
  if (size(view) == 0 || dimensionsOf(view) > 1) return -1
  const count = elementsOf(view)
  if (count > DIMENSIONS_MAX) return -1
  let at = start(view)
  for (let left = count; left > 0; left--) {
    if (load<u8>(at) == NULL_ELEMENT) return -1
    at += ELEMENT_BYTES
  }
  return <i32>count
}

// How many elements an array of these lengths has; -1 leaves it to TypeScript.
function filledElements(lengths: i64): i64 {
  const dimensions = numbersOf(lengths)
  if (dimensions < 0) return -1
  let count: u64 = u64(dimensions > 0)
  for (let at = 0; at < dimensions; at++) {
    const length = numberAt(lengths, <u32>at)
    // What is too long may be an error even beside no elements.
    if (length < 0 || <u64>length > ELEMENTS_MAX) return -1
    count *= <u64>length
    if (count > ELEMENTS_MAX) return -1
  }
  return <i64>count
}

function valueBytes(kind: u32, cell: usize, isNone: bool): u64 {
  if (isNone) return 6
  const shown = kind < TEXT ? fixedBytes(kind, cell) + 2 : elementBytes(textOf(kind, cell))
  return 2 + <u64>shown + <u64>keyBytes(kind, cell)
}

// Bytes that it takes at most; -1 leaves it to TypeScript.
export function arrayFillBytes(kind: u32, cell: usize, isNull: i32, lengths: i64): i64 {
  const count = filledElements(lengths)
  if (count < 0) return -1
  // A comma, and the braces of each dimension where those behind it have one element.
  const braces = 1 + 2 * <u64>numbersOf(lengths)
  return <i64>(<u64>count * (valueBytes(kind, cell, isNull != 0) + braces) + BOUNDS_BYTES + 2 * COPIED_PAST)
}

// Bytes again and again, with something between two of them.
function repeat(from: usize, to: usize, times: u32, between: u32): usize {
  const bytes = <u32>(to - from)
  for (let left = times; left > 1; left--) {
    if (between != 0) store<u8>(to++, <u8>between)
    to = put(to, from, bytes)
  }
  return to
}

// An array of these lengths full of the value of a cell; `lowers`: its first subscripts, 0 for ones.
export function arrayFill(
  kind: u32, places: u32, cell: usize, isNull: i32, lengths: i64, lowers: i64, target: usize,
): i64 {
  const count = <u32>filledElements(lengths)
  const dimensions = numbersOf(lengths)
  if (lowers != 0 && numbersOf(lowers) != dimensions) return ELSEWHERE
  let hasBounds = false
  if (lowers != 0) {
    for (let at = 0; at < dimensions; at++) {
      const lower = numberAt(lowers, <u32>at)
      if (lower > LOWER_MAX) return ELSEWHERE
      hasBounds = hasBounds || lower != 1
    }
  }
  if (count == 0) return emptyArray()
  const none = isNull != 0
  if (dimensions == 1 && !hasBounds && keysTell(kind) && (none || !isSignedZero(kind, cell))) {
    const end = putCellKey(kind, cell, none, 0, 0, target)
    return endBare(target, count, repeat(target, end, count, 0))
  }
  const keys = <usize>count * <usize>(1 + (none ? 0 : keyBytes(kind, cell)))
  const first = target + keys + BOUNDS_BYTES / 2 + COPIED_PAST
  let to = first
  if (hasBounds) to = putBounds(lengths, lowers, <u32>dimensions, to)
  // One element, and its key.
  const inner = to + <usize>dimensions
  const innerEnd = putCell(kind, places, cell, none, inner)
  let key = putCellKey(kind, cell, none, inner, innerEnd, target)
  key = repeat(target, key, count, 0)
  // The innermost dimension first: each puts its braces around what is there.
  let from = inner
  let end = innerEnd
  for (let at = dimensions - 1; at >= 0; at--) {
    end = repeat(from, end, <u32>numberAt(lengths, <u32>at), COMMA)
    store<u8>(--from, <u8>OPEN)
    store<u8>(end++, <u8>CLOSE)
  }
  store<u16>(key, <u16>(dimensions << 8))
  key += 2
  for (let at = 0; at < dimensions; at++) key = putWord(<u32>numberAt(lengths, <u32>at), key)
  for (let at = 0; at < dimensions; at++) {
    key = putWord((lowers == 0 ? 1 : <u32>numberAt(lowers, <u32>at)) ^ 0x80000000, key)
  }
  return written(target, putTogether(target, key, first, end))
}

function putRange(lower: i64, length: i64, to: usize): usize {
  store<u8>(to, 91)
  to = putInteger(lower, to + 1)
  store<u8>(to, 58)
  to = putInteger(lower + length - 1, to + 1)
  store<u8>(to, 93)
  return to + 1
}

function putBounds(lengths: i64, lowers: i64, dimensions: u32, to: usize): usize {
  for (let at: u32 = 0; at < dimensions; at++) {
    to = putRange(<i64>numberAt(lowers, at), <i64>numberAt(lengths, at), to)
  }
  store<u8>(to, 61)
  return to + 1
}

// The bounds of all dimensions, nothing of an empty array. Takes 32 bytes for each dimension.
export function arrayBounds(view: i64, target: usize): i64 {
  if (size(view) == 0) return viewOf(target, 0)
  const dimensions = dimensionsOf(view)
  let to = target
  for (let at: u32 = 0; at < dimensions; at++) {
    to = putRange(<i64>lowerOf(view, dimensions, at), <i64>lengthOf(view, dimensions, at), to)
  }
  return written(target, to)
}
