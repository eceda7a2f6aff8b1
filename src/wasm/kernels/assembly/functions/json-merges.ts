// jsonb of the members and items of other jsonb, written one by one: keys and texts have them in one order. The slot of a NULL
// has no bytes. What raises an error is left to TypeScript.
import { putTogether } from '../collect'
import { JSON_ARRAY, JSON_NULL, JSON_OBJECT, JSON_STRING, putByte, putWord } from '../value-keys'
import { COPIED_PAST, TEXT } from '../value-text'
import { dimensionsOf, elementEnd, elementsOf, endOfText, keyEnd, NULL_ELEMENT, textEnd } from './array-parts'
import { itemEnd, itemsOf, kindOfKey, stringEnd, valueEnd } from './json-parts'
import { BETWEEN, compareBytes, emptyList, HEAD_BYTES, putItem, putPair } from './json-writing'
import { ELSEWHERE, put, size, start, written } from './views'

// Names that are held to members or items; more are left to TypeScript, as that can be cancelled.
const PAIRS_MAX: u64 = 65536

// What is read next, and where it is written to.
let key: usize = 0
let text: usize = 0
let keyTo: usize = 0
let textTo: usize = 0

// Copies what is read up to these ends.
// @ts-ignore: decorator
@inline
function copyUpTo(keyStop: usize, textStop: usize): void {
  keyTo = put(keyTo, key, <u32>(keyStop - key))
  textTo = put(textTo, text, <u32>(textStop - text))
}

// Goes on behind these ends and what stands between items.
// @ts-ignore: decorator
@inline
function goOn(keyStop: usize, textStop: usize): void {
  key = keyStop
  text = textStop + 2
}

// Whether a text is one, or one of the texts of an array.
function isListed(at: usize, bytes: u32, names: i64, many: bool): bool {
  if (!many) return compareBytes(at, bytes, start(names), size(names)) == 0
  let name = start(names)
  for (let left = elementsOf(names); left > 0; left--) {
    const end = elementEnd(TEXT, 0, name)
    if (load<u8>(name) != NULL_ELEMENT && compareBytes(at, bytes, name + 1, <u32>(end - name) - 2) == 0) return true
    name = end
  }
  return false
}

// Without the members of names, or the items that are strings of them.
export function without(view: i64, names: i64, many: bool, target: usize): i64 {
  const from = start(view)
  const isObject = kindOfKey(from) == JSON_OBJECT
  const count = itemsOf(from)
  let kept: u32 = 0
  const first = target + (keyEnd(view) - from) + COPIED_PAST
  key = from + HEAD_BYTES
  text = keyEnd(view) + 1
  keyTo = target + HEAD_BYTES
  textTo = putByte(isObject ? 123 : 91, first)
  for (let left = count; left > 0; left--) {
    const isName = isObject || load<u8>(key) == JSON_STRING
    const name = isObject ? key : key + 1
    const nameEnd = isName ? endOfText(name) : key
    const keyStop = isObject ? itemEnd(nameEnd + 1) : isName ? nameEnd + 1 : itemEnd(key)
    const textStop = valueEnd(isObject ? stringEnd(text) + 2 : text, usize.MAX_VALUE)
    if (!isName || !isListed(name, <u32>(nameEnd - name), names, many)) {
      if (kept++ > 0) textTo = putPair(BETWEEN, textTo)
      copyUpTo(keyStop, textStop)
    }
    goOn(keyStop, textStop)
  }
  if (kept == count) return view
  if (kept == 0 && !isObject) return emptyList()
  store<u8>(target, <u8>(isObject ? JSON_OBJECT : JSON_ARRAY))
  putWord(kept, target + 1)
  return written(target, putTogether(target, keyTo, first, putByte(isObject ? 125 : 93, textTo)))
}

// Without the members and string items that an array of texts lists.
export function jsonbWithoutAny(view: i64, names: i64, target: usize): i64 {
  if (size(view) == 0 || size(names) == 0) return emptyList()
  const kind = kindOfKey(start(view))
  if ((kind != JSON_ARRAY && kind != JSON_OBJECT) || dimensionsOf(names) > 1) return ELSEWHERE
  if (<u64>itemsOf(start(view)) * <u64>elementsOf(names) > PAIRS_MAX) return ELSEWHERE
  return without(view, names, true, target)
}

// ------------------------------------------------------------------ two values as one
// The items of an array, or a value as one.
function putItems(view: i64, to: usize): usize {
  if (kindOfKey(start(view)) != JSON_ARRAY) return putItem(view, to)
  if (itemsOf(start(view)) == 0) return to
  const from = start(view) + HEAD_BYTES
  return put(to, from, <u32>(keyEnd(view) - from))
}

function putItemTexts(view: i64, to: usize): usize {
  const brackets = usize(kindOfKey(start(view)) == JSON_ARRAY)
  const from = keyEnd(view) + brackets
  return put(to, from, <u32>(textEnd(view) - brackets - from))
}

// @ts-ignore: decorator
@inline
function itemCount(view: i64): u32 {
  return kindOfKey(start(view)) == JSON_ARRAY ? itemsOf(start(view)) : 1
}

