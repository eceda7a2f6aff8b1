// Rows for the elements of arrays. Of several, or of any kind: a row is repeated for each, the elements of several arrays side by side. An array is
// words: offset of its view in a row, of the byte that says whether there is one (-1: always), kind and places of its
// elements, offset of an element's lanes, of its mark, bytes of these lanes; then what is only known here: elements
// that are left, the key of the next, how many there were, and of which of these the text is known, and where.
import { DATE, FLOAT4, FLOAT8, INTEGER32, INTEGER64, isFloat, TEXT, TIME, TIMESTAMPTZ } from '../value-text'
import { isExact, keyWidth } from '../value-keys'
import {
  DIMENSION_BYTES, dimensionsOf, elementEnd, elementsOf, elementTextEnd, endOfText, firstBrace, isBare,
  NULL_ELEMENT, ONE_DIMENSION_BYTES, takeElement,
} from './array-parts'
import { size, start, viewOf } from './views'

const ARRAY_BYTES: usize = 48
const COMMA: u32 = 44
const OPEN: u32 = 123
const CLOSE: u32 = 125
const MINUS: u32 = 45
// As a key has it.
const FLOAT_ZERO: u64 = 0x8000000000000000

// Kinds of one width whose keys are read one behind the other.
@inline function isPlain(kind: u32): bool {
  return kind == INTEGER32 || kind == INTEGER64 || kind == FLOAT8 || (kind >= DATE && kind <= TIMESTAMPTZ)
}

@inline function viewAt(array: usize, row: usize): i64 {
  const valid = load<i32>(array, 4)
  if (valid >= 0 && load<u8>(row + <usize>valid) == 0) return 0
  return load<i64>(row + load<u32>(array))
}

// Begins with a row's arrays. The row has the marks of elements, which most of those that repeat it keep.
function begin(arrays: usize, count: u32, row: usize): void {
  for (let at = arrays; count > 0; count--, at += ARRAY_BYTES) {
    const view = viewAt(at, row)
    store<u32>(at, size(view) == 0 ? 0 : elementsOf(view), 28)
    store<u32>(at, <u32>start(view), 32)
    store<u32>(at, 0, 36)
    store<u32>(at, 0, 40)
    store<u8>(row + load<u32>(at, 20), 1)
  }
}

function mostLeft(arrays: usize, count: u32): u32 {
  let most: u32 = 0
  for (; count > 0; count--, arrays += ARRAY_BYTES) most = max(most, load<u32>(arrays, 28))
  return most
}

function skipOpen(at: usize): usize {
  while (load<u8>(at) == OPEN) at++
  return at
}

// Where the text of the next element is, found from the one that was looked for last.
function nextText(array: usize, row: usize): usize {
  const number = load<u32>(array, 36)
  let known = load<u32>(array, 40)
  let at: usize
  if (known == 0) {
    at = skipOpen(firstBrace(viewAt(array, row)))
    known = 1
  } else at = load<u32>(array, 44)
  for (; known <= number; known++) {
    at = elementTextEnd(at)
    while (load<u8>(at) == CLOSE) at++
    if (load<u8>(at) == COMMA) at++
    at = skipOpen(at)
  }
  store<u32>(array, known, 40)
  store<u32>(array, <u32>at, 44)
  return at
}

@inline function putNull(to: usize, mark: u32, lanes: u32, bytes: u32): void {
  for (let at: u32 = 0; at < bytes; at += 4) store<u32>(to + lanes + at, 0)
  store<u8>(to + mark, 0)
}

// Eight bytes, the last one first.
// @ts-ignore: decorator
@inline
function turned(at: usize): u64 {
  const bytes = v128.load64_zero(at)
  return i64x2.extract_lane(v128.shuffle<u8>(bytes, bytes, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0), 0)
}

// Puts so many floats to rows, all of them there, but zeros, of which only the text tells the sign: ends at the first of these.
function putFloats(key: usize, to: usize, rowBytes: u32, rows: u32): usize {
  for (; rows > 0; rows--, to += rowBytes, key += 9) {
    const bits = turned(key + 1)
    if (bits == FLOAT_ZERO) return key
    store<u64>(to, <i64>bits < 0 ? bits ^ 0x8000000000000000 : ~bits)
  }
  return key
}

