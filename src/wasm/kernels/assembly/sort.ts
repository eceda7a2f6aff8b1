// Sorting rows of breakers. A list of entries, 16 bytes each: u64 prefix of the sort key in an order
// that unsigned comparison gives, u32 address of the row. Keys are described in memory, 40 bytes each:
// kind, offset of the value, offset of the validity byte (-1: never NULL), flags (1 descending, 2 NULLs
// first, 4 there are NULLs), i64 smallest and i64 largest value, bits of the prefix, bits dropped (of
// texts: bytes skipped, with which all begin).
import { fitsSpan, intervalSpan } from './intervals'
import { isWide } from './numeric'
import { spelledNumber } from './sort-letters'
import { noteText, rankOfText, takesTexts } from './sort-ranks'

export const KEY_BYTES: usize = 40
const KIND_I32: u32 = 0
const KIND_I64: u32 = 1
const KIND_F32: u32 = 2
const KIND_F64: u32 = 3
// Intervals whose length fits 64 bits; kinds up to this one have a value of so many.
export const KIND_SPAN: u32 = 4
export const KIND_I128: u32 = 5
export const KIND_NUMERIC: u32 = 6
export const KIND_INTERVAL: u32 = 7
const KIND_TEXT: u32 = 8
const KIND_KEYED: u32 = 9
// A text by its rank: a table of `sort-ranks` and the last rank in place of the smallest and largest value.
const KIND_RANKED: u32 = 10
// A text by the number of its first places: a table of `sort-letters` and the largest number in place of the values.
const KIND_SPELLED: u32 = 11
export const DESCENDING: u32 = 1
export const NULLS_FIRST: u32 = 2
const HAS_NULLS: u32 = 4
export const ENTRY_BYTES: usize = 16

// The view of a text key; of a keyed value (see data/types/sort-key.ts) that of what it compares by.
@inline export function textOfKey(kind: u32, at: usize): u64 {
  const view = load<u64>(at)
  if (kind != KIND_KEYED) return view
  const bytes = <u32>(view >> 32)
  if (bytes == 0) return view
  const address = view & 0xffffffff
  return (<u64>load<u32>(<usize>address + bytes - 4) << 32) | address
}

@inline export function isNull(key: usize, row: usize): bool {
  const valid = load<i32>(key, 8)
  return valid >= 0 && load<u8>(row + <usize>valid) == 0
}

// Doubles in the order of signed integers: -0 equals 0, every NaN is the largest.
@inline function orderedDouble(value: f64): i64 {
  if (value != value) return i64.MAX_VALUE
  const bits = reinterpret<i64>(value + 0.0)
  return bits < 0 ? bits ^ i64.MAX_VALUE : bits
}

@inline export function fixedValue(kind: u32, at: usize): i64 {
  if (kind == KIND_I32) return <i64>load<i32>(at)
  if (kind == KIND_I64) return load<i64>(at)
  if (kind == KIND_F32) return orderedDouble(<f64>load<f32>(at))
  if (kind == KIND_F64) return orderedDouble(load<f64>(at))
  return intervalSpan(load<i64>(at), load<i64>(at, 8))
}

// 128 bits and numerics of one scale (u32 of `bounds` at 28: 1 + the scale of the first) whose values
// fit 64 bits sort by their low half; else the u32 at 24 becomes 1.
function boundsOfHalves(key: usize, row: usize, rows: u32, rowBytes: u32, bounds: usize): void {
  const isNumeric = load<u32>(key) == KIND_NUMERIC
  const offset = <usize>load<u32>(key, 4)
  for (let i: u32 = 0; i < rows; i++, row += rowBytes) {
    if (isNull(key, row)) {
      store<u32>(bounds, 1, 16)
      continue
    }
    store<u32>(bounds, 1, 20)
    const low = load<i64>(row + offset)
    let high = load<i64>(row + offset, 8)
    if (isNumeric) {
      // One with bytes of its own tells nothing by its halves.
      if (isWide(high)) store<u32>(bounds, 1, 24)
      const scale = 1 + <u32>(<u64>high >> 56)
      const known = load<u32>(bounds, 28)
      if (known == 0) store<u32>(bounds, scale, 28)
      else if (known != scale) store<u32>(bounds, 1, 24)
      high = (high << 8) >> 8
    }
    if (high != low >> 63) store<u32>(bounds, 1, 24)
    store<i64>(bounds, min(load<i64>(bounds), low))
    store<i64>(bounds, max(load<i64>(bounds, 8), low), 8)
  }
}

