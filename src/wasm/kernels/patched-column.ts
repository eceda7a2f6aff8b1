import { present } from '../../base/assert.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import { NO_ADDRESS, layoutBytes, type Layout, type Vector } from '../../data/vectors/vector.ts'
import { isWideSlot, NUMERIC_SLOT_BYTES, WideNumerics } from '../../data/vectors/numeric-slots.ts'
import { convertLayout, isIntegerLayout } from './narrow.ts'
import type { Patch, PatchedColumn, PatchRoom } from './patch.ts'
import { patchedTexts } from './patched-texts.ts'

/**
 * The values of a column, others in some rows: all of it copied, with what comes written over it. No row comes twice.
 * Undefined where texts get too long for one chunk.
 */
export function patchedColumn(
  room: PatchRoom,
  base: Vector,
  patches: readonly Patch[],
): PatchedColumn | undefined {
  const validity = patchedValidity(room, base, patches)
  if (base.layout === 'utf8' || base.dictionary !== undefined) {
    return patchedTexts(room, base, patches, validity)
  }
  return { vector: { ...patchedFixed(room, base, patches), validity }, sharesDictionary: false }
}

function patchedFixed(room: PatchRoom, base: Vector, patches: readonly Patch[]): Vector {
  const { arena, scratch, kernels } = room
  const { layout } = base
  if (layout === 'bit') return patchedBits(arena, base, patches)
  if (isIntegerLayout(layout)) {
    const widest = patches.reduce(
      (wide, { vector }) => wider(wide, vector.layout),
      layout as Layout,
    )
    const copied =
      widest === layout ? copiedValues(room, base) : convertLayout(arena, kernels, base, widest)
    for (const { vector, from, to } of patches) {
      const values = convertLayout(scratch, kernels, vector, widest)
      writeRows(arena, values, copied, { from, to })
    }
    return copied
  }
  const copied = copiedValues(room, base)
  for (const { vector, from, to } of patches) writeRows(arena, vector, copied, { from, to })
  if (layout === 'numeric') adoptNumerics(arena, copied)
  return copied
}

function wider(left: Layout, right: Layout): Layout {
  return layoutBytes[right] > layoutBytes[left] ? right : left
}

function copiedValues({ arena, kernels }: PatchRoom, base: Vector): Vector {
  const bytes = layoutBytes[base.layout] * base.length
  const values = arena.allocate(bytes)
  kernels.call('copy', values, base.values, bytes)
  return { ...base, values }
}

/** Values of one layout, in whole words where they have some. */
function writeRows(
  { heap }: Arena,
  source: Vector,
  target: Vector,
  { from, to }: Pick<Patch, 'from' | 'to'>,
): void {
  const width = layoutBytes[source.layout]
  const { u8, u32, view } = heap
  if (width === 1) {
    for (let at = 0; at < to.length; at++) {
      u8[target.values + to[at]!] = u8[source.values + from[at]!]!
    }
    return
  }
  if (width === 2) {
    for (let at = 0; at < to.length; at++) {
      const value = view.getUint16(source.values + 2 * from[at]!, true)
      view.setUint16(target.values + 2 * to[at]!, value, true)
    }
    return
  }
  const words = width >> 2
  const [first, targetFirst] = [source.values >>> 2, target.values >>> 2]
  for (let at = 0; at < to.length; at++) {
    const [own, other] = [targetFirst + words * to[at]!, first + words * from[at]!]
    for (let word = 0; word < words; word++) u32[own + word] = u32[other + word]!
  }
}

function patchedBits(arena: Arena, base: Vector, patches: readonly Patch[]): Vector {
  const { u8 } = arena.heap
  const bytes = (base.length + 7) >>> 3
  const values = arena.allocate(bytes)
  u8.copyWithin(values, base.values, base.values + bytes)
  for (const { vector, from, to } of patches) {
    for (const [at, row] of to.entries())
      setBit(u8, values, row, bitAt(u8, vector.values, from[at]!))
  }
  return { ...base, values }
}

/** Which rows are valid then; none is NULL where it has no bits. */
function patchedValidity(
  { arena, kernels }: PatchRoom,
  base: Vector,
  patches: readonly Patch[],
): Vector['validity'] {
  const nullable = [base, ...patches.map(({ vector }) => vector)]
  if (nullable.every(({ validity }) => validity === NO_ADDRESS)) return NO_ADDRESS
  const { heap } = arena
  const bytes = (base.length + 7) >>> 3
  const validity = arena.allocate(bytes)
  if (base.validity === NO_ADDRESS) heap.fill(validity, 0xff, bytes)
  else heap.u8.copyWithin(validity, base.validity, base.validity + bytes)
  for (const { vector, from, to } of patches) {
    const isPlain = vector.validity === NO_ADDRESS
    for (let at = 0; at < to.length; at++) {
      setBit(heap.u8, validity, to[at]!, isPlain || bitAt(heap.u8, vector.validity, from[at]!))
    }
  }
  return kernels.call('countBits', validity, base.length) === base.length ? NO_ADDRESS : validity
}

function bitAt(u8: Uint8Array, bits: number, row: number): boolean {
  return (present(u8[bits + (row >> 3)], 'a byte of bits') & (1 << (row & 7))) !== 0
}

function setBit(u8: Uint8Array, bits: number, row: number, isSet: boolean): void {
  const [byte, bit] = [bits + (row >> 3), 1 << (row & 7)]
  const before = present(u8[byte], 'a byte of bits')
  u8[byte] = isSet ? before | bit : before & ~bit
}

/** Bytes of wide numerics come along: those they were copied from may go before. */
function adoptNumerics(arena: Arena, { values, length }: Vector): void {
  const wide = new WideNumerics(arena)
  const end = values + length * NUMERIC_SLOT_BYTES
  for (let slot: number = values; slot < end; slot += NUMERIC_SLOT_BYTES) {
    if (isWideSlot(arena.heap.view, slot)) wide.adopt(slot)
  }
}
