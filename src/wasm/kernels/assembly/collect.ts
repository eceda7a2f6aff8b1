// Values that are made of the listed rows of groups: texts one behind the other, arrays, JSON. What is to be made
// is one of these; columns are described as in value-text.ts, one behind the other.
import { endBareAt, isBareAt, isSignedZero, keysTell, putListText, TEXT_FACTOR } from './bare-lists'
import { putFloat } from './float-text'
import { ENTRY_BYTES } from './sort'
import { sortRadix, sortTies } from './sort-order'
import { isBefore } from './moment-text'
import { textOrder } from './rows'
import {
  BOOL, COLUMN_BYTES, COPIED_PAST, copyBytes, DATE, elementBytes, fixedBytes, FLOAT4, floatAt, INTERVAL, isFiniteAt, isFloat,
  isNull, isNumber, isVerbatim, KEYED, kindOf, NUMERIC, placesOf, putElement, putFixed, putString, stringBytes, TEXT,
  textOf, TIMESTAMP, TIMESTAMPTZ, valueAt,
} from './value-text'
import {
  itemKeyBytes, JSON_ARRAY, JSON_NULL, JSON_OBJECT, keyBytes, keyWidth, putDouble, putItemKey, putKey, putTextKey, putWord,
  putByte,
} from './value-keys'

// The second column of JOINED stands in front of each text but the first, where it is not NULL.
const JOINED: u32 = 0
const ARRAY: u32 = 1
const JSON_LIST: u32 = 2
const JSONB_LIST: u32 = 3
// The first column has the names.
const JSON_MEMBERS: u32 = 4
const JSONB_MEMBERS: u32 = 5
// Of arrays one with a dimension more; in place of the digits of their column is the kind of their elements.
const ARRAYS: u32 = 6

const ELEMENT: u32 = 1
// How many dimensions there are, a length and a lower bound.
const ARRAY_END_BYTES: u64 = 10
const NULL_ELEMENT: u32 = 2

@inline function isKeyed(what: u32): bool {
  return what != JOINED && what != JSON_LIST && what != JSON_MEMBERS
}
@inline function hasNames(what: u32): bool {
  return what == JSON_MEMBERS || what == JSONB_MEMBERS
}
@inline function rowAt(list: usize, i: u32): usize {
  return <usize>load<u32>(list + (<usize>i << 2))
}

// ------------------------------------------------------------------ how large
// Bytes that the text of a value takes at most, with what stands between two.
function textBytes(what: u32, column: usize, row: usize): u64 {
  if (isNull(column, row)) return 6
  const kind = kindOf(column)
  const at = valueAt(column, row)
  if (kind < TEXT) return 4 + <u64>fixedBytes(kind, at)
  const text = textOf(kind, at)
  if (what == ARRAY) return 1 + <u64>elementBytes(text)
  return 2 + (isVerbatim(kind) ? text >> 32 : stringBytes(text))
}

// The same of a name.
@inline function nameBytes(column: usize, row: usize): u64 {
  return 3 + textBytes(JSON_LIST, column, row)
}

// Bytes of all texts of a group at most.
function textBound(what: u32, columns: usize, list: usize, rows: u32): u64 {
  const column = hasNames(what) ? columns + COLUMN_BYTES : columns
  const kind = kindOf(column)
  // In front of and behind all of them: braces with blanks.
  let bytes: u64 = 4
  if (kind < TEXT && kind != NUMERIC) bytes += <u64>rows * (4 + <u64>fixedBytes(kind, 0))
  else for (let i: u32 = 0; i < rows; i++) bytes += textBytes(what, column, rowAt(list, i))
  if (hasNames(what)) for (let i: u32 = 0; i < rows; i++) bytes += nameBytes(columns, rowAt(list, i))
  return bytes
}

