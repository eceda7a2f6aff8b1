// Changes of arrays like most: one dimension from 1 on, no NULLs, keys of one width (listCount tells them). Keys are then found
// without a look at those before them, and texts, where there are any, are copied from one change to the next.
import { isSignedZero, keysTell } from '../bare-lists'
import { putTogether } from '../collect'
import { putInteger } from '../digits'
import { keyBytes, keyWidth, putByte } from '../value-keys'
import { COPIED_PAST, FLOAT8, INTEGER32, isFloat } from '../value-text'
import { isLong, putCell, putCellKey } from './array-cells'
import {
  arrayCount, behindCommas, emptyArray, endBare, isBare, keyEnd, listCount, NULL_ELEMENT, ONE_DIMENSION_BYTES, putOneDimension,
  textEnd,
} from './array-parts'
import { ELSEWHERE, put, size, start, written } from './views'

const COMMA: u32 = 44
const OPEN: u32 = 123
const CLOSE: u32 = 125

// @ts-ignore: decorator
@inline
function isSame(a: usize, b: usize, bytes: u32): bool {
  if (bytes == 4) return load<u32>(a) == load<u32>(b)
  if (bytes == 8) return load<u64>(a) == load<u64>(b)
  if (bytes == 16) return load<u64>(a) == load<u64>(b) && load<u64>(a, 8) == load<u64>(b, 8)
  return load<u8>(a) == load<u8>(b)
}

// The number of the first element from one on whose key is as what is at an address; how many there are: none.
export function listFind(view: i64, width: u32, from: u32, count: u32, wanted: usize): u32 {
  let at = start(view) + <usize>from * (width + 1) + 1
  if (width == 4) {
    const word = load<u32>(wanted)
    for (; from < count && load<u32>(at) != word; at += 5) from++
    return from
  }
  for (; from < count && !isSame(at, wanted, width); at += width + 1) from++
  return from
}

// Where so many elements from `text` on end, with the comma or brace behind them; `isAll`: they are the last ones.
// @ts-ignore: decorator
@inline
function behindElements(view: i64, text: usize, count: u32, isAll: bool): usize {
  return isAll ? textEnd(view) : behindCommas(text, count)
}

// The elements from a number on, so many (one at least) of `count`.
export function listPart(view: i64, kind: u32, width: u32, from: u32, wanted: u32, count: u32, target: usize): i64 {
  const each = width + 1
  if (isBare(view) || (keysTell(kind) && !isFloat(kind))) return endBare(target, wanted, put(target, start(view) + from * each, wanted * each))
  const text = behindCommas(keyEnd(view) + 1, from)
  const end = behindElements(view, text, wanted, from + wanted == count)
  const keys = wanted * each + ONE_DIMENSION_BYTES
  let to = put(target, start(view) + from * each, wanted * each)
  to = putByte(OPEN, putOneDimension(wanted, to))
  to = put(to, text, <u32>(end - text)) - 1
  store<u8>(to, <u8>CLOSE)
  store<u32>(to, keys, 1)
  return written(target, to + 5)
}

// Without the elements whose key is at an address.
export function listRemove(view: i64, width: u32, count: u32, wanted: usize, target: usize): i64 {
  const each = width + 1
  const first = listFind(view, width, 0, count, wanted)
  if (first == count) return view
  // Keys first: what copies them spoils what lies behind.
  let key = target
  let at: u32 = 0
  for (let match = first; ; match = listFind(view, width, at, count, wanted)) {
    key = put(key, start(view) + at * each, (match - at) * each)
    if (match == count) break
    at = match + 1
  }
  if (key == target) return emptyArray()
  if (isBare(view)) return endBare(target, <u32>(key - target) / each, key)
  const keys = <u32>(key - target) + ONE_DIMENSION_BYTES
  let to = putByte(OPEN, putOneDimension(<u32>(key - target) / each, key))
  let text = keyEnd(view) + 1
  at = 0
  for (let match = first; ; match = listFind(view, width, at, count, wanted)) {
    const end = behindElements(view, text, match - at, match == count)
    to = put(to, text, <u32>(end - text))
    at = match + 1
    if (at >= count) break
    text = behindCommas(end, 1)
  }
  // In place of the comma or brace behind the last one.
  store<u8>(to - 1, <u8>CLOSE)
  store<u32>(to, keys)
  return written(target, to + 4)
}

// With the value of `other`, which is not NULL, in place of those.
export function listReplace(
  view: i64, kind: u32, places: u32, width: u32, count: u32, wanted: usize, other: usize, target: usize,
): i64 {
  const each = width + 1
  let match = listFind(view, width, 0, count, wanted)
  if (match == count) return view
  if (isBare(view)) {
    if (isSignedZero(kind, other)) return ELSEWHERE
    const end = put(target, start(view), size(view))
    for (; match < count; match = listFind(view, width, match + 1, count, wanted)) {
      putCellKey(kind, other, false, 0, 0, target + match * each)
    }
    return written(target, end)
  }
  const keys = count * each + ONE_DIMENSION_BYTES
  let to = putByte(OPEN, put(target, start(view), keys))
  let text = keyEnd(view) + 1
  let at: u32 = 0
  while (match < count) {
    const before = match == at ? text : behindCommas(text, match - at)
    to = put(to, text, <u32>(before - text))
    const shown = to
    to = putCell(kind, places, other, false, to)
    // Keys of one width are written to the byte.
    putCellKey(kind, other, false, shown, to, target + match * each)
    at = match + 1
    text = behindElements(view, before, 1, at == count)
    to = putByte(at == count ? CLOSE : COMMA, to)
    match = listFind(view, width, at, count, wanted)
  }
  to = put(to, text, <u32>(textEnd(view) - text))
  store<u32>(to, keys)
  return written(target, to + 4)
}

