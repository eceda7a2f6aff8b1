import { present } from '../../base/assert.ts'
import type { Address } from '../../data/arenas/address.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import { NO_ADDRESS, layoutBytes, type Layout, type Vector } from '../../data/vectors/vector.ts'
import { adoptNumerics } from '../../data/vectors/numeric-slots.ts'
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
      writeRows(room, values, copied, { from, to })
    }
    return copied
  }
  const copied = copiedValues(room, base)
  for (const { vector, from, to } of patches) writeRows(room, vector, copied, { from, to })
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

/** Values of one layout. */
function writeRows(
  { scratch, kernels }: Pick<PatchRoom, 'scratch' | 'kernels'>,
  source: Vector,
  target: Vector,
  { from, to }: Pick<Patch, 'from' | 'to'>,
): void {
  const width = layoutBytes[source.layout]
  const [fromRows, toRows] = [placedWords(scratch, from), placedWords(scratch, to)]
  kernels.call('putValues', source.values, width, fromRows, target.values, toRows, to.length)
}

function placedWords(arena: Arena, words: Uint32Array): Address {
  const address = arena.allocate(4 * words.length)
  arena.heap.u32.set(words, address >>> 2)
  return address
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
