// Arrays of other elements, and arrays that texts say: one element after the other becomes lanes, and these its key and text
// of the new kind. What scalar casts leave to TypeScript, which includes all errors, leaves the whole array to it.
import { isSignedZero, keysTell, putShown } from '../bare-lists'
import { putTogether } from '../collect'
import { MICROS_PER_DAY } from '../datetime'
import { isWide } from '../numeric'
import { isExact, keyWidth, putByte, putDouble, putNumber, putTextKey, putWord } from '../value-keys'
import {
  BOOL, COPIED_PAST, DATE, DECIMAL128, DECIMAL64, FLOAT4, FLOAT8, INTEGER32, INTEGER64, isFloat, NUMERIC, TEXT, TIME, TIMESTAMP,
  TIMESTAMPTZ,
} from '../value-text'
import { putCell, putCellKey } from './array-cells'
import {
  dimensionsOf, elementEnd, elementsOf, elementTextEnd, emptyArray, endBare, firstBrace, hasBounds, isBare, keyEnd, keyText, NO_TEXT,
  NULL_ELEMENT, ONE_DIMENSION_BYTES, putOneDimension, takeElement, textEnd,
} from './array-parts'
import { dateOfText, timeOfText, timestampOfText } from './dates'
import { integerOfText, truthText } from './numbers'
import { cutDigits, decimalOfText, exactFloat, floatNumeric, floatOfText, numericOfText, numericRound } from './rounding'
import { textLeft } from '../text'
import { ELSEWHERE, put, size, start, viewOf, written } from './views'

const COMMA: u32 = 44
const OPEN: u32 = 123
const CLOSE: u32 = 125
const QUOTE: u32 = 34
const BACKSLASH: u32 = 92

const NEAREST: i32 = 0
// Digits of a float that are exact.
const FLOAT4_DIGITS: i32 = 6
const FLOAT8_DIGITS: i32 = 15
// Digits behind a point that are read.
const PLACES_MAX: i32 = 18
// Most bytes of a key that is no text's.
const KEY_BYTES: usize = 40

// What elements become: their kind, digits behind the point, bounds of integers; decimals stay below `most`.
let kind: u32 = 0
let places: u32 = 0
let least: i64 = 0
let most: i64 = 0
// Characters of a text at most, -1 where nothing says so, and whether only blanks may be cut off.
let charactersMax: i32 = -1
let keepsAll: bool = false

// @ts-ignore: decorator
@inline
function takeKind(toKind: u32, toPlaces: u32, from: i64, upTo: i64): void {
  kind = toKind
  places = toPlaces
  least = from
  most = upTo
  charactersMax = -1
  keepsAll = false
}

function storeExact(value: i64, cell: usize): void {
  store<i64>(cell, value)
  store<i64>(cell, value >> 63, 8)
}

// ------------------------------------------------------------------ one element
// Each of these puts the lanes of what becomes of an element to a cell; false leaves it to TypeScript.
function castExact(value: i64, scale: i32, cell: usize): bool {
  if (kind == INTEGER32 || kind == INTEGER64) {
    const whole = scale > 0 ? cutDigits(value, scale, NEAREST) : value
    if (whole < least || whole > most) return false
    store<i64>(cell, whole)
    return true
  }
  if (kind == FLOAT8) {
    const float = scale == 0 ? <f64>value : exactFloat(value, value >> 63, scale)
    store<f64>(cell, float)
    return float == float
  }
  if (kind == FLOAT4) {
    store<f32>(cell, <f32>value)
    return scale == 0
  }
  if (kind == BOOL) {
    store<i32>(cell, i32(value != 0))
    return true
  }
  store<i64>(cell, value)
  store<i64>(cell, ((value >> 63) & 0x00ff_ffff_ffff_ffff) | (<i64>scale << 56), 8)
  return kind == NUMERIC || castNumeric(cell)
}

// A numeric that is in the cell.
function castNumeric(cell: usize): bool {
  const high = load<i64>(cell, 8)
  if (isWide(high) || (high << 8) >> 8 != load<i64>(cell) >> 63) return false
  const scale = <i32>(<u64>high >> 56)
  if (kind != DECIMAL64 && kind != DECIMAL128) return scale <= PLACES_MAX && castExact(load<i64>(cell), scale, cell)
  if (numericRound(cell, load<i64>(cell), high, <i32>places, NEAREST) != 0) return false
  const value = load<i64>(cell)
  storeExact(value, cell)
  return value < most && value > -most
}

