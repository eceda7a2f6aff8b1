import { assert } from '../base/assert.ts'
import type { JoinTable, Pipeline } from '../compile/pipeline/pipeline.ts'
import { joinHeader, type RowLayout } from '../compile/pipeline/row-layout.ts'
import type { Arena } from '../data/arenas/arena.ts'
import { NO_ADDRESS, type Address } from '../data/vectors/vector.ts'
import type { BreakerState, JoinState, Page } from './jobs.ts'
import type { ThreadEnvironment } from './thread.ts'

/** What the threads wrote into a breaker. */
export interface Contribution {
  readonly pages: Page[]
  nullKeys: number
  /** Threads that contributed; their groups still have to be merged when there are several. */
  threads: number
  /** Some thread's groups occur more than once. */
  repeats: boolean
  /** A pipeline that feeds the breaker. */
  readonly pipeline: Pipeline
}

export function rowsOf(pages: readonly Page[]): number {
  return pages.reduce((total, { rows }) => total + rows, 0)
}

/** The state of rows that need no more than their pages: groups. */
export function plainState(pages: readonly Page[]): BreakerState {
  return { pages, rows: rowsOf(pages) }
}

/** Rows of a nested loop's build side, listed by page. */
export function listedState(arena: Arena, layout: RowLayout, pages: readonly Page[]): BreakerState {
  const rows = rowsOf(pages)
  return { pages, rows, join: { ...noTable(arena, layout, pages), isEmpty: rows === 0 } }
}

/** A join table without its links: directories of the right size, all empty. */
export function emptyTable(
  env: ThreadEnvironment,
  arena: Arena,
  table: JoinTable,
  contribution: Contribution,
): JoinState {
  const { pages, nullKeys } = contribution
  const rows = rowsOf(pages)
  const base: JoinState = {
    ...noTable(arena, table.layout, pages),
    isEmpty: rows === 0 && nullKeys === 0,
    hasNull: nullKeys > 0,
  }
  if (table.rank !== undefined) return rankTable(env, arena, table, base, pages)
  // At least 256 places, as threads share the tables out by the hash's upper 8 bits.
  const bits = Math.max(8, Math.ceil(Math.log2(Math.max(1, rows) * 1.5)))
  const bloomBits = Math.max(8, Math.ceil(Math.log2(Math.max(1, rows) / 4)))
  return {
    ...base,
    directory: zeroed(env, arena, 4 * 2 ** bits),
    shift: 32 - bits,
    bloom: zeroed(env, arena, 8 * 2 ** bloomBits),
    bloomShift: 32 - bloomBits,
  }
}

/** Bitmap and counts of the keys that occur, and the first row of each in key order. */
function rankTable(
  env: ThreadEnvironment,
  arena: Arena,
  table: JoinTable,
  base: JoinState,
  pages: readonly Page[],
): JoinState {
  const { rank, layout } = table
  assert(rank !== undefined, 'rank table without bounds')
  const lane = layout.fields[table.keyFields[0] ?? 0]?.lanes[0]
  assert(lane !== undefined, 'rank key without a lane')
  const words = Number((rank.max - rank.min) / 64n) + 1
  const rankWords = zeroed(env, arena, words * 16)
  const wide = lane.type === 'i64' ? 1 : 0
  const { kernels } = env
  for (const { address, rows } of pages) {
    kernels.call('rankMark', rankWords, rank.min, address, rows, layout.rowBytes, lane.offset, wide)
  }
  const keys = Number(kernels.call('rankCount', rankWords, words))
  const rankRows = zeroed(env, arena, Math.max(4, keys * 4))
  for (const { address, rows } of pages) {
    const { rowBytes } = layout
    kernels.call(
      'rankLink',
      rankWords,
      rankRows,
      rank.min,
      address,
      rows,
      rowBytes,
      lane.offset,
      wide,
    )
  }
  return { ...base, rankWords, rankRows }
}

function noTable(arena: Arena, layout: RowLayout, pages: readonly Page[]): JoinState {
  const pageList = arena.allocate(Math.max(1, pages.length) * 8)
  pages.forEach(({ address, rows }, index) => {
    arena.heap.u32[(pageList >>> 2) + index * 2] = address
    arena.heap.u32[(pageList >>> 2) + index * 2 + 1] = rows
  })
  return {
    directory: NO_ADDRESS,
    shift: 0,
    bloom: NO_ADDRESS,
    bloomShift: 0,
    rankWords: NO_ADDRESS,
    rankRows: NO_ADDRESS,
    nullRow: arena.allocateZeroed(Math.max(layout.rowBytes, joinHeader.bytes)),
    isEmpty: false,
    hasNull: false,
    pageList,
    pageCount: pages.length,
  }
}

function zeroed(env: ThreadEnvironment, arena: Arena, bytes: number): Address {
  const block = arena.allocate(bytes)
  env.kernels.call('fill', block, 0, bytes)
  return block
}
