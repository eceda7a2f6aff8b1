import type { Heap } from '../../data/arenas/heap.ts'
import { addNumeric, checkedNumeric, multiplyNumeric } from '../../data/types/numeric-arithmetic.ts'
import type { NumericValue } from '../../data/types/scalar.ts'
import { encodeWideNumeric, isInlineNumeric } from '../../data/types/wide-numeric.ts'
import {
  readNumericSlot,
  setWideSlot,
  wideBytesOf,
  writeNumericSlot,
  type WideNumerics,
} from '../../data/vectors/numeric-slots.ts'

/** Sums of so many bytes more need another block. */
const ROOM_BYTES = 64

type Keeper = () => WideNumerics

/**
 * Adds the numeric at one address to the sum at another, whose bytes, where it has some, are its own:
 * they are overwritten as long as there is room. Throws NUMERIC_OUT_OF_RANGE.
 */
export function addToSum(heap: Heap, sum: number, addend: number, wide: Keeper): void {
  add(heap, sum, readNumericSlot(heap, addend), wide)
}

/** The same with the square of the numeric. */
export function addSquareToSum(heap: Heap, sum: number, addend: number, wide: Keeper): void {
  const value = readNumericSlot(heap, addend)
  add(heap, sum, checkedNumeric(multiplyNumeric(value, value)), wide)
}

function add(heap: Heap, sum: number, addend: NumericValue, wide: Keeper): void {
  const total = checkedNumeric(addNumeric(readNumericSlot(heap, sum), addend))
  const { view, u8 } = heap
  if (isInlineNumeric(total)) return writeNumericSlot(heap, sum, total, wide)
  const bytes = encodeWideNumeric(total)
  const before = wideBytesOf(view, sum)
  const fits = before > 0 && roomOf(bytes.length) <= roomOf(before)
  const target = fits ? view.getUint32(sum, true) : wide().allocate(roomOf(bytes.length))
  u8.set(bytes, target)
  setWideSlot(view, sum, target, bytes.length)
}

function roomOf(bytes: number): number {
  return Math.ceil(bytes / ROOM_BYTES) * ROOM_BYTES
}