// Bytes of a group's key at most, with its length.
function keyBound(what: u32, columns: usize, list: usize, rows: u32): u64 {
  if (!isKeyed(what)) return 0
  const column = hasNames(what) ? columns + COLUMN_BYTES : columns
  const kind = kindOf(column)
  // An array's dimensions, or how many items a jsonb has, and a length.
  let bytes: u64 = ARRAY_END_BYTES + 4 + COPIED_PAST
  if (kind < TEXT && kind != NUMERIC) {
    const each = what == ARRAY ? 1 + keyBytes(kind, 0) : itemKeyBytes(kind, 0)
    bytes += <u64>rows * <u64>each
  } else {
    for (let i: u32 = 0; i < rows; i++) {
      const row = rowAt(list, i)
      if (isNull(column, row)) bytes++
      else bytes += what == ARRAY ? 1 + keyBytes(kind, valueAt(column, row)) : itemKeyBytes(kind, valueAt(column, row))
    }
  }
  if (what == JSONB_MEMBERS) {
    for (let i: u32 = 0; i < rows; i++) bytes += 1 + <u64>load<u32>(valueAt(columns, rowAt(list, i)), 4)
  }
  return bytes
}

function joinedBytes(columns: usize, list: usize, rows: u32): u64 {
  const between = columns + COLUMN_BYTES
  let bytes: u64 = 0
  for (let i: u32 = 0; i < rows; i++) {
    const row = rowAt(list, i)
    if (i > 0 && !isNull(between, row)) bytes += load<u32>(valueAt(between, row), 4)
    bytes += load<u32>(valueAt(columns, row), 4)
  }
  return bytes
}

// Without commas, but with the lengths of keys.
function arraysBytes(columns: usize, list: usize, rows: u32): u64 {
  let bytes: u64 = ARRAYS_BYTES
  for (let i: u32 = 0; i < rows; i++) {
    const row = rowAt(list, i)
    if (isNull(columns, row)) continue
    const at = valueAt(columns, row)
    const own = <u64>load<u32>(at, 4)
    bytes += own > 0 && isBareAt(load<u32>(at), <u32>own) ? own * (1 + TEXT_FACTOR) : own
  }
  return bytes
}

// Bytes that the value of listed rows takes at most; of several groups their sum is enough for all of them.
export function collectBytes(what: u32, columns: usize, list: usize, rows: u32): u64 {
  if (what == JOINED) return joinedBytes(columns, list, rows)
  if (what == ARRAYS) return arraysBytes(columns, list, rows)
  if (what == ARRAY && keysTell(kindOf(columns)) && !isFloat(kindOf(columns))) return keyBound(what, columns, list, rows)
  return textBound(what, columns, list, rows) + keyBound(what, columns, list, rows)
}

// ------------------------------------------------------------------ the values
function putJoined(columns: usize, list: usize, rows: u32, to: usize): usize {
  const between = columns + COLUMN_BYTES
  for (let i: u32 = 0; i < rows; i++) {
    const row = rowAt(list, i)
    if (i > 0 && !isNull(between, row)) to = putBytes(load<u64>(valueAt(between, row)), to)
    to = putBytes(load<u64>(valueAt(columns, row)), to)
  }
  return to
}

@inline function putBytes(view: u64, to: usize): usize {
  const bytes = <usize>(view >> 32)
  copyBytes(to, <usize>(<u32>view), bytes)
  return to + bytes
}

// Whether there is a blank in the text of a value of fixed width.
@inline function hasBlank(kind: u32, at: usize): bool {
  if (kind == INTERVAL) return load<i64>(at) != 0
  return kind == TIMESTAMP || kind == TIMESTAMPTZ || (kind == DATE && isBefore(load<i32>(at)))
}

// An element of an array.
@inline export function putMember(kind: u32, places: u32, at: usize, to: usize): usize {
  if (kind >= TEXT) {
    const text = textOf(kind, at)
    return putElement(text, elementBytes(text), to)
  }
  if (!hasBlank(kind, at)) return putFixed(kind, places, at, false, to)
  return putByte(34, putFixed(kind, places, at, false, putByte(34, to)))
}

// A value of JSON; names have quotes whatever they are.
@inline export function putJson(kind: u32, places: u32, at: usize, isName: bool, to: usize): usize {
  if (kind >= TEXT) {
    const text = textOf(kind, at)
    return isVerbatim(kind) ? putBytes(text, to) : putString(text, stringBytes(text), to)
  }
  const isBare = kind == BOOL || (isNumber(kind) && isFiniteAt(kind, at))
  if (!isName && isBare) return putFixed(kind, places, at, true, to)
  return putByte(34, putFixed(kind, places, at, true, putByte(34, to)))
}

