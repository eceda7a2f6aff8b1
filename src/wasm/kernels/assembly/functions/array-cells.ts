// Values in cells as elements of arrays.
import { putMember } from '../collect'
import { putInteger } from '../digits'
import { isWide } from '../numeric'
import { putByte, putKey, putWord } from '../value-keys'
import { INTEGER32, NUMERIC } from '../value-text'
import { NULL_ELEMENT } from './array-parts'

const ELEMENT: u32 = 1
// "NULL"
const NULL_TEXT: u32 = 0x4c4c554e

// Whether a value of a cell has bytes of its own, of which nobody knows how many they are.
// @ts-ignore: decorator
@inline
export function isLong(kind: u32, cell: usize): bool {
  return kind == NUMERIC && isWide(load<i64>(cell, 8))
}

// The text of a cell's value as an element.
export function putCell(kind: u32, places: u32, cell: usize, isNone: bool, to: usize): usize {
  if (!isNone) {
    if (kind == INTEGER32) return putInteger(<i64>load<i32>(cell), to)
    return putMember(kind, places, cell, to)
  }
  store<u32>(to, NULL_TEXT)
  return to + 4
}

// The key of it, given its text.
export function putCellKey(kind: u32, cell: usize, isNone: bool, text: usize, textEnd: usize, to: usize): usize {
  if (isNone) return putByte(NULL_ELEMENT, to)
  if (kind == INTEGER32) return putWord(load<u32>(cell) ^ 0x80000000, putByte(ELEMENT, to))
  return putKey(kind, cell, text, textEnd, putByte(ELEMENT, to))
}
