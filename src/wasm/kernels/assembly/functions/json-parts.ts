// What is within JSON. A jsonb has a key (data/types/json-value.ts, writeJsonKey), which is read, and PostgreSQL's text, of
// which a part is copied; json is its text alone, which was read once, so that it is well formed. The slot of a NULL has no
// bytes.
import { JSON_ARRAY, JSON_BOOL, JSON_NULL, JSON_NUMBER, JSON_OBJECT, JSON_STRING } from '../value-keys'
import { elementEnd, elementsOf, endOfText, keyEnd, NULL_ELEMENT, numberEnd } from './array-parts'
import { TEXT } from '../value-text'
import { ELSEWHERE, put, size, start, viewOf, written } from './views'

// There is nothing where a look-up leads: NULL.
const NOTHING: i64 = -2

const QUOTE: u32 = 34
const BACKSLASH: u32 = 92
const COMMA: u32 = 44

// How a look-up went.
const FOUND: i32 = 1
const MISSED: i32 = 0
const LEFT_OUT: i32 = -1

// The key of no items that is all of a value.
// @ts-ignore: decorator
@inline
function isEmptyRoot(key: usize): bool {
  return load<u8>(key) == 0
}

// @ts-ignore: decorator
@inline
export function itemsOf(key: usize): u32 {
  return isEmptyRoot(key) ? 0 : bswap(load<u32>(key, 1))
}

// @ts-ignore: decorator
@inline
export function kindOfKey(key: usize): u32 {
  return isEmptyRoot(key) ? JSON_ARRAY : <u32>load<u8>(key)
}

// Behind the key of a value within another one.
export function itemEnd(key: usize): usize {
  const kind = <u32>load<u8>(key)
  if (kind == JSON_NULL) return key + 1
  if (kind == JSON_BOOL) return key + 2
  if (kind == JSON_STRING) return endOfText(key + 1) + 1
  if (kind == JSON_NUMBER) return numberEnd(key + 1)
  let left = itemsOf(key)
  key += 5
  for (; left > 0; left--) key = itemEnd(kind == JSON_OBJECT ? endOfText(key) + 1 : key)
  return key
}

// Behind the quotes of a string.
export function stringEnd(at: usize): usize {
  at++
  while (true) {
    const block = v128.load(at)
    const marks = <u32>i8x16.bitmask(
      v128.or(i8x16.eq(block, i8x16.splat(<i8>QUOTE)), i8x16.eq(block, i8x16.splat(<i8>BACKSLASH))),
    )
    if (marks == 0) {
      at += 16
      continue
    }
    at += <usize>ctz(marks)
    if (load<u8>(at) == QUOTE) return at + 1
    at += 2
  }
  return at
}

// Behind a value of a text that ends at `end`.
export function valueEnd(at: usize, end: usize): usize {
  const first = <u32>load<u8>(at)
  if (first == QUOTE) return stringEnd(at)
  if (first != 91 && first != 123) {
    // Numbers and words have no commas, blanks and brackets.
    for (; at < end; at++) {
      const c = <u32>load<u8>(at)
      if (c <= 32 || c == COMMA || c == 93 || c == 125) return at
    }
    return at
  }
  let depth: u32 = 0
  while (at < end) {
    const c = <u32>load<u8>(at)
    if (c == QUOTE) {
      at = stringEnd(at)
      continue
    }
    at++
    // Braces are brackets with one bit more.
    if ((c & 0xdf) == 91) depth++
    else if ((c & 0xdf) == 93 && --depth == 0) return at
  }
  return at
}

// ------------------------------------------------------------------ jsonb
// Where a look-up is.
let key: usize = 0
let text: usize = 0
let textStop: usize = 0

function begin(view: i64): void {
  key = start(view)
  text = keyEnd(view)
  textStop = start(view) + size(view) - 4
}

