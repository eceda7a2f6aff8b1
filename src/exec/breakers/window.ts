import { present } from '../../base/assert.ts'
import { address, NO_ADDRESS } from '../../data/vectors/vector.ts'
import type { WindowState } from '../jobs/jobs.ts'
import type { Steps } from '../jobs/steps.ts'
import { createPageWriter } from '../rows/page-writer.ts'
import { splitGroups } from '../sort/split-rows.ts'
import type { Page } from '../jobs/jobs.ts'
import { rowsOf, type Breaker, type Driving, type Finishing } from './breaker.ts'
import { wholeWindow, type Filling } from './whole-window.ts'

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
  pieceRows: ({ lists }, piece) => present(lists[piece], 'list of a window').rows,
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

/** Puts the rows in the order of a window and fills the fields of its calls. */
async function filled(filling: Filling, placed: Placed, finishing: Finishing): Promise<Placed> {
  const { layout, shape, order } = filling
  const { pages } = placed
  const { rowBytes } = layout
  const rows = rowsOf(pages)
  const job = { kind: 'window', layout, window: shape, whole: undefined } as const
  if (placed.isListed && shape.keys.length === 0) {
    await finishing.lists({ ...job, step: 'listed', lists: [pages], orders: [order] }, rowBytes)
    return placed
  }
  const threads = finishing.threadsFor(rows, rowBytes)
  const splitting = { arena: finishing.arena, threads, run: finishing.share }
  const isWhole = !shape.isHashed && shape.keys.length > 0
  if (isWhole && (threads > 1 || rows > SORTED_WHOLE_MAX) && rows > 0) {
    const moved = await wholeWindow(filling, pages, finishing, splitting)
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