// Intervals sort by their length where that fits 64 bits; else the u32 at 24 becomes 1.
function boundsOfSpans(key: usize, row: usize, rows: u32, rowBytes: u32, bounds: usize): void {
  const offset = <usize>load<u32>(key, 4)
  for (let i: u32 = 0; i < rows; i++, row += rowBytes) {
    if (isNull(key, row)) {
      store<u32>(bounds, 1, 16)
      continue
    }
    store<u32>(bounds, 1, 20)
    const parts = load<i64>(row + offset)
    const micros = load<i64>(row + offset, 8)
    if (!fitsSpan(parts, micros)) store<u32>(bounds, 1, 24)
    const span = intervalSpan(parts, micros)
    store<i64>(bounds, min(load<i64>(bounds), span))
    store<i64>(bounds, max(load<i64>(bounds, 8), span), 8)
  }
}

// Equal bytes at the start of two texts, at most so many.
function commonBytes(left: u64, right: u64, most: u32): u32 {
  const a = <usize>(left & 0xffffffff)
  const b = <usize>(right & 0xffffffff)
  const limit = min(most, min(<u32>(left >> 32), <u32>(right >> 32)))
  for (let at: u32 = 0; at < limit; at += 8) {
    const unlike = load<u64>(a + at) ^ load<u64>(b + at)
    if (unlike != 0) return min(limit, at + (<u32>ctz(unlike) >> 3))
  }
  return limit
}

// Texts: the first one found (u64 at `bounds`), with how many bytes of it all begin (u32 at 8), the bytes of
// the longest (u32 at 28). They are noted in the table (u32 at 24; 0: none) while they are few.
function boundsOfTexts(key: usize, row: usize, rows: u32, rowBytes: u32, bounds: usize): void {
  const kind = load<u32>(key)
  const offset = <usize>load<u32>(key, 4)
  const table = <usize>load<u32>(bounds, 24)
  let longest = load<u32>(bounds, 28)
  for (let i: u32 = 0; i < rows; i++, row += rowBytes) {
    if (isNull(key, row)) {
      store<u32>(bounds, 1, 16)
      continue
    }
    const view = textOfKey(kind, row + offset)
    longest = max(longest, <u32>(view >> 32))
    if (table != 0 && takesTexts(table)) noteText(table, view)
    if (load<u32>(bounds, 20) == 0) {
      store<u64>(bounds, view)
      store<u32>(bounds, <u32>(view >> 32), 8)
      store<u32>(bounds, 1, 20)
    }
    const common = load<u32>(bounds, 8)
    if (common > 0) store<u32>(bounds, commonBytes(load<u64>(bounds), view, common), 8)
  }
  store<u32>(bounds, longest, 28)
}

// Widens smallest and largest (two i64 at `bounds`) to a page's values of a key of a fixed kind; the
// u32 behind becomes 1 when there is a NULL, the next one when there is a value.
export function sortBounds(key: usize, row: usize, rows: u32, rowBytes: u32, bounds: usize): void {
  const kind = load<u32>(key)
  const offset = <usize>load<u32>(key, 4)
  if (kind == KIND_I128 || kind == KIND_NUMERIC) {
    boundsOfHalves(key, row, rows, rowBytes, bounds)
    return
  }
  if (kind == KIND_INTERVAL) {
    boundsOfSpans(key, row, rows, rowBytes, bounds)
    return
  }
  if (kind >= KIND_TEXT) {
    boundsOfTexts(key, row, rows, rowBytes, bounds)
    return
  }
  let smallest = load<i64>(bounds)
  let largest = load<i64>(bounds, 8)
  for (let i: u32 = 0; i < rows; i++, row += rowBytes) {
    if (isNull(key, row)) {
      store<u32>(bounds, 1, 16)
      continue
    }
    store<u32>(bounds, 1, 20)
    const value = fixedValue(kind, row + offset)
    smallest = min(smallest, value)
    largest = max(largest, value)
  }
  store<i64>(bounds, smallest)
  store<i64>(bounds, largest, 8)
}

