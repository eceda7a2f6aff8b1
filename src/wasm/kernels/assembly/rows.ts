// Texts as rows hold them, and the directories over rows of breakers.
// A text view is an i64: address in the low 32 bits, byte length in the high 32.

import { K0, K1, mix } from './mix'

// The bytes of the last, incomplete word, the rest of it 0. Eight bytes behind every text are readable.
@inline function tail(address: usize, bytes: u32): u64 {
  return bytes == 0 ? 0 : load<u64>(address) & ((~(<u64>0)) >> ((8 - bytes) << 3))
}

export function textHash(view: u64): u64 {
  let at = <usize>(view & 0xffffffff)
  let left = <u32>(view >> 32)
  let hash: u64 = K0 ^ <u64>left
  while (left > 8) {
    hash = mix(hash ^ load<u64>(at), hash + K1)
    at += 8
    left -= 8
  }
  return mix(hash ^ tail(at, left), hash + K0)
}

// Which of the next 16 bytes of two texts differ, of as many as they have: a bit a byte. Bytes behind are readable.
@inline function differing(a: usize, b: usize, bytes: u32): u32 {
  const mask = <u32>i8x16.bitmask(i8x16.ne(v128.load(a), v128.load(b)))
  return bytes >= 16 ? mask : mask & ((<u32>1 << bytes) - 1)
}

export function textEqual(left: u64, right: u64): i32 {
  if (left == right) return 1
  if (left >> 32 != right >> 32) return 0
  let a = <usize>(left & 0xffffffff)
  let b = <usize>(right & 0xffffffff)
  let bytes = <u32>(left >> 32)
  while (bytes > 16) {
    if (v128.any_true(v128.xor(v128.load(a), v128.load(b)))) return 0
    a += 16
    b += 16
    bytes -= 16
  }
  return i32(differing(a, b, bytes) == 0)
}

// Order of the bytes, unsigned; a prefix comes first.
export function textOrder(left: u64, right: u64): i32 {
  let a = <usize>(left & 0xffffffff)
  let b = <usize>(right & 0xffffffff)
  const aBytes = <u32>(left >> 32)
  const bBytes = <u32>(right >> 32)
  let bytes = min(aBytes, bBytes)
  while (bytes > 0) {
    const mask = differing(a, b, bytes)
    if (mask != 0) {
      const at = <usize>ctz(mask)
      return load<u8>(a + at) < load<u8>(b + at) ? -1 : 1
    }
    if (bytes <= 16) break
    a += 16
    b += 16
    bytes -= 16
  }
  return aBytes < bBytes ? -1 : i32(aBytes > bBytes)
}

// Both texts and blocks have readable bytes behind them, and blocks end 64 bytes before their room.
@inline function copyBytes(target: usize, source: usize, bytes: u32): void {
  if (bytes > 64) {
    memory.copy(target, source, bytes)
    return
  }
  for (let i: u32 = 0; i < bytes; i += 16) v128.store(target + i, v128.load(source + i))
}

// `space`: words next free byte, end. Returns the copy's view, or -1 when there is no room.
export function textKeep(space: usize, view: u64): u64 {
  const bytes = <u32>(view >> 32)
  const target = load<u32>(space)
  if (load<u32>(space, 4) - target < bytes) return ~(<u64>0)
  copyBytes(target, <usize>(view & 0xffffffff), bytes)
  store<u32>(space, target + bytes)
  return <u64>target | (<u64>bytes << 32)
}

// Appends a text to an output column's block (see outputWords); 0 when its bytes are full.
export function textAppend(column: usize, row: u32, view: u64): i32 {
  const bytes = <u32>(view >> 32)
  const target = load<u32>(column, 8)
  if (load<u32>(column, 12) - target < bytes) return 0
  copyBytes(target, <usize>(view & 0xffffffff), bytes)
  store<u32>(column, target + bytes, 8)
  store<u32>(<usize>load<u32>(column, 16) + (<usize>row << 2), target + bytes - load<u32>(column), 4)
  return 1
}

// Bytes of 0 and 1 to a bitmap; returns how many are 1.
export function packBits(bytes: usize, rows: u32, target: usize): u32 {
  let ones: u32 = 0
  for (let i: u32 = 0; i < rows; i += 8) {
    const eight = load<u64>(bytes + i) & tailMask(rows - i)
    ones += <u32>popcnt(eight)
    // Gathers the lowest bit of each byte: they meet in the top byte of the product.
    store<u8>(target + (i >> 3), <u8>((eight * 0x0102040810204080) >> 56))
  }
  return ones
}

@inline function tailMask(rows: u32): u64 {
  const ones: u64 = 0x0101010101010101
  return rows >= 8 ? ones : ones & ((<u64>1 << (rows << 3)) - 1)
}

// ------------------------------------------------------------------ directories
// Enters the rows of a page (their hash in the first word) into an open-addressing directory.
export function groupEnter(directory: usize, mask: u32, row: usize, rows: u32, rowBytes: u32): void {
  for (let i: u32 = 0; i < rows; i++, row += rowBytes) {
    let slot = load<u32>(row) & mask
    while (load<u32>(directory + (<usize>slot << 2)) != 0) slot = (slot + 1) & mask
    store<u32>(directory + (<usize>slot << 2), <u32>row)
  }
}

