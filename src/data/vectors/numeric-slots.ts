import type { Arena } from '../arenas/arena.ts'
import { address, type Address } from '../arenas/address.ts'
import type { Heap } from '../arenas/heap.ts'
import type { MemoryViews } from '../arenas/memory-views.ts'
import type { NumericValue } from '../types/scalar.ts'
import {
  decodeWideNumeric,
  encodeWideNumeric,
  isInlineNumeric,
  WIDE_TAG,
} from '../types/wide-numeric.ts'

/** Bits of a slot that hold the unscaled value; the last byte is the scale. */
const UNSCALED_BITS = 120
/** Bytes of a numeric in vectors and rows. */
export const NUMERIC_SLOT_BYTES = 16
const TAG_AT = 15

const BLOCK_BYTES_MIN = 4_096
const BLOCK_BYTES_MAX = 1_048_576

/** Gives room for bytes that values refer to. */
export interface BytesKeeper {
  allocate(bytes: number): Address
}

/** Where the bytes of wide numerics are kept: packed into blocks of an arena, with which they die. */
export class WideNumerics implements BytesKeeper {
  readonly #arena: Arena
  #next = 0
  #end = 0
  #blockBytes = BLOCK_BYTES_MIN / 2

  constructor(arena: Arena) {
    this.#arena = arena
  }

  /** Room for a value's bytes. */
  allocate(bytes: number): Address {
    if (this.#end - this.#next < bytes) {
      this.#blockBytes = Math.min(this.#blockBytes * 2, BLOCK_BYTES_MAX)
      const block = Math.max(this.#blockBytes, bytes)
      this.#next = this.#arena.allocate(block)
      this.#end = this.#next + block
    }
    const taken = address(this.#next)
    this.#next += bytes
    return taken
  }

  /** Gives back the last bytes of the room that was asked for last. */
  giveBack(bytes: number): void {
    this.#next -= bytes
  }

  /** Moves the bytes behind a slot here; a slot that is inline stays as it is. */
  adopt(slot: number): void {
    const { view, u8 } = this.#arena.heap
    if (!isWideSlot(view, slot)) return
    const [from, bytes] = [view.getUint32(slot, true), view.getUint32(slot + 4, true)]
    const target = this.allocate(bytes)
    u8.copyWithin(target, from, from + bytes)
    view.setUint32(slot, target, true)
  }
}

/** Gives values that were copied from another column bytes of their own: those they refer to may go before. */
export function adoptNumerics(
  arena: Arena,
  { values, length }: { readonly values: Address; readonly length: number },
): void {
  const wide = new WideNumerics(arena)
  const end = values + length * NUMERIC_SLOT_BYTES
  for (let slot: number = values; slot < end; slot += NUMERIC_SLOT_BYTES) wide.adopt(slot)
}

/** Whether the value of a slot is a run of bytes of its own. */
export function isWideSlot(view: DataView, slot: number): boolean {
  return view.getUint8(slot + TAG_AT) === WIDE_TAG
}

/** Digits behind the point of a value that is inline. */
export function inlineScale(view: DataView, slot: number): number {
  return view.getUint8(slot + TAG_AT)
}

/** The bytes that a slot refers to; 0 for one that is inline. */
export function wideBytesOf(view: DataView, slot: number): number {
  return isWideSlot(view, slot) ? view.getUint32(slot + 4, true) : 0
}

/** Writes a numeric to the 16 bytes at an address, its bytes to `wide` where it needs some. */
export function writeNumericSlot(
  heap: Heap,
  slot: number,
  value: NumericValue,
  wide: BytesKeeper | (() => BytesKeeper),
): void {
  const { view } = heap
  if (isInlineNumeric(value)) {
    const bits = BigInt.asUintN(UNSCALED_BITS, value.unscaled)
    view.setBigUint64(slot, BigInt.asUintN(64, bits), true)
    view.setBigUint64(slot + 8, (bits >> 64n) | (BigInt(value.scale) << 56n), true)
    return
  }
  const bytes = encodeWideNumeric(value)
  const target = (typeof wide === 'function' ? wide() : wide).allocate(bytes.length)
  heap.u8.set(bytes, target)
  setWideSlot(view, slot, target, bytes.length)
}

/** Makes a slot refer to a wide numeric's bytes. */
export function setWideSlot(view: DataView, slot: number, target: number, bytes: number): void {
  view.setUint32(slot, target, true)
  view.setUint32(slot + 4, bytes, true)
  view.setBigUint64(slot + 8, BigInt(WIDE_TAG) << 56n, true)
}

export function readNumericSlot({ view, u8 }: MemoryViews, slot: number): NumericValue {
  if (isWideSlot(view, slot)) {
    const from = view.getUint32(slot, true)
    return decodeWideNumeric(u8.slice(from, from + view.getUint32(slot + 4, true)))
  }
  const bits = (view.getBigUint64(slot + 8, true) << 64n) | view.getBigUint64(slot, true)
  return { unscaled: BigInt.asIntN(UNSCALED_BITS, bits), scale: view.getUint8(slot + TAG_AT) }
}
