import type { SortShape } from '../../compile/model/pipeline.ts'
import { Arena } from '../../data/arenas/arena.ts'
import { address, NO_ADDRESS, type Address } from '../../data/vectors/vector.ts'
import type { Page, Share, SortBucket, SortedState, SplitJob } from '../jobs/jobs.ts'
import {
  knownSortBounds,
  noteTexts,
  packSortKeys,
  prepareLetters,
  RANKED_ROWS_MIN,
  readSortBounds,
  sortBoundsBytes,
  sortKeysBytes,
  sortLettersBytes,
  writeSortKeys,
  withLetters,
  withRanks,
  type PackedKeys,
  type SortKeyBounds,
} from './sort-keys.ts'
import { entrySteps, SORT_COUNT_BYTES, SORT_ENTRY_BYTES, sortSteps } from './sort-rows.ts'
import { orderedPages } from './ordered-pages.ts'
import { placeBuckets, type PlacedBucket, type Splitting } from './split-rows.ts'
import type { Steps } from '../jobs/steps.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'

/** Fewer rows than these are sorted as one bucket. */
const SPLIT_ROWS_MIN = 32_768
/** A bucket, with what sorting it takes, should fit a core's second-level cache. */
const BUCKET_BYTES = 131_072
const BUCKET_BITS_MAX = 11
/** Wider rows stay where they are: moving them costs more than reading them out of order. */
const MOVED_ROW_BYTES_MAX = 96
/** Larger buckets, which skew makes, are sorted in pieces. */
const PACKED_ROWS_MAX = 131_072
/** Rows that a thread reads at once. */
const GROUP_ROWS = 65_536
/** A bucket of more rows is split again, unless these take so much memory that moving them once more may be too much. */
const LARGE_ROWS_MIN = 65_536
const LARGE_BYTES_MAX = 268_435_456
/** Of large buckets parts are taken to be unlike too: they get four times as many. */
const UNEVEN_BITS = 2
/** Rows of a large bucket that a thread moves at once. */
const PIECE_ROWS = 16_384
/** Numbers of cells are told modulo this: addresses are modulo 2^32. */
const CELL_NUMBERS = 2 ** 30

/**
 * Splits rows into buckets by the upper bits of their keys' prefix, on all threads: every page is
 * counted, then its rows are moved next to others of their bucket. Sorting a bucket is left to who
 * reads it.
 */
export async function splitSort(
  sort: SortShape,
  pages: readonly Page[],
  splitting: Splitting,
): Promise<SortedState> {
  const { arena, threads } = splitting
  const { heap } = arena
  const { rowBytes } = sort.layout
  const rows = pages.reduce((total, page) => total + page.rows, 0)
  const keys = arena.allocateZeroed(sortKeysBytes(sort))
  const base = { kind: 'split', pages, keys, rowBytes, threads } as const
  writeSortKeys(heap, sort, keys)
  const bounds = knownSortBounds(sort) ?? (await foundBounds(sort, keys, pages, splitting))
  const packed = packSortKeys(heap, sort, keys, bounds)
  const wanted = Math.min(rows, sort.limitRows ?? rows)
  const common = { keys, keyCount: sort.keys.length, rowBytes, exact: packed.exact, rows: wanted }
  const bucketBits = Math.min(packed.bits, bucketBitsFor(rows, rowBytes))
  if (bucketBits === 0) {
    const buckets = rows === 0 ? [] : [{ address: NO_ADDRESS, rows, before: 0 }]
    const state = {
      content: 'pages',
      bits: packed.bits,
      buckets,
      morsels: morselsOf(buckets),
    } as const
    return { ...common, ...state }
  }
  const ordered = packed.exact ? await orderedPages({ sort, keys, pages }, splitting) : undefined
  if (ordered !== undefined) {
    return { ...common, ...ordered, bits: 0, morsels: morselsOf(ordered.buckets) }
  }
  const moved = rowBytes <= MOVED_ROW_BYTES_MAX
  const { keyCount, shift } = decidingKeys(packed, moved ? bucketBits : packed.bits)
  const cellsBytes = 4 * 2 ** bucketBits
  const cells = arena.allocate(threads * cellsBytes)
  const split = {
    ...base,
    keyCount,
    shift: moved ? shift : packed.bits - bucketBits,
    cells,
    cellsBytes,
  } as const
  await splitting.run({ ...split, step: 'count' })
  const bytes = moved ? rowBytes : SORT_ENTRY_BYTES
  const buckets = placeBuckets(arena, split, bytes, arena.allocate(rows * bytes))
  const content = moved ? 'rows' : 'entries'
  await splitting.run({ ...split, step: content })
  const bits = packed.bits - bucketBits
  const all = moved
    ? await splitAgain({ ...split, packed, bucketBits, wanted }, buckets, splitting)
    : buckets
  return { ...common, content, bits, buckets: all, morsels: morselsOf(all) }
}

