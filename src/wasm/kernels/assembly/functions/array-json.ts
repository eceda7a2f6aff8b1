// Arrays as JSON: their text has the elements, whose keys tell NULLs and what texts say.
import { putShown } from '../bare-lists'
import { hasExponent, putTogether } from '../collect'
import { DIGITS, eightDigits, leadingBits, putInteger } from '../digits'
import {
  JSON_ARRAY, JSON_BOOL, JSON_NULL, JSON_NUMBER, JSON_STRING, keyWidth, putByte, putNumber, putShortKey, putTextKey, putWord, SHORT_MAX,
} from '../value-keys'
import { BOOL, INTEGER32, isFloat, isNumber, isVerbatim, putString, stringBytes, TEXT, TIMESTAMP, TIMESTAMPTZ } from '../value-text'
import { dimensionsOf, elementEnd, elementsOf, elementTextEnd, firstBrace, isBare, keyText, lengthOf, listCount, NULL_ELEMENT, textEnd } from './array-parts'
import { ELSEWHERE, put, size, start, written } from './views'

const BLANK: u32 = 32
const QUOTE: u32 = 34
const COMMA: u32 = 44
const OPEN: u32 = 123
const CLOSE: u32 = 125

// Bytes that the JSON takes at most, and as many for its key.
export function arrayJsonBytes(view: i64): u64 {
  return 128 + 6 * <u64>size(view)
}

// Where the text and the key of what was put end.
export let jsonEnd: usize = 0
export let jsonKeyEnd: usize = 0

// Puts an array with elements of a kind, and its key where it is to be jsonb; false leaves it to TypeScript.
export function putArrayJson(view: i64, kind: u32, isBinary: bool, key: usize, to: usize): bool {
  jsonEnd = to
  jsonKeyEnd = key
  const dimensions = size(view) == 0 ? 0 : dimensionsOf(view)
  if (dimensions == 0) {
    jsonEnd = putByte(93, putByte(91, jsonEnd))
    if (isBinary) jsonKeyEnd = putWord(0, putByte(JSON_ARRAY, jsonKeyEnd))
    return true
  }
  const width = keyWidth(kind)
  const listed: u32 = kind == INTEGER32 ? listCount(view, width) : 0
  if (listed > 0) {
    putIntegers(start(view), listed, isBinary)
    return true
  }
  if (isBare(view)) return putBareJson(view, kind, isBinary)
  const end = textEnd(view)
  let at = start(view)
  let depth: u32 = 0
  for (let text = firstBrace(view); text < end; ) {
    const c = <u32>load<u8>(text)
    if (c == OPEN) {
      jsonEnd = putByte(91, jsonEnd)
      if (isBinary) {
        jsonKeyEnd = putWord(<u32>lengthOf(view, dimensions, depth), putByte(JSON_ARRAY, jsonKeyEnd))
      }
      depth++
      text++
    } else if (c == CLOSE) {
      jsonEnd = putByte(93, jsonEnd)
      depth--
      text++
    } else if (c == COMMA) {
      jsonEnd = putByte(COMMA, jsonEnd)
      if (isBinary) jsonEnd = putByte(BLANK, jsonEnd)
      text++
    } else {
      const textStop = elementTextEnd(text)
      if (!putItem(kind, isBinary, at, text, textStop)) return false
      at = elementEnd(kind, width, at)
      text = textStop
    }
  }
  return true
}

// How far behind where it goes a text is written that a key tells: what is put around it does not reach so far.
const AHEAD: usize = 8

// Of elements whose keys tell their texts.
function putBareJson(view: i64, kind: u32, isBinary: bool): bool {
  const width = keyWidth(kind)
  const count = elementsOf(view)
  jsonEnd = putByte(91, jsonEnd)
  if (isBinary) jsonKeyEnd = putWord(count, putByte(JSON_ARRAY, jsonKeyEnd))
  let at = start(view)
  for (let number: u32 = 0; number < count; number++) {
    if (number > 0) {
      jsonEnd = putByte(COMMA, jsonEnd)
      if (isBinary) jsonEnd = putByte(BLANK, jsonEnd)
    }
    const text = jsonEnd + AHEAD
    const isShown = kind < TEXT && load<u8>(at) != NULL_ELEMENT
    if (!putItem(kind, isBinary, at, text, isShown ? putShown(kind, at + 1, text) : text)) return false
    at = elementEnd(kind, width, at)
  }
  jsonEnd = putByte(93, jsonEnd)
  return true
}