// Goes on from the text of an array or object to that of its item with a number.
function textOfItem(number: u32, isObject: bool): void {
  text++
  for (; number > 0; number--) {
    if (isObject) text = stringEnd(text) + 2
    text = valueEnd(text, textStop) + 2
  }
  if (isObject) text = stringEnd(text) + 2
}

// The number of an object's member and its key, or -1.
let memberKey: usize = 0
export function memberOf(object: usize, name: i64): i32 {
  const count = <i32>itemsOf(object)
  const wanted = size(name)
  let at = object + 5
  for (let number = 0; number < count; number++) {
    const end = endOfText(at)
    const bytes = <u32>(end - at)
    // Shorter names come first.
    if (bytes > wanted) return -1
    if (bytes == wanted && memory.compare(at, start(name), bytes) == 0) {
      memberKey = end + 1
      return number
    }
    at = itemEnd(end + 1)
  }
  return -1
}

// Where the key of the member is that was found last.
export function memberKeyFound(): usize {
  return memberKey
}

function stepToMember(name: i64, isLastText: bool): i32 {
  if (kindOfKey(key) != JSON_OBJECT) return MISSED
  const number = memberOf(key, name)
  if (number < 0) return MISSED
  key = memberKey
  // A string is read off its key.
  if (!isLastText || load<u8>(key) != JSON_STRING) textOfItem(<u32>number, true)
  return FOUND
}

function stepToItem(index: i32, isLastText: bool): i32 {
  if (kindOfKey(key) != JSON_ARRAY) return MISSED
  const count = <i64>itemsOf(key)
  const number = index < 0 ? count + <i64>index : <i64>index
  if (number < 0 || number >= count) return MISSED
  let at = key + 5
  for (let left = number; left > 0; left--) at = itemEnd(at)
  key = at
  if (!isLastText || load<u8>(key) != JSON_STRING) textOfItem(<u32>number, false)
  return FOUND
}

// What a step of a path is that is no number of an item, and what one is that is not read here: with blanks, of many digits.
export const NO_NUMBER: i32 = i32.MIN_VALUE
export const UNREAD_NUMBER: i32 = i32.MIN_VALUE + 1
const STEP_BYTES_MAX: u32 = 9

// The number of an item that a step of a path is.
export function numberOfStep(name: i64): i32 {
  let at = start(name)
  const end = at + size(name)
  if (at == end) return NO_NUMBER
  if (load<u8>(at) <= 32 || size(name) > STEP_BYTES_MAX) return UNREAD_NUMBER
  const isNegative = load<u8>(at) == 45
  if (isNegative || load<u8>(at) == 43) at++
  if (at == end) return NO_NUMBER
  let number: i32 = 0
  for (; at < end; at++) {
    const digit = <u32>load<u8>(at) - 48
    if (digit > 9) return NO_NUMBER
    number = number * 10 + <i32>digit
  }
  return isNegative ? -number : number
}

// A step of a path: the number of an item, or the name of a member.
function step(name: i64, isLastText: bool): i32 {
  if (kindOfKey(key) != JSON_ARRAY) return stepToMember(name, isLastText)
  const number = numberOfStep(name)
  if (number == NO_NUMBER) return MISSED
  return number == UNREAD_NUMBER ? LEFT_OUT : stepToItem(number, isLastText)
}

// What was found, as jsonb or as text.
function shown(outcome: i32, asText: bool, target: usize): i64 {
  if (outcome == LEFT_OUT) return ELSEWHERE
  if (outcome == MISSED) return NOTHING
  const kind = kindOfKey(key)
  if (asText) {
    if (kind == JSON_NULL) return NOTHING
    if (kind == JSON_STRING) return viewOf(key + 1, <u32>(endOfText(key + 1) - key - 1))
    return viewOf(text, <u32>(valueEnd(text, textStop) - text))
  }
  let to = target
  // An empty array that is all of a value has a key of its own.
  if (kind == JSON_ARRAY && itemsOf(key) == 0) store<u8>(to++, 0)
  else to = put(to, key, <u32>(itemEnd(key) - key))
  const keyBytes = <u32>(to - target)
  to = put(to, text, <u32>(valueEnd(text, textStop) - text))
  store<u32>(to, keyBytes)
  return written(target, to + 4)
}

