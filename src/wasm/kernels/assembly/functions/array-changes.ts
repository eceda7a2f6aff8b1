// Arrays made of others and of values: keys and texts are copied as they are. What has several dimensions or bounds of its
// own is left to TypeScript where these would change.
import { isSignedZero, keysTell } from '../bare-lists'
import { putTogether } from '../collect'
import { COPIED_PAST, INTEGER32, isFloat } from '../value-text'
import { keyBytes, keyWidth, putByte } from '../value-keys'
import { isLong, putCell, putCellKey } from './array-cells'
import { listPart, listRemove, listReplace, listReplaceInteger } from './array-lists'
import {
  dimensionsOf, elementAt, elementEnd, elementsOf, elementTextAt, elementTextEnd, emptyArray, firstBrace, hasBounds, keyEnd, lengthOf,
  endBare, isBare, listCount, lowerOf, ONE_DIMENSION_BYTES, putOneDimension, textEnd,
} from './array-parts'
import { isWanted, look, lookFor } from './array-searches'
import { ELSEWHERE, put, size, start, written } from './views'

const COMMA: u32 = 44
const OPEN: u32 = 123
const CLOSE: u32 = 125

// The elements from a number on, so many of `count`; they stay in one dimension from 1 on.
function putPart(view: i64, kind: u32, from: u32, wanted: u32, count: u32, target: usize): i64 {
  if (wanted == 0) return emptyArray()
  if (wanted == count && !hasBounds(view)) return view
  const width = keyWidth(kind)
  if (width != 0 && listCount(view, width) == count) return listPart(view, kind, width, from, wanted, count, target)
  const key = elementAt(view, kind, from, count)
  let end = from + wanted == count ? keyEnd(view) - ONE_DIMENSION_BYTES : key
  if (end == key) for (let left = wanted; left > 0; left--) end = elementEnd(kind, width, end)
  let to = put(target, key, <u32>(end - key))
  if (isBare(view) || (keysTell(kind) && !isFloat(kind))) return endBare(target, wanted, to)
  to = putOneDimension(wanted, to)
  const keyBytes = <u32>(to - target)
  const text = elementTextAt(view, from)
  let last = from + wanted == count ? textEnd(view) - 1 : text - 1
  if (last < text) for (let left = wanted; left > 0; left--) last = elementTextEnd(last + 1)
  to = putByte(CLOSE, put(putByte(OPEN, to), text, <u32>(last - text)))
  store<u32>(to, keyBytes)
  return written(target, to + 4)
}

// The elements with subscripts from one to another.
export function arraySlice(view: i64, kind: u32, from: i32, upTo: i32, target: usize): i64 {
  if (size(view) == 0) return emptyArray()
  const dimensions = dimensionsOf(view)
  if (dimensions == 0) return emptyArray()
  if (dimensions > 1) return ELSEWHERE
  const lower = <i64>lowerOf(view, 1, 0)
  const count = <i64>lengthOf(view, 1, 0)
  const first = max<i64>(<i64>from - lower, 0)
  const end = min<i64>(<i64>upTo - lower + 1, count)
  return putPart(view, kind, <u32>first, <u32>max<i64>(end - first, 0), <u32>count, target)
}

// Without the last elements.
export function arrayTrim(view: i64, kind: u32, left: i32, target: usize): i64 {
  if (size(view) == 0 || dimensionsOf(view) != 1) return ELSEWHERE
  const count = lengthOf(view, 1, 0)
  if (left < 0 || left > count) return ELSEWHERE
  return putPart(view, kind, 0, <u32>(count - left), <u32>count, target)
}

