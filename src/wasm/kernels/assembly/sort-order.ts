// Sorting rows of breakers: entries by their prefix, then ties by the whole keys.
import {
  DESCENDING, ENTRY_BYTES, fixedValue, isNull, KEY_BYTES, KIND_I128, KIND_INTERVAL,
  KIND_NUMERIC, KIND_SPAN, lowBits, NULLS_FIRST, textOfKey,
} from './sort'
import { intervalOrder } from './intervals'
import { numericOrder } from './numeric'
import { textOrder } from './rows'

@inline function move(target: usize, source: usize): void {
  v128.store(target, v128.load(source))
}

function insertionSort(entries: usize, count: u32): void {
  const end = entries + (<usize>count << 4)
  for (let at = entries + ENTRY_BYTES; at < end; at += ENTRY_BYTES) {
    const moving = v128.load(at)
    const prefix = load<u64>(at)
    let hole = at
    while (hole > entries && load<u64>(hole - ENTRY_BYTES) > prefix) {
      move(hole, hole - ENTRY_BYTES)
      hole -= ENTRY_BYTES
    }
    v128.store(hole, moving)
  }
}

const DIGIT_BITS: u32 = 8
const DIGITS: usize = 256
const SPLIT_BITS: u32 = 10
const SPLIT_ROWS_MIN: u32 = 32_768

// Sorts entries by the low `bits` of their prefix. `other` has room for as many; `counts` for 1024
// words at each of the depths of recursion. The result is in place.
export function sortRadix(entries: usize, other: usize, count: u32, bits: u32, counts: usize): void {
  if (count < 48) {
    insertionSort(entries, count)
    return
  }
  if (count < SPLIT_ROWS_MIN || bits <= SPLIT_BITS) {
    sortDigits(entries, other, count, bits, counts)
    return
  }
  splitEntries(entries, other, count, bits, counts)
  const shift = bits - SPLIT_BITS
  let start = <u32>other
  for (let b: usize = 0; b < <usize>1 << SPLIT_BITS; b++) {
    const stop = load<u32>(counts + (b << 2))
    const offset = <usize>(start - <u32>other)
    sortRadix(entries + offset, other + offset, (stop - start) >> 4, shift, counts + (<usize>4 << SPLIT_BITS))
    start = stop
  }
}

// Finds what comes to so many places, ascending numbers of entries: these lie there as if all entries were sorted by
// the low `bits` of their prefix, the others anywhere. Room as for sortRadix.
export function sortPlaces(
  entries: usize, other: usize, count: u32, bits: u32, counts: usize, places: usize, placeCount: u32,
): void {
  if (bits <= SPLIT_BITS) {
    sortRadix(entries, other, count, bits, counts)
    return
  }
  splitEntries(entries, other, count, bits, counts)
  const placesEnd = places + (<usize>placeCount << 2)
  let start = <u32>other
  for (let b: usize = 0; b < <usize>1 << SPLIT_BITS && places < placesEnd; b++) {
    const stop = load<u32>(counts + (b << 2))
    if (<u32>other + (load<u32>(places) << 4) < stop) {
      const offset = <usize>(start - <u32>other)
      const rest = counts + (<usize>4 << SPLIT_BITS)
      sortRadix(entries + offset, other + offset, (stop - start) >> 4, bits - SPLIT_BITS, rest)
      while (places < placesEnd && <u32>other + (load<u32>(places) << 4) < stop) places += 4
    }
    start = stop
  }
}

// Puts entries into buckets by the uppermost bits, which fit the cache; `counts` tells where each ends in `other`.
function splitEntries(entries: usize, other: usize, count: u32, bits: u32, counts: usize): void {
  const shift = <u64>(bits - SPLIT_BITS)
  const mask: u64 = (1 << SPLIT_BITS) - 1
  const end = entries + (<usize>count << 4)
  memory.fill(counts, 0, <usize>4 << SPLIT_BITS)
  for (let at = entries; at < end; at += ENTRY_BYTES) {
    const slot = counts + (<usize>((load<u64>(at) >> shift) & mask) << 2)
    store<u32>(slot, load<u32>(slot) + 1)
  }
  let next = <u32>other
  for (let b: usize = 0; b < <usize>1 << SPLIT_BITS; b++) {
    const slot = counts + (b << 2)
    const size = load<u32>(slot) << 4
    store<u32>(slot, next)
    next += size
  }
  for (let at = entries; at < end; at += ENTRY_BYTES) {
    const slot = counts + (<usize>((load<u64>(at) >> shift) & mask) << 2)
    const target = load<u32>(slot)
    move(target, at)
    store<u32>(slot, target + 16)
  }
  memory.copy(entries, other, <usize>count << 4)
}