@inline export function lowBits(bits: u32): u64 {
  return bits >= 64 ? ~(<u64>0) : (<u64>1 << bits) - 1
}

// Eight bytes of a text as a number, behind those that all texts begin with; zeros behind its end.
@inline function leadingBytes(view: u64, skipped: u32): u64 {
  const bytes = <u32>(view >> 32) - skipped
  if (bytes == 0) return 0
  const word = load<u64>(<usize>(view & 0xffffffff) + <usize>skipped)
  return bswap(bytes >= 8 ? word : word & lowBits(bytes << 3))
}

// A key's value as so many bits. With NULLs the topmost tells them apart from values.
function prefixOf(key: usize, row: usize): u64 {
  const flags = load<u32>(key, 12)
  const bits = load<u32>(key, 32)
  if (bits == 0) return 0
  const valueBits = bits - u32((flags & HAS_NULLS) != 0)
  const nullsFirst = (flags & NULLS_FIRST) != 0
  if (isNull(key, row)) return nullsFirst ? 0 : <u64>1 << valueBits
  const kind = load<u32>(key)
  const at = row + <usize>load<u32>(key, 4)
  let value: u64 = 0
  if (kind <= KIND_SPAN) {
    const fixed = fixedValue(kind, at)
    value = flags & DESCENDING ? <u64>(load<i64>(key, 24) - fixed) : <u64>(fixed - load<i64>(key, 16))
    value >>= <u64>load<u32>(key, 36)
  } else if (kind == KIND_RANKED) {
    const rank = rankOfText(<usize>load<u32>(key, 16), textOfKey(kind, at))
    value = flags & DESCENDING ? load<u64>(key, 24) - rank : rank
    value >>= <u64>load<u32>(key, 36)
  } else if (kind == KIND_SPELLED) {
    value = spelledNumber(<usize>load<u32>(key, 16), textOfKey(kind, at), load<u32>(key, 36))
    if (flags & DESCENDING) value = load<u64>(key, 24) - value
  } else if (kind >= KIND_TEXT && valueBits > 0) {
    value = leadingBytes(textOfKey(kind, at), load<u32>(key, 36)) >> (64 - valueBits)
    if (flags & DESCENDING) value = ~value & lowBits(valueBits)
  }
  return valueBits < bits && nullsFirst ? value | (<u64>1 << valueBits) : value
}

export function prefixOfKeys(keys: usize, count: u32, row: usize): u64 {
  let prefix: u64 = 0
  for (let k: u32 = 0; k < count; k++, keys += KEY_BYTES) {
    const bits = load<u32>(keys, 32)
    prefix = (bits == 64 ? 0 : prefix << bits) | prefixOf(keys, row)
  }
  return prefix
}

// Integers and floats are by far the most frequent keys. Their prefixes are differences; what the key's description
// says is read once for many rows, into these globals of the instance.
export let kindOf: u32 = 0
export let descending: bool = false
export let origin: i64 = 0
export let dropped: u64 = 0
export let offset: usize = 0
export let validity: i32 = -1
export let nullPrefix: u64 = 0
export let valueBase: u64 = 0

