import { textOfUtf8 } from '../../base/utf8.ts'
import type { MemoryViews } from '../arenas/memory-views.ts'
import type { Vector } from './vector.ts'

/**
 * Texts are decoded together, as one costs as much as a hundred of its characters. A value that is kept
 * keeps all of its block, so blocks are not large.
 */
export const BLOCK_BYTES_MAX = 65_536

/** An array of texts, and maybe of other things. */
export interface Texts {
  push(text: string): number
}

/** Adds the texts of a vector as they lie; a NULL's is empty. */
export function addStoredTexts(
  texts: Texts,
  memory: MemoryViews,
  { values, offsets, length }: Vector,
): void {
  const first = offsets >>> 2
  const ends = memory.u32.subarray(first + 1, first + 1 + length)
  // Texts of a page of a file may lie behind those of others.
  let start = memory.u32[first] ?? 0
  for (let row = 0; row < length;) {
    let last = row + 1
    while (last < length && ends[last]! - start <= BLOCK_BYTES_MAX) last++
    // Text decoders refuse shared memory, hence the copy.
    const bytes = memory.u8.slice(values + start, values + ends[last - 1]!)
    addBlock(texts, bytes, ends.subarray(row, last), start)
    start = ends[last - 1]!
    row = last
  }
}

/** Cuts a block of texts, whose ends are counted from `start`, in pieces. */
export function addBlock(texts: Texts, bytes: Uint8Array, ends: Uint32Array, start: number): void {
  const text = textOfUtf8(bytes)
  let from = 0
  // As many units as bytes: characters of one byte only.
  if (text.length === bytes.length) {
    for (let row = 0; row < ends.length; row++) {
      const end = ends[row]! - start
      texts.push(text.slice(from, end))
      from = end
    }
    return
  }
  let at = 0
  for (let row = 0; row < ends.length; row++) {
    let end = from
    for (const last = ends[row]! - start; at < last; at++) end += unitsOf(bytes[at]!)
    texts.push(text.slice(from, end))
    from = end
  }
}

/** UTF-16 units that a byte of UTF-8 begins. */
function unitsOf(byte: number): number {
  if ((byte & 0xc0) === 0x80) return 0
  return byte >= 0xf0 ? 2 : 1
}
