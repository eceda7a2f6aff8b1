// Rows of a column that stay, and rows that come in the place of others. A bit a row says which rows stay; bits behind
// the last row are 0 up to the end of a word of 64.
import { copyShort } from './copy'

// @ts-ignore: decorator
@inline
function selectOf<T>(from: usize, to: usize, bits: usize, rows: u32): void {
  for (let row: u32 = 0; row < rows; row += 64, bits += 8) {
    let word = load<u64>(bits)
    const here = from + <usize>row * sizeof<T>()
    if (word == u64.MAX_VALUE) {
      memory.copy(to, here, 64 * sizeof<T>())
      to += 64 * sizeof<T>()
      continue
    }
    // Most stay, or most go.
    if (popcnt(word) >= 16) {
      const count = min<u32>(64, rows - row)
      for (let at: u32 = 0; at < count; at++, word >>= 1) {
        store<T>(to, load<T>(here + <usize>at * sizeof<T>()))
        to += <usize>(word & 1) * sizeof<T>()
      }
      continue
    }
    for (; word != 0; word &= word - 1, to += sizeof<T>()) {
      store<T>(to, load<T>(here + <usize>ctz(word) * sizeof<T>()))
    }
  }
}

@inline function selectPairs(from: usize, to: usize, bits: usize, rows: u32): void {
  for (let row: u32 = 0; row < rows; row += 64, bits += 8) {
    const here = from + (<usize>row << 4)
    for (let word = load<u64>(bits); word != 0; word &= word - 1, to += 16) {
      v128.store(to, v128.load(here + (<usize>ctz(word) << 4)))
    }
  }
}

// Values of `bytes` (1, 2, 4, 8 or 16). One more than what stays may be written.
export function selectValues(from: usize, bytes: u32, bits: usize, rows: u32, to: usize): void {
  if (bytes == 1) selectOf<u8>(from, to, bits, rows)
  else if (bytes == 2) selectOf<u16>(from, to, bits, rows)
  else if (bytes == 4) selectOf<u32>(from, to, bits, rows)
  else if (bytes == 8) selectOf<u64>(from, to, bits, rows)
  else selectPairs(from, to, bits, rows)
}

// Values of a bit each. A word of 64 more than what stays may be written.
export function selectBits(from: usize, bits: usize, rows: u32, to: usize): void {
  let made: u64 = 0
  let count: u32 = 0
  for (let row: u32 = 0; row < rows; row += 64, bits += 8, from += 8) {
    const values = load<u64>(from)
    for (let word = load<u64>(bits); word != 0; word &= word - 1) {
      made |= ((values >> ctz(word)) & 1) << count
      if (++count < 64) continue
      store<u64>(to, made)
      to += 8
      made = 0
      count = 0
    }
  }
  store<u64>(to, made)
}

// Texts whose bytes lie at `values`, and where each begins; gives how many bytes they are.
export function selectTexts(
  offsets: usize, values: usize, bits: usize, rows: u32, toOffsets: usize, toValues: usize,
): u32 {
  let written: u32 = 0
  store<u32>(toOffsets, 0)
  let row: u32 = 0
  while (row < rows) {
    // Rows side by side that stay, up to the end of a word at a time.
    const word = load<u64>(bits + <usize>((row >> 6) << 3)) >> (row & 63)
    if (word == 0) {
      row = (row | 63) + 1
      continue
    }
    row += <u32>ctz(word)
    const run = min<u32>(<u32>ctz(~(word >> ctz(word))), min<u32>(64 - (row & 63), rows - row))
    const first = load<u32>(offsets + (<usize>row << 2))
    const bytes = load<u32>(offsets + (<usize>(row + run) << 2)) - first
    copyShort(toValues + written, values + first, bytes)
    const moved = written - first
    for (let at: u32 = 1; at <= run; at++) {
      toOffsets += 4
      store<u32>(toOffsets, load<u32>(offsets + (<usize>(row + at) << 2)) + moved)
    }
    written += bytes
    row += run
  }
  return written
}

// @ts-ignore: decorator
@inline
function put<T>(from: usize, fromRows: usize, to: usize, toRows: usize, count: u32): void {
  for (let at: usize = 0; at < <usize>count << 2; at += 4) {
    const value = load<T>(from + <usize>load<u32>(fromRows + at) * sizeof<T>())
    store<T>(to + <usize>load<u32>(toRows + at) * sizeof<T>(), value)
  }
}

// Writes values of `bytes` (1, 2, 4, 8 or 16) of some rows of a column to rows of another.
export function putValues(
  from: usize, bytes: u32, fromRows: usize, to: usize, toRows: usize, count: u32,
): void {
  if (bytes == 1) put<u8>(from, fromRows, to, toRows, count)
  else if (bytes == 2) put<u16>(from, fromRows, to, toRows, count)
  else if (bytes == 4) put<u32>(from, fromRows, to, toRows, count)
  else if (bytes == 8) put<u64>(from, fromRows, to, toRows, count)
  else {
    for (let at: usize = 0; at < <usize>count << 2; at += 4) {
      const value = v128.load(from + (<usize>load<u32>(fromRows + at) << 4))
      v128.store(to + (<usize>load<u32>(toRows + at) << 4), value)
    }
  }
}
