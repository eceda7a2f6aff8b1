import { needsOrder } from '../breakers/row-order.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'
import type { Steps } from '../jobs/steps.ts'
import { fillFlat } from '../windows/fill-flat.ts'
import { FILLED_ROWS_A_STEP } from '../windows/fill-values.ts'
import type { FramePieces } from '../windows/frames.ts'
import type { ListedRows } from '../windows/listed-rows.ts'
import { address, type Address } from '../../data/vectors/vector.ts'
import { fillMoving, movingRows } from './moving-states.ts'
import { SegmentTree } from './segment-tree.ts'
import { WindowStates, type AggregateFill } from './window-states.ts'

/** Frames of so many rows are added up anew for each row. */
const ADDED_ROWS_MAX = 64
/** Rows that are added in one step. */
const ADDED_ROWS_A_STEP = 65_536

/**
 * Fills the fields of aggregates over one frame; ends with the blocks of memory that the values refer to.
 * A frame that begins with the partition grows row by row, one that ends with it the other way round; of
 * others those that only go forwards are put together from two states, the long ones of the rest from a tree.
 */
export function* fillAggregates(
  env: ThreadEnvironment,
  rows: ListedRows,
  fill: AggregateFill,
  pieces: FramePieces,
): Steps<readonly Address[]> {
  const { table, fields } = fill
  if (yield* fillFlat(rows, table.aggregates, fields, pieces)) return []
  const states = new WindowStates(env, rows, address(rows.list), fill)
  let blocks: readonly Address[] | undefined
  try {
    const { start, end, exclude } = fill.frame
    const isWhole = exclude === 'no-others'
    if (isWhole && start.kind === 'unbounded-preceding') yield* fillForwards(rows, states, pieces)
    else if (isWhole && end.kind === 'unbounded-following' && !table.aggregates.some(needsOrder)) {
      yield* fillBackwards(rows, states, pieces)
    } else {
      const longest = states.areNumbers ? movingRows(rows, table.aggregates, pieces) : undefined
      if (longest === undefined) yield* fillAnyhow(rows, states, pieces)
      else yield* fillMoving(rows, states, pieces, longest)
    }
    blocks = states.takeBlocks()
    return blocks
  } finally {
    if (blocks === undefined) states.release()
  }
}

function* fillForwards(rows: ListedRows, states: WindowStates, pieces: FramePieces): Steps<void> {
  const { partitionStarts } = rows
  const { ends } = pieces.bounds
  let added = 0
  let done = 0
  for (let row = 0; row < rows.count; row++) {
    if (partitionStarts[row] === row) {
      states.clear()
      added = row
    }
    const end = ends[row]!
    while (added < end) {
      const next = Math.min(end, added + ADDED_ROWS_A_STEP)
      states.add(added, next)
      done += next - added
      added = next
      if (done >= ADDED_ROWS_A_STEP) {
        yield
        states.resume()
        done = 0
      }
    }
    states.fill(row)
    if (row % FILLED_ROWS_A_STEP === 0) {
      yield
      states.resume()
    }
  }
}

function* fillBackwards(rows: ListedRows, states: WindowStates, pieces: FramePieces): Steps<void> {
  const { partitionEnds } = rows
  const { starts } = pieces.bounds
  let added = rows.count
  let done = 0
  for (let row = rows.count - 1; row >= 0; row--) {
    if (partitionEnds[row] === row + 1) {
      states.clear()
      added = row + 1
    }
    const start = starts[row]!
    while (added > start) {
      const next = Math.max(start, added - ADDED_ROWS_A_STEP)
      states.add(next, added)
      done += added - next
      added = next
      if (done >= ADDED_ROWS_A_STEP) {
        yield
        states.resume()
        done = 0
      }
    }
    states.fill(row)
    if (row % FILLED_ROWS_A_STEP === 0) {
      yield
      states.resume()
    }
  }
}

/** Rows of which each may need many nodes, in one step. */
const ROWS_A_STEP = 1_024

function* fillAnyhow(rows: ListedRows, states: WindowStates, pieces: FramePieces): Steps<void> {
  let tree: SegmentTree | undefined
  for (let row = 0; row < rows.count; row++) {
    const runs = pieces.cut(row)
    let isLong = false
    for (let run = 0; run < runs; run++) {
      const [from, to] = [pieces.runs[run * 2]!, pieces.runs[run * 2 + 1]!]
      if (to - from <= ADDED_ROWS_MAX) continue
      tree ??= new SegmentTree(rows.count, states)
      tree.prepare(from, to)
      isLong = true
    }
    states.clear()
    for (let run = 0; run < runs; run++) {
      const [from, to] = [pieces.runs[run * 2]!, pieces.runs[run * 2 + 1]!]
      if (isLong && to - from > ADDED_ROWS_MAX) tree?.add(from, to)
      else states.add(from, to)
    }
    states.fill(row)
    if (row % ROWS_A_STEP === 0) {
      yield
      states.resume()
    }
  }
}