function castFloat(value: f64, digits: i32, cell: usize): bool {
  if (kind == INTEGER32 || kind == INTEGER64) {
    const rounded = nearest(value)
    // The one above the greatest is a power of two; NaN fails.
    if (!(rounded >= <f64>least && rounded < -<f64>least)) return false
    store<i64>(cell, <i64>rounded)
    return true
  }
  if (kind == FLOAT8) {
    store<f64>(cell, value)
    return true
  }
  if (kind == FLOAT4) {
    const single = <f32>value
    store<f32>(cell, single)
    return (abs(single) != Infinity || abs(value) == Infinity) && (single != 0 || value == 0)
  }
  return floatNumeric(cell, value, digits) == 0 && (kind == NUMERIC || castNumeric(cell))
}

function areBlanks(at: usize, end: usize): bool {
  while (at < end && load<u8>(at) == 32) at++
  return at == end
}

function castText(text: i64, cell: usize): bool {
  if (kind == TEXT) {
    const shown = charactersMax < 0 ? text : textLeft(text, charactersMax)
    store<i64>(cell, shown)
    return !keepsAll || areBlanks(start(text) + size(shown), start(text) + size(text))
  }
  if (kind == NUMERIC) return numericOfText(cell, text) == 0
  if (kind == FLOAT8) {
    const float = floatOfText(text)
    store<f64>(cell, float)
    return float == float
  }
  let value: i64
  if (kind == INTEGER32 || kind == INTEGER64) value = integerOfText(text, least, most)
  else if (kind == DECIMAL64) value = decimalOfText(text, <i32>places, most)
  else if (kind == TIMESTAMP) value = timestampOfText(text)
  else if (kind == TIME) {
    value = timeOfText(text)
    if (value < 0) return false
  } else if (kind == DATE) {
    const days = dateOfText(text)
    value = days == i32.MIN_VALUE ? i64.MIN_VALUE : <i64>days
  } else return false
  storeExact(value, cell)
  return value != i64.MIN_VALUE
}

// Days that moments have room for.
const DAYS_MAX: i64 = 100_000_000
const DAYS_MIN: i64 = -2_000_000

// Where the text of an element is put that has none, behind the lanes of the cell.
const SHOWN_AT: usize = 64

// The element of a kind whose key and text are at these addresses, the latter NO_TEXT where it has none.
function castElement(from: u32, scale: u32, at: usize, text: usize, textStop: usize, cell: usize): bool {
  if (from >= TEXT) return castText(keyText(at), cell)
  if (kind == TEXT) {
    if (from == BOOL) store<i64>(cell, truthText(<i32>load<u8>(at, 1), 1))
    else if (text == NO_TEXT) store<i64>(cell, written(cell + SHOWN_AT, putShown(from, at + 1, cell + SHOWN_AT)))
    else {
      const quotes = usize(load<u8>(text) == QUOTE)
      store<i64>(cell, viewOf(text + quotes, <u32>(textStop - text - 2 * quotes)))
    }
    return true
  }
  // Only its text tells -0.
  if (isFloat(from) && load<u64>(at, 1) == 0x80) {
    return castFloat(text != NO_TEXT && load<u8>(text) == 45 ? -0.0 : 0.0, FLOAT8_DIGITS, cell)
  }
  if (!takeElement(from, scale, at, text, cell)) return false
  if (from == FLOAT4) return castFloat(<f64>load<f32>(cell), FLOAT4_DIGITS, cell)
  if (from == FLOAT8) return castFloat(load<f64>(cell), FLOAT8_DIGITS, cell)
  if (from == INTEGER32 || from == BOOL) return castExact(<i64>load<i32>(cell), 0, cell)
  if (from == INTEGER64) return castExact(load<i64>(cell), 0, cell)
  if (from == NUMERIC) return castNumeric(cell)
  if (isExact(from)) return castExact(load<i64>(cell), <i32>scale, cell)
  return castMoment(from, cell)
}

function castMoment(from: u32, cell: usize): bool {
  if (from == DATE) {
    const days = <i64>load<i32>(cell)
    store<i64>(cell, days * MICROS_PER_DAY)
    return days > DAYS_MIN && days < DAYS_MAX
  }
  if (kind != DATE) return true
  const micros = load<i64>(cell)
  const days = micros / MICROS_PER_DAY
  store<i32>(cell, <i32>(days - i64(micros < days * MICROS_PER_DAY)))
  return true
}

// ------------------------------------------------------------------ texts that stay
// Whole numbers that floats are written with all digits of.
const FLOAT_MAX: i64 = 999_999_999_999_999

// Whether the text of each element stays as it is.
function keepsText(from: u32): bool {
  if (kind == TEXT) return from < TEXT && from != BOOL
  if (from != INTEGER32 && from != INTEGER64) return false
  return kind == INTEGER32 || kind == INTEGER64 || kind == NUMERIC || kind == FLOAT8
}

