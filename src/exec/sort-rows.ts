import type { SortShape } from '../compile/pipeline/pipeline.ts'
import { Arena } from '../data/arenas/arena.ts'
import { NO_ADDRESS, type Address } from '../data/vectors/vector.ts'
import type { Page } from './jobs.ts'
import {
  packSortKeys,
  readSortBounds,
  sortBoundsSteps,
  sortBoundsBytes,
  sortKeysBytes,
  writeSortKeys,
} from './sort-keys.ts'
import { finishSteps, type Steps } from './steps.ts'
import type { ThreadEnvironment } from './thread.ts'

export const SORT_ENTRY_BYTES = 16
export const SORT_COUNT_BYTES = 4_096 * 8

/** Entries (prefix, row address) of sorted rows, in `arena`. */
export interface SortedEntries {
  readonly entries: Address
  readonly count: number
}

/**
 * Sorts rows by their keys on this thread: the keys are packed into 64 bits as far as they fit,
 * normalized by their smallest and largest value, and radix sorted; what the prefix leaves open is
 * compared.
 */
export function sortRows(
  env: ThreadEnvironment,
  arena: Arena,
  sort: SortShape,
  pages: readonly Page[],
): SortedEntries {
  const { heap } = env
  const count = pages.reduce((total, page) => total + page.rows, 0)
  if (count === 0) return { entries: NO_ADDRESS, count }
  const scratch = new Arena(heap)
  try {
    const keys = scratch.allocateZeroed(sortKeysBytes(sort))
    const cells = scratch.allocate(sortBoundsBytes(sort))
    writeSortKeys(heap, sort, keys)
    const { rowBytes } = sort.layout
    finishSteps(sortBoundsSteps(env, keys, sort.keys.length, rowBytes, pages, cells))
    const packed = packSortKeys(heap, sort, keys, readSortBounds(heap, sort, cells, 1))
    const entries = arena.allocate(count * SORT_ENTRY_BYTES)
    const shape = { keys, keyCount: sort.keys.length, rowBytes }
    finishSteps(entrySteps(env, shape, pages, entries))
    const order = { ...shape, bits: packed.bits, exact: packed.exact }
    finishSteps(sortSteps(env, scratch, order, entries, count))
    return { entries, count }
  } finally {
    scratch.release()
  }
}

/** Where rows and the description of their keys are. */
export interface KeyedRows {
  readonly keys: Address
  readonly keyCount: number
  readonly rowBytes: number
}

export function* entrySteps(
  env: ThreadEnvironment,
  { keys, keyCount, rowBytes }: KeyedRows,
  pages: readonly Page[],
  entries: Address,
): Steps<void> {
  let at = entries as number
  for (const { address, rows } of pages) {
    env.kernels.call('sortEntries', keys, keyCount, address, rows, rowBytes, at)
    at += rows * SORT_ENTRY_BYTES
    yield
  }
}

/** Sorts entries in place by the low `bits` of their prefix, and by comparison unless that is `exact`. */
export function* sortSteps(
  env: ThreadEnvironment,
  scratch: Arena,
  order: KeyedRows & { readonly bits: number; readonly exact: boolean },
  entries: Address,
  count: number,
): Steps<void> {
  const { kernels } = env
  const other = scratch.allocate(count * SORT_ENTRY_BYTES)
  kernels.call('sortRadix', entries, other, count, order.bits, scratch.allocate(SORT_COUNT_BYTES))
  yield
  if (!order.exact) kernels.call('sortTies', order.keys, order.keyCount, entries, count, other)
}
