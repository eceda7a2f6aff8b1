import { address, NO_ADDRESS } from '../../data/vectors/vector.ts'
import type { WindowState } from '../jobs/jobs.ts'
import type { Steps } from '../jobs/steps.ts'
import { createPageWriter } from '../rows/page-writer.ts'
import { splitGroups } from '../sort/split-rows.ts'
import { rowsOf, type Breaker, type Driving } from './breaker.ts'

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
    const lists = shape.partitionKeys > 0 ? await splitGroups(pages, rowBytes, splitting) : [pages]
    let next = arena.allocate(Math.max(1, rows) * 4) as number
    const orders = lists.map((list) => {
      const order = address(next)
      next += rowsOf(list) * 4
      return order
    })
    await finishing.lists({ kind: 'window', layout, window: shape, lists, orders }, rowBytes)
    const ordered = lists.map((list, at) => ({ address: orders[at]!, rows: rowsOf(list) }))
    return { kind: 'window', pages, rows, lists: ordered.flatMap(inPieces) }
  },
  size: ({ rows, lists }) => ({ rows, pieces: lists.length }),
  drive: driveLists,
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
