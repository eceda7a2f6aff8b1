// What is in arrays: their keys are compared, as equal values have equal keys and the order of values is that of keys.
import { INTEGER32, NUMERIC, putFixed, TEXT, textOf } from '../value-text'
import { isExact, keyWidth, putKey } from '../value-keys'
import { listFind } from './array-lists'
import {
  dimensionsOf, elementEnd, elementsOf, emptyArray, endBare, listCount, lowerOf, NULL_ELEMENT,
} from './array-parts'
import { ELSEWHERE, size, start } from './views'

// A numeric of more digits behind the point is left to TypeScript: its text has to find room in the workspace.
const PLACES_MAX: u32 = 120
// Pairs of elements that are compared; more are left to TypeScript, as that can be cancelled.
const PAIRS_MAX: u64 = 65536

// What an element is looked for by, see {@link look}.
let wantedKey: usize = 0
let wantedBytes: usize = 0
let wantedNull: bool = false
// The zero behind a text, which is no part of what was looked for.
let behind: usize = 0

// Takes down what is looked for: the lanes at `cell`, with room for a key and a text behind them (SCRATCH_BYTES of it);
// false leaves it to TypeScript.
export function look(kind: u32, places: u32, cell: usize, isNull: bool): bool {
  wantedNull = isNull
  behind = usize(kind >= TEXT)
  if (isNull) return true
  if (kind >= TEXT) {
    const text = textOf(kind, cell)
    wantedKey = <usize>(<u32>text)
    wantedBytes = <usize>(text >> 32)
    return true
  }
  wantedKey = cell + KEY_AT
  let textEnd: usize = 0
  if (isExact(kind)) {
    if (!hasShortText(kind, cell)) return false
    textEnd = putFixed(kind, places, cell, false, cell + TEXT_AT)
  }
  wantedBytes = putKey(kind, cell, cell + TEXT_AT, textEnd, wantedKey) - wantedKey
  return true
}

// The key of a value of a kind whose keys have one width, which is put behind its lanes.
export function lookFor(kind: u32, cell: usize): usize {
  const key = cell + KEY_AT
  if (kind == INTEGER32) store<u32>(key, bswap(load<u32>(cell) ^ 0x80000000))
  else putKey(kind, cell, 0, 0, key)
  return key
}

const KEY_AT: usize = 16
const TEXT_AT: usize = 80

@inline function hasShortText(kind: u32, cell: usize): bool {
  return kind != NUMERIC || load<u8>(cell, 15) <= PLACES_MAX
}

// @ts-ignore: decorator
@inline
function isSame(a: usize, b: usize, bytes: usize): bool {
  while (bytes >= 8) {
    if (load<u64>(a) != load<u64>(b)) return false
    a += 8
    b += 8
    bytes -= 8
  }
  for (; bytes > 0; bytes--) if (load<u8>(a++) != load<u8>(b++)) return false
  return true
}

// Whether the element whose key is from `at` up to `end` is what was looked for.
export function isWanted(at: usize, end: usize): bool {
  if (load<u8>(at) == NULL_ELEMENT) return wantedNull
  if (wantedNull || end - at - 1 - behind != wantedBytes) return false
  return isSame(at + 1, wantedKey, wantedBytes)
}

const NOWHERE: i64 = i64.MIN_VALUE

// The subscript of the first element from one on that is a value; the smallest of 64 bits: there is none; the one above leaves it to
// TypeScript.
export function arrayPosition(view: i64, kind: u32, places: u32, cell: usize, isNull: i32, from: i32): i64 {
  if (size(view) == 0) return NOWHERE
  const width = keyWidth(kind)
  const listed: u32 = width == 0 || isNull != 0 ? 0 : listCount(view, width)
  if (listed > 0) {
    const number = listFind(view, width, from > 1 ? <u32>(from - 1) : 0, listed, lookFor(kind, cell))
    return number < listed ? <i64>number + 1 : NOWHERE
  }
  const dimensions = dimensionsOf(view)
  if (dimensions == 0) return NOWHERE
  if (dimensions > 1 || !look(kind, places, cell, isNull != 0)) return NOWHERE + 1
  const count = elementsOf(view)
  let at = start(view)
  const lower = <i64>lowerOf(view, 1, 0)
  for (let number: u32 = 0; number < count; number++) {
    const end = elementEnd(kind, width, at)
    if (lower + <i64>number >= <i64>from && isWanted(at, end)) return lower + <i64>number
    at = end
  }
  return NOWHERE
}

