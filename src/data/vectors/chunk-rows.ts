import { present } from '../../base/assert.ts'
import type { Arena } from '../arenas/arena.ts'
import { layoutBytes, NO_ADDRESS, type Address, type Chunk, type Vector } from './vector.ts'

/**
 * Some rows of a chunk as a chunk. Its first rows are the same memory; others are copied into the
 * arena, as buffers begin at whole lines of the cache.
 */
export function chunkRows(arena: Arena, chunk: Chunk, start: number, rows: number): Chunk {
  if (start === 0 && rows === chunk.rows) return chunk
  const columns = chunk.columns.map((vector) =>
    start === 0 ? { ...vector, length: rows } : vectorRows(arena, vector, start, rows),
  )
  return { rows, columns, statistics: undefined }
}

function vectorRows(arena: Arena, vector: Vector, start: number, rows: number): Vector {
  const { u8 } = arena.heap
  const { layout, validity } = vector
  const parts = {
    length: rows,
    validity: validity === NO_ADDRESS ? validity : bitsOf(arena, validity, start, rows),
  }
  if (layout === 'utf8') return { ...vector, ...parts, ...textRows(arena, vector, start, rows) }
  if (layout === 'bit') {
    return { ...vector, ...parts, values: bitsOf(arena, vector.values, start, rows) }
  }
  const bytes = layoutBytes[layout]
  const values = arena.allocate(rows * bytes)
  const from = vector.values + start * bytes
  u8.copyWithin(values, from, from + rows * bytes)
  return { ...vector, ...parts, values }
}

function textRows(
  arena: Arena,
  vector: Vector,
  start: number,
  rows: number,
): Pick<Vector, 'values' | 'offsets'> {
  const { u8, u32 } = arena.heap
  const from = (vector.offsets >>> 2) + start
  const first = present(u32[from], 'offset of a text')
  const bytes = present(u32[from + rows], 'offset of a text') - first
  const [values, offsets] = [arena.allocate(bytes), arena.allocate((rows + 1) * 4)]
  u8.copyWithin(values, vector.values + first, vector.values + first + bytes)
  for (let row = 0; row <= rows; row++) u32[(offsets >>> 2) + row] = (u32[from + row] ?? 0) - first
  return { values, offsets }
}

function bitsOf(arena: Arena, address: Address, start: number, rows: number): Address {
  const to = arena.allocate((rows + 7) >>> 3)
  copyBits(arena.heap.u8.subarray(address), start, rows, arena.heap.u8, to)
  return to
}

/** Copies `count` bits from bit `from` on to whole bytes at `to`. Bits behind the last are any. */
export function copyBits(
  bits: Uint8Array,
  from: number,
  count: number,
  target: Uint8Array,
  to: number,
): void {
  const shift = from & 7
  const first = from >> 3
  const bytes = (count + 7) >>> 3
  if (shift === 0) return target.set(bits.subarray(first, first + bytes), to)
  for (let at = 0; at < bytes; at++) {
    const pair = (bits[first + at] ?? 0) | ((bits[first + at + 1] ?? 0) << 8)
    target[to + at] = pair >> shift
  }
}
