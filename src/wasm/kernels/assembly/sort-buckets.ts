// Sorting rows of breakers: buckets by the upper bits of the prefix, and buckets whose rows are sorted
// by what is left of it.
import {
  AHEAD_ROWS, descending, describe, dropped, ENTRY_BYTES, fillPrefixes, isNumber, kindOf, lowBits, numberPrefix,
  nullPrefix, offset, origin, prefixOfKeys, touchTexts, validity, valueBase,
} from './sort'

// What a pass over rows does with each: counts it, copies it, or enters its prefix and address.
const COUNT = 0
const MOVE = 1
const ENTER = 2

// Rows are whole doublewords.
@inline function copyRow(target: usize, source: usize, rowBytes: u32): void {
  let at: u32 = 0
  for (; at + 16 <= rowBytes; at += 16) v128.store(target + at, v128.load(source + at))
  if (at < rowBytes) store<u64>(target + at, load<u64>(source + at))
}

@inline function place(step: i32, prefix: u64, shift: u64, row: usize, rowBytes: u32, cells: usize): void {
  const cell = cells + (<usize>(prefix >> shift) << 2)
  const target = load<u32>(cell)
  if (step == COUNT) {
    store<u32>(cell, target + 1)
  } else if (step == MOVE) {
    copyRow(target, row, rowBytes)
    store<u32>(cell, target + rowBytes)
  } else {
    store<u64>(target, prefix)
    store<u64>(target, <u64>row, 8)
    store<u32>(cell, target + <u32>ENTRY_BYTES)
  }
}

@inline function pass(
  step: i32, keys: usize, count: u32, shift: u64, row: usize, rows: u32, rowBytes: u32, cells: usize,
): void {
  if (count == 1 && isNumber(keys)) {
    describe(keys)
    const w = kindOf, d = descending, o = origin, r = dropped, f = offset, v = validity
    const none = nullPrefix, base = valueBase
    for (let i: u32 = 0; i < rows; i++, row += rowBytes) {
      place(step, numberPrefix(row, w, d, o, r, f, v, none, base), shift, row, rowBytes, cells)
    }
    return
  }
  for (let i: u32 = 0; i < rows; i++, row += rowBytes) {
    if (i % AHEAD_ROWS == 0) touchTexts(keys, count, row, min(AHEAD_ROWS, rows - i), rowBytes)
    place(step, prefixOfKeys(keys, count, row), shift, row, rowBytes, cells)
  }
}

// Counts a page's rows by their bucket, the prefix of the keys without its low `shift` bits.
export function sortCount(
  keys: usize, count: u32, shift: u64, row: usize, rows: u32, rowBytes: u32, cells: usize,
): void {
  pass(COUNT, keys, count, shift, row, rows, rowBytes, cells)
}

// Copies a page's rows into their buckets; `cells` say where each goes on.
export function sortScatter(
  keys: usize, count: u32, shift: u64, row: usize, rows: u32, rowBytes: u32, cells: usize,
): void {
  pass(MOVE, keys, count, shift, row, rows, rowBytes, cells)
}

// The same with entries in place of rows, for rows that are too wide to be moved.
export function sortScatterEntries(
  keys: usize, count: u32, shift: u64, row: usize, rows: u32, rowBytes: u32, cells: usize,
): void {
  pass(ENTER, keys, count, shift, row, rows, rowBytes, cells)
}

// Which ways a page's rows are in order already, by the prefixes of their keys: bit 0 none is before the one that precedes
// it, bit 1 each is before. Looks no further than the answer is open. Leaves the first and the last prefix at `ends`.
export function sortRuns(keys: usize, count: u32, row: usize, rows: u32, rowBytes: u32, ends: usize): u32 {
  let before = prefixOfKeys(keys, count, row)
  store<u64>(ends, before)
  store<u64>(ends, prefixOfKeys(keys, count, row + <usize>(rows - 1) * rowBytes), 8)
  let ways: u32 = 3
  row += rowBytes
  if (count == 1 && isNumber(keys)) {
    describe(keys)
    const w = kindOf, d = descending, o = origin, r = dropped, f = offset, v = validity
    const none = nullPrefix, base = valueBase
    for (let i: u32 = 1; i < rows && ways != 0; i++, row += rowBytes) {
      const prefix = numberPrefix(row, w, d, o, r, f, v, none, base)
      ways &= prefix < before ? 2 : 1
      before = prefix
    }
    return ways
  }
  for (let i: u32 = 1; i < rows && ways != 0; i++, row += rowBytes) {
    const prefix = prefixOfKeys(keys, count, row)
    ways &= prefix < before ? 2 : 1
    before = prefix
  }
  return ways
}

// Lists the addresses of rows that lie `step` bytes from one to the next.
export function sortListPage(row: usize, rows: u32, step: i32, list: usize): void {
  for (const end = list + (<usize>rows << 2); list < end; list += 4, row += step) store<u32>(list, <u32>row)
}

const PACKED_DIGIT_BITS: u32 = 9
const PACKED_DIGITS: usize = 512

// Lists the addresses of a bucket's rows by the low `bits` of their prefix, which decide alone, and by
// position; both must fit 64 bits together. `from`, `to`: 8 bytes a row; `counts`: 512 words a digit.
export function sortPacked(
  keys: usize, count: u32, bits: u32, rows: usize, n: u32, rowBytes: u32,
  from: usize, to: usize, counts: usize, list: usize,
): void {
  const places: u64 = n < 2 ? 1 : 32 - clz(n - 1)
  const mask = lowBits(bits)
  const digits = (bits + PACKED_DIGIT_BITS - 1) / PACKED_DIGIT_BITS
  memory.fill(counts, 0, <usize>digits * PACKED_DIGITS * 4)
  fillPrefixes(keys, count, rows, n, rowBytes, from)
  for (let i: u32 = 0; i < n; i++) {
    const prefix = load<u64>(from + (<usize>i << 3)) & mask
    store<u64>(from + (<usize>i << 3), (prefix << places) | <u64>i)
    for (let d: u32 = 0, rest = prefix; d < digits; d++, rest >>= PACKED_DIGIT_BITS) {
      const cell = counts + (<usize>d << 11) + ((<usize>rest & (PACKED_DIGITS - 1)) << 2)
      store<u32>(cell, load<u32>(cell) + 1)
    }
  }
  for (let d: u32 = 0; d < digits; d++) {
    const cells = counts + (<usize>d << 11)
    const shift = places + <u64>(d * PACKED_DIGIT_BITS)
    const first = <usize>(load<u64>(from) >> shift) & (PACKED_DIGITS - 1)
    // All in one place: nothing to move.
    if (load<u32>(cells + (first << 2)) == n) continue
    let next = <u32>to
    for (let c: usize = 0; c < PACKED_DIGITS << 2; c += 4) {
      const size = load<u32>(cells + c) << 3
      store<u32>(cells + c, next)
      next += size
    }
    for (let at = from, end = from + (<usize>n << 3); at < end; at += 8) {
      const value = load<u64>(at)
      const cell = cells + ((<usize>(value >> shift) & (PACKED_DIGITS - 1)) << 2)
      const target = load<u32>(cell)
      store<u64>(target, value)
      store<u32>(cell, target + 8)
    }
    const swapped = from
    from = to
    to = swapped
  }
  const placeMask = lowBits(<u32>places)
  for (let i: usize = 0; i < <usize>n; i++) {
    const place = <usize>(load<u64>(from + (i << 3)) & placeMask)
    store<u32>(list + (i << 2), <u32>(rows + place * rowBytes))
  }
}
