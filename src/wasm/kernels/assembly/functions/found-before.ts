// Results that were found before, for functions that take longer than looking them up: a table of KNOWN_BYTES that is a
// call's own on its thread, 0 at first. Rates, shares and prices have few values. Where values rarely come again, looking
// them up ends.

// How much time a result that is known saves, as so many times what looking for it costs, and how much may be lost.
const SAVED: i64 = 8
const LOST_MAX: i64 = 4096

const ENTRIES: usize = 16
const SLOT_BITS: u64 = 8

// The entry of a numeric, or 0 where nothing is looked up: its two words, then those of the result.
@inline export function entryOf(known: usize, lower: u64, upper: i64): usize {
  if (load<i64>(known) < -LOST_MAX || (lower | <u64>upper) == 0) return 0
  const mixed = (lower ^ (<u64>upper << 7)) * 0x9e37_79b9_7f4a_7c15
  return known + ENTRIES + (<usize>(mixed >> (64 - SLOT_BITS)) << 5)
}

// Stores what is known; false: nothing is.
@inline export function takeKnown(target: usize, known: usize, entry: usize, lower: u64, upper: i64): bool {
  const balance = load<i64>(known)
  if (load<u64>(entry) != lower || load<i64>(entry, 8) != upper) {
    store<i64>(known, balance - 1)
    return false
  }
  store<i64>(known, balance + SAVED)
  v128.store(target, v128.load(entry, 16))
  return true
}

@inline export function keepFound(entry: usize, lower: u64, upper: i64, target: usize): void {
  store<u64>(entry, lower)
  store<i64>(entry, upper, 8)
  v128.store(entry, v128.load(target), 16)
}
