// Paths of SQL/JSON in lax mode over jsonb. A path is an image (functions/json/jsonpath/image.ts) of steps:
//
//   0                              its end
//   1 bytes:u16 name               the member of an object
//   2 index:i32                    an item
//   3 index:i32                    an item, from the last one back
//   4                              all items
//   5 bytes:u16 condition          a filter
//
// and of conditions: 6 bytes:u16 left right (and), 7 the same (or), 8 condition (not), 9 condition (is unknown),
// 10 path (exists), 11 operator:u8 bytes:u16 key path (what the path leads to beside a constant, which is a key).
import { JSON_ARRAY, JSON_NULL, JSON_OBJECT } from '../value-keys'
import { keyEnd } from './array-parts'
import { itemEnd, itemsOf, kindOfKey, memberKeyFound, memberOf, stringEnd, valueEnd } from './json-parts'
import { put, size, start, viewOf, written } from './views'

const NOTHING: i64 = -2

const END: u32 = 0
const MEMBER: u32 = 1
const ITEM: u32 = 2
const LAST: u32 = 3
const ITEMS: u32 = 4
const AND: u32 = 6
const OR: u32 = 7
const NOT: u32 = 8
const IS_UNKNOWN: u32 = 9
const EXISTS: u32 = 10

const UNKNOWN: i32 = 2

// What is done with what a path leads to.
const ASK: i32 = 0
const TAKE_FIRST: i32 = 1
const WRITE_KEYS: i32 = 2
const WRITE_TEXTS: i32 = 3
const COMPARE: i32 = 4
let purpose: i32 = 0

// The first that was found, and where the next is written.
let foundKey: usize = 0
let foundText: usize = 0
let to: usize = 0
let count: u32 = 0
let textStop: usize = 0

// What values are compared with, and whether one of them cannot be.
let operator: u32 = 0
let constant: usize = 0
let constantBytes: usize = 0
let isUnknown: bool = false

const EMPTY_BYTES: u32 = 5

// Takes a value that a path leads to; whether no other one is wanted.
function take(key: usize, text: usize): bool {
  if (purpose == ASK) return true
  if (purpose == TAKE_FIRST) {
    foundKey = key
    foundText = text
    return true
  }
  if (purpose == COMPARE) return compareAll(key)
  if (purpose == WRITE_KEYS) {
    count++
    if (kindOfKey(key) == JSON_ARRAY && itemsOf(key) == 0) {
      store<u8>(to, <u8>JSON_ARRAY)
      store<u32>(to, 0, 1)
      to += EMPTY_BYTES
    } else to = put(to, key, <u32>(itemEnd(key) - key))
    return false
  }
  if (count++ > 0) {
    store<u16>(to, 0x202c)
    to += 2
  }
  to = put(to, text, <u32>(valueEnd(text, textStop) - text))
  return false
}

// Whether a comparison holds of a value, or of an item of it.
function compareAll(key: usize): bool {
  if (kindOfKey(key) != JSON_ARRAY) return compare(key)
  let left = itemsOf(key)
  key += 5
  for (; left > 0; left--) {
    if (compare(key)) return true
    key = itemEnd(key)
  }
  return false
}

function compare(key: usize): bool {
  const kind = kindOfKey(key)
  const wanted = <u32>load<u8>(constant)
  if (kind != wanted) {
    // Nothing but null can be told from what is of another kind.
    if (kind == JSON_NULL || wanted == JSON_NULL) return operator == 1
    isUnknown = true
    return false
  }
  if (kind == JSON_ARRAY || kind == JSON_OBJECT) {
    isUnknown = true
    return false
  }
  const bytes = itemEnd(key) - key
  let order = memory.compare(key, constant, min(bytes, constantBytes))
  if (order == 0) order = <i32>bytes - <i32>constantBytes
  if (operator == 0) return order == 0
  if (operator == 1) return order != 0
  if (operator == 2) return order < 0
  if (operator == 3) return order <= 0
  return operator == 4 ? order > 0 : order >= 0
}

function textOfMember(text: usize, number: i32): usize {
  if (text == 0) return 0
  text++
  for (; number > 0; number--) text = valueEnd(stringEnd(text) + 2, textStop) + 2
  return stringEnd(text) + 2
}

// Goes on from a value to a step; whether no more is wanted. `text` is 0 where texts are not.
function walk(key: usize, text: usize, step: usize, unwraps: bool): bool {
  const kind = <u32>load<u8>(step)
  if (kind == END) return take(key, text)
  const isArray = kindOfKey(key) == JSON_ARRAY
  if (kind == MEMBER) {
    const bytes = <u32>load<u16>(step, 1)
    if (kindOfKey(key) == JSON_OBJECT) {
      const number = memberOf(key, viewOf(step + 3, bytes))
      if (number < 0) return false
      const member = memberKeyFound()
      return walk(member, textOfMember(text, number), step + 3 + bytes, true)
    }
    return isArray && unwraps ? overItems(key, text, step, false) : false
  }
  if (kind == ITEMS) return isArray ? overItems(key, text, step + 1, true) : walk(key, text, step + 1, true)
  if (kind == ITEM || kind == LAST) {
    const items = isArray ? <i32>itemsOf(key) : 1
    const index = load<i32>(step, 1)
    const number = kind == LAST ? items - 1 - index : index
    if (number < 0 || number >= items) return false
    if (!isArray) return walk(key, text, step + 5, true)
    key += 5
    if (text != 0) text++
    for (let left = number; left > 0; left--) {
      key = itemEnd(key)
      if (text != 0) text = valueEnd(text, textStop) + 2
    }
    return walk(key, text, step + 5, true)
  }
  if (isArray && unwraps) return overItems(key, text, step, false)
  const bytes = <u32>load<u16>(step, 1)
  return truthOf(key, step + 3) == 1 ? walk(key, text, step + 3 + bytes, true) : false
}

