// What kernels that write jsonb share.
import { JSON_ARRAY, putByte, putWord } from '../value-keys'
import { keyEnd } from './array-parts'
import { put, start, viewOf } from './views'

// Bytes of the key of an array or object in front of its items: its kind, and how many they are.
export const HEAD_BYTES: usize = 5
// ", "
export const BETWEEN: u16 = 0x202c
// ": "
export const BEHIND_NAME: u16 = 0x203a
// An array of no items that is all of a value: its key, its text, the key's length.
const EMPTY: usize = memory.data<u8>([0, 0x5b, 0x5d, 1, 0, 0, 0])
// @ts-ignore: decorator
@inline
export function emptyList(): i64 {
  return viewOf(EMPTY, 7)
}

// @ts-ignore: decorator
@inline
export function putPair(pair: u16, to: usize): usize {
  store<u16>(to, pair)
  return to + 2
}

// The key of a value as that of an item.
export function putItem(view: i64, to: usize): usize {
  const from = start(view)
  if (load<u8>(from) == 0) return putWord(0, putByte(JSON_ARRAY, to))
  return put(to, from, <u32>(keyEnd(view) - from))
}

// Names in the order of members: shorter ones first.
export function compareBytes(a: usize, aBytes: u32, b: usize, bBytes: u32): i32 {
  if (aBytes != bBytes) return aBytes < bBytes ? -1 : 1
  return memory.compare(a, b, aBytes)
}
