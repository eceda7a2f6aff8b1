import { address, NO_ADDRESS } from '../../data/vectors/vector.ts'
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

/** Rows with the columns of their window functions: partitions are split among threads by their hash. */
export const window: Breaker<'window'> = {
  writers: ({ breaker, layout }, arena) => {
    const writer = createPageWriter(arena, layout.rowBytes)
    return [{ breaker, writer, singleRow: NO_ADDRESS }]
  },
  finish: async (_, { layout, window: shape }, { pages }, finishing) => {
    const { arena } = finishing
    const { rowBytes } = layout
    const rows = rowsOf(pages)
    const threads = finishing.threadsFor(rows, rowBytes)
    const splitting = { arena, threads, run: finishing.share }
    const isWhole = shape.partitionKeys === 0 && shape.keys.length > 0
    if (isWhole && (threads > 1 || rows > SORTED_WHOLE_MAX) && rows > 0) {
      return inParallel(layout, shape, pages, finishing, splitting)
    }
    const lists = shape.partitionKeys > 0 ? await splitGroups(pages, rowBytes, splitting) : [pages]
    let next = arena.allocate(Math.max(1, rows) * 4) as number
    const orders = lists.map((list) => {
      const order = address(next)
      next += rowsOf(list) * 4
      return order
    })
    const job = { kind: 'window', layout, window: shape, lists, orders } as const
    await finishing.lists({ ...job, step: 'all', sorted: undefined }, rowBytes)
    const ordered = lists.map((list, at) => ({ address: orders[at]!, rows: rowsOf(list) }))
    return { kind: 'window', pages, rows, lists: ordered.flatMap(inPieces) }
  },
  size: ({ rows, lists }) => ({ rows, pieces: lists.length }),
  drive: driveLists,
}

/** Without partitions all rows are one list: threads put it in order together, and one fills it. */
async function inParallel(
  layout: RowLayout,
  shape: WindowShape,
  pages: readonly Page[],
  { arena, lists }: Finishing,
  splitting: Splitting,
): Promise<WindowState> {
  const sort = { layout, values: [], keys: shape.keys, limitRows: undefined }
  const sorted = await splitSort(sort, pages, splitting)
  const rows = rowsOf(pages)
  const order = arena.allocate(rows * 4)
  const job = { kind: 'window', layout, window: shape, orders: [order], sorted } as const
  const buckets = sorted.buckets.map((bucket) => [{ address: bucket.address, rows: bucket.rows }])
  const { rowBytes } = layout
  await lists(
    { ...job, step: 'order', lists: sorted.content === 'pages' ? [pages] : buckets },
    rowBytes,
  )
  await lists({ ...job, step: 'fill', lists: [pages] }, rowBytes)
  return { kind: 'window', pages, rows, lists: inPieces({ address: order, rows }) }
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