// The subscripts of all of them, as an array of int4: five bytes for each element, and 32 more.
export function arrayPositions(view: i64, kind: u32, places: u32, cell: usize, isNull: i32, target: usize): i64 {
  if (size(view) == 0) return emptyArray()
  const dimensions = dimensionsOf(view)
  if (dimensions == 0) return emptyArray()
  if (dimensions > 1 || !look(kind, places, cell, isNull != 0)) return ELSEWHERE
  const width = keyWidth(kind)
  const count = elementsOf(view)
  let key = target
  let at = start(view)
  for (let number: u32 = 0; number < count; number++) {
    const end = elementEnd(kind, width, at)
    if (isWanted(at, end)) {
      const subscript = lowerOf(view, 1, 0) + <i32>number
      store<u8>(key, 1)
      store<u32>(key, bswap(<u32>subscript ^ 0x80000000), 1)
      key += 5
    }
    at = end
  }
  return key == target ? emptyArray() : endBare(target, <u32>(key - target) / 5, key)
}

// Whether each element of `part` is in `whole` (0), or any (1); NULLs are in none. -1 leaves it to TypeScript.
export function arrayHolds(whole: i64, part: i64, kind: u32, mode: i32): i32 {
  if (size(whole) == 0 || size(part) == 0) return 0
  const count = elementsOf(part)
  const members = elementsOf(whole)
  if (<u64>count * <u64>members > PAIRS_MAX) return -1
  const width = keyWidth(kind)
  let at = start(part)
  for (let number: u32 = 0; number < count; number++) {
    const end = elementEnd(kind, width, at)
    const found = isMember(whole, members, kind, width, at, end)
    if (found != (mode == 0)) return mode
    at = end
  }
  return 1 - mode
}

function isMember(whole: i64, members: u32, kind: u32, width: u32, key: usize, keyEnd: usize): bool {
  if (load<u8>(key) == NULL_ELEMENT) return false
  let at = start(whole)
  for (let number: u32 = 0; number < members; number++) {
    const end = elementEnd(kind, width, at)
    // With what tells a NULL.
    if (end - at == keyEnd - key && isSame(at, key, end - at)) return true
    at = end
  }
  return false
}

// Comparisons: which of less (1), equal (2) and greater (4) they hold for.
const LESS: u32 = 1
const EQUAL: u32 = 2
const GREATER: u32 = 4

// The value against an element.
function sideOf(at: usize, end: usize): u32 {
  const bytes = end - at - 1 - behind
  const least = min(bytes, wantedBytes)
  for (let i: usize = 0; i < least; i++) {
    const own = load<u8>(wantedKey + i)
    const other = load<u8>(at + 1 + i)
    if (own != other) return own < other ? LESS : GREATER
  }
  return wantedBytes == bytes ? EQUAL : wantedBytes < bytes ? LESS : GREATER
}

// The same of arrays that listCount tells, with keys of four or eight bytes.
function listCompares(view: i64, width: u32, count: u32, wanted: usize, sides: u32, any: i32): i32 {
  if (sides == EQUAL && any != 0) return i32(listFind(view, width, 0, count, wanted) < count)
  let at = start(view) + 1
  const own = width == 4 ? <u64>bswap(load<u32>(wanted)) : bswap(load<u64>(wanted))
  for (; count > 0; count--, at += width + 1) {
    const other = width == 4 ? <u64>bswap(load<u32>(at)) : bswap(load<u64>(at))
    const side = own < other ? LESS : own == other ? EQUAL : GREATER
    if (((side & sides) != 0) == (any != 0)) return any
  }
  return 1 - any
}

// Whether a comparison holds between a value and any (1) or all (0) of the elements; 2: NULL; -1 leaves it to TypeScript.
export function arrayCompares(view: i64, kind: u32, places: u32, cell: usize, isNull: i32, sides: u32, any: i32): i32 {
  if (size(view) == 0) return 2
  const width = keyWidth(kind)
  if (isNull == 0 && (width == 4 || width == 8)) {
    const listed = listCount(view, width)
    if (listed > 0) return listCompares(view, width, listed, lookFor(kind, cell), sides, any)
  }
  const count = elementsOf(view)
  if (count == 0) return 1 - any
  if (isNull != 0) return 2
  if (!look(kind, places, cell, false)) return -1
  let at = start(view)
  let unknown = false
  for (let number: u32 = 0; number < count; number++) {
    const end = elementEnd(kind, width, at)
    if (load<u8>(at) == NULL_ELEMENT) unknown = true
    else if (((sideOf(at, end) & sides) != 0) == (any != 0)) return any
    at = end
  }
  return unknown ? 2 : 1 - any
}
