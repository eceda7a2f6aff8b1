// Arrays without their text (data/types/bare-list.ts): of one dimension, from 1 on, with elements whose keys tell their texts. A key,
// with the length and the lower bound at its end, and its length are all that there is. Texts are made where they are asked for.
import { putInteger } from './digits'
import { putFloat } from './float-text'
import { isBefore, putDate, putTime, putTimestamp } from './moment-text'
import { isExact, keyWidth } from './value-keys'
import {
  BOOL, copyBytes, DATE, elementBytes, FLOAT4, INTEGER32, INTERVAL, isFloat, putElement, putUuidParts, TEXT, TIME, TIMESTAMP, TIMESTAMPTZ,
  UUID,
} from './value-text'

const NULL_ELEMENT: u32 = 2
const QUOTE: u32 = 34
const COMMA: u32 = 44
const OPEN: u32 = 123
const CLOSE: u32 = 125
// A zero and how many dimensions there are, a length and a lower bound.
const END_BYTES: usize = 10

// Whether keys of elements of a kind tell their texts, but for the sign of a zero.
// @ts-ignore: decorator
@inline
export function keysTell(kind: u32): bool {
  return kind <= TEXT && kind != INTERVAL && !isExact(kind)
}

// Whether the value of a cell is a zero with a sign, which no key tells.
// @ts-ignore: decorator
@inline
export function isSignedZero(kind: u32, cell: usize): bool {
  if (kind == FLOAT4) return load<u32>(cell) == 0x80000000
  return isFloat(kind) && load<u64>(cell) == 0x8000000000000000
}

// Whether an array, which is not of no bytes, has no text.
// @ts-ignore: decorator
@inline
export function isBareAt(start: usize, bytes: u32): bool {
  return load<u32>(start + bytes - 4) == bytes - 4
}

// Ends an array of so many elements, whose keys end at an address; gives the end.
// @ts-ignore: decorator
@inline
export function endBareAt(target: usize, count: u32, key: usize): usize {
  store<u16>(key, 0x0100)
  store<u32>(key, bswap(count), 2)
  store<u32>(key, 0x01000080, 6)
  store<u32>(key, <u32>(key - target) + <u32>END_BYTES, 10)
  return key + END_BYTES + 4
}

// The zero behind the text that a key begins with.
function textStop(at: usize): usize {
  while (true) {
    const zeros = <u32>i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(0)))
    if (zeros != 0) return at + <usize>ctz(zeros)
    at += 16
  }
  return at
}

@inline function doubleOf(bits: u64): f64 {
  return reinterpret<f64>(bits >> 63 != 0 ? bits ^ 0x8000000000000000 : ~bits)
}

// The text of an element whose key, behind its mark, is at an address.
export function putShown(kind: u32, at: usize, to: usize): usize {
  if (kind == INTEGER32) return putInteger(<i64><i32>(bswap(load<u32>(at)) ^ 0x80000000), to)
  if (kind == DATE) return putDate(<i32>(bswap(load<u32>(at)) ^ 0x80000000), to)
  if (kind == BOOL) {
    store<u8>(to, load<u8>(at) != 0 ? 116 : 102)
    return to + 1
  }
  if (kind == TEXT) {
    const bytes = textStop(at) - at
    copyBytes(to, at, bytes)
    return to + bytes
  }
  const bits = bswap(load<u64>(at))
  if (kind == UUID) return putUuidParts(bits, bswap(load<u64>(at, 8)), to)
  if (isFloat(kind)) return putFloat(doubleOf(bits), kind == FLOAT4, to)
  const value = <i64>(bits ^ 0x8000000000000000)
  if (kind == TIME) return putTime(value, to)
  if (kind == TIMESTAMP || kind == TIMESTAMPTZ) return putTimestamp(value, kind == TIMESTAMPTZ, false, to)
  return putInteger(value, to)
}

// The same as an array has it.
function putListed(kind: u32, at: usize, to: usize): usize {
  if (kind == TEXT) {
    const view = (<u64>(textStop(at) - at) << 32) | <u64>at
    return putElement(view, elementBytes(view), to)
  }
  const isQuoted = kind == TIMESTAMP || kind == TIMESTAMPTZ
    || (kind == DATE && isBefore(<i32>(bswap(load<u32>(at)) ^ 0x80000000)))
  if (!isQuoted) return putShown(kind, at, to)
  store<u8>(to, <u8>QUOTE)
  to = putShown(kind, at, to + 1)
  store<u8>(to, <u8>QUOTE)
  return to + 1
}

// How many bytes a text takes at most for each of the array's.
export const TEXT_FACTOR: u64 = 6

// The text of such an array, with elements of a kind.
export function putListText(kind: u32, start: usize, bytes: u32, to: usize): usize {
  const width = keyWidth(kind)
  const end = start + bytes - END_BYTES - 4
  let mark = OPEN
  for (let at = start; at < end; mark = COMMA) {
    store<u8>(to++, <u8>mark)
    if (load<u8>(at) == NULL_ELEMENT) {
      // "NULL"
      store<u32>(to, 0x4c4c554e)
      to += 4
      at++
      continue
    }
    to = putListed(kind, at + 1, to)
    at = width == 0 ? textStop(at + 1) + 1 : at + 1 + width
  }
  store<u8>(to, <u8>CLOSE)
  return to + 1
}
