import { address, NO_ADDRESS, type Address } from '../../data/vectors/vector.ts'
import type { WindowState } from '../jobs/jobs.ts'
import type { Steps } from '../jobs/steps.ts'
import { createPageWriter } from '../rows/page-writer.ts'
import { splitGroups, type Splitting } from '../sort/split-rows.ts'
import type { WindowShape } from '../../compile/model/pipeline.ts'
import type { RowLayout } from '../../compile/model/row-layout.ts'
import type { Page } from '../jobs/jobs.ts'
import { splitSort } from '../sort/sort-buckets.ts'
import { rowsOf, type Breaker, type Driving, type Finishing } from './breaker.ts'

/** More rows are put in order bucket by bucket, each of which stays in the cache, by one thread too. */
const SORTED_WHOLE_MAX = 65_536
/** Rows that a thread reads at once. */
const PIECE_ROWS = 65_536

/** Rows with the columns of their window functions: one window after another puts them in its order. */
export const window: Breaker<'window'> = {
  writers: ({ breaker, layout }, arena) => {
    const writer = createPageWriter(arena, layout.rowBytes)
    return [{ breaker, writer, singleRow: NO_ADDRESS }]
  },
  finish: async (_, { layout, windows }, { pages }, finishing) => {
    const rows = rowsOf(pages)
    const order = finishing.arena.allocate(Math.max(1, rows) * 4)
    let placed: Placed = { pages, split: undefined, isListed: false }
    for (const shape of windows) placed = await filled({ layout, shape, order }, placed, finishing)
    return { kind: 'window', pages: placed.pages, rows, lists: inPieces({ address: order, rows }) }
  },
  size: ({ rows, lists }) => ({ rows, pieces: lists.length }),
  drive: driveLists,
}

/** Where rows lie after some windows. */
interface Placed {
  readonly pages: readonly Page[]
  /** The pages in lists by the rows' hash. */
  readonly split: readonly (readonly Page[])[] | undefined
  /** Whether the rows are listed, in the order of the last window that has one. */
  readonly isListed: boolean
}

/** A window whose functions are computed, and where the addresses of all rows go in its order. */
interface Filling {
  readonly layout: RowLayout
  readonly shape: WindowShape
  readonly order: Address
}

/** Puts the rows in the order of a window and fills the fields of its calls. */
async function filled(filling: Filling, placed: Placed, finishing: Finishing): Promise<Placed> {
  const { layout, shape, order } = filling
  const { pages } = placed
  const { rowBytes } = layout
  const rows = rowsOf(pages)
  const job = { kind: 'window', layout, window: shape, sorted: undefined } as const
  if (placed.isListed && shape.keys.length === 0) {
    await finishing.lists({ ...job, step: 'listed', lists: [pages], orders: [order] }, rowBytes)
    return placed
  }
  const threads = finishing.threadsFor(rows, rowBytes)
  const splitting = { arena: finishing.arena, threads, run: finishing.share }
  const isWhole = !shape.isHashed && shape.keys.length > 0
  if (isWhole && (threads > 1 || rows > SORTED_WHOLE_MAX) && rows > 0) {
    const moved = await inParallel(filling, pages, finishing, splitting)
    return { pages: moved, split: moved === pages ? placed.split : undefined, isListed: true }
  }
  const split = shape.isHashed
    ? (placed.split ?? (await splitGroups(pages, rowBytes, splitting)))
    : placed.split
  const lists = shape.isHashed && split !== undefined ? split : [pages]
  let next = order as number
  const orders = lists.map((list) => {
    const start = address(next)
    next += rowsOf(list) * 4
    return start
  })
  await finishing.lists({ ...job, step: 'all', lists, orders }, rowBytes)
  return { pages: lists.flat(), split, isListed: true }
}

/**
 * What is not split by hash is one list: threads put it in order together, and one fills it. Gives where the
 * rows lie then.
 */
async function inParallel(
  { layout, shape, order }: Filling,
  pages: readonly Page[],
  { lists }: Finishing,
  splitting: Splitting,
): Promise<readonly Page[]> {
  const sort = { layout, values: [], keys: shape.keys, limitRows: undefined }
  const sorted = await splitSort(sort, pages, splitting)
  const job = { kind: 'window', layout, window: shape, orders: [order], sorted } as const
  const buckets = sorted.buckets.map(({ address: start, rows }) => ({ address: start, rows }))
  const { rowBytes } = layout
  const ordering = sorted.content === 'pages' ? [pages] : buckets.map((bucket) => [bucket])
  await lists({ ...job, step: 'order', lists: ordering }, rowBytes)
  const moved = sorted.content === 'rows' ? buckets : pages
  await lists({ ...job, step: 'fill', lists: [moved] }, rowBytes)
  return moved
}

function inPieces(list: WindowState['lists'][number]): WindowState['lists'] {
  const pieces = []
  for (let from = 0; from < list.rows; from += PIECE_ROWS) {
    const rows = Math.min(PIECE_ROWS, list.rows - from)
    pieces.push({ address: address(list.address + from * 4), rows })
  }
  return pieces
}

function* driveLists({ lists }: WindowState, driving: Driving): Steps<void> {
  for (;;) {
    const taken = driving.takeMorsel(lists.length)
    const list = taken === undefined ? undefined : lists[taken]
    if (taken === undefined || list === undefined) return
    driving.beginMorsel(taken)
    yield* driving.rowsAt(list.address, list.rows)
  }
}
