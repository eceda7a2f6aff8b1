import { intervalOrder, numericOrder, textOrder } from './rows';

// Sorting rows of breakers. A list of entries, 16 bytes each: u64 prefix of the sort key in an order
// that unsigned comparison gives, u32 address of the row. Keys are described in memory, 40 bytes each:
// kind, offset of the value, offset of the validity byte (-1: never NULL), flags (1 descending, 2 NULLs
// first, 4 there are NULLs), i64 smallest and i64 largest value, bits of the prefix, bits dropped (of
// texts: bytes skipped, with which all begin).
const KEY_BYTES: usize = 40;
const KIND_I32: u32 = 0;
const KIND_I64: u32 = 1;
const KIND_F32: u32 = 2;
const KIND_F64: u32 = 3;
const KIND_I128: u32 = 4;
const KIND_NUMERIC: u32 = 5;
const KIND_INTERVAL: u32 = 6;
const KIND_TEXT: u32 = 7;
const DESCENDING: u32 = 1;
const NULLS_FIRST: u32 = 2;
const HAS_NULLS: u32 = 4;
const ENTRY_BYTES: usize = 16;

@inline function isNull(key: usize, row: usize): bool {
  const valid = load<i32>(key, 8);
  return valid >= 0 && load<u8>(row + <usize>valid) == 0;
}

// Doubles in the order of signed integers: -0 equals 0, every NaN is the largest.
@inline function orderedDouble(value: f64): i64 {
  if (value != value) return i64.MAX_VALUE;
  const bits = reinterpret<i64>(value + 0.0);
  return bits < 0 ? bits ^ i64.MAX_VALUE : bits;
}

@inline function fixedValue(kind: u32, at: usize): i64 {
  if (kind == KIND_I32) return <i64>load<i32>(at);
  if (kind == KIND_I64) return load<i64>(at);
  if (kind == KIND_F32) return orderedDouble(<f64>load<f32>(at));
  return orderedDouble(load<f64>(at));
}

// 128 bits and numerics of one scale (u32 of `bounds` at 28: 1 + the scale of the first) whose values
// fit 64 bits sort by their low half; else the u32 at 24 becomes 1.
function boundsOfHalves(key: usize, row: usize, rows: u32, rowBytes: u32, bounds: usize): void {
  const isNumeric = load<u32>(key) == KIND_NUMERIC;
  const offset = <usize>load<u32>(key, 4);
  for (let i: u32 = 0; i < rows; i++, row += rowBytes) {
    if (isNull(key, row)) {
      store<u32>(bounds, 1, 16);
      continue;
    }
    store<u32>(bounds, 1, 20);
    const low = load<i64>(row + offset);
    let high = load<i64>(row + offset, 8);
    if (isNumeric) {
      const scale = 1 + <u32>(<u64>high >> 56);
      const known = load<u32>(bounds, 28);
      if (known == 0) store<u32>(bounds, scale, 28);
      else if (known != scale) store<u32>(bounds, 1, 24);
      high = (high << 8) >> 8;
    }
    if (high != low >> 63) store<u32>(bounds, 1, 24);
    store<i64>(bounds, min(load<i64>(bounds), low));
    store<i64>(bounds, max(load<i64>(bounds, 8), low), 8);
  }
}

// Equal bytes at the start of two texts, at most so many.
function commonBytes(left: u64, right: u64, most: u32): u32 {
  const a = <usize>(left & 0xffffffff);
  const b = <usize>(right & 0xffffffff);
  const limit = min(most, min(<u32>(left >> 32), <u32>(right >> 32)));
  for (let at: u32 = 0; at < limit; at += 8) {
    const unlike = load<u64>(a + at) ^ load<u64>(b + at);
    if (unlike != 0) return min(limit, at + (<u32>ctz(unlike) >> 3));
  }
  return limit;
}

// Texts: the first one found (u64 at `bounds`), and with how many bytes of it all begin (u32 at 8).
function boundsOfTexts(key: usize, row: usize, rows: u32, rowBytes: u32, bounds: usize): void {
  const offset = <usize>load<u32>(key, 4);
  for (let i: u32 = 0; i < rows; i++, row += rowBytes) {
    if (isNull(key, row)) {
      store<u32>(bounds, 1, 16);
      continue;
    }
    const view = load<u64>(row + offset);
    if (load<u32>(bounds, 20) == 0) {
      store<u64>(bounds, view);
      store<u32>(bounds, <u32>(view >> 32), 8);
      store<u32>(bounds, 1, 20);
    }
    const common = load<u32>(bounds, 8);
    if (common > 0) store<u32>(bounds, commonBytes(load<u64>(bounds), view, common), 8);
  }
}

