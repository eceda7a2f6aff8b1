import { present } from '../../base/assert.ts'
import type { SortShape, WindowFill } from '../../compile/model/pipeline.ts'
import type { WindowKernel } from '../../functions/window-function.ts'
import { Arena } from '../../data/arenas/arena.ts'
import { address, type Address } from '../../data/vectors/vector.ts'
import { rowsOf } from '../breakers/breaker.ts'
import { emptyReport, type JobReport, type WindowJob } from '../jobs/jobs.ts'
import type { Steps } from '../jobs/steps.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'
import { fieldReader } from '../rows/row-values.ts'
import { memoryIn, type RowMemory } from '../windows/row-memory.ts'
import { fillKept, type KeptFill } from '../windows/fill-kept.ts'
import { fillByKernel } from '../windows/fill-by-kernel.ts'
import { fillValues } from '../windows/fill-values.ts'
import { frameBounds, FramePieces } from '../windows/frames.ts'
import { ListedRows } from '../windows/listed-rows.ts'
import { rangeEnds, type RangeKey } from '../windows/range-ends.ts'
import { BucketSorter } from '../sort/sort-buckets.ts'
import { listInOrder, markAsPeers, markRows } from '../windows/sorted-list.ts'
import { fillAggregates } from './fill-aggregates.ts'

/** Takes lists of rows that nobody has taken, puts each in order and fills the fields of its calls. */
export function* windowSteps(env: ThreadEnvironment, job: WindowJob): Steps<JobReport> {
  const kept: Address[] = []
  const { heap } = env
  let isDone = false
  try {
    for (;;) {
      const next = Atomics.add(heap.i32, job.counter >>> 2, 1)
      if (next >= job.lists.length) break
      if (job.step === 'order') yield* bucketSteps(env, job, next)
      else yield* listSteps(env, job, next, kept)
    }
    isDone = true
    return { ...emptyReport, workBlocks: kept }
  } finally {
    if (!isDone) for (const block of kept) heap.free(block)
  }
}

/** Lists the addresses of one bucket's rows where they come in the order of all. */
function* bucketSteps(
  env: ThreadEnvironment,
  { sorted, orders, lists }: WindowJob,
  position: number,
): Steps<void> {
  const state = present(sorted, 'buckets of a window')
  const bucket = present(state.buckets[position], 'bucket')
  const sorter = new BucketSorter(env, state, lists[0] ?? [])
  try {
    const list = yield* sorter.list(bucket)
    const target = present(orders[0], 'order of a list') + bucket.before * 4
    env.kernels.call('copy', target, list, bucket.rows * 4)
  } finally {
    sorter.release()
  }
}

function* listSteps(
  env: ThreadEnvironment,
  { layout, window, lists, orders, sorted, step }: WindowJob,
  position: number,
  kept: Address[],
): Steps<void> {
  const { heap } = env
  const pages = present(lists[position], 'list of a window')
  const order = present(orders[position], 'order of a list')
  const count = rowsOf(pages)
  if (count === 0) return
  const scratch = new Arena(heap)
  try {
    const marks = scratch.allocate(count)
    const sort: SortShape = { layout, values: [], keys: window.keys, limitRows: undefined }
    const { partitionKeys, calls } = window
    const place = { list: order, marks, partitionKeys, count, peers: calls.some(asksForPeers) }
    if (step === 'listed') markAsPeers(heap, place)
    else if (sorted === undefined) yield* listInOrder(env, sort, pages, place)
    else yield* markRows(env, sorted, place)
    const rows = new ListedRows(heap, layout, count, { list: order, marks }, memoryIn(scratch))
    for (const call of window.calls) {
      const own = new Arena(heap)
      try {
        let known: FramePieces | undefined
        const pieces = (): FramePieces => (known ??= piecesOf(rows, window, call, memoryIn(own)))
        if (call.kind === 'window') {
          const byKernel = fillByKernel(env, rows, call, memoryIn(own))
          yield* byKernel ?? fillValues(rows, call, pieces)
        } else if (call.kind === 'kept') kept.push(...(yield* keptSteps(env, rows, call, pieces())))
        else kept.push(...(yield* fillAggregates(env, rows, address(order), call, pieces())))
      } finally {
        own.release()
      }
    }
  } finally {
    scratch.release()
  }
}

/** The kernels of these functions, and what they do without one, look at partitions alone. */
const withoutPeers: ReadonlySet<WindowKernel> = new Set(['row_number', 'ntile', 'lag', 'lead'])

function asksForPeers(call: WindowFill): boolean {
  if (call.kind === 'window') {
    return call.fn.kernel === undefined || !withoutPeers.has(call.fn.kernel)
  }
  const { unit, exclude } = call.frame
  return unit !== 'rows' || (exclude !== 'no-others' && exclude !== 'current-row')
}

/** Ends with the blocks of memory that the values refer to. */
function* keptSteps(
  env: ThreadEnvironment,
  rows: ListedRows,
  call: KeptFill,
  pieces: FramePieces,
): Steps<readonly Address[]> {
  const values = new Arena(rows.heap)
  try {
    yield* fillKept(env, rows, call, pieces, values)
    return values.takeBlocks()
  } finally {
    values.release()
  }
}

function piecesOf(
  rows: ListedRows,
  window: WindowJob['window'],
  { frame }: WindowFill,
  memory: RowMemory,
): FramePieces {
  const ends = rangeEnds(rows, rangeKey(rows, window), memory)
  return new FramePieces(rows, frameBounds(rows, frame, ends, memory), frame.exclude, memory)
}

/** What a RANGE is measured by: the one key of the order. */
function rangeKey(rows: ListedRows, { keys, partitionKeys }: WindowJob['window']): RangeKey {
  const key = keys[partitionKeys]
  const field = rows.field(key?.field ?? 0)
  const read = fieldReader(rows.heap, field)
  return {
    type: field.type,
    descending: key?.descending ?? false,
    value: (row) => read(rows.at(row)),
  }
}
