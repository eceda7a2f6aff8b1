// jsonb changed at one place. Keys and texts have members and items in one order, so that what stays is copied from both as it
// is. The slot of a NULL has no bytes. What raises an error is left to TypeScript.
import { JSON_ARRAY, JSON_OBJECT, putByte, putTextKey, putWord } from '../value-keys'
import { putString, stringBytes, TEXT } from '../value-text'
import { dimensionsOf, elementEnd, elementsOf, endOfText, keyEnd, NULL_ELEMENT, textEnd } from './array-parts'
import { itemEnd, itemsOf, kindOfKey, NO_NUMBER, numberOfStep, stringEnd, UNREAD_NUMBER, valueEnd } from './json-parts'
import { BEHIND_NAME, BETWEEN, compareBytes, emptyList, HEAD_BYTES, putItem, putPair } from './json-writing'
import { without } from './json-merges'
import { ELSEWHERE, put, size, start, viewOf, written } from './views'

// The array or object that has it, and where its text begins.
let box: usize = 0
let boxText: usize = 0
// The member or item that is there, the one that something comes before, or the end: its number, its key and its text.
let number: u32 = 0
let keyAt: usize = 0
let textAt: usize = 0
// Of a member, where the key of its value begins.
let valueKey: usize = 0

// Goes to the member of a name; false: to the one that it would stand before.
function seekMember(name: i64): bool {
  const count = itemsOf(box)
  keyAt = box + HEAD_BYTES
  let found = false
  for (number = 0; number < count; number++) {
    const end = endOfText(keyAt)
    const side = compareBytes(keyAt, <u32>(end - keyAt), start(name), size(name))
    if (side >= 0) {
      found = side == 0
      valueKey = end + 1
      break
    }
    keyAt = itemEnd(end + 1)
  }
  seekText(true)
  return found
}

// Goes to the item with a number, or to the end.
function seekItem(wanted: u32): void {
  number = wanted
  keyAt = box + HEAD_BYTES
  for (let left = number; left > 0; left--) keyAt = itemEnd(keyAt)
  valueKey = keyAt
  seekText(false)
}

function seekText(isObject: bool): void {
  const count = itemsOf(box)
  textAt = boxText + 1
  for (let left = number; left > 0; left--) {
    if (isObject) textAt = stringEnd(textAt) + 2
    // Nothing follows the last one.
    textAt = valueEnd(textAt, usize.MAX_VALUE) + (left == 1 && number == count ? 0 : 2)
  }
}

// Where the text of its value begins.
// @ts-ignore: decorator
@inline
function valueText(): usize {
  return kindOfKey(box) == JSON_OBJECT ? stringEnd(textAt) + 2 : textAt
}

// What stands in the place of what is there.
function replaced(view: i64, other: i64, target: usize): i64 {
  const from = start(view)
  const end = keyEnd(view)
  const text = valueText()
  let to = putItem(other, put(target, from, <u32>(valueKey - from)))
  const behind = itemEnd(valueKey)
  to = put(to, behind, <u32>(end - behind))
  const bytes = <u32>(to - target)
  to = put(to, end, <u32>(text - end))
  to = put(to, keyEnd(other), <u32>(textEnd(other) - keyEnd(other)))
  const last = valueEnd(text, textEnd(view))
  to = put(to, last, <u32>(textEnd(view) - last))
  store<u32>(to, bytes)
  return written(target, to + 4)
}

// Without what is there.
function removed(view: i64, target: usize): i64 {
  const from = start(view)
  const end = keyEnd(view)
  const count = itemsOf(box)
  if (box == from && count == 1 && kindOfKey(box) == JSON_ARRAY) return emptyList()
  let to = put(target, from, <u32>(keyAt - from))
  const behind = itemEnd(valueKey)
  to = put(to, behind, <u32>(end - behind))
  putWord(count - 1, target + (box - from) + 1)
  const bytes = <u32>(to - target)
  let first = textAt
  let last = valueEnd(valueText(), textEnd(view))
  // With what stands between it and another one.
  if (number + 1 < count) last += 2
  else if (number > 0) first -= 2
  to = put(to, end, <u32>(first - end))
  to = put(to, last, <u32>(textEnd(view) - last))
  store<u32>(to, bytes)
  return written(target, to + 4)
}

