import { assert } from '../../base/assert.ts'
import type { JoinTable, Pipeline } from '../../compile/model/pipeline.ts'
import { joinHeader, type RowLayout } from '../../compile/model/row-layout.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import { NO_ADDRESS } from '../../data/vectors/vector.ts'
import type { BreakerState, JoinState, LinkJob, Page, Share } from '../jobs/jobs.ts'

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

/** Runs a job of which every thread has a share. */
export type RunLink = (job: Share<LinkJob>) => Promise<void>

/** Links the rows of a join's build side into the directories that the join asks. */
export async function joinTable(
  arena: Arena,
  table: JoinTable,
  contribution: Contribution,
  threads: number,
  run: RunLink,
): Promise<BreakerState> {
  const { pages, nullKeys } = contribution
  const rows = rowsOf(pages)
  const base: JoinState = {
    ...noTable(arena, table.layout, pages),
    isEmpty: rows === 0 && nullKeys === 0,
    hasNull: nullKeys > 0,
  }
  const job = { kind: 'link', pages, rowBytes: table.layout.rowBytes, threads } as const
  if (table.rank !== undefined) {
    return { pages, rows, join: await rankTable(arena, table, base, job, run) }
  }
  // At least 256 places, as threads share the tables out by the hash's upper 8 bits.
  const bits = Math.max(8, Math.ceil(Math.log2(Math.max(1, rows) * 1.5)))
  const bloomBits = Math.max(8, Math.ceil(Math.log2(Math.max(1, rows) / 4)))
  const join: JoinState = {
    ...base,
    directory: arena.allocate(4 * 2 ** bits),
    shift: 32 - bits,
    bloom: arena.allocate(8 * 2 ** bloomBits),
    bloomShift: 32 - bloomBits,
  }
  await run({ ...job, step: 'hash', rank: undefined, state: join })
  return { pages, rows, join }
}

/** Bitmap and counts of the keys that occur, and the first row of each in key order. */
async function rankTable(
  arena: Arena,
  table: JoinTable,
  base: JoinState,
  job: Pick<LinkJob, 'kind' | 'pages' | 'rowBytes' | 'threads'>,
  run: RunLink,
): Promise<JoinState> {
  const { rank, layout } = table
  assert(rank !== undefined, 'rank table without bounds')
  const lane = layout.fields[table.keyFields[0] ?? 0]?.lanes[0]
  assert(lane !== undefined, 'rank key without a lane')
  const words = Number((rank.max - rank.min) / 64n) + 1
  const keys = arena.allocate(4)
  const isWide = lane.type === 'i64'
  const shape = { words, min: rank.min, offset: lane.offset, isWide, keys }
  const marked = {
    ...base,
    rankMin: rank.min,
    rankSpan: rank.max - rank.min,
    rankWords: arena.allocate(words * 16),
  }
  await run({ ...job, step: 'mark-ranks', rank: shape, state: marked })
  await run({ ...job, threads: 1, step: 'count-ranks', rank: shape, state: marked })
  const bytes = Math.max(4, (arena.heap.u32[keys >>> 2] ?? 0) * 4)
  const join = { ...marked, rankRows: arena.allocate(bytes) }
  await run({ ...job, step: 'link-ranks', rank: shape, state: join })
  return join
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
    rankMin: 0n,
    rankSpan: 0n,
    nullRow: arena.allocateZeroed(Math.max(layout.rowBytes, joinHeader.bytes)),
    isEmpty: false,
    hasNull: false,
    pageList,
    pageCount: pages.length,
  }
}