function sortDigits(entries: usize, other: usize, count: u32, bits: u32, counts: usize): void {
  let from = entries
  let to = other
  for (let shift: u32 = 0; shift < bits; shift += DIGIT_BITS) {
    const digitMask = lowBits(min(DIGIT_BITS, bits - shift))
    memory.fill(counts, 0, DIGITS << 2)
    const end = from + (<usize>count << 4)
    for (let at = from; at < end; at += ENTRY_BYTES) {
      const slot = counts + (<usize>((load<u64>(at) >> shift) & digitMask) << 2)
      store<u32>(slot, load<u32>(slot) + 1)
    }
    // All in one bucket: nothing to move.
    const first = counts + (<usize>((load<u64>(from) >> shift) & digitMask) << 2)
    if (load<u32>(first) == count) continue
    let next = <u32>to
    for (let d: usize = 0; d < DIGITS; d++) {
      const slot = counts + (d << 2)
      const size = load<u32>(slot) << 4
      store<u32>(slot, next)
      next += size
    }
    for (let at = from; at < end; at += ENTRY_BYTES) {
      const slot = counts + (<usize>((load<u64>(at) >> shift) & digitMask) << 2)
      const target = load<u32>(slot)
      move(target, at)
      store<u32>(slot, target + 16)
    }
    const swapped = from
    from = to
    to = swapped
  }
  if (from != entries) memory.copy(entries, from, <usize>count << 4)
}

// Compares what a key describes of a row with what another of its kind describes of a row.
@inline function compareKey(key: usize, left: usize, other: usize, right: usize): i32 {
  const flags = load<u32>(key, 12)
  const leftNull = isNull(key, left)
  const rightNull = isNull(other, right)
  if (leftNull || rightNull) {
    if (leftNull && rightNull) return 0
    return leftNull == ((flags & NULLS_FIRST) != 0) ? -1 : 1
  }
  const kind = load<u32>(key)
  const a = left + <usize>load<u32>(key, 4)
  const b = right + <usize>load<u32>(other, 4)
  let order = 0
  if (kind <= KIND_SPAN) {
    const x = fixedValue(kind, a)
    const y = fixedValue(kind, b)
    order = x < y ? -1 : i32(x > y)
  } else if (kind == KIND_I128) {
    const x = load<i64>(a, 8)
    const y = load<i64>(b, 8)
    if (x != y) order = x < y ? -1 : 1
    else order = load<u64>(a) < load<u64>(b) ? -1 : i32(load<u64>(a) > load<u64>(b))
  } else if (kind == KIND_NUMERIC) {
    order = numericOrder(load<u64>(a), load<i64>(a, 8), load<u64>(b), load<i64>(b, 8))
  } else if (kind == KIND_INTERVAL) {
    order = intervalOrder(load<i64>(a), load<i64>(a, 8), load<i64>(b), load<i64>(b, 8))
  } else order = textOrder(textOfKey(kind, a), textOfKey(kind, b))
  return flags & DESCENDING ? -order : order
}

function compareRows(keys: usize, count: u32, left: usize, right: usize): i32 {
  for (let k: u32 = 0; k < count; k++, keys += KEY_BYTES) {
    const order = compareKey(keys, left, keys, right)
    if (order != 0) return order
  }
  return 0
}

// The order of a row's values and of those that it has of other keys, which are described alike.
export function orderWithin(keys: usize, others: usize, count: u32, row: usize): i32 {
  for (let k: u32 = 0; k < count; k++, keys += KEY_BYTES, others += KEY_BYTES) {
    const order = compareKey(keys, row, others, row)
    if (order != 0) return order
  }
  return 0
}

// Puts runs of equal prefixes in the order of their whole keys. `other` has room for all entries.
export function sortTies(keys: usize, keyCount: u32, entries: usize, count: u32, other: usize): void {
  let start: u32 = 0
  while (start < count) {
    let stop = start + 1
    const at = entries + (<usize>start << 4)
    const prefix = load<u64>(at)
    while (stop < count && load<u64>(entries + (<usize>stop << 4)) == prefix) stop++
    if (stop - start > 1) mergeSort(keys, keyCount, at, stop - start, other)
    start = stop
  }
}