function joinedItems(left: i64, right: i64, target: usize): i64 {
  const counts = itemCount(left)
  const others = itemCount(right)
  if (counts + others == 0) return emptyList()
  let to = putWord(counts + others, putByte(JSON_ARRAY, target))
  to = putItems(right, putItems(left, to))
  const bytes = <u32>(to - target)
  to = putItemTexts(left, putByte(91, to))
  if (counts > 0 && others > 0) to = putPair(BETWEEN, to)
  to = putByte(93, putItemTexts(right, to))
  store<u32>(to, bytes)
  return written(target, to + 4)
}

// The members of both, in their order; of one name that of the right one.
function joinedMembers(left: i64, right: i64, target: usize): i64 {
  let counts = itemsOf(start(left))
  let others = itemsOf(start(right))
  const first = target + (keyEnd(left) - start(left)) + (keyEnd(right) - start(right)) + COPIED_PAST
  let ownKey = start(left) + HEAD_BYTES
  let ownText = keyEnd(left) + 1
  let otherKey = start(right) + HEAD_BYTES
  let otherText = keyEnd(right) + 1
  keyTo = target + HEAD_BYTES
  textTo = putByte(123, first)
  let members: u32 = 0
  while (counts + others > 0) {
    const ownEnd = counts == 0 ? 0 : endOfText(ownKey)
    const otherEnd = others == 0 ? 0 : endOfText(otherKey)
    let side = counts == 0 ? 1 : -1
    if (counts > 0 && others > 0) {
      side = compareBytes(ownKey, <u32>(ownEnd - ownKey), otherKey, <u32>(otherEnd - otherKey))
    }
    const isOwn = side <= 0
    key = isOwn ? ownKey : otherKey
    text = isOwn ? ownText : otherText
    const keyStop = itemEnd((isOwn ? ownEnd : otherEnd) + 1)
    const textStop = valueEnd(stringEnd(text) + 2, usize.MAX_VALUE)
    if (isOwn) {
      ownKey = keyStop
      ownText = textStop + 2
      counts--
      // The other object's member of the name takes its place.
      if (side == 0) continue
    } else {
      otherKey = keyStop
      otherText = textStop + 2
      others--
    }
    if (members++ > 0) textTo = putPair(BETWEEN, textTo)
    copyUpTo(keyStop, textStop)
  }
  store<u8>(target, <u8>JSON_OBJECT)
  putWord(members, target + 1)
  return written(target, putTogether(target, keyTo, first, putByte(125, textTo)))
}

// Two objects as one, or the items of both values. Takes the bytes of both and 64 more.
export function jsonbJoin(left: i64, right: i64, target: usize): i64 {
  if (size(left) == 0 || size(right) == 0) return emptyList()
  const areObjects = kindOfKey(start(left)) == JSON_OBJECT && kindOfKey(start(right)) == JSON_OBJECT
  return areObjects ? joinedMembers(left, right, target) : joinedItems(left, right, target)
}

// ------------------------------------------------------------------ without nulls
// Without members that are null, at any depth.
export function jsonbStripNulls(view: i64, target: usize): i64 {
  if (size(view) == 0) return emptyList()
  const kind = kindOfKey(start(view))
  if ((kind != JSON_OBJECT && kind != JSON_ARRAY) || itemsOf(start(view)) == 0) return view
  const first = target + (keyEnd(view) - start(view)) + COPIED_PAST
  key = start(view)
  text = keyEnd(view)
  keyTo = target
  textTo = first
  strip()
  return written(target, putTogether(target, keyTo, first, textTo))
}

// Goes on behind the value at hand.
function strip(): void {
  const kind = <u32>load<u8>(key)
  const isObject = kind == JSON_OBJECT
  if (!isObject && kind != JSON_ARRAY) {
    const keyStop = itemEnd(key)
    const textStop = valueEnd(text, usize.MAX_VALUE)
    copyUpTo(keyStop, textStop)
    key = keyStop
    text = textStop
    return
  }
  const count = itemsOf(key)
  const head = keyTo
  let kept: u32 = 0
  store<u8>(keyTo, <u8>kind)
  keyTo += HEAD_BYTES
  textTo = putByte(load<u8>(text), textTo)
  key += HEAD_BYTES
  text++
  for (let left = count; left > 0; left--) {
    if (left < count) text += 2
    if (isObject) {
      const nameEnd = endOfText(key) + 1
      const nameTextEnd = stringEnd(text) + 2
      if (load<u8>(nameEnd) == JSON_NULL) {
        key = nameEnd + 1
        text = nameTextEnd + 4
        continue
      }
      if (kept > 0) textTo = putPair(BETWEEN, textTo)
      copyUpTo(nameEnd, nameTextEnd)
      key = nameEnd
      text = nameTextEnd
    } else if (kept > 0) textTo = putPair(BETWEEN, textTo)
    kept++
    strip()
  }
  textTo = putByte(load<u8>(text), textTo)
  text++
  putWord(kept, head + 1)
}
