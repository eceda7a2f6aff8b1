// What is within json, which is a text that is well formed.
import { NO_NUMBER, numberOfStep, stringEnd, UNREAD_NUMBER, valueEnd, wordOf } from './json-parts'
import { JSON_ARRAY, JSON_BOOL, JSON_NULL, JSON_NUMBER, JSON_OBJECT, JSON_STRING } from '../value-keys'
import { elementEnd, elementsOf, NULL_ELEMENT } from './array-parts'
import { TEXT } from '../value-text'
import { ELSEWHERE, size, start, viewOf } from './views'

// There is nothing where a look-up leads: NULL.
const NOTHING: i64 = -2

const QUOTE: u32 = 34
const COMMA: u32 = 44
const OPEN_LIST: u32 = 91
const OPEN_OBJECT: u32 = 123

function pastBlanks(at: usize, end: usize): usize {
  while (at < end && load<u8>(at) <= 32) at++
  return at
}

function hasBackslash(at: usize, end: usize): bool {
  for (; at < end; at += 16) {
    const marks = <u32>i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(92)))
    const left = <u32>(end - at)
    if ((left < 16 ? marks & ((1 << left) - 1) : marks) != 0) return true
  }
  return false
}

// Whether the object that was looked in last has the name more than once: a path goes on in each of these members.
let isRepeated: bool = false

// The last member of a name: names that have escapes are left to TypeScript.
function memberIn(json: i64, name: i64): i64 {
  const end = start(json) + size(json)
  let at = pastBlanks(start(json), end)
  let found: i64 = NOTHING
  isRepeated = false
  if (at >= end || load<u8>(at) != OPEN_OBJECT) return found
  at = pastBlanks(at + 1, end)
  while (at < end && load<u8>(at) == QUOTE) {
    const nameEnd = stringEnd(at)
    if (hasBackslash(at, nameEnd)) return ELSEWHERE
    const bytes = <u32>(nameEnd - at) - 2
    const isWanted = bytes == size(name) && memory.compare(at + 1, start(name), bytes) == 0
    at = pastBlanks(pastBlanks(nameEnd, end) + 1, end)
    const last = valueEnd(at, end)
    if (isWanted) {
      if (found != NOTHING) isRepeated = true
      found = viewOf(at, <u32>(last - at))
    }
    at = pastBlanks(last, end)
    if (at < end && load<u8>(at) == COMMA) at = pastBlanks(at + 1, end)
  }
  return found
}

function lengthIn(json: i64): i32 {
  const end = start(json) + size(json)
  let at = pastBlanks(start(json), end)
  if (at >= end || load<u8>(at) != OPEN_LIST) return -1
  at = pastBlanks(at + 1, end)
  if (at >= end || load<u8>(at) == 93) return 0
  let count = 0
  while (at < end) {
    count++
    at = pastBlanks(valueEnd(at, end), end)
    if (at >= end || load<u8>(at) != COMMA) break
    at = pastBlanks(at + 1, end)
  }
  return count
}

function itemIn(json: i64, index: i32): i64 {
  let number = <i64>index
  if (index < 0) {
    number += <i64>lengthIn(json)
    if (number < 0) return NOTHING
  }
  const end = start(json) + size(json)
  let at = pastBlanks(start(json), end)
  if (at >= end || load<u8>(at) != OPEN_LIST) return NOTHING
  at = pastBlanks(at + 1, end)
  if (at >= end || load<u8>(at) == 93) return NOTHING
  for (; number >= 0; number--) {
    const last = valueEnd(at, end)
    if (number == 0) return viewOf(at, <u32>(last - at))
    at = pastBlanks(last, end)
    if (at >= end || load<u8>(at) != COMMA) return NOTHING
    at = pastBlanks(at + 1, end)
  }
  return NOTHING
}

// A step of a path; what it leads to in one of several members is left to TypeScript where more steps follow.
function stepIn(json: i64, name: i64, isLast: bool): i64 {
  const end = start(json) + size(json)
  const first = pastBlanks(start(json), end)
  if (first >= end || load<u8>(first) != OPEN_LIST) {
    const found = memberIn(json, name)
    return isRepeated && !isLast ? ELSEWHERE : found
  }
  const number = numberOfStep(name)
  if (number == NO_NUMBER) return NOTHING
  return number == UNREAD_NUMBER ? ELSEWHERE : itemIn(json, number)
}

// What was found: as json, or as text. Strings that have escapes are left to TypeScript.
function shownIn(found: i64, asText: i32): i64 {
  if (asText == 0 || found < 0) return found
  const at = start(found)
  const first = <u32>load<u8>(at)
  // Of the words only null begins with an n.
  if (first == 110) return NOTHING
  if (first != QUOTE) return found
  if (hasBackslash(at, at + size(found))) return ELSEWHERE
  return viewOf(at + 1, size(found) - 2)
}

export function jsonMember(json: i64, name: i64, asText: i32): i64 {
  return size(json) == 0 ? NOTHING : shownIn(memberIn(json, name), asText)
}

export function jsonItem(json: i64, index: i32, asText: i32): i64 {
  return size(json) == 0 ? NOTHING : shownIn(itemIn(json, index), asText)
}

// What a path leads to, an array of texts.
export function jsonPath(json: i64, path: i64, asText: i32): i64 {
  if (size(json) == 0 || size(path) == 0) return NOTHING
  let left = elementsOf(path)
  let at = start(path)
  let found = json
  if (left == 0) {
    const end = start(json) + size(json)
    const first = pastBlanks(start(json), end)
    found = viewOf(first, <u32>(valueEnd(first, end) - first))
  }
  for (; left > 0 && found >= 0; left--) {
    if (load<u8>(at) == NULL_ELEMENT) return NOTHING
    const end = elementEnd(TEXT, 0, at)
    found = stepIn(found, viewOf(at + 1, <u32>(end - at) - 2), left == 1)
    at = end
  }
  return shownIn(found, asText)
}

// The same of a list of views.
export function jsonSteps(json: i64, list: usize, count: u32, asText: i32): i64 {
  if (size(json) == 0) return NOTHING
  let found = json
  for (let left = count; left > 0 && found >= 0; left--) {
    found = stepIn(found, load<i64>(list), left == 1)
    list += 8
  }
  return shownIn(found, asText)
}

export function jsonType(json: i64): i64 {
  const end = start(json) + size(json)
  const at = pastBlanks(start(json), end)
  if (at >= end) return viewOf(at, 0)
  const first = <u32>load<u8>(at)
  if (first == OPEN_OBJECT) return wordOf(JSON_OBJECT)
  if (first == OPEN_LIST) return wordOf(JSON_ARRAY)
  if (first == QUOTE) return wordOf(JSON_STRING)
  if (first == 110) return wordOf(JSON_NULL)
  return wordOf(first == 116 || first == 102 ? JSON_BOOL : JSON_NUMBER)
}

// How many items there are; -1 for what is no array.
export function jsonLength(json: i64): i32 {
  return size(json) == 0 ? 0 : lengthIn(json)
}
