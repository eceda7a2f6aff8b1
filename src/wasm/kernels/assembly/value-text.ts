// The text of values as PostgreSQL's output functions give it, and as JSON has it. Kinds of values are those of
// value-kinds.ts; a column that rows have is four words: its kind, the offset of its lanes, that of the byte that
// says whether there is a value (-1: always), and digits behind the point.
import { isSpecialNumeric, numericBytes, putDecimal, putNumeric } from './decimal-text'
import { putHex, putInteger } from './digits'
import { FLOAT_BYTES, putFloat } from './float-text'
import { INTERVAL_BYTES, putDate, putInterval, putTime, putTimestamp } from './moment-text'

export const INTEGER32: u32 = 0
export const INTEGER64: u32 = 1
export const DECIMAL64: u32 = 2
export const DECIMAL128: u32 = 3
export const NUMERIC: u32 = 4
export const FLOAT4: u32 = 5
export const FLOAT8: u32 = 6
const OID: u32 = 7
export const BOOL: u32 = 8
export const DATE: u32 = 9
export const TIME: u32 = 10
export const TIMESTAMP: u32 = 11
export const TIMESTAMPTZ: u32 = 12
export const UUID: u32 = 13
export const INTERVAL: u32 = 14
export const TEXT: u32 = 15
export const KEYED: u32 = 16
export const JSON: u32 = 17
export const JSONB: u32 = 18

const QUOTE: u32 = 34
const BACKSLASH: u32 = 92

export const COLUMN_BYTES: usize = 16
@inline export function kindOf(column: usize): u32 {
  return load<u32>(column)
}
@inline export function valueAt(column: usize, row: usize): usize {
  return row + <usize>load<u32>(column, 4)
}
@inline export function isNull(column: usize, row: usize): bool {
  const valid = load<i32>(column, 8)
  return valid >= 0 && load<u8>(row + <usize>valid) == 0
}
@inline export function placesOf(column: usize): u32 {
  return load<u32>(column, 12)
}

// Whether the kind's values are numbers to JSON: those that are not finite are strings there.
@inline export function isNumber(kind: u32): bool {
  return kind <= FLOAT8
}
@inline export function isFloat(kind: u32): bool {
  return kind == FLOAT4 || kind == FLOAT8
}
// Whether a number is finite.
@inline export function isFiniteAt(kind: u32, at: usize): bool {
  if (kind == NUMERIC) return !isSpecialNumeric(load<u64>(at), load<i64>(at, 8))
  return !isFloat(kind) || isFinite(floatAt(kind, at))
}
@inline export function floatAt(kind: u32, at: usize): f64 {
  return kind == FLOAT4 ? <f64>load<f32>(at) : load<f64>(at)
}

// What a value of bytes says: of a keyed one (data/types/sort-key.ts) without its key.
export function textOf(kind: u32, at: usize): u64 {
  const view = load<u64>(at)
  if (kind != KEYED && kind != JSONB) return view
  const bytes = <u32>(view >> 32)
  if (bytes == 0) return view
  const start = <u32>view
  const key = load<u32>(<usize>start + bytes - 4)
  return (<u64>(bytes - key - 4) << 32) | <u64>(start + key)
}

// ------------------------------------------------------------------ any value of fixed width
@inline function putUuid(at: usize, to: usize): usize {
  return putUuidParts(load<u64>(at, 8) ^ 0x8000000000000000, load<u64>(at), to)
}

export function putUuidParts(upper: u64, lower: u64, to: usize): usize {
  to = putHex(upper >> 32, 8, to)
  store<u8>(to++, 45)
  to = putHex(upper >> 16, 4, to)
  store<u8>(to++, 45)
  to = putHex(upper, 4, to)
  store<u8>(to++, 45)
  to = putHex(lower >> 48, 4, to)
  store<u8>(to++, 45)
  return putHex(lower, 12, to)
}