// Whether no element of an array with keys of one width is NULL.
@inline function isFull(array: usize, row: usize, width: u32): bool {
  const view = viewAt(array, row)
  const elements = load<u32>(array, 28) + load<u32>(array, 36)
  const keys = load<u32>(start(view) + size(view) - 4) - elements * (width + 1)
  return keys == 2 + DIMENSION_BYTES * dimensionsOf(view)
}

// Puts an element to a row, of which the key is there; false: it is left to TypeScript.
function putElement(array: usize, row: usize, key: usize, to: usize): bool {
  const kind = load<u32>(array, 8)
  if (isFloat(kind) && bswap(load<u64>(key, 1)) == FLOAT_ZERO) {
    const isNegative = !isBare(viewAt(array, row)) && load<u8>(nextText(array, row)) == MINUS
    if (kind == FLOAT4) store<u32>(to, isNegative ? 0x80000000 : 0)
    else store<u64>(to, isNegative ? 0x8000000000000000 : 0)
    return true
  }
  return takeElement(kind, load<u32>(array, 12), key, isExact(kind) ? nextText(array, row) : 0, to)
}

// Puts so many of the next elements of an array to rows, NULLs once there are no more; gives of how many it could.
function putElements(array: usize, row: usize, target: usize, rowBytes: u32, rows: u32): u32 {
  const kind = load<u32>(array, 8)
  const lanes = load<u32>(array, 16)
  const mark = load<u32>(array, 20)
  const bytes = load<u32>(array, 24)
  const width = keyWidth(kind)
  const here = min(rows, load<u32>(array, 28))
  const first = load<u32>(array, 36)
  const start = <usize>load<u32>(array, 32)
  let key = start
  let done: u32 = 0
  if (isPlain(kind)) {
    if (here > 0 && isFull(array, row, width)) {
      const to = target + lanes
      if (kind == FLOAT8) key = putFloats(key, to, rowBytes, here)
      else {
        if (width == 4) wordRows(key, to, target + mark, rowBytes, here)
        else longRows(key, to, target + mark, rowBytes, here)
        key += here * (width + 1)
      }
      done = <u32>(key - start) / (width + 1)
    }
  }
  for (let to = target + <usize>done * rowBytes; done < here; done++, to += rowBytes) {
    if (load<u8>(key) == NULL_ELEMENT) {
      putNull(to, mark, lanes, bytes)
      key++
    } else if (kind == TEXT) {
      const end = endOfText(key + 1)
      store<i64>(to + lanes, viewOf(key + 1, <u32>(end - key - 1)))
      key = end + 1
    } else {
      store<u32>(array, first + done, 36)
      if (!putElement(array, row, key, to + lanes)) break
      key = elementEnd(kind, width, key)
    }
  }
  store<u32>(array, load<u32>(array, 28) - done, 28)
  store<u32>(array, <u32>key, 32)
  store<u32>(array, first + done, 36)
  if (done < here) return done
  for (let to = target + <usize>done * rowBytes; done < rows; done++, to += rowBytes) putNull(to, mark, lanes, bytes)
  return done
}

// Rows for the elements of one array, in the most frequent case: there is one dimension, kinds are plain or text, all fit
// into `room` rows. Only lanes and marks are written. -1: it is another case, which `arrayRows` does, rows and all.
export function elementRows(
  view: i64, kind: u32, target: usize, rowBytes: u32, lanes: u32, mark: u32, room: u32,
): i32 {
  if (size(view) == 0) return 0
  const keys = load<u32>(start(view) + size(view) - 4)
  const text = start(view) + keys
  const hasText = keys != size(view) - 4
  if (hasText) {
    // Neither bounds, nor another dimension, nor nothing: one dimension.
    const second = <u32>load<u8>(text, 1)
    if (load<u8>(text) != OPEN || second == OPEN || second == CLOSE) return -1
  }
  const elements = bswap(load<u32>(text - DIMENSION_BYTES))
  if (elements > room) return -1
  const to = target + lanes
  const marks = target + mark
  if (kind == TEXT) {
    textRows(start(view), start(view) + size(view), to, marks, rowBytes, elements)
    return <i32>elements
  }
  const width = keyWidth(kind)
  if (!isPlain(kind) || keys != elements * (width + 1) + ONE_DIMENSION_BYTES) return -1
  if (width == 4) wordRows(start(view), to, marks, rowBytes, elements)
  else if (kind != FLOAT8) longRows(start(view), to, marks, rowBytes, elements)
  else if (!floatRows(start(view), to, marks, rowBytes, elements) && hasText) return -1
  return <i32>elements
}

