import type { Heap } from '../arenas/heap.ts'
import { NUMERIC_SLOT_BYTES, wideBytesOf } from './numeric-slots.ts'
import { layoutBytes, NO_ADDRESS, type Chunk, type Vector } from './vector.ts'

/** Bytes that the chunks' buffers take, dictionaries counted once: what a result weighs. */
export function chunksBytes(heap: Heap, chunks: readonly Chunk[]): number {
  const dictionaries = new Set<number>()
  let bytes = 0
  for (const chunk of chunks) {
    for (const vector of chunk.columns) {
      bytes += vectorBytes(heap, vector)
      const { dictionary } = vector
      if (dictionary === undefined || dictionaries.has(dictionary.values)) continue
      dictionaries.add(dictionary.values)
      bytes += vectorBytes(heap, dictionary)
    }
  }
  return bytes
}

function vectorBytes(heap: Heap, vector: Vector): number {
  const { layout, length, validity } = vector
  const bitmap = validity === NO_ADDRESS ? 0 : Math.ceil(length / 8)
  if (layout === 'bit') return bitmap + Math.ceil(length / 8)
  if (layout === 'numeric') return bitmap + numericBytes(heap, vector)
  if (layout !== 'utf8') return bitmap + length * layoutBytes[layout]
  const first = vector.offsets >>> 2
  const textBytes = length === 0 ? 0 : heap.u32[first + length]! - heap.u32[first]!
  return bitmap + (length + 1) * 4 + textBytes
}

/** Slots, and what lies outside of them. */
function numericBytes({ view }: Heap, { values, length }: Vector): number {
  const slots = length * NUMERIC_SLOT_BYTES
  let bytes = slots
  for (let at = 0; at < slots; at += NUMERIC_SLOT_BYTES) bytes += wideBytesOf(view, values + at)
  return bytes
}