// Counts a page's group rows by the upper bits of their hash, those above `shift`.
export function groupCount(row: usize, rows: u32, rowBytes: u32, shift: u32, counts: usize): void {
  for (let i: u32 = 0; i < rows; i++, row += rowBytes) {
    const slot = counts + (<usize>(load<u32>(row) >> shift) << 2)
    store<u32>(slot, load<u32>(slot) + 1)
  }
}
// Copies a page's group rows next to others of those bits; `cells`: where each goes on.
export function groupScatter(row: usize, rows: u32, rowBytes: u32, shift: u32, cells: usize): void {
  for (let i: u32 = 0; i < rows; i++, row += rowBytes) {
    const cell = cells + (<usize>(load<u32>(row) >> shift) << 2)
    const target = load<u32>(cell)
    let at: u32 = 0
    for (; at + 16 <= rowBytes; at += 16) v128.store(target + at, v128.load(row + at))
    if (at < rowBytes) store<u64>(target + at, load<u64>(row + at))
    store<u32>(cell, target + rowBytes)
  }
}

// Of a chain that is longer it is not looked up whether a hash comes again.
const CHAIN_LOOKED_AT: u32 = 8

// Whether it is known that no row of a chain has the hash.
@inline function isNew(row: usize, hash: u32): bool {
  for (let i: u32 = 0; i < CHAIN_LOOKED_AT; i++) {
    if (row == 0) return true
    if (load<u32>(row, 4) == hash) return false
    row = <usize>load<u32>(row)
  }
  return row == 0
}

// Links the rows of a page into the chains of a join table and its bloom filter, those whose hash's
// upper 8 bits are from..to - 1 (directory and filter go by the upper bits, so threads never meet).
export function joinLink(
  directory: usize, shift: u32, bloom: usize, bloomShift: u32,
  row: usize, rows: u32, rowBytes: u32, from: u32, to: u32,
): void {
  for (let i: u32 = 0; i < rows; i++, row += rowBytes) {
    if (load<u8>(row, 9)) continue
    const hash = load<u32>(row, 4)
    const part = hash >> 24
    if (part < from || part >= to) continue
    const slot = directory + (<usize>(hash >> shift) << 2)
    const head = load<u32>(slot)
    store<u32>(row, head)
    store<u8>(row, <u8>isNew(<usize>head, hash), 10)
    store<u32>(slot, <u32>row)
    const word = bloom + (<usize>(hash >> bloomShift) << 3)
    const bits = (<u64>1 << hash) | (<u64>1 << (hash >> 6)) | (<u64>1 << (hash >> 12))
    store<u64>(word, load<u64>(word) | bits)
  }
}

@inline function rankKey(row: usize, offset: u32, wide: bool, first: i64): u64 {
  return <u64>((wide ? load<i64>(row + offset) : <i64>load<i32>(row + offset)) - first)
}

// A rank index: 16 bytes for 64 keys, a bitmap word and the number of keys before it.
// Threads mark and link the keys whose word is from..to - 1, so that they never meet.
export function rankMark(
  words: usize, first: i64, row: usize, rows: u32, rowBytes: u32, offset: u32, wide: bool, from: u32,
  to: u32,
): void {
  for (let i: u32 = 0; i < rows; i++, row += rowBytes) {
    if (load<u8>(row, 9)) continue
    const key = rankKey(row, offset, wide, first)
    if (<u32>(key >> 6) - from >= to - from) continue
    const word = words + (<usize>(key >> 6) << 4)
    store<u64>(word, load<u64>(word) | (<u64>1 << key))
  }
}
// Numbers the words' keys from `before` on; returns how many there are with them.
export function rankCount(words: usize, count: u32, before: u32): u32 {
  for (let i: u32 = 0; i < count; i++, words += 16) {
    store<u32>(words, before, 8)
    before += <u32>popcnt(load<u64>(words))
  }
  return before
}
@inline function rankOf(words: usize, key: u64): u32 {
  const word = words + (<usize>(key >> 6) << 4)
  return load<u32>(word, 8) + <u32>popcnt(load<u64>(word) & ((<u64>1 << key) - 1))
}

// `heads`: the first row of each key in key order, 0 to begin with.
export function rankLink(
  words: usize, heads: usize, first: i64,
  row: usize, rows: u32, rowBytes: u32, offset: u32, wide: bool, from: u32, to: u32,
): void {
  for (let i: u32 = 0; i < rows; i++, row += rowBytes) {
    if (load<u8>(row, 9)) continue
    const key = rankKey(row, offset, wide, first)
    if (<u32>(key >> 6) - from >= to - from) continue
    const head = heads + (<usize>rankOf(words, key) << 2)
    store<u32>(row, load<u32>(head))
    store<u32>(head, <u32>row)
  }
}
// Packs `bytes` of each row, a multiple of 4, from `at` on: in key order, as no two rows have one key.
export function rankPlace(
  words: usize, places: usize, first: i64, row: usize, rows: u32, rowBytes: u32, offset: u32,
  wide: bool, from: u32, to: u32, at: u32, bytes: u32,
): void {
  for (let i: u32 = 0; i < rows; i++, row += rowBytes) {
    if (load<u8>(row, 9)) continue
    const key = rankKey(row, offset, wide, first)
    if (<u32>(key >> 6) - from >= to - from) continue
    const place = places + <usize>(rankOf(words, key) * bytes)
    const source = row + at
    let done: u32 = 0
    for (; done + 8 <= bytes; done += 8) store<u64>(place + done, load<u64>(source + done))
    if (done < bytes) store<u32>(place + done, load<u32>(source + done))
  }
}
