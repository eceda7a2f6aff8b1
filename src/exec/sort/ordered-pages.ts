import { present } from '../../base/assert.ts'
import type { SortShape } from '../../compile/model/pipeline.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import { address, type Address } from '../../data/vectors/vector.ts'
import type { Page, SortBucket } from '../jobs/jobs.ts'
import { fieldReader } from '../rows/row-values.ts'
import { RUN_BYTES, WAYS_AT } from './page-runs.ts'
import type { Splitting } from './split-rows.ts'

const [ASCENDING, DESCENDING] = [1, 2]
/** Rows of a page that are looked at before all of them are. */
const SAMPLED_ROWS = 12

/** Pages that follow one another in the order of a sort, or in the opposite one. */
export interface OrderedPages {
  readonly content: 'ordered' | 'reversed'
  readonly buckets: readonly SortBucket[]
}

/** What telling whether pages are in order takes: prefixes decide alone. */
interface Asked {
  readonly sort: SortShape
  readonly keys: Address
  readonly pages: readonly Page[]
}

/**
 * The pages in the order of their keys, where all rows of each are in that order and no two overlap: many tables are
 * sorted by what they are asked to be sorted by. Undefined where they are not, which a few rows mostly tell.
 */
export async function orderedPages(
  { sort, keys, pages }: Asked,
  { arena, threads, run }: Splitting,
): Promise<OrderedPages | undefined> {
  if (!seemsOrdered(arena.heap, sort, pages)) return undefined
  const cells = arena.allocateZeroed(Math.max(1, pages.length) * RUN_BYTES)
  const { rowBytes } = sort.layout
  const keyCount = sort.keys.length
  const job = { kind: 'split', pages, keys, keyCount, shift: 0, rowBytes, threads } as const
  await run({ ...job, step: 'runs', cells, cellsBytes: 0 })
  return inOneOrder(runsOf(arena, pages, cells))
}

/** Whether the first key of some rows of a page only rises, or only falls. */
function seemsOrdered(heap: Heap, { layout, keys }: SortShape, pages: readonly Page[]): boolean {
  const { address: start, rows } = pages.reduce((most, page) =>
    page.rows > most.rows ? page : most,
  )
  const field = present(layout.fields[present(keys[0], 'key of a sort').field], 'field of a key')
  const read = fieldReader(heap, field)
  let [rises, falls] = [true, true]
  let before: number | bigint | string | undefined
  for (let sampled = 0; sampled < SAMPLED_ROWS; sampled++) {
    const row = Math.floor((sampled * (rows - 1)) / (SAMPLED_ROWS - 1))
    const value = read(start + row * layout.rowBytes)
    if (typeof value !== 'number' && typeof value !== 'bigint' && typeof value !== 'string')
      return false
    if (before !== undefined && value < before) rises = false
    if (before !== undefined && value > before) falls = false
    before = value
  }
  return rises || falls
}

/** A page whose rows are in order in some ways. */
interface Run {
  readonly page: Page
  readonly first: bigint
  readonly last: bigint
  readonly ways: number
}

function runsOf({ heap: { view } }: Arena, pages: readonly Page[], cells: Address): readonly Run[] {
  return pages.map((page, index) => {
    const at = cells + index * RUN_BYTES
    const [first, last] = [view.getBigUint64(at, true), view.getBigUint64(at + 8, true)]
    return { page, first, last, ways: view.getUint32(at + WAYS_AT, true) }
  })
}

function inOneOrder(runs: readonly Run[]): OrderedPages | undefined {
  const ways = runs.reduce((common, run) => common & run.ways, ASCENDING | DESCENDING)
  if (ways === 0) return undefined
  const isReversed = (ways & ASCENDING) === 0
  // Of a reversed page the last row comes first.
  const least = (run: Run): bigint => (isReversed ? run.last : run.first)
  const most = (run: Run): bigint => (isReversed ? run.first : run.last)
  const sorted = runs.toSorted((a, b) => (least(a) < least(b) ? -1 : least(a) > least(b) ? 1 : 0))
  const follow = sorted.every((run, at) => at === 0 || most(sorted[at - 1]!) <= least(run))
  if (!follow) return undefined
  let before = 0
  const buckets = sorted.map(({ page: { address: start, rows } }): SortBucket => {
    const bucket = { address: address(start), rows, before }
    before += rows
    return bucket
  })
  return { content: isReversed ? 'reversed' : 'ordered', buckets }
}
