import type { SortShape } from '../../compile/model/pipeline.ts'
import { Arena } from '../../data/arenas/arena.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import type { Address } from '../../data/vectors/vector.ts'
import type { Page, SortedState } from '../jobs/jobs.ts'
import type { Steps } from '../jobs/steps.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'
import { boundsOfRows, packSortKeys, sortKeysBytes, writeSortKeys } from '../sort/sort-keys.ts'
import { entrySteps, SORT_ENTRY_BYTES, sortSteps, type KeyedRows } from '../sort/sort-rows.ts'

/** Rows that are listed or marked in one step. */
const ROWS_A_STEP = 65_536

/** Where rows are listed and marked, and how many of the keys partition them. */
export interface ListPlace {
  readonly list: Address
  readonly marks: Address
  readonly count: number
  readonly partitionKeys: number
  /** Whether anybody asks for groups of peers: finding them takes reading every row. */
  readonly peers: boolean
}

/**
 * Puts rows in order: writes their addresses to `list` (a u32 each), and to `marks` a byte a row: 2 where
 * a partition begins, 1 where another group of peers does, 0 elsewhere.
 */
export function* listInOrder(
  env: ThreadEnvironment,
  sort: SortShape,
  pages: readonly Page[],
  place: ListPlace,
): Steps<void> {
  const { heap, kernels } = env
  const { list, count } = place
  const { rowBytes } = sort.layout
  if (sort.keys.length === 0) return yield* listAsTheyCome(env, rowBytes, pages, place)
  const scratch = new Arena(heap)
  try {
    const keys = scratch.allocateZeroed(sortKeysBytes(sort))
    writeSortKeys(heap, sort, keys)
    const bounds = yield* boundsOfRows(env, scratch, sort, keys, pages)
    const packed = packSortKeys(heap, sort, keys, bounds)
    const entries = scratch.allocate(count * SORT_ENTRY_BYTES)
    const shape = { keys, keyCount: sort.keys.length, rowBytes }
    yield* entrySteps(env, shape, pages, entries)
    const order = { ...shape, bits: packed.bits, exact: packed.exact }
    yield* sortSteps(env, scratch, order, entries, count)
    kernels.call('sortList', entries, count, list)
    yield* markRows(env, shape, place)
  } finally {
    scratch.release()
  }
}

/** Marks all rows, which are listed in order. */
function* markRows(env: ThreadEnvironment, shape: KeyedRows, place: ListPlace): Steps<void> {
  if (!place.peers && place.partitionKeys === 0) return markAsPeers(env.heap, place)
  yield* markRange(env, shape, place, [0, place.count])
}

/** Marks the rows `from` to `to - 1`, which are listed; the first one only if it is the first of all. */
export function* markRange(
  { kernels }: ThreadEnvironment,
  { keys, keyCount }: KeyedRows,
  { list, marks, partitionKeys, peers }: ListPlace,
  [from, to]: readonly [number, number],
): Steps<void> {
  const compared = peers ? keyCount : partitionKeys
  for (let first = from; first < to; first += ROWS_A_STEP) {
    const behind = Math.min(to, first + ROWS_A_STEP)
    const known = first === from && from > 0 ? from + 1 : first
    kernels.call('sortMarks', keys, partitionKeys, compared, list, known, behind, marks)
    yield
  }
}

/** Marks the first rows of buckets, once all of them are listed. */
export function markBorders(
  { kernels }: ThreadEnvironment,
  { buckets, keys, keyCount }: SortedState,
  { list, marks, partitionKeys, peers }: ListPlace,
): void {
  const compared = peers ? keyCount : partitionKeys
  for (const { before } of buckets) {
    kernels.call('sortMarks', keys, partitionKeys, compared, list, before, before + 1, marks)
  }
}

/** Without keys all rows are peers, in the order in which they were written. */
function* listAsTheyCome(
  { heap }: ThreadEnvironment,
  rowBytes: number,
  pages: readonly Page[],
  place: ListPlace,
): Steps<void> {
  const { u32 } = heap
  const first = place.list >>> 2
  let at = 0
  for (const { address, rows } of pages) {
    for (let row = 0; row < rows; row++) u32[first + at++] = address + row * rowBytes
    yield
  }
  markAsPeers(heap, place)
}

/** Marks all rows as of one partition, and peers. */
export function markAsPeers({ u8 }: Heap, { marks, count }: ListPlace): void {
  u8.fill(0, marks, marks + count)
  if (count > 0) u8[marks] = 2
}
