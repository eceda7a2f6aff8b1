import { present } from '../../base/assert.ts'
import type { SortShape, WindowFill, WindowShape } from '../../compile/model/pipeline.ts'
import { Arena } from '../../data/arenas/arena.ts'
import type { Address } from '../../data/vectors/vector.ts'
import { rowsOf } from '../breakers/breaker.ts'
import { asksForPeers, kernelFill } from '../breakers/window-fills.ts'
import { closeSums, differences } from '../breakers/window-sums.ts'
import {
  emptyReport,
  type JobReport,
  type Page,
  type SortBucket,
  type WholeWindow,
  type WindowJob,
} from '../jobs/jobs.ts'
import type { KernelFill } from '../jobs/window-fill.ts'
import type { Steps } from '../jobs/steps.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'
import { fieldReader } from '../rows/row-values.ts'
import { memoryIn, type RowMemory } from '../windows/row-memory.ts'
import { fillKept, type KeptFill } from '../windows/fill-kept.ts'
import { runKernelFill, runSums, STATE_BYTES } from '../windows/kernel-fill.ts'
import { fillValues } from '../windows/fill-values.ts'
import { frameBounds, FramePieces } from '../windows/frames.ts'
import { ListedRows } from '../windows/listed-rows.ts'
import { rangeEnds, type RangeKey } from '../windows/range-ends.ts'
import { BucketSorter } from '../sort/sort-buckets.ts'
import {
  listInOrder,
  markAsPeers,
  markBorders,
  markRange,
  type ListPlace,
} from '../windows/sorted-list.ts'
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
      if (job.whole === undefined) yield* listSteps(env, job, next, kept)
      else yield* wholeSteps(env, job, job.whole, next, kept)
    }
    isDone = true
    return { ...emptyReport, workBlocks: kept }
  } finally {
    if (!isDone) for (const block of kept) heap.free(block)
  }
}

/** Does what one list of {@link WholeWindow} stands for. */
function* wholeSteps(
  env: ThreadEnvironment,
  { layout, window, lists, orders }: WindowJob,
  whole: WholeWindow,
  position: number,
  kept: Address[],
): Steps<void> {
  const { heap } = env
  const list = present(orders[0], 'order of a list')
  const { marks, sorted, step } = whole
  if (step === 'order' || step === 'borders') {
    const { partitionKeys } = window
    const place = { list, marks, partitionKeys, count: sorted.rows, peers: whole.peers }
    if (step === 'borders') return markBorders(env, sorted, place)
    const bucket = present(sorted.buckets[position], 'bucket')
    return yield* bucketSteps(env, whole, lists[0] ?? [], bucket, place)
  }
  const { shape } = whole
  const { count, shift } = shape
  const alone = step === 'fill' && whole.rest.length > 0 ? 1 : 0
  const scratch = new Arena(heap)
  try {
    if (step === 'fill' && position < alone) {
      const rows = new ListedRows(heap, layout, count, { list, marks }, memoryIn(scratch))
      const rest = whole.rest.map((at) => present(window.calls[at], 'call of a window'))
      return yield* fillCalls(env, window, rows, rest, kept)
    }
    const from = (position - alone) * 2 ** shift
    const range = [from, Math.min(count, from + 2 ** shift)] as const
    if (step === 'sum') {
      for (const column of whole.columns) yield* runSums(env, column, list, range)
      return
    }
    const state = scratch.allocate(STATE_BYTES)
    const listed = { list, marks, count, partitions: window.partitionKeys > 0, peers: whole.peers }
    for (const fill of whole.fills) yield* runKernelFill(env, fill, listed, state, range)
  } finally {
    scratch.release()
  }
}

/** Lists the addresses of one bucket's rows where they come in the order of all, marks them and fills what is wanted. */
function* bucketSteps(
  env: ThreadEnvironment,
  { sorted, isMarked, fills }: WholeWindow & { step: 'order' },
  pages: readonly Page[],
  { before, ...bucket }: SortBucket,
  place: ListPlace,
): Steps<void> {
  const sorter = new BucketSorter(env, sorted, pages)
  const scratch = new Arena(env.heap)
  const range = [before, before + bucket.rows] as const
  try {
    const list = yield* sorter.list({ before, ...bucket })
    env.kernels.call('copy', place.list + before * 4, list, bucket.rows * 4)
    if (isMarked) yield* markRange(env, sorted, place, range)
    if (fills.length === 0) return
    const state = scratch.allocate(STATE_BYTES)
    const { marks, count } = place
    // Where a bucket begins the peers before it end: its first row has a mark, or nobody asks.
    const listed = { list: place.list, marks, count, partitions: false, peers: false }
    for (const fill of fills) yield* runKernelFill(env, fill, listed, state, range)
  } finally {
    scratch.release()
    sorter.release()
  }
}

function* listSteps(
  env: ThreadEnvironment,
  { layout, window, lists, orders, step }: WindowJob,
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
    else yield* listInOrder(env, sort, pages, place)
    const rows = new ListedRows(heap, layout, count, { list: order, marks }, memoryIn(scratch))
    yield* fillCalls(env, window, rows, calls, kept)
  } finally {
    scratch.release()
  }
}

/** Fills the fields of calls over a whole list; blocks that values refer to come to `kept`. */
function* fillCalls(
  env: ThreadEnvironment,
  window: WindowShape,
  rows: ListedRows,
  calls: readonly WindowFill[],
  kept: Address[],
): Steps<void> {
  for (const call of calls) {
    const own = new Arena(rows.heap)
    try {
      let known: FramePieces | undefined
      const pieces = (): FramePieces => (known ??= piecesOf(rows, window, call, memoryIn(own)))
      if (yield* fillByKernels(env, rows, call, own)) continue
      if (call.kind === 'window') yield* fillValues(rows, call, pieces)
      else if (call.kind === 'kept') kept.push(...(yield* keptSteps(env, rows, call, pieces())))
      else kept.push(...(yield* fillAggregates(env, rows, call, pieces())))
    } finally {
      own.release()
    }
  }
}

/** Ends with false where kernels do not know the call. */
function* fillByKernels(
  env: ThreadEnvironment,
  rows: ListedRows,
  call: WindowFill,
  arena: Arena,
): Steps<boolean> {
  const { layout, count } = rows
  const fills: KernelFill[] = []
  if (call.kind === 'window') {
    const fill = kernelFill(layout, call)
    if (fill !== undefined) fills.push(fill)
  } else if (call.kind === 'aggregate') {
    const shape = { layout, count, shift: ONE_PIECE }
    const sums = differences(arena, shape, call)
    for (const column of sums?.columns ?? []) {
      if (column.isRead) yield* runSums(env, column, rows.list, [0, count])
      if (!closeSums(rows.heap, shape, column)) return false
    }
    fills.push(...(sums?.fills ?? []))
  }
  const state = arena.allocate(STATE_BYTES)
  const { list, marks } = rows
  const listed = { list, marks, count, partitions: true, peers: true }
  for (const fill of fills) yield* runKernelFill(env, fill, listed, state, [0, count])
  return fills.length > 0
}

/** Of no list the rows are as many: all of them are one piece. */
const ONE_PIECE = 31

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