/** The bounds of the keys, which all threads find; of texts what else tells their order. */
async function foundBounds(
  sort: SortShape,
  keys: Address,
  pages: readonly Page[],
  { arena, threads, run }: Splitting,
): Promise<readonly SortKeyBounds[]> {
  const { rowBytes } = sort.layout
  const keyCount = sort.keys.length
  const job = { kind: 'split', pages, keys, keyCount, shift: 0, rowBytes, threads } as const
  const cellsBytes = sortBoundsBytes(sort)
  const cells = arena.allocateZeroed(threads * cellsBytes)
  const isNoted = pages.reduce((total, { rows }) => total + rows, 0) >= RANKED_ROWS_MIN
  if (isNoted) noteTexts(arena, sort, cells, threads)
  await run({ ...job, step: 'bounds', cells, cellsBytes })
  const bounds = readSortBounds(arena.heap, sort, cells, threads)
  if (!isNoted) return bounds
  const ranked = withRanks(arena, bounds, sort, cells, threads)
  // Rows that stay where they are come from memory once more for it, which takes longer than it saves.
  const isMoved = rowBytes <= MOVED_ROW_BYTES_MAX
  const noted = isMoved ? prepareLetters(arena, sort, keys, ranked, threads) : undefined
  if (noted === undefined) return ranked
  await run({ ...job, step: 'letters', cells: noted, cellsBytes: sortLettersBytes(keyCount) })
  return withLetters(arena, sort, ranked, noted, threads)
}

/** What splits rows into buckets, and how many rows are wanted of them. */
interface FirstSplit extends Omit<Share<SplitJob>, 'step'> {
  readonly packed: PackedKeys
  readonly bucketBits: number
  readonly wanted: number
}

/**
 * Splits buckets that have far more rows than others by the next bits: floats are most of them in the last few powers of
 * two, and one thread would sort them. Rows are moved once more.
 */
async function splitAgain(
  { packed, bucketBits, wanted, ...split }: FirstSplit,
  buckets: readonly PlacedBucket[],
  { arena, run }: Splitting,
): Promise<readonly SortBucket[]> {
  const { rowBytes, threads } = split
  const all: SortBucket[] = []
  for (const { number, ...bucket } of buckets) {
    const { rows, before } = bucket
    const subBits = Math.min(
      packed.bits - bucketBits,
      BUCKET_BITS_MAX,
      bucketBitsFor(rows, rowBytes) + UNEVEN_BITS,
    )
    const isLarge = rows > LARGE_ROWS_MIN && rows * rowBytes <= LARGE_BYTES_MAX
    if (!isLarge || subBits === 0 || before >= wanted) {
      all.push(bucket)
      continue
    }
    const cellsBytes = 4 * 2 ** subBits
    const job = {
      ...split,
      ...decidingKeys(packed, bucketBits + subBits),
      pages: piecesOf(bucket, rowBytes),
      cells: arena.allocate(threads * cellsBytes),
      cellsBytes,
      first: (number * 2 ** subBits) % CELL_NUMBERS,
    }
    await run({ ...job, step: 'count' })
    const parts = placeBuckets(arena, job, rowBytes, arena.allocate(rows * rowBytes))
    await run({ ...job, step: 'rows' })
    const bits = packed.bits - bucketBits - subBits
    for (const part of parts) {
      all.push({ address: part.address, rows: part.rows, before: before + part.before, bits })
    }
  }
  return all
}