// The same of int4, element by element, as texts and keys are short.
export function listReplaceInteger(view: i64, count: u32, wanted: i32, other: i32, target: usize): i64 {
  const word = bswap(<u32>wanted ^ 0x80000000)
  if (isBare(view)) {
    const shown = bswap(<u32>other ^ 0x80000000)
    const end = put(target, start(view), size(view))
    for (let key = target + 1; count > 0; count--, key += 5) {
      const own = load<u32>(key)
      store<u32>(key, own == word ? shown : own)
    }
    return written(target, end)
  }
  const keys = count * 5 + ONE_DIMENSION_BYTES
  let to = putByte(OPEN, put(target, start(view), keys))
  let text = keyEnd(view) + 1
  let block = text
  let ends = separators(block)
  let key = target + 1
  for (; count > 0; count--, key += 5) {
    while (ends == 0) ends = separators(block += 16)
    const end = block + <usize>ctz(ends) + 1
    ends &= ends - 1
    if (load<u32>(key) == word) {
      store<u32>(key, bswap(<u32>other ^ 0x80000000))
      to = putInteger(<i64>other, to)
      store<u8>(to++, load<u8>(end - 1))
    } else {
      v128.store(to, v128.load(text))
      to += end - text
    }
    text = end
  }
  store<u32>(to, keys)
  return written(target, to + 4)
}

// Which of 16 bytes are commas, or the brace at the end.
// @ts-ignore: decorator
@inline
function separators(at: usize): u32 {
  const block = v128.load(at)
  return <u32>i8x16.bitmask(v128.or(i8x16.eq(block, i8x16.splat(<i8>COMMA)), i8x16.eq(block, i8x16.splat(<i8>CLOSE))))
}

// The array of values in cells of 24 bytes, the lanes of each and a word that says whether there is one. Takes for each what its
// key and its text take at most, two bytes more, and 48. What of numerics has bytes of its own is left to TypeScript.
export function arrayOf(kind: u32, places: u32, cells: usize, count: u32, target: usize): i64 {
  if (keysTell(kind)) {
    const made = putBare(kind, cells, count, target)
    if (made != 0) return made
  }
  const width = keyWidth(kind)
  let keys: usize = ONE_DIMENSION_BYTES
  let nulls: u32 = 0
  for (let cell = cells, end = cells + count * CELL_BYTES; cell < end; cell += CELL_BYTES) {
    if (load<i32>(cell, 16) == 0) nulls++
    else if (width == 0) {
      if (isLong(kind, cell)) return ELSEWHERE
      keys += keyBytes(kind, cell)
    }
  }
  keys += count + (width == 0 ? COPIED_PAST : (count - nulls) * width)
  const first = target + keys
  let key = target
  let to = first
  for (let number: u32 = 0; number < count; number++, cells += CELL_BYTES) {
    const shown = putByte(number == 0 ? OPEN : COMMA, to)
    const none = load<i32>(cells, 16) == 0
    to = putCell(kind, places, cells, none, shown)
    key = putCellKey(kind, cells, none, shown, to, key)
  }
  to = putByte(CLOSE, to)
  return written(target, putTogether(target, putOneDimension(count, key), first, to))
}

const CELL_BYTES: usize = 24

// Without a text; 0: one of them is a zero with a sign.
function putBare(kind: u32, cells: usize, count: u32, target: usize): i64 {
  let key = target
  for (let left = count; left > 0; left--, cells += CELL_BYTES) {
    const none = load<i32>(cells, 16) == 0
    if (!none && isSignedZero(kind, cells)) return 0
    key = putCellKey(kind, cells, none, 0, 0, key)
  }
  return endBare(target, count, key)
}

// An array of int2 or int4 as one of int8 or float8: texts stay. Takes twice the bytes of the array, and 32 more.
export function arrayWiden(view: i64, kind: u32, target: usize): i64 {
  if (size(view) == 0) return emptyArray()
  const toFloat = kind == FLOAT8
  const listed: u32 = isBare(view) ? listCount(view, 4) : 0
  if (listed > 0) return toFloat ? floatList(view, listed, target) : longList(view, listed, target)
  const end = keyEnd(view)
  let at = start(view)
  let key = target
  for (let left = <u32>arrayCount(view); left > 0; left--) {
    if (load<u8>(at) == NULL_ELEMENT) {
      store<u8>(key, <u8>NULL_ELEMENT)
      at++
      key++
      continue
    }
    if (toFloat) putFloat(at, key)
    else putLong(at, key)
    at += 5
    key += 9
  }
  // The dimensions, and the text behind them.
  const to = put(key, at, <u32>(textEnd(view) - at))
  store<u32>(to, <u32>(key + (end - at) - target))
  return written(target, to + 4)
}