// The array with another key for each element; false: one of them has another text.
let rekeyedEnd: usize = 0
function putKeys(view: i64, from: u32, count: u32, target: usize): bool {
  const isRead = kind != TEXT && kind != NUMERIC
  const width = keyWidth(from)
  let at = start(view)
  let text = isRead ? 0 : firstBrace(view)
  let key = target
  for (; count > 0; count--) {
    if (!isRead) while (load<u8>(text) == OPEN || load<u8>(text) == CLOSE || load<u8>(text) == COMMA) text++
    const textStop = isRead ? text : elementTextEnd(text)
    store<u8>(key, load<u8>(at))
    if (load<u8>(at) == NULL_ELEMENT) key++
    else if (kind == NUMERIC) key = putNumber(text, textStop, key + 1)
    else if (kind == TEXT) {
      const quotes = usize(load<u8>(text) == QUOTE)
      key = putTextKey(<u64>viewOf(text + quotes, <u32>(textStop - text - 2 * quotes)), key + 1)
    } else {
      const value = from == INTEGER32
        ? <i64><i32>(bswap(load<u32>(at, 1)) ^ 0x80000000)
        : <i64>(bswap(load<u64>(at, 1)) ^ 0x8000000000000000)
      if (kind == FLOAT8) {
        if (value > FLOAT_MAX || value < -FLOAT_MAX) return false
        key = putDouble(<f64>value, key + 1)
      } else {
        if (value < least || value > most) return false
        if (kind == INTEGER32) key = putWord(<u32>value ^ 0x80000000, key + 1)
        else {
          store<u64>(key, bswap(<u64>value ^ 0x8000000000000000), 1)
          key += 9
        }
      }
    }
    at = elementEnd(from, width, at)
    text = textStop
  }
  rekeyedEnd = put(key, at, <u32>(keyEnd(view) - at))
  return true
}

// ------------------------------------------------------------------ arrays
// Whether there is one dimension from 1 on.
function isList(view: i64): bool {
  return dimensionsOf(view) == 1 && !hasBounds(view)
}

// An array of elements of a kind as one of another kind. Takes 80 bytes for each, three for each byte of the array and 128 more;
// `cell`: two words for lanes.
export function arrayCast(
  view: i64, from: u32, scale: u32, toKind: u32, toPlaces: u32, low: i64, high: i64, cell: usize, target: usize,
): i64 {
  if (size(view) == 0) return emptyArray()
  const count = elementsOf(view)
  if (count == 0) return emptyArray()
  takeKind(toKind, toPlaces, low, high)
  const keeps = isBare(view) ? kind != TEXT && kind != NUMERIC : !(isList(view) && keysTell(kind))
  if (keeps && keepsText(from) && putKeys(view, from, count, target)) {
    const to = put(rekeyedEnd, keyEnd(view), <u32>(textEnd(view) - keyEnd(view)))
    store<u32>(to, <u32>(rekeyedEnd - target))
    return written(target, to + 4)
  }
  return putElements(view, from, scale, count, cell, target)
}

// The texts of an array with so many characters at most; `keeps`: only blanks are cut off. Takes as much as arrayCast.
export function arrayCut(view: i64, characters: i32, keeps: i32, cell: usize, target: usize): i64 {
  const count = size(view) == 0 ? 0 : elementsOf(view)
  if (count == 0) return emptyArray()
  if (characters < 0) return ELSEWHERE
  takeKind(TEXT, 0, 0, 0)
  charactersMax = characters
  keepsAll = keeps != 0
  return putElements(view, TEXT, 0, count, cell, target)
}

// Each element as the one of the new kind.
function putElements(view: i64, from: u32, scale: u32, count: u32, cell: usize, target: usize): i64 {
  if (keysTell(kind) && isList(view)) {
    const made = putBare(view, from, scale, count, cell, target)
    if (made != 0) return made
  }
  const width = keyWidth(from)
  const bare = isBare(view)
  let at = start(view)
  let text = bare ? NO_TEXT : firstBrace(view)
  let key = target
  const first = target + <usize>count * KEY_BYTES + <usize>size(view) + COPIED_PAST
  let to = bare ? first : put(first, keyEnd(view), <u32>(text - keyEnd(view)))
  for (let number: u32 = 0; number < count; number++) {
    if (bare) store<u8>(to++, number == 0 ? <u8>OPEN : <u8>COMMA)
    else for (let c = load<u8>(text); c == OPEN || c == CLOSE || c == COMMA; c = load<u8>(++text)) store<u8>(to++, c)
    const none = load<u8>(at) == NULL_ELEMENT
    const textStop = bare ? text : elementTextEnd(text)
    if (!none && !castElement(from, scale, at, text, textStop, cell)) return ELSEWHERE
    const shown = to
    to = putCell(kind, places, cell, none, to)
    key = putCellKey(kind, cell, none, shown, to, key)
    at = elementEnd(from, width, at)
    text = textStop
  }
  if (bare) store<u8>(to++, <u8>CLOSE)
  else to = put(to, text, <u32>(textEnd(view) - text))
  key = put(key, at, <u32>(keyEnd(view) - at))
  return written(target, putTogether(target, key, first, to))
}