// Widens smallest and largest (two i64 at `bounds`) to a page's values of a key of a fixed kind; the
// u32 behind becomes 1 when there is a NULL, the next one when there is a value.
export function sortBounds(key: usize, row: usize, rows: u32, rowBytes: u32, bounds: usize): void {
  const kind = load<u32>(key);
  const offset = <usize>load<u32>(key, 4);
  if (kind == KIND_I128 || kind == KIND_NUMERIC) {
    boundsOfHalves(key, row, rows, rowBytes, bounds);
    return;
  }
  if (kind == KIND_TEXT) {
    boundsOfTexts(key, row, rows, rowBytes, bounds);
    return;
  }
  let smallest = load<i64>(bounds);
  let largest = load<i64>(bounds, 8);
  for (let i: u32 = 0; i < rows; i++, row += rowBytes) {
    if (isNull(key, row)) {
      store<u32>(bounds, 1, 16);
      continue;
    }
    store<u32>(bounds, 1, 20);
    if (kind > KIND_F64) continue;
    const value = fixedValue(kind, row + offset);
    smallest = min(smallest, value);
    largest = max(largest, value);
  }
  store<i64>(bounds, smallest);
  store<i64>(bounds, largest, 8);
}

@inline function lowBits(bits: u32): u64 {
  return bits >= 64 ? ~(<u64>0) : (<u64>1 << bits) - 1;
}

// Eight bytes of a text as a number, behind those that all texts begin with; zeros behind its end.
@inline function leadingBytes(view: u64, skipped: u32): u64 {
  const bytes = <u32>(view >> 32) - skipped;
  if (bytes == 0) return 0;
  const word = load<u64>(<usize>(view & 0xffffffff) + <usize>skipped);
  return bswap(bytes >= 8 ? word : word & lowBits(bytes << 3));
}

// A key's value as so many bits. With NULLs the topmost tells them apart from values.
function prefixOf(key: usize, row: usize): u64 {
  const flags = load<u32>(key, 12);
  const bits = load<u32>(key, 32);
  if (bits == 0) return 0;
  const valueBits = bits - u32((flags & HAS_NULLS) != 0);
  const nullsFirst = (flags & NULLS_FIRST) != 0;
  if (isNull(key, row)) return nullsFirst ? 0 : <u64>1 << valueBits;
  const kind = load<u32>(key);
  const at = row + <usize>load<u32>(key, 4);
  let value: u64 = 0;
  if (kind <= KIND_F64) {
    const fixed = fixedValue(kind, at);
    value = flags & DESCENDING ? <u64>(load<i64>(key, 24) - fixed) : <u64>(fixed - load<i64>(key, 16));
    value >>= <u64>load<u32>(key, 36);
  } else if (kind == KIND_TEXT && valueBits > 0) {
    value = leadingBytes(load<u64>(at), load<u32>(key, 36)) >> (64 - valueBits);
    if (flags & DESCENDING) value = ~value & lowBits(valueBits);
  }
  return valueBits < bits && nullsFirst ? value | (<u64>1 << valueBits) : value;
}

function prefixOfKeys(keys: usize, count: u32, row: usize): u64 {
  let prefix: u64 = 0;
  for (let k: u32 = 0; k < count; k++, keys += KEY_BYTES) {
    const bits = load<u32>(keys, 32);
    prefix = (bits == 64 ? 0 : prefix << bits) | prefixOf(keys, row);
  }
  return prefix;
}

// Integer keys are by far the most frequent. Their prefixes are differences; what the key's description
// says is read once for many rows, into these globals of the instance.
let wide: bool = false;
let descending: bool = false;
let origin: i64 = 0;
let dropped: u64 = 0;
let offset: usize = 0;
let validity: i32 = -1;
let nullPrefix: u64 = 0;
let valueBase: u64 = 0;

