import { present } from '../../base/assert.ts'
import type { SplitJob } from '../jobs/jobs.ts'
import type { Steps } from '../jobs/steps.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'

/** Of each page: its first and last prefix, u64 each, and the ways in which it is in order, see assembly/sort-buckets.ts. */
export const RUN_BYTES = 24
export const WAYS_AT = 16

/** Notes of a thread's pages in which ways they are in order, until one is in none. */
export function* runSteps(
  { kernels, heap, threadIndex }: ThreadEnvironment,
  job: SplitJob,
): Steps<void> {
  const { pages, threads, keys, keyCount, rowBytes, cells } = job
  for (let index = threadIndex; index < pages.length; index += threads) {
    const { address: start, rows } = present(pages[index], 'page')
    const at = cells + index * RUN_BYTES
    const ways = kernels.call('sortRuns', keys, keyCount, start, rows, rowBytes, at)
    heap.u32[(at + WAYS_AT) >>> 2] = ways
    if (ways === 0) return
    yield
  }
}
