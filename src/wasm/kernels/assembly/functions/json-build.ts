// JSON made of values of any type. A cell has four words, the kind of the value, digits behind its point, whether there is one
// and one for the kernel, then its lanes; of an array, the kind of its elements is in place of the digits. What is left to TypeScript: names that are NULL or there twice,
// floats with an exponent in a jsonb.
import { hasExponent, putJson, putTogether } from '../collect'
import { DIGITS, eightDigits, leadingBits, putInteger } from '../digits'
import { fixedBytes, floatAt, INTEGER32, isFloat, isVerbatim, stringBytes, TEXT, textOf } from '../value-text'
import {
  itemKeyBytes, JSON_ARRAY, JSON_NULL, JSON_NUMBER, JSON_OBJECT, putByte, putItemKey, putNumber, putShortKey, putTextKey, putWord, SHORT_MAX,
} from '../value-keys'
import { arrayJsonBytes, jsonEnd, jsonKeyEnd, putArrayJson } from './array-json'
import { itemsOf, kindOfKey } from './json-parts'
import { ELSEWHERE, written } from './views'

// What is made.
const VALUE: u32 = 0
const LIST: u32 = 1
const OBJECT: u32 = 2

// The kind of a cell that has an array.
const ARRAY_CELL: u32 = 19

// Of an int4, as text with what is between two, or as a key.
const INTEGER_BYTES: u64 = 33

const CELL_BYTES: usize = 32
const LANES: usize = 16
// Of a cell, what stands there otherwise: the number of a member in the order of the names.
const PLACE: usize = 12

// @ts-ignore: decorator
@inline
function kindOf(cell: usize): u32 {
  return load<u32>(cell)
}

// @ts-ignore: decorator
@inline
function isNull(cell: usize): bool {
  return load<u32>(cell, 8) == 0
}

function textBytes(cell: usize): u64 {
  if (isNull(cell)) return 8
  const kind = kindOf(cell)
  if (kind == INTEGER32) return INTEGER_BYTES
  if (kind == ARRAY_CELL) return arrayJsonBytes(load<i64>(cell + LANES))
  if (kind < TEXT) return 8 + <u64>fixedBytes(kind, cell + LANES)
  const text = textOf(kind, cell + LANES)
  return 8 + (isVerbatim(kind) ? text >> 32 : stringBytes(text))
}

function keyBytes(cell: usize): u64 {
  if (kindOf(cell) == INTEGER32) return INTEGER_BYTES
  if (kindOf(cell) == ARRAY_CELL) return isNull(cell) ? 16 : arrayJsonBytes(load<i64>(cell + LANES))
  return 16 + (isNull(cell) ? 0 : <u64>itemKeyBytes(kindOf(cell), cell + LANES))
}

// Bytes that it takes at most, of so many cells; -1 leaves it to TypeScript.
export function jsonBytes(cells: usize, count: u32): i64 {
  let bytes: u64 = 64
  for (let i: u32 = 0; i < count; i++) {
    const cell = cells + <usize>i * CELL_BYTES
    bytes += textBytes(cell) + keyBytes(cell)
  }
  return <i64>bytes
}

let key: usize = 0
let to: usize = 0

// Writes a value and its key; false leaves it to TypeScript.
function putValue(cell: usize, isBinary: bool): bool {
  if (isNull(cell)) {
    // "null"
    store<u32>(to, 0x6c6c756e)
    to += 4
    if (isBinary) key = putByte(JSON_NULL, key)
    return true
  }
  const kind = kindOf(cell)
  const at = cell + LANES
  if (kind == ARRAY_CELL) {
    if (!putArrayJson(load<i64>(at), load<u32>(cell, 4), isBinary, key, to)) return false
    key = jsonKeyEnd
    to = jsonEnd
    return true
  }
  const from = to
  to = putJson(kind, load<u32>(cell, 4), at, false, to)
  if (!isBinary) return true
  if (isFloat(kind)) {
    if (hasExponent(from, to)) return false
    if (floatAt(kind, at) == 0) to = putByte(48, from)
  }
  key = putItemKey(kind, at, from, to, key)
  return true
}

function nameOf(cell: usize): u64 {
  return load<u64>(cell + LANES)
}

function compareNames(a: u64, b: u64): i32 {
  const bytes = <u32>(a >> 32)
  if (bytes != <u32>(b >> 32)) return bytes < <u32>(b >> 32) ? -1 : 1
  return memory.compare(<usize>(<u32>a), <usize>(<u32>b), bytes)
}