// Puts the text right behind the key, where it is not yet, and the key's length behind both; gives the end.
export function putTogether(start: usize, key: usize, text: usize, textEnd: usize): usize {
  // Downwards, so that what is spoilt was read.
  if (key != text) copyBytes(key, text, textEnd - text)
  const end = key + (textEnd - text)
  store<u32>(end, <u32>(key - start))
  return end + 4
}

// Bytes of an array's key, of elements whose keys are as long; NULLs have none.
function arrayKeyBytes(width: u32, columns: usize, list: usize, rows: u32): u64 {
  let bytes = <u64>rows * (1 + <u64>width) + ARRAY_END_BYTES
  for (let i: u32 = 0; i < rows; i++) if (isNull(columns, rowAt(list, i))) bytes -= width
  return bytes
}

// Without a text; 0: one of them is a zero with a sign.
function putBare(columns: usize, list: usize, rows: u32, target: usize): usize {
  const kind = kindOf(columns)
  let key = target
  for (let i: u32 = 0; i < rows; i++) {
    const row = rowAt(list, i)
    if (isNull(columns, row)) {
      key = putByte(NULL_ELEMENT, key)
      continue
    }
    const at = valueAt(columns, row)
    if (isSignedZero(kind, at)) return 0
    key = putKey(kind, at, 0, 0, putByte(ELEMENT, key))
  }
  return endBareAt(target, rows, key)
}

export function putArray(columns: usize, list: usize, rows: u32, target: usize): usize {
  const kind = kindOf(columns)
  if (keysTell(kind)) {
    const end = putBare(columns, list, rows, target)
    if (end != 0) return end
  }
  const places = placesOf(columns)
  const isReal = isFloat(kind)
  const width = keyWidth(kind)
  const keys = width == 0 ? keyBound(ARRAY, columns, list, rows) : arrayKeyBytes(width, columns, list, rows)
  const first = target + <usize>keys
  let key = target
  let to = first
  for (let i: u32 = 0; i < rows; i++) {
    const row = rowAt(list, i)
    to = putByte(i == 0 ? 123 : 44, to)
    if (isNull(columns, row)) {
      key = putByte(NULL_ELEMENT, key)
      // "NULL"
      store<u32>(to, 0x4c4c554e)
      to += 4
      continue
    }
    const at = valueAt(columns, row)
    if (isReal) {
      const value = floatAt(kind, at)
      to = putFloat(value, kind == FLOAT4, to)
      key = putDouble(value, putByte(ELEMENT, key))
      continue
    }
    const start = to
    to = putMember(kind, places, at, to)
    key = putKey(kind, at, start, to, putByte(ELEMENT, key))
  }
  to = putByte(125, to)
  // One dimension, from 1 on: ARRAY_END_BYTES.
  key = putWord(0x80000001, putWord(rows, putByte(1, putByte(0, key))))
  return putTogether(target, key, first, to)
}

// The key of an array ends with a zero, how many dimensions there are, their lengths and their lower bounds.
const DIMENSIONS_MAX: u32 = 6
// Braces, the key's end, and a length.
const ARRAYS_BYTES: u64 = 64

// How many dimensions an array has, by the braces that its text begins with, if there is one; 0: it is empty, has bounds of its own,
// or has as many as there may be.
function dimensionsOf(view: u64): u32 {
  if (<u32>(view >> 32) == 0) return 0
  if (isBareAt(<usize>(<u32>view), <u32>(view >> 32))) return 1
  const start = keyEnd(view)
  let count: u32 = 0
  while (load<u8>(start + <usize>count) == 123) count++
  return count == DIMENSIONS_MAX || load<u8>(start + <usize>count) == 125 ? 0 : count
}