// The key of eight bytes for one of four, and its mark: the same bytes behind four that are all zeros or all ones, but for the
// sign.
// @ts-ignore: decorator
@inline
function putLong(at: usize, key: usize): void {
  const word = load<u32>(at, 1)
  store<u8>(key, 1)
  store<u32>(key, 0x7f ^ (0 - ((word >> 7) & 1)) ^ 0xffffff00, 1)
  store<u32>(key, word ^ 0x80, 5)
}

// The same as a float: the bits of positive ones with another sign, those of negative ones all turned.
// @ts-ignore: decorator
@inline
function putFloat(at: usize, key: usize): void {
  const bits = reinterpret<u64>(<f64><i32>(bswap(load<u32>(at, 1)) ^ 0x80000000))
  store<u8>(key, 1)
  store<u64>(key, bswap(bits ^ (<u64>(<i64>bits >> 63) | 0x8000000000000000)), 1)
}

// Vectors for three of them, 27 bytes in all, as the first 16 bytes and the last 16: loaded, as engines make constants of vectors
// anew at each use. Which bytes of the three keys go where, the first of a key where its sign does; where signs go; what is turned.
const THREE: usize = memory.data<u8>([
  0, 1, 1, 1, 1, 1, 2, 3, 4, 5, 6, 6, 6, 6, 6, 7,
  6, 6, 6, 6, 7, 8, 9, 10, 11, 11, 11, 11, 11, 12, 13, 14,
  0, 255, 255, 255, 255, 0, 0, 0, 0, 0, 255, 255, 255, 255, 0, 0,
  255, 255, 255, 0, 0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0,
  0, 127, 255, 255, 255, 128, 0, 0, 0, 0, 127, 255, 255, 255, 128, 0,
  255, 255, 255, 128, 0, 0, 0, 0, 127, 255, 255, 255, 128, 0, 0, 0,
  4, 3, 2, 1, 9, 8, 7, 6, 14, 13, 12, 11, 128, 128, 128, 128,
  0, 0, 0, 128, 0, 0, 0, 128, 0, 0, 0, 128, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 128, 0, 0, 0, 0, 0, 0, 0, 128,
  7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8,
])
const FIRST: usize = 0
const LAST: usize = 16
const SIGNS: usize = 32
const TURNED: usize = 64
const WORDS: usize = 96
const WORD_SIGNS: usize = 112
const LONG_SIGNS: usize = 128
const SWAPPED: usize = 144

// Half of the keys of three integers: every byte but the signs is as it was, a sign is all of its bytes.
// @ts-ignore: decorator
@inline
function halfOfThree(keys: v128, half: usize): v128 {
  const bytes = i8x16.swizzle(keys, v128.load(THREE + half, FIRST))
  const negative = i8x16.lt_s(bytes, i8x16.splat(0))
  return v128.xor(v128.bitselect(negative, bytes, v128.load(THREE + half, SIGNS)), v128.load(THREE + half, TURNED))
}

// @ts-ignore: decorator
@inline
function orderedBytes(floats: v128): v128 {
  const signs = v128.shuffle<u32>(i32x4.shr_s(floats, 31), floats, 1, 1, 3, 3)
  const bits = v128.xor(floats, v128.or(signs, v128.load(THREE, LONG_SIGNS)))
  return i8x16.swizzle(bits, v128.load(THREE, SWAPPED))
}

// The same of lists, without a text and without NULLs.
function longList(view: i64, count: u32, target: usize): i64 {
  let at = start(view)
  let key = target
  let left = count
  for (; left >= 3; left -= 3, at += 15, key += 27) {
    const keys = v128.load(at)
    v128.store(key, halfOfThree(keys, FIRST))
    v128.store(key, halfOfThree(keys, LAST), 11)
  }
  for (; left > 0; left--, at += 5, key += 9) putLong(at, key)
  return endBare(target, count, key)
}

function floatList(view: i64, count: u32, target: usize): i64 {
  let at = start(view)
  let key = target
  let left = count
  for (; left >= 3; left -= 3, at += 15, key += 27) {
    const words = v128.xor(i8x16.swizzle(v128.load(at), v128.load(THREE, WORDS)), v128.load(THREE, WORD_SIGNS))
    const two = orderedBytes(f64x2.convert_low_i32x4_s(words))
    const third = orderedBytes(f64x2.convert_low_i32x4_s(v128.shuffle<u32>(words, words, 2, 2, 2, 2)))
    store<u8>(key, 1)
    store<u64>(key, i64x2.extract_lane(two, 0), 1)
    store<u8>(key, 1, 9)
    store<u64>(key, i64x2.extract_lane(two, 1), 10)
    store<u8>(key, 1, 18)
    store<u64>(key, i64x2.extract_lane(third, 0), 19)
  }
  for (; left > 0; left--, at += 5, key += 9) putFloat(at, key)
  return endBare(target, count, key)
}