// Writes a value that is no bytes; booleans and timestamps look different in JSON.
export function putFixed(kind: u32, places: u32, at: usize, isJson: bool, to: usize): usize {
  if (kind == INTEGER32) return putInteger(<i64>load<i32>(at), to)
  if (kind == INTEGER64 || kind == OID) return putInteger(load<i64>(at), to)
  if (kind == DECIMAL64) {
    const value = load<i64>(at)
    return putDecimal(<u64>value, value >> 63, places, to)
  }
  if (kind == DECIMAL128) return putDecimal(load<u64>(at), load<i64>(at, 8), places, to)
  if (kind == NUMERIC) return putNumeric(load<u64>(at), load<i64>(at, 8), to)
  if (isFloat(kind)) return putFloat(floatAt(kind, at), kind == FLOAT4, to)
  if (kind == BOOL) return putBool(load<i32>(at) != 0, isJson, to)
  if (kind == DATE) return putDate(load<i32>(at), to)
  if (kind == TIME) return putTime(load<i64>(at), to)
  if (kind == UUID) return putUuid(at, to)
  if (kind == INTERVAL) return putInterval(load<i64>(at), load<i64>(at, 8), to)
  return putTimestamp(load<i64>(at), kind == TIMESTAMPTZ, isJson, to)
}

function putBool(value: bool, isJson: bool, to: usize): usize {
  if (!isJson) {
    store<u8>(to, value ? 116 : 102)
    return to + 1
  }
  // "true", "fals" and "e"
  store<u32>(to, value ? 0x65757274 : 0x736c6166)
  store<u8>(to, 101, 4)
  return to + (value ? 4 : 5)
}

// Bytes that the text of a value of fixed width has at most; all but a numeric of the kind are alike.
export function fixedBytes(kind: u32, at: usize): u32 {
  if (kind == INTEGER32) return 11
  if (kind == INTEGER64 || kind == OID) return 20
  if (kind == DECIMAL64) return 22
  if (kind == DECIMAL128) return 44
  if (kind == NUMERIC) return numericBytes(load<u64>(at), load<i64>(at, 8))
  if (isFloat(kind)) return FLOAT_BYTES
  if (kind == BOOL) return 5
  if (kind == DATE) return 20
  if (kind == TIME) return 15
  if (kind == UUID) return 36
  if (kind == INTERVAL) return INTERVAL_BYTES
  return 44
}

// ------------------------------------------------------------------ bytes
// Copies bytes; as many as COPIED_PAST bytes behind the target may be spoilt.
export const COPIED_PAST: u32 = 16
@inline export function copyBytes(to: usize, from: usize, bytes: usize): void {
  // The instruction costs more than most texts are long.
  if (bytes <= 16) v128.store(to, v128.load(from))
  else if (bytes > 128) memory.copy(to, from, bytes)
  else for (let at: usize = 0; at < bytes; at += 16) v128.store(to + at, v128.load(from + at))
}

// ------------------------------------------------------------------ quotes
// Commas, braces and blanks.
@inline function separating(block: v128): v128 {
  const braces = v128.or(i8x16.eq(block, i8x16.splat(123)), i8x16.eq(block, i8x16.splat(125)))
  const blanks = v128.or(
    i8x16.eq(block, i8x16.splat(32)), i8x16.le_u(i8x16.sub(block, i8x16.splat(9)), i8x16.splat(4)),
  )
  return v128.or(v128.or(braces, blanks), i8x16.eq(block, i8x16.splat(44)))
}

// How many bytes a text takes as an element of an array.
export function elementBytes(view: u64): u32 {
  const bytes = <u32>(view >> 32)
  const start = <usize>(<u32>view)
  if (bytes == 0) return 2
  const end = start + <usize>bytes
  let escapes: u32 = 0
  let special: u32 = 0
  for (let p = start; p < end; p += 16) {
    const block = v128.load(p)
    const marks = v128.or(i8x16.eq(block, i8x16.splat(34)), i8x16.eq(block, i8x16.splat(92)))
    const left = <u32>(end - p)
    const mask: u32 = left < 16 ? (1 << left) - 1 : 0xffff
    escapes += <u32>popcnt(<u32>i8x16.bitmask(marks) & mask)
    special |= <u32>i8x16.bitmask(separating(block)) & mask
  }
  if (escapes != 0 || special != 0 || isNullWord(start, bytes)) return bytes + escapes + 2
  return bytes
}

