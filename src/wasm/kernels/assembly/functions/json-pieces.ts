// Items of arrays, names and values of objects, as arrays of texts or of json. Both json and the text of a jsonb are read as
// texts that are well formed.
import { endBareAt } from '../bare-lists'
import { putTogether } from '../collect'
import { decodeString } from '../json-text'
import { putByte } from '../value-keys'
import { elementBytes, putElement } from '../value-text'
import { emptyArray, keyEnd, NULL_ELEMENT, putOneDimension } from './array-parts'
import { stringEnd, valueEnd } from './json-parts'
import { CLOSE_LIST, CLOSE_OBJECT, COMMA, OPEN_LIST, OPEN_OBJECT, pastBlanks, QUOTE } from './json-scanning'
import { ELSEWHERE, put, size, start, viewOf, written } from './views'

// What is taken: the items of an array, the names or the values of an object.
const ITEMS: u32 = 0
const NAMES: u32 = 1

const ELEMENT: u32 = 1
const OPEN_BRACE: u32 = 123
const CLOSE_BRACE: u32 = 125

// Globals are each thread's own.
let key: usize = 0
let to: usize = 0

// Puts the element that [at, end) says; as text a string is what it says, and null is NULL. False leaves it to TypeScript.
// @ts-ignore: decorator
@inline
function putPiece(at: usize, end: usize, asText: bool): bool {
  const first = <u32>load<u8>(at)
  // Of the words only null begins with an n.
  if (asText && first == 110) {
    key = putByte(NULL_ELEMENT, key)
    return true
  }
  const from = putByte(ELEMENT, key)
  let behind: usize
  if (asText && first == QUOTE) {
    behind = decodeString(at + 1, end - 1, from, false)
    if (behind == 0) return false
  } else behind = put(from, at, <u32>(end - at))
  key = putByte(0, behind)
  // Lists of texts are without their own text.
  if (asText) return true
  const shown = <u64>viewOf(from, <u32>(behind - from))
  to = putElement(shown, elementBytes(shown), to)
  return true
}

// The pieces of a json, or of a jsonb. Takes six times its bytes, and 64 more, at most: a piece is in the key with two bytes,
// and in the text in quotes with each character twice.
export function jsonPieces(view: i64, what: u32, binary: i32, asText: i32, target: usize): i64 {
  if (size(view) == 0) return ELSEWHERE
  const end = binary != 0 ? start(view) + size(view) - 4 : start(view) + size(view)
  let at = pastBlanks(binary != 0 ? keyEnd(view) : start(view), end)
  if (at >= end || load<u8>(at) != (what == ITEMS ? OPEN_LIST : OPEN_OBJECT)) return ELSEWHERE
  at = pastBlanks(at + 1, end)
  const next = <u32>load<u8>(at)
  if (next == CLOSE_LIST || next == CLOSE_OBJECT) return emptyArray()
  const first = target + 2 * <usize>size(view) + ROOM_BEHIND
  let count: u32 = 0
  key = target
  to = putByte(OPEN_BRACE, first)
  while (true) {
    if (what != ITEMS) {
      const nameEnd = stringEnd(at)
      if (what == NAMES && !putPiece(at, nameEnd, true)) return ELSEWHERE
      // Behind the colon.
      at = pastBlanks(pastBlanks(nameEnd, end) + 1, end)
    }
    const last = valueEnd(at, end)
    if (what != NAMES && !putPiece(at, last, asText != 0)) return ELSEWHERE
    count++
    at = pastBlanks(last, end)
    if (load<u8>(at) != COMMA) break
    to = putByte(COMMA, to)
    at = pastBlanks(at + 1, end)
  }
  if (what == NAMES || asText != 0) return written(target, endBareAt(target, count, key))
  to = putByte(CLOSE_BRACE, to)
  return written(target, putTogether(target, putOneDimension(count, key), first, to))
}

// What the dimensions take, and what may be spoilt.
const ROOM_BEHIND: usize = 32