// @ts-ignore: decorator
@inline
function placeAt(cells: usize, number: u32): usize {
  return cells + <usize>number * CELL_BYTES + PLACE
}

// Numbers the members by the length and the bytes of their names; false: a name is no text, or there twice.
function sortMembers(cells: usize, members: u32): bool {
  for (let i: u32 = 0; i < members; i++) {
    const cell = cells + <usize>i * 2 * CELL_BYTES
    if (kindOf(cell) != TEXT) return false
    let at = i
    for (; at > 0; at--) {
      const before = load<u32>(placeAt(cells, at - 1))
      const side = compareNames(nameOf(cells + <usize>before * 2 * CELL_BYTES), nameOf(cell))
      if (side == 0) return false
      if (side < 0) break
      store<u32>(placeAt(cells, at), before)
    }
    store<u32>(placeAt(cells, at), i)
  }
  return true
}

function putObject(cells: usize, count: u32, isBinary: bool): bool {
  const members = count >> 1
  for (let i: u32 = 0; i < members; i++) if (isNull(cells + <usize>i * 2 * CELL_BYTES)) return false
  if (isBinary && !sortMembers(cells, members)) return false
  to = putByte(123, to)
  for (let i: u32 = 0; i < members; i++) {
    const member = isBinary ? load<u32>(placeAt(cells, i)) : i
    const name = cells + <usize>member * 2 * CELL_BYTES
    if (i > 0) {
      // ", "
      store<u16>(to, 0x202c)
      to += 2
    }
    to = putJson(kindOf(name), load<u32>(name, 4), name + LANES, true, to)
    if (!isBinary) to = putByte(32, to)
    // ": "
    store<u16>(to, 0x203a)
    to += 2
    if (isBinary) key = putTextKey(nameOf(name), key)
    if (!putValue(name + CELL_BYTES, isBinary)) return false
  }
  to = putByte(125, to)
  return true
}

// An int4 as a jsonb: its key is known before its text, which is written where it stays.
function integerJson(at: usize, target: usize): i64 {
  const value = load<i32>(at)
  const size = <u32>(value < 0 ? -value : value)
  let to: usize
  let end: usize
  if (<u64>size < SHORT_MAX) {
    const digits = eightDigits(size)
    const bits = leadingBits(digits)
    to = putShortKey(digits, bits, value < 0, putByte(JSON_NUMBER, target))
    end = value < 0 ? putByte(45, to) : to
    store<u64>(end, (digits | DIGITS) >> bits)
    end += 8 - <usize>(bits >> 3)
  } else {
    const from = target + TEXT_AT
    end = putInteger(<i64>value, from)
    to = putNumber(from, end, putByte(JSON_NUMBER, target))
    return written(target, putTogether(target, to, from, end))
  }
  store<u32>(end, <u32>(to - target))
  return written(target, end + 4)
}

// Behind the key of an integer.
const TEXT_AT: usize = 24

// A value, the list of the cells' values, or the object of names and values in turn; of a jsonb with its key.
export function jsonBuild(what: u32, binary: i32, cells: usize, count: u32, target: usize): i64 {
  const isBinary = binary != 0
  if (what == VALUE && isBinary && kindOf(cells) == INTEGER32 && !isNull(cells)) return integerJson(cells + LANES, target)
  key = target
  // Behind the most that the keys take.
  let keys: u64 = isBinary ? 32 : 0
  if (isBinary) for (let i: u32 = 0; i < count; i++) keys += keyBytes(cells + <usize>i * CELL_BYTES)
  const first = target + <usize>keys
  to = first
  if (what == VALUE) {
    if (!putValue(cells, isBinary)) return ELSEWHERE
    // An array of no items that is all of a value has a key of its own.
    if (isBinary && kindOfKey(target) == JSON_ARRAY && itemsOf(target) == 0) key = putByte(0, target)
  } else if (what == LIST) {
    if (isBinary) key = count == 0 ? putByte(0, key) : putWord(count, putByte(JSON_ARRAY, key))
    to = putByte(91, to)
    for (let i: u32 = 0; i < count; i++) {
      if (i > 0) {
        store<u16>(to, 0x202c)
        to += 2
      }
      if (!putValue(cells + <usize>i * CELL_BYTES, isBinary)) return ELSEWHERE
    }
    to = putByte(93, to)
  } else {
    if (isBinary) key = putWord(count >> 1, putByte(JSON_OBJECT, key))
    if (!putObject(cells, count, isBinary)) return ELSEWHERE
  }
  if (!isBinary) return written(target, to)
  return written(target, putTogether(target, key, first, to))
}
