// Putting pieces of columns together into table chunks.
import { textHash } from './statistics'

/** Copies `count` bits from bit 0 of `from` to bit `at` of `to`; from 0: ones. */
export function appendBits(to: usize, at: i32, from: usize, count: i32): void {
  let i = 0
  for (; i < count && ((at + i) & 7) != 0; i++) setBit(to, at + i, from == 0 || bitOf(from, i))
  const target = to + (<usize>(at + i) >> 3)
  const bytes = (count - i) >> 3
  if (from == 0) {
    memory.fill(target, 0xff, bytes)
  } else if ((i & 7) == 0) {
    memory.copy(target, from + (<usize>i >> 3), bytes)
  } else {
    const shift = <u32>(i & 7)
    let source = from + (<usize>i >> 3)
    for (let k = 0; k < bytes; k++) {
      store<u8>(target + k, <u8>(<u32>load<u16>(source) >> shift))
      source++
    }
  }
  for (i += bytes << 3; i < count; i++) setBit(to, at + i, from == 0 || bitOf(from, i))
}

@inline
function bitOf(bits: usize, at: i32): bool {
  return ((<u32>load<u8>(bits + (<usize>at >> 3)) >> (at & 7)) & 1) != 0
}

@inline
function setBit(bits: usize, at: i32, value: bool): void {
  const p = bits + (<usize>at >> 3)
  const mask = <u32>1 << (at & 7)
  const byte = <u32>load<u8>(p)
  store<u8>(p, <u8>(value ? byte | mask : byte & ~mask))
}

/** Ones among the first `count` bits. */
export function countBits(bits: usize, count: i32): i32 {
  let total: u64 = 0
  let i = 0
  for (; i + 64 <= count; i += 64) total += popcnt(load<u64>(bits + (<usize>i >> 3)))
  for (; i < count; i++) total += <u64>bitOf(bits, i)
  return <i32>total
}

/** Offsets of appended text: `count` + 1 of `from`, moved so that they begin at `base`. */
export function appendOffsets(to: usize, from: usize, count: i32, base: i32): void {
  const delta = <u32>base - load<u32>(from)
  for (let i = 0; i <= count; i++) {
    store<u32>(to + (<usize>i << 2), load<u32>(from + (<usize>i << 2)) + delta)
  }
}

// A growing dictionary: u32 entries, u32 entries at most, u32 bytes, u32 bytes at most, u32 slot
// mask, then addresses: slots (u32 code + 1), hashes (u64 a code), offsets (u32), bytes.
const ENTRIES: usize = 0
const ENTRIES_MAX: usize = 4
const BYTES: usize = 8
const BYTES_MAX: usize = 12
const MASK: usize = 16
const SLOTS: usize = 20
const HASHES: usize = 24
const OFFSETS: usize = 28
const TEXT: usize = 32

function sameBytes(a: usize, b: usize, length: u32): bool {
  while (length >= 8) {
    if (load<u64>(a) != load<u64>(b)) return false
    a += 8
    b += 8
    length -= 8
  }
  return length == 0 || (load<u64>(a) ^ load<u64>(b)) << (64 - (length << 3)) == 0
}

// The code of a text, entered when it is new; -1 when the dictionary is full.
function codeOf(dictionary: usize, p: usize, length: u32): i32 {
  const hash = textHash(p, length)
  const mask = load<u32>(dictionary + MASK)
  const slots = <usize>load<u32>(dictionary + SLOTS)
  const hashes = <usize>load<u32>(dictionary + HASHES)
  const offsets = <usize>load<u32>(dictionary + OFFSETS)
  const text = <usize>load<u32>(dictionary + TEXT)
  let slot = <u32>hash & mask
  for (;;) {
    const found = load<u32>(slots + (<usize>slot << 2))
    if (found == 0) break
    const code = <usize>(found - 1)
    if (load<u64>(hashes + (code << 3)) == hash) {
      const start = load<u32>(offsets + (code << 2))
      const size = load<u32>(offsets + (code << 2), 4) - start
      if (size == length && sameBytes(text + start, p, length)) return <i32>code
    }
    slot = (slot + 1) & mask
  }
  const entries = load<u32>(dictionary + ENTRIES)
  const bytes = load<u32>(dictionary + BYTES)
  if (entries >= load<u32>(dictionary + ENTRIES_MAX)) return -1
  if (length > load<u32>(dictionary + BYTES_MAX) - bytes) return -1
  store<u32>(slots + (<usize>slot << 2), entries + 1)
  store<u64>(hashes + (<usize>entries << 3), hash)
  memory.copy(text + bytes, p, length)
  store<u32>(offsets + (<usize>entries << 2), bytes + length, 4)
  store<u32>(dictionary + ENTRIES, entries + 1)
  store<u32>(dictionary + BYTES, bytes + length)
  return <i32>entries
}

/**
 * Codes (u32) of text rows; a NULL's is 0. Returns the rows done: fewer than `rows` when the
 * dictionary is full. validity 0: none is NULL.
 */
export function dictionaryCodes(
  dictionary: usize,
  offsets: usize,
  values: usize,
  validity: usize,
  rows: i32,
  codes: usize,
): i32 {
  let start = load<u32>(offsets)
  let lastStart: u32 = 0
  let lastLength: u32 = u32.MAX_VALUE
  let lastCode = 0
  for (let i = 0; i < rows; i++) {
    const end = load<u32>(offsets + (<usize>i << 2), 4)
    const length = end - start
    let code = 0
    if (validity == 0 || bitOf(validity, i)) {
      if (length == lastLength && sameBytes(values + lastStart, values + start, length)) {
        code = lastCode
      } else {
        code = codeOf(dictionary, values + start, length)
        if (code < 0) return i
        lastStart = start
        lastLength = length
        lastCode = code
      }
    }
    store<u32>(codes + (<usize>i << 2), code)
    start = end
  }
  return rows
}

/** Text of codes: offsets (rows + 1) from 0 and bytes; a NULL's is empty. Returns the bytes. */
export function decodeCodes(
  codes: usize,
  width: i32,
  validity: usize,
  rows: i32,
  dictionaryOffsets: usize,
  dictionaryValues: usize,
  offsets: usize,
  to: usize,
): i32 {
  let total: u32 = 0
  for (let i = 0; i < rows; i++) {
    store<u32>(offsets + (<usize>i << 2), total)
    if (validity != 0 && !bitOf(validity, i)) continue
    let code: usize
    if (width == 1) code = load<u8>(codes + <usize>i)
    else if (width == 2) code = load<u16>(codes + (<usize>i << 1))
    else code = load<u32>(codes + (<usize>i << 2))
    const start = load<u32>(dictionaryOffsets + (code << 2))
    const length = load<u32>(dictionaryOffsets + (code << 2), 4) - start
    // to 0: only the length is wanted.
    if (to != 0) memory.copy(to + total, dictionaryValues + start, length)
    total += length
  }
  store<u32>(offsets + (<usize>rows << 2), total)
  return <i32>total
}
