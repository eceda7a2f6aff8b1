// Between arrays and texts.
import { putListText, putShown } from '../bare-lists'
import { keyWidth, putTextKey } from '../value-keys'
import { TEXT } from '../value-text'
import { textFind } from '../text'
import {
  elementEnd, elementsOf, elementTextEnd, emptyArray, endBare, firstBrace, isBare, keyEnd, keyText, NULL_ELEMENT, textEnd,
} from './array-parts'
import { put, size, start, viewOf, width, written } from './views'

// No text for NULLs: they are left out.
const NONE: i64 = -1
const QUOTE: u32 = 34

// The elements one behind the other with a text between them, and one for NULLs. Of elements that are no texts what stands
// in quotes has no quotes itself.
export function arrayText(view: i64, kind: u32, between: i64, ofNull: i64, target: usize): i64 {
  if (size(view) == 0) return viewOf(target, 0)
  if (kind < TEXT && isBare(view)) return joinedKeys(view, kind, between, ofNull, target)
  const wide = keyWidth(kind)
  const count = elementsOf(view)
  let at = start(view)
  let to = target
  let text = count == 0 || kind >= TEXT ? 0 : firstBrace(view)
  let isFirst = true
  for (let number: u32 = 0; number < count; number++) {
    const end = elementEnd(kind, wide, at)
    let shown: i64
    if (kind >= TEXT) shown = load<u8>(at) == NULL_ELEMENT ? ofNull : keyText(at)
    else {
      while (load<u8>(text) == 123 || load<u8>(text) == 125 || load<u8>(text) == 44) text++
      const textEnd = elementTextEnd(text)
      const quotes = usize(load<u8>(text) == QUOTE)
      shown = load<u8>(at) == NULL_ELEMENT ? ofNull : viewOf(text + quotes, <u32>(textEnd - text - 2 * quotes))
      text = textEnd
    }
    at = end
    if (shown == NONE) continue
    if (!isFirst) to = put(to, start(between), size(between))
    to = put(to, start(shown), size(shown))
    isFirst = false
  }
  return written(target, to)
}

function joinedKeys(view: i64, kind: u32, between: i64, ofNull: i64, target: usize): i64 {
  const wide = keyWidth(kind)
  let at = start(view)
  let to = target
  let isFirst = true
  for (let left = elementsOf(view); left > 0; left--) {
    const none = load<u8>(at) == NULL_ELEMENT
    if (!none || ofNull != NONE) {
      if (!isFirst) to = put(to, start(between), size(between))
      to = none ? put(to, start(ofNull), size(ofNull)) : putShown(kind, at + 1, to)
      isFirst = false
    }
    at = elementEnd(kind, wide, at)
  }
  return written(target, to)
}

// The text of an array with elements whose keys tell theirs. Takes six times its bytes.
export function listText(view: i64, kind: u32, target: usize): i64 {
  if (size(view) == 0) return view
  if (!isBare(view)) return written(keyEnd(view), textEnd(view))
  return written(target, putListText(kind, start(view), size(view), target))
}

// Where the key of the next piece goes.
let key: usize = 0

// Begins an array of texts. With so many bytes together it takes twice these and 64 more.
export function beginPieces(target: usize): void {
  key = target
}

// Ends the array of so many pieces, which are some.
export function endPieces(count: u32, target: usize): i64 {
  return endBare(target, count, key)
}

export function putNone(): void {
  store<u8>(key++, <u8>NULL_ELEMENT)
}

// @ts-ignore: decorator
@inline
export function putPiece(piece: i64, ofNull: i64): void {
  if (ofNull != NONE && size(piece) == size(ofNull) && memory.compare(start(piece), start(ofNull), size(piece)) == 0) {
    putNone()
    return
  }
  store<u8>(key++, 1)
  key = putTextKey(<u64>piece, key)
}

// The pieces of a text between separators, those that are a text as NULL: an array. -1 for a separator: every character is
// one. It takes 12 bytes for each byte of the text and 64 more.
export function textPieces(text: i64, between: i64, ofNull: i64, target: usize): i64 {
  const whole = size(text)
  if (whole == 0) return emptyArray()
  const p = start(text)
  beginPieces(target)
  let count: u32 = 0
  let from: u32 = 0
  if (between == NONE) {
    for (; from < whole; count++) {
      const wide = width(<u32>load<u8>(p + from))
      putPiece(viewOf(p + from, wide), ofNull)
      from += wide
    }
  } else {
    const taken = size(between)
    let next = taken == 0 ? -1 : textFind(text, between, 0)
    for (; next >= 0; count++) {
      putPiece(viewOf(p + from, <u32>next - from), ofNull)
      from = <u32>next + taken
      next = textFind(text, between, from)
    }
    putPiece(viewOf(p + from, whole - from), ofNull)
    count++
  }
  return endPieces(count, target)
}