// Of 16 bytes a bit for each that is zero, and of 64.
@inline function zerosOf16(at: usize): u64 {
  return <u64>(<u32>i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(0))))
}
@inline function zerosOf64(at: usize): u64 {
  return zerosOf16(at) | (zerosOf16(at + 16) << 16) | (zerosOf16(at + 32) << 32) | (zerosOf16(at + 48) << 48)
}

// Texts end with zeros, which are looked for in blocks: where a text begins does not have to wait for where the one before
// it ends. No long block is read behind `end`, where the array does, and no more than some bytes of a short one.
@inline function textRows(key: usize, end: usize, to: usize, marks: usize, rowBytes: u32, rows: u32): void {
  let block = key
  let next = key
  let zeros: u64 = 0
  for (; rows > 0; rows--, to += rowBytes, marks += rowBytes) {
    const begin = key + 1
    if (load<u8>(key) == NULL_ELEMENT) {
      store<i64>(to, 0)
      store<u8>(marks, 0)
      key = begin
      continue
    }
    while (zeros == 0) {
      block = next
      const isLong = block + 64 <= end
      zeros = isLong ? zerosOf64(block) : zerosOf16(block)
      next = block + (isLong ? 64 : 16)
    }
    const behind = block + <usize>ctz(zeros)
    zeros &= zeros - 1
    store<i64>(to, viewOf(begin, <u32>(behind - begin)))
    store<u8>(marks, 1)
    key = behind + 1
  }
}

@inline function wordRows(key: usize, to: usize, marks: usize, rowBytes: u32, rows: u32): void {
  const sign = i32x4.splat(0x80000000)
  for (; rows >= 3; rows -= 3, key += 15) {
    const keys = v128.load(key)
    const three = v128.xor(v128.shuffle<u8>(keys, keys, 4, 3, 2, 1, 9, 8, 7, 6, 14, 13, 12, 11, 0, 0, 0, 0), sign)
    v128.store_lane<u32>(to, three, 0)
    store<u8>(marks, 1)
    v128.store_lane<u32>(to + rowBytes, three, 1)
    store<u8>(marks + rowBytes, 1)
    to += 2 * rowBytes
    marks += 2 * rowBytes
    v128.store_lane<u32>(to, three, 2)
    store<u8>(marks, 1)
    to += rowBytes
    marks += rowBytes
  }
  if (rows == 0) return
  // The last ones: what lies behind them is of the array too, its end takes more bytes than two elements.
  const keys = v128.load(key)
  const two = v128.xor(v128.shuffle<u8>(keys, keys, 4, 3, 2, 1, 9, 8, 7, 6, 0, 0, 0, 0, 0, 0, 0, 0), sign)
  v128.store_lane<u32>(to, two, 0)
  store<u8>(marks, 1)
  if (rows == 1) return
  v128.store_lane<u32>(to + rowBytes, two, 1)
  store<u8>(marks + rowBytes, 1)
}

// Two keys of eight bytes, of elements that follow each other.
@inline function longsAt(key: usize): v128 {
  const first = v128.load64_zero(key, 1)
  const both = v128.load_lane<u64>(key, first, 1, 10)
  return v128.shuffle<u8>(both, both, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8)
}

@inline function putLongs(values: v128, to: usize, marks: usize, rowBytes: u32, rows: u32): void {
  v128.store_lane<u64>(to, values, 0)
  store<u8>(marks, 1)
  if (rows == 1) return
  v128.store_lane<u64>(to + rowBytes, values, 1)
  store<u8>(marks + rowBytes, 1)
}