// The same of a list, of which no texts are made; 0: one of them is a zero with a sign.
function putBare(view: i64, from: u32, scale: u32, count: u32, cell: usize, target: usize): i64 {
  const width = keyWidth(from)
  const bare = isBare(view)
  let at = start(view)
  let text = bare ? NO_TEXT : firstBrace(view) + 1
  let key = target
  for (let left = count; left > 0; left--) {
    const none = load<u8>(at) == NULL_ELEMENT
    const textStop = bare ? text : elementTextEnd(text)
    if (!none) {
      if (!castElement(from, scale, at, text, textStop, cell)) return ELSEWHERE
      if (isSignedZero(kind, cell)) return 0
    }
    key = putCellKey(kind, cell, none, 0, 0, key)
    at = elementEnd(from, width, at)
    if (!bare) text = textStop + 1
  }
  return endBare(target, count, key)
}

// @ts-ignore: decorator
@inline
function isSpace(c: u32): bool {
  return c == 32 || c - 9 < 5
}

function pastSpaces(at: usize, end: usize): usize {
  while (at < end && isSpace(load<u8>(at))) at++
  return at
}

// Where the element that was read ends.
let elementStop: usize = 0

// Reads an element up to what ends it, without its quotes and backslashes, to an address; -1: it is NULL, -2: it is malformed.
function readElement(at: usize, end: usize, to: usize): i32 {
  const from = to
  const quoted = load<u8>(at) == QUOTE
  if (quoted) at++
  let escaped = false
  let kept = to
  for (; at < end; at++) {
    const c = <u32>load<u8>(at)
    if (c == QUOTE) {
      if (!quoted) return -2
      elementStop = at + 1
      return <i32>(to - from)
    }
    if (!quoted && (c == COMMA || c == CLOSE)) break
    if (!quoted && c == OPEN) return -2
    if (c == BACKSLASH) {
      if (++at >= end) return -2
      escaped = true
    }
    store<u8>(to++, load<u8>(at))
    if (c == BACKSLASH || !isSpace(c)) kept = to
  }
  if (quoted || at >= end || kept == from) return -2
  elementStop = at
  return !escaped && kept - from == 4 && (load<u32>(from) | 0x20202020) == 0x6c6c756e ? -1 : <i32>(kept - from)
}

// The array of one dimension from 1 on that a text says. Takes 60 bytes for each byte of the text and 128 more; `cell`: two words
// for lanes.
export function arrayOfText(text: i64, toKind: u32, toPlaces: u32, low: i64, high: i64, cell: usize, target: usize): i64 {
  takeKind(toKind, toPlaces, low, high)
  if (keysTell(toKind)) {
    const made = putText(text, true, cell, target)
    if (made != 0) return made
  }
  return putText(text, false, cell, target)
}

// With or without a text of its own; 0: it has to have one.
function putText(text: i64, isTold: bool, cell: usize, target: usize): i64 {
  const end = start(text) + size(text)
  let at = pastSpaces(start(text), end)
  if (at >= end || load<u8>(at) != OPEN) return ELSEWHERE
  at = pastSpaces(at + 1, end)
  if (at < end && load<u8>(at) == CLOSE) return pastSpaces(at + 1, end) == end ? emptyArray() : ELSEWHERE
  // Each element has a byte that ends it; what it says is read to where its key will be.
  const first = target + (<usize>size(text) >> 1) * KEY_BYTES + <usize>size(text) + ONE_DIMENSION_BYTES + 2 * COPIED_PAST
  let key = target
  let to = first
  let count: u32 = 0
  while (at < end) {
    const bytes = readElement(at, end, key + 1)
    const none = bytes == -1
    if (bytes < -1 || (!none && !castText(viewOf(key + 1, <u32>bytes), cell))) return ELSEWHERE
    count++
    if (isTold) {
      if (!none && isSignedZero(kind, cell)) return 0
      key = putCellKey(kind, cell, none, 0, 0, key)
    } else {
      const shown = putByte(count == 1 ? OPEN : COMMA, to)
      to = putCell(kind, places, cell, none, shown)
      key = putCellKey(kind, cell, none, shown, to, key)
    }
    at = pastSpaces(elementStop, end)
    if (at >= end) return ELSEWHERE
    const c = <u32>load<u8>(at)
    at = pastSpaces(at + 1, end)
    if (c == CLOSE) {
      if (at < end) return ELSEWHERE
      if (isTold) return endBare(target, count, key)
      store<u8>(to++, <u8>CLOSE)
      return written(target, putTogether(target, putOneDimension(count, key), first, to))
    }
    if (c != COMMA) return ELSEWHERE
  }
  return ELSEWHERE
}