function isInteger(key: usize): bool {
  return load<u32>(key) <= KIND_I64 && load<u32>(key, 32) > 0;
}
function describe(key: usize): void {
  const flags = load<u32>(key, 12);
  wide = load<u32>(key) == KIND_I64;
  descending = (flags & DESCENDING) != 0;
  origin = descending ? load<i64>(key, 24) : load<i64>(key, 16);
  dropped = <u64>load<u32>(key, 36);
  offset = <usize>load<u32>(key, 4);
  const hasNulls = (flags & HAS_NULLS) != 0;
  validity = hasNulls ? load<i32>(key, 8) : -1;
  const top = hasNulls ? <u64>1 << <u64>(load<u32>(key, 32) - 1) : 0;
  const nullsFirst = (flags & NULLS_FIRST) != 0;
  nullPrefix = nullsFirst ? 0 : top;
  valueBase = nullsFirst ? top : 0;
}
@inline function integerPrefix(
  row: usize, wide: bool, descending: bool, origin: i64, dropped: u64, offset: usize, validity: i32,
  nullPrefix: u64, valueBase: u64,
): u64 {
  if (validity >= 0 && load<u8>(row + <usize>validity) == 0) return nullPrefix;
  const value = wide ? load<i64>(row + offset) : <i64>load<i32>(row + offset);
  return (<u64>(descending ? origin - value : value - origin) >> dropped) | valueBase;
}

// The prefixes of rows, 8 bytes each, key by key.
function fillPrefixes(keys: usize, count: u32, rows: usize, n: u32, rowBytes: u32, target: usize): void {
  const end = target + (<usize>n << 3);
  for (let k: u32 = 0, key = keys; k < count; k++, key += KEY_BYTES) {
    const bits = load<u32>(key, 32);
    if (bits == 0 && k > 0) continue;
    const keep = k == 0 || bits == 64 ? <u64>0 : ~(<u64>0);
    let row = rows;
    if (!isInteger(key)) {
      for (let at = target; at < end; at += 8, row += rowBytes) {
        store<u64>(at, ((load<u64>(at) & keep) << <u64>bits) | prefixOf(key, row));
      }
      continue;
    }
    describe(key);
    const w = wide, d = descending, o = origin, r = dropped, f = offset, v = validity;
    const none = nullPrefix, base = valueBase;
    for (let at = target; at < end; at += 8, row += rowBytes) {
      const prefix = integerPrefix(row, w, d, o, r, f, v, none, base);
      store<u64>(at, ((load<u64>(at) & keep) << <u64>bits) | prefix);
    }
  }
}

// Lists the rows of a page at `entries`.
export function sortEntries(
  keys: usize, count: u32, row: usize, rows: u32, rowBytes: u32, entries: usize,
): void {
  for (let i: u32 = 0; i < rows; i++, row += rowBytes, entries += ENTRY_BYTES) {
    store<u64>(entries, prefixOfKeys(keys, count, row));
    store<u64>(entries, <u64>row, 8);
  }
}

// ------------------------------------------------------------------ buckets by the upper bits
// Counts a page's rows by their bucket, the prefix of the keys without its low `shift` bits.
export function sortCount(
  keys: usize, count: u32, shift: u64, row: usize, rows: u32, rowBytes: u32, cells: usize,
): void {
  if (count == 1 && isInteger(keys)) {
    describe(keys);
    const w = wide, d = descending, o = origin, r = dropped, f = offset, v = validity;
    const none = nullPrefix, base = valueBase;
    for (let i: u32 = 0; i < rows; i++, row += rowBytes) {
      const prefix = integerPrefix(row, w, d, o, r, f, v, none, base);
      const cell = cells + (<usize>(prefix >> shift) << 2);
      store<u32>(cell, load<u32>(cell) + 1);
    }
    return;
  }
  for (let i: u32 = 0; i < rows; i++, row += rowBytes) {
    const cell = cells + (<usize>(prefixOfKeys(keys, count, row) >> shift) << 2);
    store<u32>(cell, load<u32>(cell) + 1);
  }
}

// Rows are whole doublewords.
@inline function copyRow(target: usize, source: usize, rowBytes: u32): void {
  let at: u32 = 0;
  for (; at + 16 <= rowBytes; at += 16) v128.store(target + at, v128.load(source + at));
  if (at < rowBytes) store<u64>(target + at, load<u64>(source + at));
}