// With a value behind its elements or before them; NULL is an array of none.
export function arrayInsert(
  view: i64, kind: u32, places: u32, cell: usize, isNone: i32, atFront: i32, target: usize,
): i64 {
  const none = isNone != 0
  if (!none && isLong(kind, cell)) return ELSEWHERE
  const dimensions = size(view) == 0 ? 0 : dimensionsOf(view)
  if (dimensions > 1 || (dimensions == 1 && hasBounds(view))) return ELSEWHERE
  const count: u32 = dimensions == 0 ? 0 : <u32>lengthOf(view, 1, 0)
  const from = start(view)
  const own: u32 = count == 0 ? 0 : <u32>(keyEnd(view) - from) - ONE_DIMENSION_BYTES
  const signed = !none && isSignedZero(kind, cell)
  if (count == 0 ? keysTell(kind) && !signed : isBare(view)) {
    if (signed) return ELSEWHERE
    let end = target
    if (atFront != 0) end = putCellKey(kind, cell, none, 0, 0, end)
    end = put(end, from, own)
    if (atFront == 0) end = putCellKey(kind, cell, none, 0, 0, end)
    return endBare(target, count + 1, end)
  }
  const first = target + own + 1 + (none ? 0 : keyBytes(kind, cell)) + ONE_DIMENSION_BYTES + COPIED_PAST
  let text = putByte(OPEN, first)
  let valueText = text
  let valueEnd = text
  if (atFront != 0) {
    valueEnd = text = putCell(kind, places, cell, none, text)
    if (count > 0) text = putByte(COMMA, text)
  }
  if (count > 0) text = put(text, keyEnd(view) + 1, <u32>(textEnd(view) - keyEnd(view)) - 2)
  if (atFront == 0) {
    if (count > 0) text = putByte(COMMA, text)
    valueText = text
    valueEnd = text = putCell(kind, places, cell, none, text)
  }
  text = putByte(CLOSE, text)
  let key = target
  // The value's key may be copied past its end: what comes before is written after it, or is there.
  if (atFront != 0) key = putCellKey(kind, cell, none, valueText, valueEnd, key)
  if (own > 0) {
    memory.copy(key, from, own)
    key += own
  }
  if (atFront == 0) key = putCellKey(kind, cell, none, valueText, valueEnd, key)
  key = putOneDimension(count + 1, key)
  return written(target, putTogether(target, key, first, text))
}

// One array behind the other; NULL and an array of none leave the other.
export function arrayJoin(left: i64, right: i64, target: usize): i64 {
  if (size(left) == 0) return right
  if (size(right) == 0) return left
  const dimensions = dimensionsOf(left)
  const others = dimensionsOf(right)
  if (dimensions == 0) return right
  if (others == 0) return left
  if (dimensions != 1 || others != 1 || hasBounds(left) || hasBounds(right)) return ELSEWHERE
  if (isBare(left) != isBare(right)) return ELSEWHERE
  let to = put(target, start(left), <u32>(keyEnd(left) - start(left)) - ONE_DIMENSION_BYTES)
  to = put(to, start(right), <u32>(keyEnd(right) - start(right)) - ONE_DIMENSION_BYTES)
  const count = <u32>lengthOf(left, 1, 0) + <u32>lengthOf(right, 1, 0)
  if (isBare(left)) return endBare(target, count, to)
  to = putOneDimension(count, to)
  const keys = <u32>(to - target)
  to = put(to, keyEnd(left), <u32>(textEnd(left) - keyEnd(left)) - 1)
  // From the second byte on, which is that of its brace.
  to = put(putByte(COMMA, to), keyEnd(right) + 1, <u32>(textEnd(right) - keyEnd(right)) - 1)
  store<u32>(to, keys)
  return written(target, to + 4)
}

