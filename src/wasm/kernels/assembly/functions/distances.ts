// How far texts are from each other, and whether one ends with another.
import { ELSEWHERE, isAscii, size, start } from './views'

// Bytes of a text whose row of distances has room where kernels work.
const ROW_BYTES_MAX: u32 = 190

// Characters to insert, leave out or replace until two texts are the same. Texts that are long or not ASCII are left to
// TypeScript.
export function textDistance(left: i64, right: i64, work: usize): i64 {
  const rows = size(left)
  const columns = size(right)
  const p = start(left)
  const q = start(right)
  if (columns > ROW_BYTES_MAX || rows > 65_535) return ELSEWHERE
  if (!isAscii(p, rows) || !isAscii(q, columns)) return ELSEWHERE
  for (let at: u32 = 0; at <= columns; at++) store<u16>(work + (at << 1), <u16>at)
  for (let row: u32 = 0; row < rows; row++) {
    const letter = load<u8>(p + row)
    let diagonal = row
    let before = row + 1
    store<u16>(work, <u16>before)
    for (let at: u32 = 0; at < columns; at++) {
      const cell = work + ((at + 1) << 1)
      const above = <u32>load<u16>(cell)
      const replaced = diagonal + (load<u8>(q + at) == letter ? 0 : 1)
      before = min(replaced, min(above, before) + 1)
      store<u16>(cell, <u16>before)
      diagonal = above
    }
  }
  return <i64>load<u16>(work + (columns << 1))
}

// Places where two texts of one length differ.
export function textMismatches(left: i64, right: i64): i64 {
  const bytes = size(left)
  const p = start(left)
  const q = start(right)
  if (bytes != size(right) || bytes == 0 || !isAscii(p, bytes) || !isAscii(q, bytes)) return ELSEWHERE
  let count: i64 = 0
  for (let at: u32 = 0; at < bytes; at++) if (load<u8>(p + at) != load<u8>(q + at)) count++
  return count
}

export function textEndsWith(text: i64, end: i64): i32 {
  const bytes = size(end)
  if (bytes > size(text)) return 0
  const from = start(text) + size(text) - bytes
  return memory.compare(from, start(end), bytes) == 0 ? 1 : 0
}