// Copies a page's rows into their buckets; `cells` say where each goes on.
export function sortScatter(
  keys: usize, count: u32, shift: u64, row: usize, rows: u32, rowBytes: u32, cells: usize,
): void {
  if (count == 1 && isInteger(keys)) {
    describe(keys);
    const w = wide, d = descending, o = origin, r = dropped, f = offset, v = validity;
    const none = nullPrefix, base = valueBase;
    for (let i: u32 = 0; i < rows; i++, row += rowBytes) {
      const prefix = integerPrefix(row, w, d, o, r, f, v, none, base);
      const cell = cells + (<usize>(prefix >> shift) << 2);
      const target = load<u32>(cell);
      copyRow(target, row, rowBytes);
      store<u32>(cell, target + rowBytes);
    }
    return;
  }
  for (let i: u32 = 0; i < rows; i++, row += rowBytes) {
    const cell = cells + (<usize>(prefixOfKeys(keys, count, row) >> shift) << 2);
    const target = load<u32>(cell);
    copyRow(target, row, rowBytes);
    store<u32>(cell, target + rowBytes);
  }
}

// The same with entries in place of rows, for rows that are too wide to be moved.
export function sortScatterEntries(
  keys: usize, count: u32, shift: u64, row: usize, rows: u32, rowBytes: u32, cells: usize,
): void {
  for (let i: u32 = 0; i < rows; i++, row += rowBytes) {
    const prefix = prefixOfKeys(keys, count, row);
    const cell = cells + (<usize>(prefix >> shift) << 2);
    const target = load<u32>(cell);
    store<u64>(target, prefix);
    store<u64>(target, <u64>row, 8);
    store<u32>(cell, target + 16);
  }
}

const PACKED_DIGIT_BITS: u32 = 9;
const PACKED_DIGITS: usize = 512;

// Lists the addresses of a bucket's rows by the low `bits` of their prefix, which decide alone, and by
// position; both must fit 64 bits together. `from`, `to`: 8 bytes a row; `counts`: 512 words a digit.
export function sortPacked(
  keys: usize, count: u32, bits: u32, rows: usize, n: u32, rowBytes: u32,
  from: usize, to: usize, counts: usize, list: usize,
): void {
  const places: u64 = n < 2 ? 1 : 32 - clz(n - 1);
  const mask = lowBits(bits);
  const digits = (bits + PACKED_DIGIT_BITS - 1) / PACKED_DIGIT_BITS;
  memory.fill(counts, 0, <usize>digits * PACKED_DIGITS * 4);
  fillPrefixes(keys, count, rows, n, rowBytes, from);
  for (let i: u32 = 0; i < n; i++) {
    const prefix = load<u64>(from + (<usize>i << 3)) & mask;
    store<u64>(from + (<usize>i << 3), (prefix << places) | <u64>i);
    for (let d: u32 = 0, rest = prefix; d < digits; d++, rest >>= PACKED_DIGIT_BITS) {
      const cell = counts + (<usize>d << 11) + ((<usize>rest & (PACKED_DIGITS - 1)) << 2);
      store<u32>(cell, load<u32>(cell) + 1);
    }
  }
  for (let d: u32 = 0; d < digits; d++) {
    const cells = counts + (<usize>d << 11);
    const shift = places + <u64>(d * PACKED_DIGIT_BITS);
    const first = <usize>(load<u64>(from) >> shift) & (PACKED_DIGITS - 1);
    // All in one place: nothing to move.
    if (load<u32>(cells + (first << 2)) == n) continue;
    let next = <u32>to;
    for (let c: usize = 0; c < PACKED_DIGITS << 2; c += 4) {
      const size = load<u32>(cells + c) << 3;
      store<u32>(cells + c, next);
      next += size;
    }
    for (let at = from, end = from + (<usize>n << 3); at < end; at += 8) {
      const value = load<u64>(at);
      const cell = cells + ((<usize>(value >> shift) & (PACKED_DIGITS - 1)) << 2);
      const target = load<u32>(cell);
      store<u64>(target, value);
      store<u32>(cell, target + 8);
    }
    const swapped = from;
    from = to;
    to = swapped;
  }
  const placeMask = lowBits(<u32>places);
  for (let i: usize = 0; i < <usize>n; i++) {
    const place = <usize>(load<u64>(from + (i << 3)) & placeMask);
    store<u32>(list + (i << 2), <u32>(rows + place * rowBytes));
  }
}