// With something before what is there; a member has a name.
function inserted(view: i64, name: i64, isMember: bool, other: i64, target: usize): i64 {
  const from = start(view)
  const end = keyEnd(view)
  const count = itemsOf(box)
  const isFirst = load<u8>(from) == 0
  let to = isFirst ? putWord(0, putByte(JSON_ARRAY, target)) : put(target, from, <u32>(keyAt - from))
  if (isMember) to = putTextKey(<u64>name, to)
  to = putItem(other, to)
  if (!isFirst) to = put(to, keyAt, <u32>(end - keyAt))
  putWord(count + 1, target + (box - from) + 1)
  const bytes = <u32>(to - target)
  to = put(to, end, <u32>(textAt - end))
  if (number == count && count > 0) to = putPair(BETWEEN, to)
  if (isMember) to = putPair(BEHIND_NAME, putString(<u64>name, stringBytes(<u64>name), to))
  to = put(to, keyEnd(other), <u32>(textEnd(other) - keyEnd(other)))
  if (number < count) to = putPair(BETWEEN, to)
  to = put(to, textAt, <u32>(textEnd(view) - textAt))
  store<u32>(to, bytes)
  return written(target, to + 4)
}

// What becomes of the value at the end of a path.
const DELETE: u32 = 0
const SET: u32 = 1
const SET_OR_ADD: u32 = 2
const INSERT_BEFORE: u32 = 3
const INSERT_BEHIND: u32 = 4

function changedMember(view: i64, name: i64, other: i64, change: u32, target: usize): i64 {
  if (!seekMember(name)) return change < SET_OR_ADD ? view : inserted(view, name, true, other, target)
  if (change == DELETE) return removed(view, target)
  return change < INSERT_BEFORE ? replaced(view, other, target) : ELSEWHERE
}

function changedItem(view: i64, index: i32, other: i64, change: u32, target: usize): i64 {
  const count = <i32>itemsOf(box)
  const place = index < 0 ? count + index : index
  const isThere = place >= 0 && place < count
  if (change < INSERT_BEFORE && isThere) {
    seekItem(<u32>place)
    return change == DELETE ? removed(view, target) : replaced(view, other, target)
  }
  if (change < SET_OR_ADD) return view
  const behind = isThere && change == INSERT_BEHIND ? 1 : 0
  seekItem(place < 0 ? 0 : <u32>min(place + behind, count))
  return inserted(view, 0, false, other, target)
}

// With another value where a path leads, or without what is there. Takes the bytes of both values, eight for each of the path,
// and 64 more.
export function jsonbChange(view: i64, path: i64, other: i64, change: u32, target: usize): i64 {
  if (size(view) == 0 || size(path) == 0 || (change != DELETE && size(other) == 0)) return emptyList()
  box = start(view)
  boxText = keyEnd(view)
  const kind = kindOfKey(box)
  if ((kind != JSON_OBJECT && kind != JSON_ARRAY) || dimensionsOf(path) > 1) return ELSEWHERE
  let left = elementsOf(path)
  // Where there is nothing to change, nobody looks at the path.
  if (left == 0 || (itemsOf(box) == 0 && change < SET_OR_ADD)) return view
  let at = start(path)
  for (; ; left--) {
    if (load<u8>(at) == NULL_ELEMENT) return ELSEWHERE
    const end = elementEnd(TEXT, 0, at)
    const name = viewOf(at + 1, <u32>(end - at) - 2)
    at = end
    if (kindOfKey(box) == JSON_OBJECT) {
      if (left == 1) return changedMember(view, name, other, change, target)
      if (!seekMember(name)) return view
    } else if (kindOfKey(box) == JSON_ARRAY) {
      const index = numberOfStep(name)
      if (index == NO_NUMBER || index == UNREAD_NUMBER) return ELSEWHERE
      if (left == 1) return changedItem(view, index, other, change, target)
      const count = <i32>itemsOf(box)
      const place = index < 0 ? count + index : index
      if (place < 0 || place >= count) return view
      seekItem(<u32>place)
    } else return view
    boxText = valueText()
    box = valueKey
  }
  return view
}

// Without the item that has a number.
export function jsonbWithoutItem(view: i64, index: i32, target: usize): i64 {
  if (size(view) == 0) return emptyList()
  box = start(view)
  boxText = keyEnd(view)
  return kindOfKey(box) == JSON_ARRAY ? changedItem(view, index, 0, DELETE, target) : ELSEWHERE
}

// Without the member of a name, or the items that are it.
export function jsonbWithout(view: i64, name: i64, target: usize): i64 {
  if (size(view) == 0) return emptyList()
  box = start(view)
  boxText = keyEnd(view)
  const kind = kindOfKey(box)
  if (kind == JSON_ARRAY) return without(view, name, false, target)
  return kind == JSON_OBJECT ? changedMember(view, name, 0, DELETE, target) : ELSEWHERE
}
