import { assert } from '../../base/assert.ts'
import type { JoinTable } from '../../compile/model/pipeline.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import { NO_ADDRESS } from '../../data/vectors/vector.ts'
import type { JoinState, LinkJob } from '../jobs/jobs.ts'
import { createPageWriter } from '../rows/page-writer.ts'
import {
  drivePages,
  pageRows,
  pagesSize,
  rowsOf,
  type Breaker,
  type Contribution,
  type Finishing,
} from './breaker.ts'
import { noTable } from './join-state.ts'

/** Rows of a join's build side, linked into the directories that the join asks. */
export const joinBuild: Breaker<'join-build'> = {
  writers: ({ breaker, table: { layout } }, arena) => {
    const writer = createPageWriter(arena, layout.rowBytes)
    return [{ breaker, writer, singleRow: NO_ADDRESS }]
  },
  finish: async (_, { table }, written, finishing) => {
    const { pages } = written
    const join = await linked(table, written, finishing)
    return { kind: 'join-build', pages, rows: rowsOf(pages), join }
  },
  size: pagesSize,
  pieceRows: pageRows,
  drive: drivePages,
}

async function linked(
  table: JoinTable,
  { pages, counted: nullKeys }: Contribution,
  { arena, threadsFor, share }: Finishing,
): Promise<JoinState> {
  const rows = rowsOf(pages)
  const { rowBytes } = table.layout
  const base: JoinState = {
    ...noTable(arena, table.layout, pages),
    isEmpty: rows === 0 && nullKeys === 0,
    hasNull: nullKeys > 0,
  }
  const job = { kind: 'link', pages, rowBytes, threads: threadsFor(rows, rowBytes) } as const
  if (table.rank !== undefined) return rankTable(arena, table, base, job, share)
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
  await share({ ...job, step: 'hash', rank: undefined, state: join })
  return join
}

/**
 * Bitmap and counts of the keys that occur, and in key order the first row of each, or, where no key comes
 * twice, what the rows carry.
 */
async function rankTable(
  arena: Arena,
  table: JoinTable,
  base: JoinState,
  job: Pick<LinkJob, 'kind' | 'pages' | 'rowBytes' | 'threads'>,
  share: Finishing['share'],
): Promise<JoinState> {
  const { rank, layout } = table
  assert(rank !== undefined, 'rank table without bounds')
  const lane = layout.fields[table.keyFields[0] ?? 0]?.lanes[0]
  assert(lane !== undefined, 'rank key without a lane')
  const words = Number((rank.max - rank.min) / 64n) + 1
  const keys = arena.allocate(4)
  const isWide = lane.type === 'i64'
  const { carried } = table
  const shape = { words, min: rank.min, offset: lane.offset, isWide, keys, carried }
  const marked = {
    ...base,
    rankMin: rank.min,
    rankSpan: rank.max - rank.min,
    rankWords: arena.allocate(words * 16),
  }
  await share({ ...job, step: 'mark-ranks', rank: shape, state: marked })
  await share({ ...job, threads: 1, step: 'count-ranks', rank: shape, state: marked })
  const distinct = arena.heap.u32[keys >>> 2] ?? 0
  if (carried !== undefined && distinct === rowsOf(job.pages)) {
    // Fields keep their offsets: rows begin as far in front as what is left out of them.
    const rows = arena.allocate(Math.max(4, carried.offset + distinct * carried.bytes))
    const placing = BigInt(distinct) === marked.rankSpan + 1n ? 'by-key' : 'by-rank'
    const placed: JoinState = { ...marked, rankRows: rows, placing }
    await share({ ...job, step: 'place-ranks', rank: shape, state: placed })
    return placed
  }
  const join = { ...marked, rankRows: arena.allocate(Math.max(4, distinct * 4)) }
  await share({ ...job, step: 'link-ranks', rank: shape, state: join })
  return join
}
