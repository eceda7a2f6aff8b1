import { BATCH_ROWS, sinkWords } from '../../compile/model/context.ts'
import type { SortShape } from '../../compile/model/pipeline.ts'
import { present } from '../../base/assert.ts'
import { Arena } from '../../data/arenas/arena.ts'
import { address } from '../../data/vectors/vector.ts'
import type { WantedValues } from '../../io/scan/source.ts'
import { pagesOf, replaceRows } from '../rows/page-writer.ts'
import type { RunState } from './run-state.ts'
import { sortRows } from '../sort/sort-rows.ts'
import { wantedBy } from '../sort/top-values.ts'

const PRUNE_ROWS_MIN = 2_048

/** Up to so many wanted rows, those that are kept are sorted before each chunk: it costs next to nothing. */
const SMALL_LIMIT_ROWS = 1_024

/**
 * Top-k: once many more rows are kept than are wanted, sorts them, keeps the first `limitRows`, and
 * makes the last of those the threshold before which later rows must sort.
 */
export function pruneRows(run: RunState): void {
  const { sink } = run.pipeline
  if (sink.kind !== 'sort') return
  const limitRows = present(sink.sort.limitRows, 'prune without a limit')
  const capacity = capacityOf(limitRows)
  const kept = prune(run, sink.sort, limitRows, capacity)
  const { u32 } = run.env.heap
  const word = present(run.writers[0], 'rows of a sort').sink >>> 2
  u32[word + sinkWords.count / 4] = 0
  u32[word + sinkWords.countMax / 4] = capacity - kept
}

/** The values that a top-k has not ruled out yet; undefined where it does not know. */
export function wantedNow(run: RunState): WantedValues | undefined {
  const { top, pipeline, env } = run
  if (top === undefined || pipeline.sink.kind !== 'sort') return undefined
  const { sort } = pipeline.sink
  const limitRows = present(sort.limitRows, 'top without a limit')
  if (limitRows === 0) return undefined
  // As many rows as are wanted are a threshold too, once.
  const rowsMin = thresholdOf(run) === 0 ? limitRows : limitRows + 1
  if (limitRows <= SMALL_LIMIT_ROWS) prune(run, sort, limitRows, rowsMin)
  const threshold = thresholdOf(run)
  return threshold === 0 ? undefined : wantedBy(top, env.heap, address(threshold))
}

/** The address of the last row that is kept, 0 before there was one. */
function thresholdOf(run: RunState): number {
  const { sink } = present(run.writers[0], 'rows of a sort')
  return run.env.heap.u32[(sink + sinkWords.threshold) >>> 2] ?? 0
}

function capacityOf(limitRows: number): number {
  return Math.max(limitRows * 2, PRUNE_ROWS_MIN)
}

/** Gives how many rows are kept then. */
function prune(run: RunState, sort: SortShape, limitRows: number, rowsMin: number): number {
  const writer = present(run.writers[0], 'rows of a sort')
  const { heap, kernels } = run.env
  const pages = pagesOf(run.work, writer)
  const rows = pages.reduce((total, page) => total + page.rows, 0)
  if (rows < rowsMin) return rows
  const scratch = new Arena(heap)
  try {
    const { entries } = sortRows(run.env, scratch, sort, pages)
    const { rowBytes } = sort.layout
    const room = capacityOf(limitRows) + BATCH_ROWS
    if (writer.spare.length === 0) {
      writer.spare = [run.work.allocate(room * rowBytes), run.work.allocate(room * rowBytes)]
    }
    const target = present(writer.spare.shift(), 'spare block')
    writer.spare.push(target)
    kernels.call('sortGather', entries, limitRows, rowBytes, target)
    replaceRows(run.work, writer, target, limitRows, room)
    const threshold = limitRows === 0 ? 0 : target + (limitRows - 1) * rowBytes
    heap.u32[(writer.sink + sinkWords.threshold) >>> 2] = threshold
    return limitRows
  } finally {
    scratch.release()
  }
}