// Arrays that differ in what they may not, NULLs and empty ones are left to TypeScript: 0.
function putArrays(columns: usize, list: usize, rows: u32, target: usize): usize {
  const first = load<u64>(valueAt(columns, rowAt(list, 0)))
  if (isNull(columns, rowAt(list, 0))) return 0
  const dimensions = dimensionsOf(first)
  if (dimensions == 0) return 0
  const endBytes = 2 + (<usize>dimensions << 3)
  const firstEnd = keyEnd(first) - endBytes
  let keys: usize = 0
  for (let i: u32 = 0; i < rows; i++) {
    const row = rowAt(list, i)
    if (isNull(columns, row)) return 0
    const at = valueAt(columns, row)
    const view = load<u64>(at)
    if (dimensionsOf(view) != dimensions) return 0
    const end = keyEnd(view) - endBytes
    if (memory.compare(firstEnd, end, endBytes) != 0) return 0
    keys += end - <usize>(<u32>view)
  }
  let key = target
  let to = target + keys + endBytes + 8
  const textStart = to
  for (let i: u32 = 0; i < rows; i++) {
    const at = valueAt(columns, rowAt(list, i))
    const view = load<u64>(at)
    const start = <usize>(<u32>view)
    const bytes = keyEnd(view) - endBytes - start
    memory.copy(key, start, bytes)
    key += bytes
    to = putByte(i == 0 ? 123 : 44, to)
    const whole = <u32>(view >> 32)
    if (isBareAt(start, whole)) to = putListText(placesOf(columns), start, whole, to)
    else to = putBytes(textOf(KEYED, at), to)
  }
  to = putByte(125, to)
  key = putWord(rows, putByte(dimensions + 1, putByte(0, key)))
  const half = <usize>dimensions << 2
  memory.copy(key, firstEnd + 2, half)
  key = putWord(0x80000001, key + half)
  memory.copy(key, firstEnd + 2 + half, half)
  return putTogether(target, key + half, textStart, to)
}

@inline function keyEnd(view: u64): usize {
  const start = <usize>(<u32>view)
  return start + <usize>load<u32>(start + <usize>(view >> 32) - 4)
}

// Whether the text of a float has an exponent. No word has that letter.
export function hasExponent(text: usize, end: usize): bool {
  for (; text < end; text++) if (load<u8>(text) == 101) return true
  return false
}

// Lists and objects of JSON, those of jsonb with their keys; 0 where a name is NULL, which TypeScript refuses.
function putDocument(what: u32, columns: usize, list: usize, rows: u32, target: usize): usize {
  const isBinary = isKeyed(what)
  const named = hasNames(what)
  const column = named ? columns + COLUMN_BYTES : columns
  const kind = kindOf(column)
  const places = placesOf(column)
  const first = target + <usize>keyBound(what, columns, list, rows)
  let key = target
  let to = putByte(named ? 123 : 91, first)
  if (isBinary) key = putWord(rows, putByte(named ? JSON_OBJECT : JSON_ARRAY, key))
  else if (named) to = putByte(32, to)
  for (let i: u32 = 0; i < rows; i++) {
    const row = rowAt(list, i)
    if (i > 0) {
      // ", "
      store<u16>(to, 0x202c)
      to += 2
    }
    if (named) {
      if (isNull(columns, row)) return 0
      const name = valueAt(columns, row)
      to = putJson(kindOf(columns), placesOf(columns), name, true, to)
      if (!isBinary) to = putByte(32, to)
      // ": "
      store<u16>(to, 0x203a)
      to += 2
      if (isBinary) key = putTextKey(load<u64>(name), key)
    }
    const at = valueAt(column, row)
    const start = to
    const none = isNull(column, row)
    if (none) {
      // "null"
      store<u32>(to, 0x6c6c756e)
      to += 4
    } else to = putJson(kind, places, at, false, to)
    if (isBinary && isFloat(kind) && !none) {
      // jsonb has no exponents, and no sign of a zero.
      if (hasExponent(start, to)) return 0
      if (floatAt(kind, at) == 0) to = putByte(48, start)
    }
    if (isBinary) key = none ? putByte(JSON_NULL, key) : putItemKey(kind, at, start, to, key)
  }
  if (named && !isBinary) to = putByte(32, to)
  to = putByte(named ? 125 : 93, to)
  return isBinary ? putTogether(target, key, first, to) : to
}

