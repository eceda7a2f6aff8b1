import { Arena } from '../../data/arenas/arena.ts'
import { address, type Address } from '../../data/vectors/vector.ts'
import type { WindowFill, WindowShape } from '../../compile/model/pipeline.ts'
import type { RowLayout } from '../../compile/model/row-layout.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import type { Page, SortBucket, WholeStep } from '../jobs/jobs.ts'
import type { KernelFill, PieceShape } from '../jobs/window-fill.ts'
import { splitSort } from '../sort/sort-buckets.ts'
import type { Splitting } from '../sort/split-rows.ts'
import { rowsOf, type Finishing } from './breaker.ts'
import { asksForPeers, fillsBuckets, kernelFill } from './window-fills.ts'
import { closeSums, differences, type Differences } from './window-sums.ts'

/** A window whose functions are computed, and where the addresses of all rows go in its order. */
export interface Filling {
  readonly layout: RowLayout
  readonly shape: WindowShape
  readonly order: Address
}

/** Pieces have so many rows at least, and there are so many at most: what is known where one begins is read from marks. */
const PIECE_ROWS_MIN = 16_384
const PIECES_MAX = 64

/**
 * Puts the rows of a window in order and fills the fields of its calls as one list, which threads share: buckets in
 * order first, then pieces of the list. What cannot begin at any row is filled by one thread beside the others. Gives
 * where the rows lie then.
 */
export async function wholeWindow(
  { layout, shape, order }: Filling,
  pages: readonly Page[],
  { lists }: Finishing,
  splitting: Splitting,
): Promise<readonly Page[]> {
  const rows = rowsOf(pages)
  const sort = { layout, values: [], keys: shape.keys, limitRows: undefined }
  const sorted = await splitSort(sort, pages, splitting)
  const scratch = new Arena(splitting.arena.heap)
  try {
    const marks = scratch.allocateZeroed(rows)
    splitting.arena.heap.u8[marks] = 2
    const { rowBytes } = layout
    const base = { kind: 'window', layout, window: shape, step: 'whole', orders: [order] } as const
    const peers = shape.calls.some(asksForPeers)
    const isMarked = peers || shape.partitionKeys > 0
    const common = { sorted, marks, peers }
    const run = async (shared: readonly (readonly Page[])[], step: WholeStep): Promise<void> => {
      await lists({ ...base, lists: shared, whole: { ...common, ...step } }, rowBytes)
    }
    const buckets = sorted.buckets.map(({ address: start, rows: own }) => {
      return { address: start, rows: own }
    })
    const ordering = sorted.content === 'pages' ? [pages] : buckets.map((bucket) => [bucket])
    // Buckets of rows or entries are split by their keys, so no two rows of different ones are peers.
    const isSplit = sorted.content === 'rows' || sorted.content === 'entries'
    const areApart = isSplit && shape.partitionKeys === 0
    if (peers && areApart) markBuckets(splitting.arena.heap, marks, sorted.buckets)
    const fills = early(layout, shape, areApart)
    await run(ordering, { step: 'order', isMarked, fills: [...fills.values()] })
    if (isMarked && buckets.length > 1 && !areApart) {
      await run([[{ address: order, rows: buckets.length }]], { step: 'borders' })
    }
    const moved = sorted.content === 'rows' ? buckets : pages
    if (fills.size === shape.calls.length) return moved
    const rest = new Set(shape.calls.filter((call) => !fills.has(call)))
    await fillPieces({ layout, shape, order }, rest, moved, scratch, run)
    return moved
  } finally {
    scratch.release()
  }
}

/** The first row of each bucket begins a group of peers; that of all rows has its mark. */
function markBuckets({ u8 }: Heap, marks: Address, buckets: readonly SortBucket[]): void {
  for (const { before } of buckets) if (before > 0) u8[marks + before] = 1
}

/** What is filled while buckets are put in order, by the call. */
function early(
  layout: RowLayout,
  { calls, partitionKeys }: WindowShape,
  areApart: boolean,
): ReadonlyMap<WindowFill, KernelFill> {
  const fills = new Map<WindowFill, KernelFill>()
  if (partitionKeys > 0) return fills
  for (const call of calls) {
    const fill = call.kind === 'window' ? kernelFill(layout, call) : undefined
    if (fill !== undefined && fillsBuckets(fill, areApart)) fills.set(call, fill)
  }
  return fills
}

/** Fills the fields of the wanted ones of a window's calls once the rows are in order. */
async function fillPieces(
  { layout, shape: { calls }, order }: Filling,
  wanted: ReadonlySet<WindowFill>,
  pages: readonly Page[],
  scratch: Arena,
  run: (lists: readonly (readonly Page[])[], step: WholeStep) => Promise<void>,
): Promise<void> {
  const count = rowsOf(pages)
  const pieceRows = Math.max(PIECE_ROWS_MIN, count / PIECES_MAX)
  const shape: PieceShape = { layout, count, shift: Math.ceil(Math.log2(pieceRows)) }
  const pieces = piecesOf(shape, order)
  const fills: KernelFill[] = []
  const rest: number[] = []
  const summed: (readonly [number, Differences])[] = []
  for (const [at, call] of calls.entries()) {
    if (!wanted.has(call)) continue
    const fill = call.kind === 'window' ? kernelFill(layout, call) : undefined
    const sums = call.kind === 'aggregate' ? differences(scratch, shape, call) : undefined
    if (fill !== undefined) fills.push(fill)
    else if (sums !== undefined) summed.push([at, sums])
    else rest.push(at)
  }
  const columns = summed.flatMap(([, sums]) => sums.columns).filter(({ isRead }) => isRead)
  if (columns.length > 0) await run(pieces, { step: 'sum', shape, columns })
  for (const [at, sums] of summed) {
    const isExact = sums.columns.every((column) => closeSums(scratch.heap, shape, column))
    if (isExact) fills.push(...sums.fills)
    else rest.push(at)
  }
  const alone = rest.length > 0 ? [pages] : []
  const shared = fills.length > 0 ? pieces : []
  await run([...alone, ...shared], { step: 'fill', shape, fills, rest })
}

function piecesOf({ count, shift }: PieceShape, order: Address): readonly (readonly Page[])[] {
  const pieces: (readonly Page[])[] = []
  for (let from = 0; from < count; from += 2 ** shift) {
    pieces.push([{ address: address(order + from * 4), rows: Math.min(2 ** shift, count - from) }])
  }
  return pieces
}
