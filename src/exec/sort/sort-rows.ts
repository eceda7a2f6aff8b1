import type { SortShape } from '../../compile/model/pipeline.ts'
import { Arena } from '../../data/arenas/arena.ts'
import { NO_ADDRESS, type Address } from '../../data/vectors/vector.ts'
import type { Page } from '../jobs/jobs.ts'
import { boundsOfRows, packSortKeys, sortKeysBytes, writeSortKeys } from './sort-keys.ts'
import { finishSteps, type Steps } from '../jobs/steps.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'

export const SORT_ENTRY_BYTES = 16
export const SORT_COUNT_BYTES = 4_096 * 8
/** Rows that are sorted, or merged, in one step. */
export const SORT_PIECE_ROWS = 32_768
const MERGE_STATE_BYTES = 20

/** Entries (prefix, row address) of sorted rows, in `arena`. */
export interface SortedEntries {
  readonly entries: Address
  readonly count: number
}

/**
 * Sorts rows by their keys on this thread: the keys are packed into 64 bits as far as they fit,
 * normalized by their smallest and largest value, and radix sorted; what the prefix leaves open is
 * compared. With `places`, ascending, only these need be as if all were sorted.
 */
export function sortRows(
  env: ThreadEnvironment,
  arena: Arena,
  sort: SortShape,
  pages: readonly Page[],
  places?: readonly number[],
): SortedEntries {
  const { heap } = env
  const count = pages.reduce((total, page) => total + page.rows, 0)
  if (count === 0) return { entries: NO_ADDRESS, count }
  const scratch = new Arena(heap)
  try {
    const keys = scratch.allocateZeroed(sortKeysBytes(sort))
    writeSortKeys(heap, sort, keys)
    const { rowBytes } = sort.layout
    const bounds = finishSteps(boundsOfRows(env, scratch, sort, keys, pages))
    const packed = packSortKeys(heap, sort, keys, bounds)
    const entries = arena.allocate(count * SORT_ENTRY_BYTES)
    const shape = { keys, keyCount: sort.keys.length, rowBytes }
    finishSteps(entrySteps(env, shape, pages, entries))
    const order = { ...shape, bits: packed.bits, exact: packed.exact }
    if (places !== undefined && packed.exact && count <= PLACED_ROWS_MAX) {
      sortToPlaces(env, scratch, order, { entries, count }, places)
    } else finishSteps(sortSteps(env, scratch, order, entries, count))
    return { entries, count }
  } finally {
    scratch.release()
  }
}

/** Of more rows places are found by sorting them, in steps. */
const PLACED_ROWS_MAX = 1_048_576

function sortToPlaces(
  { heap, kernels }: ThreadEnvironment,
  scratch: Arena,
  { bits }: EntryOrder,
  { entries, count }: SortedEntries,
  places: readonly number[],
): void {
  const other = scratch.allocate(count * SORT_ENTRY_BYTES)
  const counts = scratch.allocate(SORT_COUNT_BYTES)
  const wanted = scratch.allocate(Math.max(1, places.length) * 4)
  heap.u32.set(places, wanted >>> 2)
  kernels.call('sortPlaces', entries, other, count, bits, counts, wanted, places.length)
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

/** How entries are compared: by the low `bits` of their prefix, then by all keys unless that is `exact`. */
export interface EntryOrder extends KeyedRows {
  readonly bits: number
  readonly exact: boolean
}

/** Sorts entries in place. Large lists are sorted block by block, and the blocks merged in pieces. */
export function* sortSteps(
  env: ThreadEnvironment,
  scratch: Arena,
  order: EntryOrder,
  entries: Address,
  count: number,
): Steps<void> {
  const other = scratch.allocate(count * SORT_ENTRY_BYTES)
  const counts = scratch.allocate(SORT_COUNT_BYTES)
  const { keys, keyCount, bits, exact } = order
  for (let start = 0; start < count; start += SORT_PIECE_ROWS) {
    const block = entries + start * SORT_ENTRY_BYTES
    const rows = Math.min(SORT_PIECE_ROWS, count - start)
    env.kernels.call('sortRadix', block, other, rows, bits, counts)
    if (!exact) {
      yield
      env.kernels.call('sortTies', keys, keyCount, block, rows, other)
    }
    yield
  }
  let [from, to] = [entries, other]
  for (let sorted = SORT_PIECE_ROWS; sorted < count; sorted *= 2) {
    yield* mergeSteps(env, scratch, order, { from, to, count, sorted })
    ;[from, to] = [to, from]
  }
  if (from !== entries) yield* copySteps(env, entries, from, count * SORT_ENTRY_BYTES)
}

/** Lists of `sorted` entries each, one after another, and room for as many entries. */
interface Lists {
  readonly from: Address
  readonly to: Address
  readonly count: number
  readonly sorted: number
}

/** Merges lists two by two. */
function* mergeSteps(
  { heap, kernels }: ThreadEnvironment,
  scratch: Arena,
  { keys, keyCount, bits, exact }: EntryOrder,
  { from, to, count, sorted }: Lists,
): Steps<void> {
  const state = scratch.allocate(MERGE_STATE_BYTES)
  for (let start = 0; start < count; start += sorted * 2) {
    const [middle, end] = [Math.min(start + sorted, count), Math.min(start + sorted * 2, count)]
    const places = [from, from, from, from, to]
    const numbers = [start, middle, middle, end, start]
    numbers.forEach((entry, word) => {
      heap.u32[(state >>> 2) + word] = places[word]! + entry * SORT_ENTRY_BYTES
    })
    let more = 1
    while (more !== 0) {
      const piece = [exact ? 1 : 0, state, SORT_PIECE_ROWS] as const
      more = kernels.call('sortMerge', keys, keyCount, bits, ...piece)
      yield
    }
  }
}

function* copySteps(
  { kernels }: ThreadEnvironment,
  to: number,
  from: number,
  bytes: number,
): Steps<void> {
  const step = SORT_PIECE_ROWS * SORT_ENTRY_BYTES
  for (let at = 0; at < bytes; at += step) {
    kernels.call('copy', to + at, from + at, Math.min(step, bytes - at))
    yield
  }
}