export function isNumber(key: usize): bool {
  return load<u32>(key) <= KIND_F64 && load<u32>(key, 32) > 0
}
export function describe(key: usize): void {
  const flags = load<u32>(key, 12)
  kindOf = load<u32>(key)
  descending = (flags & DESCENDING) != 0
  origin = descending ? load<i64>(key, 24) : load<i64>(key, 16)
  dropped = <u64>load<u32>(key, 36)
  offset = <usize>load<u32>(key, 4)
  const hasNulls = (flags & HAS_NULLS) != 0
  validity = hasNulls ? load<i32>(key, 8) : -1
  const top = hasNulls ? <u64>1 << <u64>(load<u32>(key, 32) - 1) : 0
  const nullsFirst = (flags & NULLS_FIRST) != 0
  nullPrefix = nullsFirst ? 0 : top
  valueBase = nullsFirst ? top : 0
}
@inline export function numberPrefix(
  row: usize, kind: u32, descending: bool, origin: i64, dropped: u64, offset: usize, validity: i32,
  nullPrefix: u64, valueBase: u64,
): u64 {
  if (validity >= 0 && load<u8>(row + <usize>validity) == 0) return nullPrefix
  const at = row + offset
  let value: i64
  if (kind == KIND_I32) value = <i64>load<i32>(at)
  else if (kind == KIND_I64) value = load<i64>(at)
  else value = orderedDouble(kind == KIND_F64 ? load<f64>(at) : <f64>load<f32>(at))
  return (<u64>(descending ? origin - value : value - origin) >> dropped) | valueBase
}

// Rows whose texts are read ahead, so that those which are not in the cache come from memory at the same time.
export const AHEAD_ROWS: u32 = 64
let readAhead: u64 = 0

// Reads where the texts of rows begin, of keys that are made of many of their bytes one after another.
export function touchTexts(keys: usize, count: u32, rows: usize, n: u32, rowBytes: u32): void {
  let all: u64 = 0
  for (let k: u32 = 0, key = keys; k < count; k++, key += KEY_BYTES) {
    if (load<u32>(key) != KIND_SPELLED) continue
    const offset = <usize>load<u32>(key, 4)
    const skipped = <usize>load<u32>(key, 36)
    for (let i: u32 = 0, row = rows; i < n; i++, row += rowBytes) {
      // What a NULL points at need not be there, nor what is behind an end.
      if (isNull(key, row) || <usize>load<u32>(row + offset, 4) <= skipped) continue
      all ^= load<u64>(<usize>load<u32>(row + offset) + skipped)
    }
  }
  readAhead = all
}

// The prefixes of rows, 8 bytes each, key by key.
export function fillPrefixes(keys: usize, count: u32, rows: usize, n: u32, rowBytes: u32, target: usize): void {
  const end = target + (<usize>n << 3)
  for (let k: u32 = 0, key = keys; k < count; k++, key += KEY_BYTES) {
    const bits = load<u32>(key, 32)
    if (bits == 0 && k > 0) continue
    const keep = k == 0 || bits == 64 ? <u64>0 : ~(<u64>0)
    let row = rows
    if (!isNumber(key)) {
      for (let at = target, i: u32 = 0; at < end; at += 8, row += rowBytes, i++) {
        if (i % AHEAD_ROWS == 0) touchTexts(key, 1, row, min(AHEAD_ROWS, n - i), rowBytes)
        store<u64>(at, ((load<u64>(at) & keep) << <u64>bits) | prefixOf(key, row))
      }
      continue
    }
    describe(key)
    const w = kindOf, d = descending, o = origin, r = dropped, f = offset, v = validity
    const none = nullPrefix, base = valueBase
    for (let at = target; at < end; at += 8, row += rowBytes) {
      const prefix = numberPrefix(row, w, d, o, r, f, v, none, base)
      store<u64>(at, ((load<u64>(at) & keep) << <u64>bits) | prefix)
    }
  }
}

// Lists the rows of a page at `entries`.
export function sortEntries(
  keys: usize, count: u32, row: usize, rows: u32, rowBytes: u32, entries: usize,
): void {
  const isOne = count == 1 && isNumber(keys)
  if (isOne) describe(keys)
  const w = kindOf, d = descending, o = origin, r = dropped, f = offset, v = validity
  const none = nullPrefix, base = valueBase
  for (let i: u32 = 0; i < rows; i++, row += rowBytes, entries += ENTRY_BYTES) {
    if (!isOne && i % AHEAD_ROWS == 0) touchTexts(keys, count, row, min(AHEAD_ROWS, rows - i), rowBytes)
    const prefix = isOne ? numberPrefix(row, w, d, o, r, f, v, none, base) : prefixOfKeys(keys, count, row)
    store<u64>(entries, prefix)
    store<u64>(entries, <u64>row, 8)
  }
}
