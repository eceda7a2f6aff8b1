import { rangePage } from '../../compile/model/context.ts'
import type { RangeOf, RowsSink, SortShape } from '../../compile/model/pipeline.ts'
import { Arena } from '../../data/arenas/arena.ts'
import { address } from '../../data/vectors/vector.ts'
import { RANGE_PAGE_ROWS, type Page, type RangeJob } from '../jobs/jobs.ts'
import type { Steps } from '../jobs/steps.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'
import { boundsOfRows, packSortKeys, sortKeysBytes, writeSortKeys } from '../sort/sort-keys.ts'
import { entrySteps, SORT_ENTRY_BYTES, sortSteps } from '../sort/sort-rows.ts'
import { rowsOf, type Finishing } from './breaker.ts'

/** Rows that are copied in one step, and that a thread reads at once of those without a partner. */
const ROWS_A_STEP = 65_536

/** Rows in the order of a range. */
export interface RangeRows {
  readonly pages: readonly Page[]
  readonly list: Page
}

/**
 * Copies rows into the order of a range, and lists them in small pages with the least and the largest that they have
 * in it: a probe row finds the first page by halving, and passes over those that its range is not in.
 */
export async function orderRows(
  { layout }: RowsSink,
  range: RangeOf<number>,
  pages: readonly Page[],
  { arena, share }: Finishing,
): Promise<RangeRows> {
  const count = rowsOf(pages)
  const { rowBytes } = layout
  const rows = arena.allocate(Math.max(1, count * rowBytes))
  // A page ends early where NULLs begin.
  const list = arena.allocate((Math.ceil(count / RANGE_PAGE_ROWS) + 1) * rangePage.bytes)
  const found = arena.allocateZeroed(4)
  const job = { kind: 'range', pages, layout, rowBytes, range, threads: 1 } as const
  await share({ ...job, rows, list, count: found })
  const ordered = Array.from({ length: Math.ceil(count / ROWS_A_STEP) }, (_, at) => ({
    address: address(rows + at * ROWS_A_STEP * rowBytes),
    rows: Math.min(ROWS_A_STEP, count - at * ROWS_A_STEP),
  }))
  return { pages: ordered, list: { address: list, rows: arena.heap.u32[found >>> 2]! } }
}

/** Does all of a job: there is one thread for it. */
export function* rangeSteps(env: ThreadEnvironment, job: RangeJob): Steps<void> {
  const { heap, kernels } = env
  const { pages, layout, rowBytes, range } = job
  const count = rowsOf(pages)
  const sort = shapeOf(layout, [range.low ?? range.high])
  const scratch = new Arena(heap)
  try {
    const keys = scratch.allocateZeroed(sortKeysBytes(sort))
    writeSortKeys(heap, sort, keys)
    const { bits, exact } = packSortKeys(
      heap,
      sort,
      keys,
      yield* boundsOfRows(env, scratch, sort, keys, pages),
    )
    const entries = scratch.allocate(Math.max(1, count) * SORT_ENTRY_BYTES)
    const shape = { keys, keyCount: 1, rowBytes }
    yield* entrySteps(env, shape, pages, entries)
    yield* sortSteps(env, scratch, { ...shape, bits, exact }, entries, count)
    for (let from = 0; from < count; from += ROWS_A_STEP) {
      const rows = Math.min(ROWS_A_STEP, count - from)
      const target = job.rows + from * rowBytes
      kernels.call('sortGather', entries + from * SORT_ENTRY_BYTES, rows, rowBytes, target)
      yield
    }
    const both = shapeOf(layout, [range.low, range.high])
    const described = scratch.allocateZeroed(sortKeysBytes(both))
    writeSortKeys(heap, both, described)
    heap.u32[job.count >>> 2] = kernels.call(
      'rangeBlocks',
      described,
      range.low === undefined ? 0 : 1,
      range.high === undefined ? 0 : 1,
      job.rows,
      count,
      rowBytes,
      RANGE_PAGE_ROWS,
      job.list,
    )
  } finally {
    scratch.release()
  }
}

function shapeOf(layout: RangeJob['layout'], fields: readonly (number | undefined)[]): SortShape {
  const keys = fields
    .filter((field) => field !== undefined)
    .map((field) => ({ field, descending: false, nullsFirst: false }))
  return { layout, values: [], keys, limitRows: undefined }
}