// Makes the values of groups, whose rows end as `ends` says, counted from `first`, one behind the other; the views
// go to where groups have the value, and mark it by a byte. Gives the end, 0 where TypeScript has to make them.
export function collectGroups(
  what: u32, columns: usize, list: usize, ends: usize, first: u32, group: usize, groups: u32,
  groupBytes: u32, lane: u32, mark: u32, target: usize,
): usize {
  let start = first
  for (let i: u32 = 0; i < groups; i++, group += groupBytes) {
    const stop = load<u32>(ends + (<usize>i << 2))
    const rows = stop - start
    let end = target
    if (rows > 0) {
      if (what == JOINED) end = putJoined(columns, list, rows, target)
      else if (what == ARRAY) end = putArray(columns, list, rows, target)
      else if (what == ARRAYS) end = putArrays(columns, list, rows, target)
      else end = putDocument(what, columns, list, rows, target)
      if (end == 0) return 0
    }
    store<u64>(group + <usize>lane, rows == 0 ? 0 : (<u64>(end - target) << 32) | <u64>target)
    store<u8>(group + <usize>mark, u8(rows != 0))
    target = end
    list += <usize>rows << 2
    start = stop
  }
  return target
}

// ------------------------------------------------------------------ names of jsonb
// Longer names are not told apart by the prefix.
const NAME_BYTES_MAX: u32 = 0xffff

// Shorter names first, then by their bytes.
@inline function prefixOfName(name: u64): u64 {
  const bytes = <u32>(name >> 32)
  let word = bytes == 0 ? 0 : bswap(load<u64>(<usize>(<u32>name)))
  if (bytes < 6) word &= ~((~(<u64>0)) >> (<u64>bytes << 3))
  return (<u64>bytes << 48) | (word >> 16)
}

// Puts the rows of each group in the order of their names, as jsonb has it, and of equal names leaves the last;
// lists and ends become shorter. `keys` describes the names as a sort key; entries and `other` have room for all
// rows, see sortRadix. False, and nothing done, where a name is NULL or too long for this.
export function collectNames(
  keys: usize, column: usize, list: usize, ends: usize, first: u32, groups: u32, entries: usize,
  other: usize, counts: usize,
): bool {
  const all: u32 = groups == 0 ? 0 : load<u32>(ends + (<usize>(groups - 1) << 2)) - first
  for (let r: u32 = 0; r < all; r++) {
    const row = rowAt(list, r)
    if (isNull(column, row) || load<u32>(valueAt(column, row), 4) >= NAME_BYTES_MAX) return false
  }
  let start = first
  let from = list
  let kept = first
  for (let i: u32 = 0; i < groups; i++) {
    const stop = load<u32>(ends + (<usize>i << 2))
    const rows = stop - start
    for (let r: u32 = 0; r < rows; r++) {
      const row = rowAt(from, r)
      const name = load<u64>(valueAt(column, row))
      store<u64>(entries + <usize>r * ENTRY_BYTES, prefixOfName(name))
      store<u64>(entries + <usize>r * ENTRY_BYTES, <u64>row, 8)
    }
    sortRadix(entries, other, rows, 64, counts)
    sortTies(keys, 1, entries, rows, other)
    for (let r: u32 = 0; r < rows; r++) {
      const at = entries + <usize>r * ENTRY_BYTES
      if (r + 1 < rows && sameName(column, at, at + ENTRY_BYTES)) continue
      store<u32>(list, load<u32>(at, 8))
      list += 4
      kept++
    }
    store<u32>(ends + (<usize>i << 2), kept)
    from += <usize>rows << 2
    start = stop
  }
  return true
}

@inline function sameName(column: usize, left: usize, right: usize): bool {
  if (load<u64>(left) != load<u64>(right)) return false
  const a = load<u64>(valueAt(column, <usize>load<u64>(left, 8)))
  return textOrder(a, load<u64>(valueAt(column, <usize>load<u64>(right, 8)))) == 0
}