// The member of an object. As text it is a view of what is there; else it is written, with all bytes of the value at most.
export function jsonbMember(view: i64, name: i64, asText: i32, target: usize): i64 {
  if (size(view) == 0) return NOTHING
  begin(view)
  return shown(stepToMember(name, asText != 0), asText != 0, target)
}

// The item of an array; to jsonb a scalar is an array of itself.
export function jsonbItem(view: i64, index: i32, asText: i32, target: usize): i64 {
  if (size(view) == 0) return NOTHING
  begin(view)
  const kind = kindOfKey(key)
  const isScalar = kind != JSON_ARRAY && kind != JSON_OBJECT
  const outcome = isScalar ? i32(index == 0 || index == -1) : stepToItem(index, asText != 0)
  return shown(outcome, asText != 0, target)
}

// What a path leads to, an array of texts.
export function jsonbPath(view: i64, path: i64, asText: i32, target: usize): i64 {
  if (size(view) == 0 || size(path) == 0) return NOTHING
  begin(view)
  let left = elementsOf(path)
  let at = start(path)
  let outcome = FOUND
  for (; left > 0 && outcome == FOUND; left--) {
    if (load<u8>(at) == NULL_ELEMENT) return NOTHING
    const end = elementEnd(TEXT, 0, at)
    outcome = step(viewOf(at + 1, <u32>(end - at) - 2), asText != 0 && left == 1)
    at = end
  }
  return shown(outcome, asText != 0, target)
}

// The same of a list of views.
export function jsonbSteps(view: i64, list: usize, count: u32, asText: i32, target: usize): i64 {
  if (size(view) == 0) return NOTHING
  begin(view)
  let outcome = FOUND
  for (let left = count; left > 0 && outcome == FOUND; left--) {
    outcome = step(load<i64>(list), asText != 0 && left == 1)
    list += 8
  }
  return shown(outcome, asText != 0, target)
}

const WORDS: usize = memory.data<u8>([
  0x6e, 0x75, 0x6c, 0x6c, 0x73, 0x74, 0x72, 0x69, 0x6e, 0x67, 0x6e, 0x75, 0x6d, 0x62, 0x65, 0x72, 0x62, 0x6f, 0x6f, 0x6c, 0x65,
  0x61, 0x6e, 0x61, 0x72, 0x72, 0x61, 0x79, 0x6f, 0x62, 0x6a, 0x65, 0x63, 0x74,
])

// null, string, number, boolean, array and object, by the number that keys have for them.
export function wordOf(kind: u32): i64 {
  if (kind == JSON_NULL) return viewOf(WORDS, 4)
  if (kind == JSON_STRING) return viewOf(WORDS + 4, 6)
  if (kind == JSON_NUMBER) return viewOf(WORDS + 10, 6)
  if (kind == JSON_BOOL) return viewOf(WORDS + 16, 7)
  return kind == JSON_ARRAY ? viewOf(WORDS + 23, 5) : viewOf(WORDS + 28, 6)
}

export function jsonbType(view: i64): i64 {
  return size(view) == 0 ? viewOf(WORDS, 0) : wordOf(kindOfKey(start(view)))
}

// How many items there are; -1 for what is no array.
export function jsonbLength(view: i64): i32 {
  if (size(view) == 0) return 0
  return kindOfKey(start(view)) == JSON_ARRAY ? <i32>itemsOf(start(view)) : -1
}