@inline function move(target: usize, source: usize): void {
  v128.store(target, v128.load(source));
}

function insertionSort(entries: usize, count: u32): void {
  const end = entries + (<usize>count << 4);
  for (let at = entries + ENTRY_BYTES; at < end; at += ENTRY_BYTES) {
    const moving = v128.load(at);
    const prefix = load<u64>(at);
    let hole = at;
    while (hole > entries && load<u64>(hole - ENTRY_BYTES) > prefix) {
      move(hole, hole - ENTRY_BYTES);
      hole -= ENTRY_BYTES;
    }
    v128.store(hole, moving);
  }
}

const DIGIT_BITS: u32 = 8;
const DIGITS: usize = 256;
const SPLIT_BITS: u32 = 10;
const SPLIT_ROWS_MIN: u32 = 32_768;

// Sorts entries by the low `bits` of their prefix. `other` has room for as many; `counts` for 1024
// words at each of the depths of recursion. The result is in place.
export function sortRadix(entries: usize, other: usize, count: u32, bits: u32, counts: usize): void {
  if (count < 48) {
    insertionSort(entries, count);
    return;
  }
  if (count < SPLIT_ROWS_MIN || bits <= SPLIT_BITS) {
    sortDigits(entries, other, count, bits, counts);
    return;
  }
  // First into buckets that fit the cache, each of which is then sorted on its own.
  const shift = <u64>(bits - SPLIT_BITS);
  const mask: u64 = (1 << SPLIT_BITS) - 1;
  const end = entries + (<usize>count << 4);
  memory.fill(counts, 0, <usize>4 << SPLIT_BITS);
  for (let at = entries; at < end; at += ENTRY_BYTES) {
    const slot = counts + (<usize>((load<u64>(at) >> shift) & mask) << 2);
    store<u32>(slot, load<u32>(slot) + 1);
  }
  let next = <u32>other;
  for (let b: usize = 0; b < <usize>1 << SPLIT_BITS; b++) {
    const slot = counts + (b << 2);
    const size = load<u32>(slot) << 4;
    store<u32>(slot, next);
    next += size;
  }
  for (let at = entries; at < end; at += ENTRY_BYTES) {
    const slot = counts + (<usize>((load<u64>(at) >> shift) & mask) << 2);
    const target = load<u32>(slot);
    move(target, at);
    store<u32>(slot, target + 16);
  }
  memory.copy(entries, other, <usize>count << 4);
  let start = <u32>other;
  for (let b: usize = 0; b < <usize>1 << SPLIT_BITS; b++) {
    const stop = load<u32>(counts + (b << 2));
    const offset = <usize>(start - <u32>other);
    sortRadix(
      entries + offset, other + offset, (stop - start) >> 4, <u32>shift, counts + (<usize>4 << SPLIT_BITS),
    );
    start = stop;
  }
}

function sortDigits(entries: usize, other: usize, count: u32, bits: u32, counts: usize): void {
  let from = entries;
  let to = other;
  for (let shift: u32 = 0; shift < bits; shift += DIGIT_BITS) {
    const digitMask = lowBits(min(DIGIT_BITS, bits - shift));
    memory.fill(counts, 0, DIGITS << 2);
    const end = from + (<usize>count << 4);
    for (let at = from; at < end; at += ENTRY_BYTES) {
      const slot = counts + (<usize>((load<u64>(at) >> shift) & digitMask) << 2);
      store<u32>(slot, load<u32>(slot) + 1);
    }
    // All in one bucket: nothing to move.
    const first = counts + (<usize>((load<u64>(from) >> shift) & digitMask) << 2);
    if (load<u32>(first) == count) continue;
    let next = <u32>to;
    for (let d: usize = 0; d < DIGITS; d++) {
      const slot = counts + (d << 2);
      const size = load<u32>(slot) << 4;
      store<u32>(slot, next);
      next += size;
    }
    for (let at = from; at < end; at += ENTRY_BYTES) {
      const slot = counts + (<usize>((load<u64>(at) >> shift) & digitMask) << 2);
      const target = load<u32>(slot);
      move(target, at);
      store<u32>(slot, target + 16);
    }
    const swapped = from;
    from = to;
    to = swapped;
  }
  if (from != entries) memory.copy(entries, from, <usize>count << 4);
}

