// Ranks of the texts of a sort key that has few different ones: a table of them, found by their bytes, with a
// cache in front by where they lie, as values of a dictionary are read again and again from one place.
// A table is made empty by zeros: u32 texts in it, u32 unused, then the cache, then 16 bytes a slot: u64 view,
// u32 hash (0: free), u32 rank. Threads share a table whose ranks are known: entries of the cache are one word. They must
// seldom write it then, or they wait for each other's caches: it has places for eight times as many texts, two for each view.
import { textEqual, textHash } from './rows'

const TEXTS_MAX: u32 = 1_024
const TEXT_BYTES_MAX: u32 = 255
const CACHE_AT: usize = 8
const CACHE_BITS: u64 = 12
const SLOTS_AT: usize = CACHE_AT + 16 * (1 << 12)
const SLOTS: u32 = 4_096
const SLOT_BYTES: usize = 16
const VIEW_MASK: u64 = 0xff_ffff_ffff
const RANK_SHIFT: u64 = 40

// Whether another text may be noted: not once there were too many, or one too long to be looked up a row.
@inline export function takesTexts(table: usize): bool {
  return load<u32>(table) <= TEXTS_MAX
}

// The cache's two entries for a view: address, length in 8 bits, and behind them 1 + the rank; 0: none.
@inline function cached(table: usize, view: u64): usize {
  return table + CACHE_AT + <usize>(((view * 0x9e37_79b9_7f4a_7c15) >> (64 - CACHE_BITS)) << 4)
}

@inline function isOf(entry: u64, view: u64): bool {
  return (entry & VIEW_MASK) == view && entry != 0
}

// Enters 1 + the rank, or 1 while that is not known; of those before it the last one stays.
@inline function remember(entries: usize, view: u64, number: u64): void {
  store<u64>(entries, load<u64>(entries), 8)
  store<u64>(entries, view | (number << RANK_SHIFT))
}

@inline function slotAt(table: usize, at: u32): usize {
  return table + SLOTS_AT + <usize>(at & (SLOTS - 1)) * SLOT_BYTES
}

// The slot of the text, or the free one where it belongs.
function slotOf(table: usize, view: u64, hash: u32): usize {
  let at = hash
  let slot = slotAt(table, at)
  let known = load<u32>(slot, 8)
  while (known != 0 && (known != hash || !textEqual(load<u64>(slot), view))) {
    slot = slotAt(table, ++at)
    known = load<u32>(slot, 8)
  }
  return slot
}

@inline function hashOf(view: u64): u32 {
  return <u32>textHash(view) | 1
}

// Enters a text that is not there yet.
export function noteText(table: usize, view: u64): void {
  if (<u32>(view >> 32) > TEXT_BYTES_MAX) {
    store<u32>(table, TEXTS_MAX + 1)
    return
  }
  const entries = cached(table, view)
  if (isOf(load<u64>(entries), view) || isOf(load<u64>(entries, 8), view)) return
  const hash = hashOf(view)
  const slot = slotOf(table, view, hash)
  remember(entries, view, 1)
  if (load<u32>(slot, 8) != 0) return
  const texts = load<u32>(table) + 1
  store<u32>(table, texts)
  if (texts > TEXTS_MAX) return
  store<u64>(slot, view)
  store<u32>(slot, hash, 8)
}

// The rank of a text that is in the table.
export function rankOfText(table: usize, view: u64): u64 {
  const entries = cached(table, view)
  let found = load<u64>(entries)
  if (isOf(found, view)) return (found >> RANK_SHIFT) - 1
  found = load<u64>(entries, 8)
  if (isOf(found, view)) return (found >> RANK_SHIFT) - 1
  const rank = <u64>load<u32>(slotOf(table, view, hashOf(view)), 12)
  remember(entries, view, rank + 1)
  return rank
}
