import type { RowField } from '../../compile/model/row-layout.ts'
import type { Heap } from '../../data/arenas/heap.ts'

/** Bytes that are copied one by one: a call into the engine takes longer. */
const COPIED_BYTES_MAX = 32

/**
 * Copies the bytes of a text or bytea field to a place of `target`, where they fit, and tells how many there
 * are; undefined for NULL.
 */
export function copyBytes(
  { u32, u8 }: Heap,
  { lanes, validOffset }: RowField,
  row: number,
  target: Uint8Array,
  place: number,
): number | undefined {
  if (validOffset !== undefined && u8[row + validOffset] === 0) return undefined
  const view = (row + (lanes[0]?.offset ?? 0)) >>> 2
  const from = u32[view] ?? 0
  const bytes = u32[view + 1] ?? 0
  if (place + bytes > target.length) return bytes
  if (bytes > COPIED_BYTES_MAX) target.set(u8.subarray(from, from + bytes), place)
  else for (let at = 0; at < bytes; at++) target[place + at] = u8[from + at] ?? 0
  return bytes
}