function compareKey(key: usize, left: usize, right: usize): i32 {
  const flags = load<u32>(key, 12);
  const leftNull = isNull(key, left);
  const rightNull = isNull(key, right);
  if (leftNull || rightNull) {
    if (leftNull && rightNull) return 0;
    return leftNull == ((flags & NULLS_FIRST) != 0) ? -1 : 1;
  }
  const kind = load<u32>(key);
  const a = left + <usize>load<u32>(key, 4);
  const b = right + <usize>load<u32>(key, 4);
  let order = 0;
  if (kind <= KIND_F64) {
    const x = fixedValue(kind, a);
    const y = fixedValue(kind, b);
    order = x < y ? -1 : i32(x > y);
  } else if (kind == KIND_I128) {
    const x = load<i64>(a, 8);
    const y = load<i64>(b, 8);
    if (x != y) order = x < y ? -1 : 1;
    else order = load<u64>(a) < load<u64>(b) ? -1 : i32(load<u64>(a) > load<u64>(b));
  } else if (kind == KIND_NUMERIC) {
    order = numericOrder(load<u64>(a), load<i64>(a, 8), load<u64>(b), load<i64>(b, 8));
  } else if (kind == KIND_INTERVAL) {
    order = intervalOrder(load<i64>(a), load<i64>(a, 8), load<i64>(b), load<i64>(b, 8));
  } else order = textOrder(load<u64>(a), load<u64>(b));
  return flags & DESCENDING ? -order : order;
}

function compareRows(keys: usize, count: u32, left: usize, right: usize): i32 {
  for (let k: u32 = 0; k < count; k++, keys += KEY_BYTES) {
    const order = compareKey(keys, left, right);
    if (order != 0) return order;
  }
  return 0;
}

// Puts runs of equal prefixes in the order of their whole keys. `other` has room for all entries.
export function sortTies(keys: usize, keyCount: u32, entries: usize, count: u32, other: usize): void {
  let start: u32 = 0;
  while (start < count) {
    let stop = start + 1;
    const at = entries + (<usize>start << 4);
    const prefix = load<u64>(at);
    while (stop < count && load<u64>(entries + (<usize>stop << 4)) == prefix) stop++;
    if (stop - start > 1) mergeSort(keys, keyCount, at, stop - start, other);
    start = stop;
  }
}

function mergeSort(keys: usize, keyCount: u32, entries: usize, count: u32, other: usize): void {
  if (count < 2) return;
  if (count < 12) {
    for (let i: usize = 1; i < <usize>count; i++) {
      const moving = v128.load(entries + (i << 4));
      const row = <usize>load<u64>(entries + (i << 4), 8);
      let hole = entries + (i << 4);
      while (hole > entries && compareRows(keys, keyCount, <usize>load<u64>(hole - 8), row) > 0) {
        move(hole, hole - ENTRY_BYTES);
        hole -= ENTRY_BYTES;
      }
      v128.store(hole, moving);
    }
    return;
  }
  const half = count >> 1;
  const middle = entries + (<usize>half << 4);
  mergeSort(keys, keyCount, entries, half, other);
  mergeSort(keys, keyCount, middle, count - half, other);
  memory.copy(other, entries, <usize>half << 4);
  let left = other;
  const leftEnd = other + (<usize>half << 4);
  let right = middle;
  const rightEnd = entries + (<usize>count << 4);
  let target = entries;
  while (left < leftEnd) {
    const takeRight =
      right < rightEnd &&
      compareRows(keys, keyCount, <usize>load<u64>(left, 8), <usize>load<u64>(right, 8)) > 0;
    if (takeRight) {
      move(target, right);
      right += ENTRY_BYTES;
    } else {
      move(target, left);
      left += ENTRY_BYTES;
    }
    target += ENTRY_BYTES;
  }
}

// The rows' addresses in order.
export function sortList(entries: usize, count: u32, list: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    store<u32>(list + (i << 2), load<u32>(entries + (i << 4), 8));
  }
}

// Copies the listed rows (first `count` entries) one after another; for top-k.
export function sortGather(entries: usize, count: u32, rowBytes: u32, target: usize): void {
  for (let i: usize = 0; i < <usize>count; i++, target += rowBytes) {
    memory.copy(target, <usize>load<u64>(entries + (i << 4), 8), rowBytes);
  }
}