function piecesOf({ address: start, rows }: SortBucket, rowBytes: number): readonly Page[] {
  const pieces: Page[] = []
  for (let from = 0; from < rows; from += PIECE_ROWS) {
    const at = address(start + from * rowBytes)
    pieces.push({ address: at, rows: Math.min(PIECE_ROWS, rows - from) })
  }
  return pieces
}

function bucketBitsFor(rows: number, rowBytes: number): number {
  if (rows < SPLIT_ROWS_MIN) return 0
  const bytes = rows * Math.min(rowBytes, MOVED_ROW_BYTES_MAX)
  return Math.max(1, Math.min(BUCKET_BITS_MAX, Math.ceil(Math.log2(bytes / BUCKET_BYTES))))
}

/** The first keys whose prefix has at least so many bits, and how many more it has. */
function decidingKeys(
  { keyBits }: PackedKeys,
  bits: number,
): { readonly keyCount: number; readonly shift: number } {
  let [keyCount, sum] = [0, 0]
  while (sum < bits) sum += keyBits[keyCount++] ?? bits
  return { keyCount, shift: sum - bits }
}

function morselsOf(buckets: readonly SortBucket[]): readonly number[] {
  const morsels: number[] = []
  let end = 0
  buckets.forEach(({ before, rows }, index) => {
    if (morsels.length === 0 || before >= end) {
      morsels.push(index)
      end = before + GROUP_ROWS
    }
    end = Math.max(end, before + Math.min(rows, GROUP_ROWS))
  })
  return morsels
}

/** Sorts the buckets of a sort one after another. */
export class BucketSorter {
  readonly #env: ThreadEnvironment
  readonly #state: SortedState
  readonly #pages: readonly Page[]
  readonly #scratch: Arena
  #room = 0
  #from = NO_ADDRESS
  #to = NO_ADDRESS
  #counts = NO_ADDRESS
  #list = NO_ADDRESS

  constructor(env: ThreadEnvironment, state: SortedState, pages: readonly Page[]) {
    this.#env = env
    this.#state = state
    this.#pages = pages
    this.#scratch = new Arena(env.heap)
  }

  /** The addresses of a bucket's rows in order (u32 each); they stay until the next call. */
  *list(bucket: SortBucket): Steps<Address> {
    const { content, exact, keys, keyCount, rowBytes } = this.#state
    const { address: start, rows, bits = this.#state.bits } = bucket
    const { kernels } = this.#env
    if (content === 'ordered' || content === 'reversed') {
      this.#reserve(rows)
      const [first, step] =
        content === 'ordered' ? [start, rowBytes] : [start + (rows - 1) * rowBytes, -rowBytes]
      kernels.call('sortListPage', first, rows, step, this.#list)
      return this.#list
    }
    const placeBits = Math.max(1, 32 - Math.clz32(rows - 1))
    const isPacked = content === 'rows' && exact && bits + placeBits <= 64
    if (isPacked && rows <= PACKED_ROWS_MAX) {
      this.#reserve(rows)
      const buffers = [this.#from, this.#to, this.#counts, this.#list] as const
      kernels.call('sortPacked', keys, keyCount, bits, start, rows, rowBytes, ...buffers)
      return this.#list
    }
    const scratch = new Arena(this.#env.heap)
    try {
      this.#reserve(rows)
      const entries = content === 'entries' ? start : scratch.allocate(rows * SORT_ENTRY_BYTES)
      const pages = content === 'rows' ? [{ address: start, rows }] : this.#pages
      if (content !== 'entries') yield* entrySteps(this.#env, this.#state, pages, entries)
      yield* sortSteps(this.#env, scratch, { ...this.#state, bits }, entries, rows)
      kernels.call('sortList', entries, rows, this.#list)
      return this.#list
    } finally {
      scratch.release()
    }
  }

  release(): void {
    this.#scratch.release()
  }

  #reserve(rows: number): void {
    if (rows <= this.#room) return
    this.#scratch.release()
    this.#room = Math.ceil(rows * 1.25)
    this.#from = this.#scratch.allocate(this.#room * 8)
    this.#to = this.#scratch.allocate(this.#room * 8)
    this.#list = this.#scratch.allocate(this.#room * 4)
    this.#counts = this.#scratch.allocate(SORT_COUNT_BYTES)
  }
}