// Without the elements that are a value.
export function arrayRemove(view: i64, kind: u32, places: u32, cell: usize, isNone: i32, target: usize): i64 {
  if (size(view) == 0) return emptyArray()
  const width = keyWidth(kind)
  const listed: u32 = width == 0 || isNone != 0 ? 0 : listCount(view, width)
  if (listed > 0) return listRemove(view, width, listed, lookFor(kind, cell), target)
  const dimensions = dimensionsOf(view)
  if (dimensions == 0) return emptyArray()
  if (dimensions > 1 || hasBounds(view) || !look(kind, places, cell, isNone != 0)) return ELSEWHERE
  const count = elementsOf(view)
  let at = start(view)
  if (isBare(view)) return removeBare(view, kind, count, target)
  let text = keyEnd(view) + 1
  let key = target
  const first = target + <usize>(keyEnd(view) - at) + COPIED_PAST
  let to = first
  let left: u32 = 0
  for (let number: u32 = 0; number < count; number++) {
    const end = elementEnd(kind, width, at)
    const textEnd = elementTextEnd(text)
    if (!isWanted(at, end)) {
      to = put(putByte(to == first ? OPEN : COMMA, to), text, <u32>(textEnd - text))
      key = put(key, at, <u32>(end - at))
      left++
    }
    at = end
    text = textEnd + 1
  }
  if (left == count) return view
  if (left == 0) return emptyArray()
  to = putByte(CLOSE, to)
  return written(target, putTogether(target, putOneDimension(left, key), first, to))
}

function removeBare(view: i64, kind: u32, count: u32, target: usize): i64 {
  const width = keyWidth(kind)
  let at = start(view)
  let key = target
  let kept: u32 = 0
  for (let left = count; left > 0; left--) {
    const end = elementEnd(kind, width, at)
    if (!isWanted(at, end)) {
      key = put(key, at, <u32>(end - at))
      kept++
    }
    at = end
  }
  if (kept == count) return view
  return kept == 0 ? emptyArray() : endBare(target, kept, key)
}

// With the value of `other` in place of the elements that are that of `cell`.
export function arrayReplace(
  view: i64, kind: u32, places: u32, cell: usize, isNone: i32, other: usize, isOtherNone: i32, target: usize,
): i64 {
  if (size(view) == 0) return emptyArray()
  const none = isOtherNone != 0
  const width = keyWidth(kind)
  const listed: u32 = width == 0 || none || isNone != 0 ? 0 : listCount(view, width)
  if (listed > 0 && kind == INTEGER32) {
    return listReplaceInteger(view, listed, load<i32>(cell), load<i32>(other), target)
  }
  if (listed > 0) return listReplace(view, kind, places, width, listed, lookFor(kind, cell), other, target)
  const dimensions = dimensionsOf(view)
  if (dimensions == 0) return emptyArray()
  if (!none && isLong(kind, other)) return ELSEWHERE
  if (!look(kind, places, cell, isNone != 0)) return ELSEWHERE
  const count = elementsOf(view)
  let at = start(view)
  if (isBare(view)) {
    if (!none && isSignedZero(kind, other)) return ELSEWHERE
    return replaceBare(view, kind, other, none, count, target)
  }
  let text = firstBrace(view)
  let key = target
  const first = target + <usize>(keyEnd(view) - at) + count * (none ? 1 : 1 + keyBytes(kind, other)) + COPIED_PAST
  let to = put(first, keyEnd(view), <u32>(text - keyEnd(view)))
  for (let number: u32 = 0; number < count; number++) {
    for (let c = load<u8>(text); c == OPEN || c == CLOSE || c == COMMA; c = load<u8>(++text)) to = putByte(c, to)
    const end = elementEnd(kind, width, at)
    const textEnd = elementTextEnd(text)
    if (isWanted(at, end)) {
      const from = to
      to = putCell(kind, places, other, none, to)
      key = putCellKey(kind, other, none, from, to, key)
    } else {
      to = put(to, text, <u32>(textEnd - text))
      key = put(key, at, <u32>(end - at))
    }
    at = end
    text = textEnd
  }
  to = put(to, text, <u32>(textEnd(view) - text))
  key = put(key, at, <u32>(keyEnd(view) - at))
  return written(target, putTogether(target, key, first, to))
}

function replaceBare(view: i64, kind: u32, other: usize, none: bool, count: u32, target: usize): i64 {
  const width = keyWidth(kind)
  let at = start(view)
  let key = target
  for (let left = count; left > 0; left--) {
    const end = elementEnd(kind, width, at)
    key = isWanted(at, end) ? putCellKey(kind, other, none, 0, 0, key) : put(key, at, <u32>(end - at))
    at = end
  }
  return endBare(target, count, key)
}