function mergeSort(keys: usize, keyCount: u32, entries: usize, count: u32, other: usize): void {
  if (count < 2) return
  if (count < 12) {
    for (let i: usize = 1; i < <usize>count; i++) {
      const moving = v128.load(entries + (i << 4))
      const row = <usize>load<u64>(entries + (i << 4), 8)
      let hole = entries + (i << 4)
      while (hole > entries && compareRows(keys, keyCount, <usize>load<u64>(hole - 8), row) > 0) {
        move(hole, hole - ENTRY_BYTES)
        hole -= ENTRY_BYTES
      }
      v128.store(hole, moving)
    }
    return
  }
  const half = count >> 1
  const middle = entries + (<usize>half << 4)
  mergeSort(keys, keyCount, entries, half, other)
  mergeSort(keys, keyCount, middle, count - half, other)
  memory.copy(other, entries, <usize>half << 4)
  let left = other
  const leftEnd = other + (<usize>half << 4)
  let right = middle
  const rightEnd = entries + (<usize>count << 4)
  let target = entries
  while (left < leftEnd) {
    const takeRight =
      right < rightEnd &&
      compareRows(keys, keyCount, <usize>load<u64>(left, 8), <usize>load<u64>(right, 8)) > 0
    if (takeRight) {
      move(target, right)
      right += ENTRY_BYTES
    } else {
      move(target, left)
      left += ENTRY_BYTES
    }
    target += ENTRY_BYTES
  }
}

// Merges two sorted lists of entries, at most `max` entries a call. `state`, five words: the next entry
// and the end of either list, and where the next goes. Returns whether there are more.
export function sortMerge(keys: usize, keyCount: u32, bits: u32, exact: bool, state: usize, max: u32): bool {
  const mask = lowBits(bits)
  let left = <usize>load<u32>(state)
  const leftEnd = <usize>load<u32>(state, 4)
  let right = <usize>load<u32>(state, 8)
  const rightEnd = <usize>load<u32>(state, 12)
  let target = <usize>load<u32>(state, 16)
  for (; max > 0 && left < leftEnd && right < rightEnd; max--) {
    const a = load<u64>(left) & mask
    const b = load<u64>(right) & mask
    const takeRight =
      a == b
        ? !exact && compareRows(keys, keyCount, <usize>load<u64>(left, 8), <usize>load<u64>(right, 8)) > 0
        : a > b
    if (takeRight) {
      move(target, right)
      right += ENTRY_BYTES
    } else {
      move(target, left)
      left += ENTRY_BYTES
    }
    target += ENTRY_BYTES
  }
  for (; max > 0 && left < leftEnd && right >= rightEnd; max--) {
    move(target, left)
    left += ENTRY_BYTES
    target += ENTRY_BYTES
  }
  for (; max > 0 && right < rightEnd && left >= leftEnd; max--) {
    move(target, right)
    right += ENTRY_BYTES
    target += ENTRY_BYTES
  }
  store<u32>(state, <u32>left)
  store<u32>(state, <u32>right, 8)
  store<u32>(state, <u32>target, 16)
  return left < leftEnd || right < rightEnd
}

// Marks rows that lie in order: 2 where the first `partitionKeys` keys differ from those of the row
// before, 1 where others do, 0 where all are equal. The first row is marked 2.
export function sortMarks(
  keys: usize, partitionKeys: u32, keyCount: u32, list: usize, from: u32, to: u32, marks: usize,
): void {
  if (partitionKeys == 0 && keyCount == 1 && load<u32>(keys) <= KIND_SPAN) {
    markValues(keys, list, from, to, marks)
    return
  }
  const others = keys + <usize>partitionKeys * KEY_BYTES
  for (let i = from; i < to; i++) {
    let mark: u8 = 2
    if (i > 0) {
      const left = <usize>load<u32>(list + (<usize>(i - 1) << 2))
      const right = <usize>load<u32>(list + (<usize>i << 2))
      if (compareRows(keys, partitionKeys, left, right) == 0) {
        mark = u8(compareRows(others, keyCount - partitionKeys, left, right) != 0)
      }
    }
    store<u8>(marks + <usize>i, mark)
  }
}

// The same by one key of fixed width: each value is read once.
function markValues(key: usize, list: usize, from: u32, to: u32, marks: usize): void {
  const kind = load<u32>(key)
  const offset = <usize>load<u32>(key, 4)
  let value: i64 = 0
  let none = false
  for (let i: u32 = from == 0 ? 0 : from - 1; i < to; i++) {
    const row = <usize>load<u32>(list + (<usize>i << 2))
    const isNone = isNull(key, row)
    const own = isNone ? 0 : fixedValue(kind, row + offset)
    if (i >= from) store<u8>(marks + <usize>i, i == 0 ? 2 : u8(isNone != none || own != value))
    value = own
    none = isNone
  }
}

// The rows' addresses in order.
export function sortList(entries: usize, count: u32, list: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    store<u32>(list + (i << 2), load<u32>(entries + (i << 4), 8))
  }
}

// Copies the listed rows (first `count` entries) one after another; for top-k.
export function sortGather(entries: usize, count: u32, rowBytes: u32, target: usize): void {
  for (let i: usize = 0; i < <usize>count; i++, target += rowBytes) {
    memory.copy(target, <usize>load<u64>(entries + (i << 4), 8), rowBytes)
  }
}