@inline function longRows(key: usize, to: usize, marks: usize, rowBytes: u32, rows: u32): void {
  const sign = i64x2.splat(0x8000000000000000)
  const step = 2 * rowBytes
  for (; rows >= 2; rows -= 2, key += 18, to += step, marks += step) {
    putLongs(v128.xor(longsAt(key), sign), to, marks, rowBytes, 2)
  }
  if (rows == 1) putLongs(v128.xor(longsAt(key), sign), to, marks, rowBytes, 1)
}

// The doubles of keys: those of positive ones have their upper bit set, of negative ones all bits turned.
@inline function doublesOf(keys: v128): v128 {
  return v128.xor(keys, v128.or(v128.not(i64x2.shr_s(keys, 63)), i64x2.splat(0x8000000000000000)))
}

// False: a zero is among them, of which only the text tells the sign, where there is one.
@inline function floatRows(key: usize, to: usize, marks: usize, rowBytes: u32, rows: u32): bool {
  const zero = i64x2.splat(FLOAT_ZERO)
  const step = 2 * rowBytes
  let zeros = i64x2.splat(0)
  for (; rows >= 2; rows -= 2, key += 18, to += step, marks += step) {
    const keys = longsAt(key)
    zeros = v128.or(zeros, i64x2.eq(keys, zero))
    putLongs(doublesOf(keys), to, marks, rowBytes, 2)
  }
  if (rows == 1) {
    const keys = longsAt(key)
    zeros = v128.or(zeros, v128.and(i64x2.eq(keys, zero), i64x2(-1, 0)))
    putLongs(doublesOf(keys), to, marks, rowBytes, 1)
  }
  return !v128.any_true(zeros)
}

// Copies a row, word by word to all rows.
function repeat(row: usize, target: usize, rowBytes: u32, rows: u32): void {
  const end = target + <usize>rows * rowBytes
  let at: u32 = 0
  for (; at + 16 <= rowBytes; at += 16) {
    const words = v128.load(row + at)
    for (let to = target; to < end; to += rowBytes) v128.store(to + at, words)
  }
  if (at == rowBytes) return
  const word = load<u64>(row + at)
  for (let to = target; to < end; to += rowBytes) store<u64>(to + at, word)
}

// Writes rows for the elements of arrays, at most so many, and gives how many there are. `state`: the address of the
// next row, how many there are from it on, how many rows were made for it (0: none yet), and whether the rest of that
// row is left to TypeScript. `position`: where the number of a row among those of one goes, or -1; its mark is at
// `positionValid`. Fewer than `room`: there are no more, or the rest of a row is left.
export function arrayRows(
  arrays: usize, count: u32, state: usize, rowBytes: u32, position: i32, positionValid: u32, target: usize, room: u32,
): u32 {
  let written: u32 = 0
  let row = <usize>load<u32>(state)
  let left = load<u32>(state, 4)
  let number = load<u32>(state, 8)
  let isLeft = false
  while (left > 0 && written < room) {
    if (number == 0) begin(arrays, count, row)
    const most = mostLeft(arrays, count)
    const wanted = min(most, room - written)
    repeat(row, target, rowBytes, wanted)
    let made = wanted
    for (let at: u32 = 0; at < count; at++) {
      made = min(made, putElements(arrays + at * ARRAY_BYTES, row, target, rowBytes, wanted))
    }
    if (position >= 0) {
      let to = target
      for (let at: u32 = 1; at <= made; at++, to += rowBytes) {
        store<i64>(to + <usize>position, <i64>number + at)
        store<u8>(to + positionValid, 1)
      }
    }
    written += made
    number += made
    target += <usize>made * rowBytes
    if (made < wanted) {
      isLeft = true
      break
    }
    if (wanted < most) break
    row += rowBytes
    left--
    number = 0
  }
  store<u32>(state, <u32>row)
  store<u32>(state, left, 4)
  store<u32>(state, number, 8)
  store<u32>(state, u32(isLeft), 12)
  return written
}