// An element whose key is at an address; its text may stand in quotes.
function putItem(kind: u32, isBinary: bool, at: usize, text: usize, textStop: usize): bool {
  if (load<u8>(at) == NULL_ELEMENT) {
    // "null"
    store<u32>(jsonEnd, 0x6c6c756e)
    jsonEnd += 4
    if (isBinary) jsonKeyEnd = putByte(JSON_NULL, jsonKeyEnd)
    return true
  }
  if (kind >= TEXT) {
    const view = <u64>keyText(at)
    if (isVerbatim(kind)) jsonEnd = put(jsonEnd, <usize>(<u32>view), <u32>(view >> 32))
    else jsonEnd = putString(view, stringBytes(view), jsonEnd)
    if (isBinary) jsonKeyEnd = putTextKey(view, putByte(JSON_STRING, jsonKeyEnd))
    return true
  }
  if (kind == BOOL) {
    putTruth(load<u8>(at, 1) != 0, isBinary)
    return true
  }
  // Floats that are no numbers are strings.
  if (isNumber(kind) && <u32>load<u8>(textStop - 1) - 48 < 10) return putDigits(kind, isBinary, text, textStop)
  const quotes = usize(load<u8>(text) == QUOTE)
  const from = putByte(QUOTE, jsonEnd)
  jsonEnd = put(from, text + quotes, <u32>(textStop - text - 2 * quotes))
  if (kind == TIMESTAMP || kind == TIMESTAMPTZ) putIso(kind == TIMESTAMPTZ, from)
  if (isBinary) {
    const shown = (<u64>(jsonEnd - from) << 32) | <u64>(<u32>from)
    jsonKeyEnd = putTextKey(shown, putByte(JSON_STRING, jsonKeyEnd))
  }
  jsonEnd = putByte(QUOTE, jsonEnd)
  return true
}

// An array as JSON, or as a jsonb. Takes twelve times its bytes, and 256 more.
export function arrayJson(view: i64, kind: u32, binary: i32, target: usize): i64 {
  const isBinary = binary != 0
  const first = isBinary ? target + <usize>arrayJsonBytes(view) : target
  if (!putArrayJson(view, kind, isBinary, target, first)) return ELSEWHERE
  if (!isBinary) return written(target, jsonEnd)
  // Of no items, it has a key of its own.
  const isEmpty = load<u8>(first, 1) == 93
  return written(target, putTogether(target, isEmpty ? putByte(0, target) : jsonKeyEnd, first, jsonEnd))
}

// Of keys that lie one behind the other.
function putIntegers(at: usize, count: u32, isBinary: bool): void {
  let to = putByte(91, jsonEnd)
  let key = isBinary ? putWord(count, putByte(JSON_ARRAY, jsonKeyEnd)) : jsonKeyEnd
  for (; count > 0; count--, at += 5) {
    const value = <i32>(bswap(load<u32>(at, 1)) ^ 0x80000000)
    const size = <u32>(value < 0 ? -value : value)
    if (<u64>size < SHORT_MAX) {
      const digits = eightDigits(size)
      const bits = leadingBits(digits)
      if (value < 0) to = putByte(45, to)
      store<u64>(to, (digits | DIGITS) >> bits)
      to += 8 - <usize>(bits >> 3)
      if (isBinary) key = putShortKey(digits, bits, value < 0, putByte(JSON_NUMBER, key))
    } else {
      const from = to
      to = putInteger(<i64>value, to)
      if (isBinary) key = putNumber(from, to, putByte(JSON_NUMBER, key))
    }
    // ", "
    store<u16>(to, 0x202c)
    to += isBinary ? 2 : 1
  }
  to -= isBinary ? 2 : 1
  jsonEnd = putByte(93, to)
  jsonKeyEnd = key
}

function putTruth(isTrue: bool, isBinary: bool): void {
  // "true", "fals" and "e"
  store<u32>(jsonEnd, isTrue ? 0x65757274 : 0x736c6166)
  store<u8>(jsonEnd, 101, 4)
  jsonEnd += isTrue ? 4 : 5
  if (isBinary) jsonKeyEnd = putByte(u32(isTrue), putByte(JSON_BOOL, jsonKeyEnd))
}

// jsonb has no exponents, and no sign of a zero.
function putDigits(kind: u32, isBinary: bool, text: usize, textStop: usize): bool {
  if (isBinary && isFloat(kind)) {
    if (hasExponent(text, textStop)) return false
    if (textStop - text == 2 && load<u16>(text) == 0x302d) text++
  }
  const from = jsonEnd
  jsonEnd = put(from, text, <u32>(textStop - text))
  if (isBinary) jsonKeyEnd = putNumber(from, jsonEnd, putByte(JSON_NUMBER, jsonKeyEnd))
  return true
}

// Of the time that stands from an address on: a T in front of what is within the day, and a zone of hours and minutes.
function putIso(hasZone: bool, from: usize): void {
  let at = from
  while (load<u8>(at) != BLANK) at++
  store<u8>(at, 84)
  if (!hasZone) return
  while (load<u8>(at) != 43) at++
  // "+00"
  at += 3
  const behind = jsonEnd - at
  memory.copy(at + 3, at, behind)
  // ":00"
  store<u8>(at, 58)
  store<u16>(at, 0x3030, 1)
  jsonEnd += 3
}
