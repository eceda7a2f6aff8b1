// Sets of values in memory, which rows are looked up in. Slots are a power of two, at least twice as
// many as there are members, so that there is always a free one.
import { K0, mix } from './mix'
import { intervalHash, intervalOrder } from './intervals'
import { numericHash, numericOrder } from './numeric'
import { textEqual, textHash } from './rows'

// ------------------------------------------------------------------ values of one word
// u32 slots - 1, u32 address of bits; i64 what stands in a free slot and is no member; i64 the least member; i64 how many numbers
// from it on have a bit, 0 where bits are of hashes; u32 hashed bits - 1, 4 bytes; i64 each slot.
const BITS: usize = 4
const FREE: usize = 8
const LEAST: usize = 16
const SPAN: usize = 24
const BITS_MASK: usize = 32
const WORD_SLOTS: usize = 40

@inline function wordHash(word: i64): u32 {
  return <u32>((<u64>word * K0) >> 32)
}

export function wordSetEnter(set: usize, words: usize, count: u32): void {
  const mask = load<u32>(set)
  const free = load<i64>(set, FREE)
  const bits = <usize>load<u32>(set, BITS)
  const span = load<i64>(set, SPAN)
  for (let i: u32 = 0; i < count; i++) {
    const word = load<i64>(words + (<usize>i << 3))
    const hash = wordHash(word)
    const bit = span != 0 ? <u32>(word - load<i64>(set, LEAST)) : hash & load<u32>(set, BITS_MASK)
    const byte = bits + (bit >> 3)
    store<u8>(byte, <u8>(<u32>load<u8>(byte) | ((<u32>1) << (bit & 7))))
    let slot = hash & mask
    for (;;) {
      const at = set + WORD_SLOTS + (<usize>slot << 3)
      const found = load<i64>(at)
      if (found == word) break
      if (found == free) {
        store<i64>(at, word)
        break
      }
      slot = (slot + 1) & mask
    }
  }
}

export function wordSetHas(set: usize, word: i64): i32 {
  const mask = load<u32>(set)
  const free = load<i64>(set, FREE)
  let slot = wordHash(word) & mask
  let found = load<i64>(set + WORD_SLOTS + (<usize>slot << 3))
  while (found != word && found != free) {
    slot = (slot + 1) & mask
    found = load<i64>(set + WORD_SLOTS + (<usize>slot << 3))
  }
  return i32(found != free)
}

// ------------------------------------------------------------------ values of two words, and texts
// u32 slots - 1, u32 address of the members, 16 bytes each; then a u64 each slot: the upper half of the
// hash, and 1 + the number of the member; 0 where it is free.
const MEMBERS: usize = 4
const PAIR_SLOTS: usize = 8

const PAIR: u32 = 0
const TEXT: u32 = 1
const NUMERIC: u32 = 2
const INTERVAL: u32 = 3

@inline function hashOf(kind: u32, first: u64, second: i64): u64 {
  if (kind == TEXT) return textHash(first)
  if (kind == NUMERIC) return numericHash(first, second)
  if (kind == INTERVAL) return intervalHash(<i64>first, second)
  return mix(first, <u64>second)
}

@inline function same(kind: u32, a: u64, b: i64, member: usize): bool {
  const first = load<u64>(member)
  if (kind == TEXT) return textEqual(a, first) != 0
  const second = load<i64>(member, 8)
  if (kind == NUMERIC) return numericOrder(a, b, first, second) == 0
  if (kind == INTERVAL) return intervalOrder(<i64>a, b, <i64>first, second) == 0
  return a == first && b == second
}

// The slot of an equal member, else the free one where it belongs.
@inline function find(set: usize, kind: u32, first: u64, second: i64, hash: u64): usize {
  const mask = load<u32>(set)
  const members = <usize>load<u32>(set, MEMBERS)
  let slot = <u32>hash & mask
  let at = set + PAIR_SLOTS + (<usize>slot << 3)
  let found = load<u64>(at)
  while (found != 0) {
    if (found >> 32 == hash >> 32) {
      if (same(kind, first, second, members + (<usize>(<u32>found - 1) << 4))) break
    }
    slot = (slot + 1) & mask
    at = set + PAIR_SLOTS + (<usize>slot << 3)
    found = load<u64>(at)
  }
  return at
}

export function pairSetEnter(set: usize, kind: u32, from: u32, to: u32): void {
  const members = <usize>load<u32>(set, MEMBERS)
  for (let i = from; i < to; i++) {
    const first = load<u64>(members + (<usize>i << 4))
    const second = load<i64>(members + (<usize>i << 4), 8)
    const hash = hashOf(kind, first, second)
    const at = find(set, kind, first, second, hash)
    if (load<u64>(at) == 0) store<u64>(at, ((hash >> 32) << 32) | <u64>(i + 1))
  }
}

export function pairSetHas(set: usize, first: u64, second: i64): i32 {
  return i32(load<u64>(find(set, PAIR, first, second, hashOf(PAIR, first, second))) != 0)
}

export function textSetHas(set: usize, view: u64): i32 {
  return i32(load<u64>(find(set, TEXT, view, 0, textHash(view))) != 0)
}

export function numericSetHas(set: usize, first: u64, second: i64): i32 {
  return i32(load<u64>(find(set, NUMERIC, first, second, numericHash(first, second))) != 0)
}

export function intervalSetHas(set: usize, first: u64, second: i64): i32 {
  return i32(load<u64>(find(set, INTERVAL, first, second, intervalHash(<i64>first, second))) != 0)
}