@inline function isNullWord(start: usize, bytes: u32): bool {
  return bytes == 4 && (load<u32>(start) | 0x20202020) == 0x6c6c756e
}

// Writes it, given what elementBytes says.
export function putElement(view: u64, bytes: u32, to: usize): usize {
  const length = <u32>(view >> 32)
  const start = <usize>(<u32>view)
  if (bytes == length) {
    copyBytes(to, start, <usize>length)
    return to + <usize>length
  }
  store<u8>(to++, <u8>QUOTE)
  if (bytes == length + 2) {
    copyBytes(to, start, <usize>length)
    to += <usize>length
  } else {
    for (let i: usize = 0; i < <usize>length; i++) {
      const c = <u32>load<u8>(start + i)
      if (c == QUOTE || c == BACKSLASH) store<u8>(to++, <u8>BACKSLASH)
      store<u8>(to++, <u8>c)
    }
  }
  store<u8>(to, <u8>QUOTE)
  return to + 1
}

// Which of 16 bytes JSON writes otherwise.
@inline function escapesIn(block: v128): i32 {
  const plain = v128.or(
    i8x16.eq(block, i8x16.splat(34)),
    v128.or(i8x16.eq(block, i8x16.splat(92)), i8x16.lt_u(block, i8x16.splat(32))),
  )
  return i8x16.bitmask(plain)
}

// The letter that stands for a character behind a backslash; 0: four digits do.
@inline function escapeLetter(c: u32): u32 {
  if (c == QUOTE || c == BACKSLASH) return c
  if (c == 8) return 98
  if (c == 9) return 116
  if (c == 10) return 110
  if (c == 12) return 102
  return c == 13 ? 114 : 0
}

// A byte of a text within a string of JSON.
export function putCharacter(c: u32, to: usize): usize {
  if (c >= 32 && c != QUOTE && c != BACKSLASH) {
    store<u8>(to, <u8>c)
    return to + 1
  }
  const letter = escapeLetter(c)
  store<u8>(to++, <u8>BACKSLASH)
  if (letter != 0) {
    store<u8>(to, <u8>letter)
    return to + 1
  }
  // "u00"
  store<u8>(to, 117)
  store<u16>(to, 0x3030, 1)
  return putHex(<u64>c, 2, to + 3)
}

// How many bytes a text takes as a string of JSON.
export function stringBytes(view: u64): u64 {
  const bytes = <u32>(view >> 32)
  const start = <usize>(<u32>view)
  const end = start + <usize>bytes
  let count = <u64>bytes + 2
  for (let p = start; p < end; p += 16) {
    let escapes = <u32>escapesIn(v128.load(p))
    if (end - p < 16) escapes &= (1 << <u32>(end - p)) - 1
    for (; escapes != 0; escapes &= escapes - 1) {
      count += escapeLetter(load<u8>(p + <usize>ctz(escapes))) == 0 ? 5 : 1
    }
  }
  return count
}

// Writes it, given what stringBytes says.
export function putString(view: u64, bytes: u64, to: usize): usize {
  const length = <u32>(view >> 32)
  let p = <usize>(<u32>view)
  const end = p + <usize>length
  store<u8>(to++, <u8>QUOTE)
  if (bytes == <u64>length + 2) {
    copyBytes(to, p, <usize>length)
    to += <usize>length
  } else {
    for (; p < end; p++) to = putCharacter(<u32>load<u8>(p), to)
  }
  store<u8>(to, <u8>QUOTE)
  return to + 1
}

@inline export function isVerbatim(kind: u32): bool {
  return kind >= JSON
}
