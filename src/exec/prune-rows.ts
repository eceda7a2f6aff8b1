import { BATCH_ROWS, sinkWords } from '../compile/pipeline/context.ts'
import { present } from '../base/assert.ts'
import { Arena } from '../data/arenas/arena.ts'
import { pagesOf, replaceRows } from './page-writer.ts'
import type { PipelineRun } from './pipeline-run.ts'
import { sortRows } from './sort-rows.ts'

const PRUNE_ROWS_MIN = 8_192

/**
 * Top-k: once many more rows are kept than are wanted, sorts them, keeps the first `limitRows`, and
 * makes the last of those the threshold that later rows must not sort behind.
 */
export function pruneRows(run: PipelineRun): void {
  const { sink } = run.pipeline
  const writer = run.writers[0]
  if (sink.kind !== 'sort' || writer === undefined) return
  const limitRows = present(sink.sort.limitRows, 'prune without a limit')
  const capacity = Math.max(limitRows * 2, PRUNE_ROWS_MIN)
  const { heap, kernels } = run.env
  const pages = pagesOf(run.work, writer)
  const rows = pages.reduce((total, page) => total + page.rows, 0)
  if (rows < capacity) return
  const scratch = new Arena(heap)
  try {
    const { entries } = sortRows(run.env, scratch, sink.sort, pages)
    const { rowBytes } = sink.sort.layout
    const room = capacity + BATCH_ROWS
    if (writer.spare.length === 0) {
      writer.spare = [run.work.allocate(room * rowBytes), run.work.allocate(room * rowBytes)]
    }
    const target = present(writer.spare.shift(), 'spare block')
    writer.spare.push(target)
    kernels.call('sortGather', entries, limitRows, rowBytes, target)
    replaceRows(run.work, writer, target, limitRows, room)
    const threshold = limitRows === 0 ? 0 : target + (limitRows - 1) * rowBytes
    heap.u32[(writer.sink + sinkWords.threshold) >>> 2] = threshold
  } finally {
    scratch.release()
  }
}
