import type { Arena } from '../../data/arenas/arena.ts'
import { NO_ADDRESS, type Address } from '../../data/vectors/vector.ts'
import type { Page, Share, SortBucket, SplitJob } from '../jobs/jobs.ts'
import { runSteps } from './page-runs.ts'
import { sortBoundsSteps, sortLettersSteps } from './sort-keys.ts'
import type { Steps } from '../jobs/steps.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'

/** Fewer group rows than these are merged as one list. */
const LISTED_ROWS_MIN = 32_768
/** The groups of a list, and their directory, should fit a core's second-level cache. */
const LIST_BYTES = 524_288
const LIST_BITS_MIN = 6
const LIST_BITS_MAX = 10

/** How splitting runs: jobs are shared by the threads, memory lives as long as the query. */
export interface Splitting {
  readonly arena: Arena
  readonly threads: number
  run(job: Share<SplitJob>): Promise<void>
}

/** A bucket and its number among all, those without rows too. */
export interface PlacedBucket extends SortBucket {
  readonly number: number
}

/** Turns the threads' counts into the places where each goes on in each bucket. */
export function placeBuckets(
  arena: Arena,
  split: Pick<SplitJob, 'cells' | 'cellsBytes' | 'threads'>,
  bytes: number,
  target: Address,
): readonly PlacedBucket[] {
  const { u32 } = arena.heap
  const words = split.cellsBytes / 4
  const buckets: PlacedBucket[] = []
  let next = target as number
  for (let bucket = 0; bucket < words; bucket++) {
    const start = next
    for (let thread = 0; thread < split.threads; thread++) {
      const cell = (split.cells >>> 2) + thread * words + bucket
      const rows = u32[cell] ?? 0
      u32[cell] = next
      next += rows * bytes
    }
    if (next === start) continue
    const before = (start - target) / bytes
    const rows = (next - start) / bytes
    buckets.push({ address: start as Address, rows, before, number: bucket })
  }
  return buckets
}

/**
 * Lists of group rows without a group in common: all of them, or moved next to others of their hash's
 * upper bits, on all threads.
 */
export async function splitGroups(
  pages: readonly Page[],
  rowBytes: number,
  splitting: Splitting,
): Promise<readonly (readonly Page[])[]> {
  const { arena, threads } = splitting
  const rows = pages.reduce((total, page) => total + page.rows, 0)
  if (rows < LISTED_ROWS_MIN) return [pages]
  const wanted = Math.ceil(Math.log2((rows * rowBytes) / LIST_BYTES))
  const bits = Math.max(LIST_BITS_MIN, Math.min(LIST_BITS_MAX, wanted))
  const cellsBytes = 4 * 2 ** bits
  const split = {
    kind: 'split',
    pages,
    keys: NO_ADDRESS,
    keyCount: 0,
    shift: 32 - bits,
    rowBytes,
    cells: arena.allocate(threads * cellsBytes),
    cellsBytes,
    threads,
  } as const
  await splitting.run({ ...split, step: 'count-groups' })
  const buckets = placeBuckets(arena, split, rowBytes, arena.allocate(rows * rowBytes))
  await splitting.run({ ...split, step: 'groups' })
  return buckets.map((bucket) => [{ address: bucket.address, rows: bucket.rows }])
}

/** Does one thread's share of a step of splitting rows, page by page. */
export function* splitSteps(env: ThreadEnvironment, job: SplitJob): Steps<void> {
  const { keys, keyCount, rowBytes, shift, threads, cellsBytes, step, first = 0 } = job
  const { kernels, threadIndex } = env
  const mine = job.pages.filter((_, index) => index % threads === threadIndex)
  const cells = job.cells + threadIndex * cellsBytes
  if (step === 'bounds') return yield* sortBoundsSteps(env, keys, keyCount, rowBytes, mine, cells)
  if (step === 'letters') return yield* sortLettersSteps(env, keys, keyCount, rowBytes, mine, cells)
  if (step === 'runs') return yield* runSteps(env, job)
  if (step === 'count' || step === 'count-groups') kernels.call('fill', cells, 0, cellsBytes)
  for (const { address, rows } of mine) {
    if (step === 'count-groups') kernels.call('groupCount', address, rows, rowBytes, shift, cells)
    else if (step === 'groups') kernels.call('groupScatter', address, rows, rowBytes, shift, cells)
    else {
      const [by, zeroth] = [BigInt(shift), cells - first * 4]
      kernels.call(sorting[step], keys, keyCount, by, address, rows, rowBytes, zeroth)
    }
    yield
  }
}

const sorting = {
  count: 'sortCount',
  rows: 'sortScatter',
  entries: 'sortScatterEntries',
} as const
