import type { Arena } from '../../data/arenas/arena.ts'
import { NO_ADDRESS, type Address } from '../../data/vectors/vector.ts'

// A table of texts as the kernels have it, see assembly/sort-ranks.ts.
const TEXTS_MAX = 1_024
const SLOTS_AT = 8 + 16 * 4_096
const SLOTS = 4_096
const SLOT_BYTES = 16
const TABLE_BYTES = SLOTS_AT + SLOTS * SLOT_BYTES

/** The texts of a key by their rank: a table that kernels look them up in, and the last rank. */
export interface TextRanks {
  readonly table: Address
  readonly last: number
}

interface Noted {
  readonly view: bigint
  readonly hash: number
  readonly bytes: Uint8Array
}

/** An empty table for the texts that a thread meets. */
export function newTextTable(arena: Arena): Address {
  return arena.allocateZeroed(TABLE_BYTES)
}

/**
 * Ranks of all texts that threads have noted, each in a table of its own, in the order of their bytes.
 * Undefined where there are too many, or some were too long, for looking up each row's to pay.
 */
export function rankTexts(arena: Arena, tables: readonly Address[]): TextRanks | undefined {
  const { heap } = arena
  if (tables.some((table) => table === NO_ADDRESS)) return undefined
  if (tables.some((table) => heap.view.getUint32(table, true) > TEXTS_MAX)) return undefined
  const noted = tables.flatMap((table) => textsOf(arena, table))
  noted.sort((left, right) => Buffer.compare(left.bytes, right.bytes))
  const ranked = noted.filter(
    ({ bytes }, at) => at === 0 || Buffer.compare(noted[at - 1]!.bytes, bytes) !== 0,
  )
  if (ranked.length === 0 || ranked.length > TEXTS_MAX) return undefined
  const table = newTextTable(arena)
  heap.view.setUint32(table, ranked.length, true)
  ranked.forEach(({ view, hash }, rank) => {
    const slot = freeSlot(arena, table, hash)
    heap.view.setBigUint64(slot, view, true)
    heap.view.setUint32(slot + 8, hash, true)
    heap.view.setUint32(slot + 12, rank, true)
  })
  return { table, last: ranked.length - 1 }
}

function textsOf({ heap }: Arena, table: Address): readonly Noted[] {
  const { view: memory, u8 } = heap
  const texts: Noted[] = []
  for (let slot = table + SLOTS_AT; slot < table + TABLE_BYTES; slot += SLOT_BYTES) {
    const hash = memory.getUint32(slot + 8, true)
    if (hash === 0) continue
    const view = memory.getBigUint64(slot, true)
    const start = memory.getUint32(slot, true)
    const bytes = u8.subarray(start, start + memory.getUint32(slot + 4, true))
    texts.push({ view, hash, bytes })
  }
  return texts
}

function freeSlot({ heap }: Arena, table: Address, hash: number): number {
  const { view } = heap
  for (let at = hash & (SLOTS - 1); ; at = (at + 1) & (SLOTS - 1)) {
    const slot = table + SLOTS_AT + at * SLOT_BYTES
    if (view.getUint32(slot + 8, true) === 0) return slot
  }
}