// Whether a text is the name of a member, a string among items, or the string that a value is.
export function jsonbHas(view: i64, name: i64): i32 {
  if (size(view) == 0) return 0
  let at = start(view)
  const kind = kindOfKey(at)
  if (kind == JSON_OBJECT) return i32(memberOf(at, name) >= 0)
  if (kind != JSON_ARRAY) return i32(isString(at, name))
  let left = itemsOf(at)
  at += 5
  for (; left > 0; left--) {
    if (isString(at, name)) return 1
    at = itemEnd(at)
  }
  return 0
}

function isString(at: usize, name: i64): bool {
  if (load<u8>(at) != JSON_STRING) return false
  const bytes = <u32>(endOfText(at + 1) - at - 1)
  return bytes == size(name) && memory.compare(at + 1, start(name), bytes) == 0
}

// The same of all (1) or any (0) of the texts of an array, NULLs left out.
export function jsonbHasTexts(view: i64, names: i64, all: i32): i32 {
  if (size(view) == 0 || size(names) == 0) return 0
  let left = elementsOf(names)
  let at = start(names)
  for (; left > 0; left--) {
    const end = elementEnd(TEXT, 0, at)
    if (load<u8>(at) != NULL_ELEMENT && jsonbHas(view, viewOf(at + 1, <u32>(end - at) - 2)) != all) return 1 - all
    at = end
  }
  return all
}

// ------------------------------------------------------------------ containment
// Pairs of values that may be compared; more are left to TypeScript, as that can be cancelled.
const PAIRS_MAX: i32 = 65536
let pairs: i32 = 0

// Whether one value says all that another one does; -1 leaves it to TypeScript.
export function jsonbContains(left: i64, right: i64): i32 {
  if (size(left) == 0 || size(right) == 0) return 0
  pairs = PAIRS_MAX
  const result = contains(start(left), start(right), true)
  return pairs < 0 ? -1 : i32(result)
}

function contains(own: usize, wanted: usize, isTop: bool): bool {
  if (--pairs < 0) return false
  const kind = kindOfKey(wanted)
  if (kindOfKey(own) == kind) {
    if (kind == JSON_OBJECT) return containsMembers(own, wanted)
    if (kind == JSON_ARRAY) return containsItems(own, wanted)
    const bytes = itemEnd(wanted) - wanted
    return itemEnd(own) - own == bytes && memory.compare(own, wanted, bytes) == 0
  }
  // An array of scalars says each of them, at the top only.
  return isTop && kindOfKey(own) == JSON_ARRAY && kind != JSON_OBJECT && hasItem(own, wanted)
}

function containsMembers(own: usize, wanted: usize): bool {
  let left = itemsOf(wanted)
  let at = wanted + 5
  for (; left > 0; left--) {
    const end = endOfText(at)
    if (memberOf(own, viewOf(at, <u32>(end - at))) < 0) return false
    if (!contains(memberKey, end + 1, false)) return false
    at = itemEnd(end + 1)
  }
  return true
}

function containsItems(own: usize, wanted: usize): bool {
  let left = itemsOf(wanted)
  let at = wanted + 5
  for (; left > 0; left--) {
    if (!hasItem(own, at)) return false
    at = itemEnd(at)
  }
  return true
}

function hasItem(own: usize, wanted: usize): bool {
  let left = itemsOf(own)
  let at = own + 5
  for (; left > 0; left--) {
    if (contains(at, wanted, false)) return true
    at = itemEnd(at)
  }
  return false
}

// ------------------------------------------------------------------ scalars
// The text of the number that a value is; no bytes: it is none.
export function jsonbNumber(view: i64): i64 {
  if (size(view) == 0 || load<u8>(start(view)) != JSON_NUMBER) return 0
  return viewOf(keyEnd(view), <u32>(start(view) + size(view) - 4 - keyEnd(view)))
}

// Whether it is true; -1: it is not a truth value.
export function jsonbTruth(view: i64): i32 {
  if (size(view) == 0 || load<u8>(start(view)) != JSON_BOOL) return -1
  return <i32>load<u8>(start(view) + 1)
}