function overItems(key: usize, text: usize, step: usize, unwraps: bool): bool {
  let left = itemsOf(key)
  key += 5
  if (text != 0) text++
  for (; left > 0; left--) {
    if (walk(key, text, step, unwraps)) return true
    key = itemEnd(key)
    if (text != 0 && left > 1) text = valueEnd(text, textStop) + 2
  }
  return false
}

// Whether a condition holds of a value: 0, 1 or UNKNOWN.
function truthOf(key: usize, condition: usize): i32 {
  const kind = <u32>load<u8>(condition)
  if (kind == AND || kind == OR) {
    const decides = kind == AND ? 0 : 1
    const left = truthOf(key, condition + 3)
    if (left == decides) return decides
    const right = truthOf(key, condition + 3 + <usize>load<u16>(condition, 1))
    return right == 1 - decides ? left : right
  }
  if (kind == NOT) {
    const truth = truthOf(key, condition + 1)
    return truth == UNKNOWN ? UNKNOWN : 1 - truth
  }
  if (kind == IS_UNKNOWN) return i32(truthOf(key, condition + 1) == UNKNOWN)
  const purposeBefore = purpose
  if (kind == EXISTS) {
    purpose = ASK
    const isThere = walk(key, 0, condition + 1, true)
    purpose = purposeBefore
    return i32(isThere)
  }
  return comparison(key, condition, purposeBefore)
}

function comparison(key: usize, condition: usize, purposeBefore: i32): i32 {
  const operatorBefore = operator
  const constantBefore = constant
  const bytesBefore = constantBytes
  const unknownBefore = isUnknown
  purpose = COMPARE
  operator = <u32>load<u8>(condition, 1)
  constantBytes = <usize>load<u16>(condition, 2)
  constant = condition + 4
  isUnknown = false
  const holds = walk(key, 0, condition + 4 + constantBytes, true)
  const truth = holds ? 1 : isUnknown ? UNKNOWN : 0
  purpose = purposeBefore
  operator = operatorBefore
  constant = constantBefore
  constantBytes = bytesBefore
  isUnknown = unknownBefore
  return truth
}

// Whether a path leads to something.
export function jsonbPathExists(view: i64, image: usize): i32 {
  if (size(view) == 0) return 0
  purpose = ASK
  return i32(walk(start(view), 0, image, true))
}

// What a condition says of a value: 0, 1 or 2 for unknown.
export function jsonbPathMatch(view: i64, image: usize): i32 {
  if (size(view) == 0) return 0
  purpose = ASK
  return truthOf(start(view), image)
}

function begin(view: i64): void {
  textStop = start(view) + size(view) - 4
}

// The first that a path leads to: all bytes of the value at most, and 64.
export function jsonbPathFirst(view: i64, image: usize, target: usize): i64 {
  if (size(view) == 0) return NOTHING
  begin(view)
  purpose = TAKE_FIRST
  if (!walk(start(view), keyEnd(view), image, true)) return NOTHING
  let end = target
  // An empty array that is all of a value has a key of its own.
  if (kindOfKey(foundKey) == JSON_ARRAY && itemsOf(foundKey) == 0) store<u8>(end++, 0)
  else end = put(end, foundKey, <u32>(itemEnd(foundKey) - foundKey))
  const keyBytes = <u32>(end - target)
  end = put(end, foundText, <u32>(valueEnd(foundText, textStop) - foundText))
  store<u32>(end, keyBytes)
  return written(target, end + 4)
}

// All that a path leads to, as an array: no more bytes than the value has, and 64.
export function jsonbPathArray(view: i64, image: usize, target: usize): i64 {
  if (size(view) == 0) return NOTHING
  begin(view)
  to = target + 5
  count = 0
  purpose = WRITE_KEYS
  walk(start(view), 0, image, true)
  if (count == 0) {
    store<u8>(target, 0)
    to = target + 1
  } else {
    store<u8>(target, <u8>JSON_ARRAY)
    store<u32>(target, bswap(count), 1)
  }
  const keyBytes = <u32>(to - target)
  store<u8>(to++, 91)
  count = 0
  purpose = WRITE_TEXTS
  walk(start(view), keyEnd(view), image, true)
  store<u8>(to++, 93)
  store<u32>(to, keyBytes)
  return written(target, to + 4)
}
