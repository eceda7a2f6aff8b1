import { present } from '../../base/assert.ts'
import type { RowField } from '../../compile/model/row-layout.ts'
import type { PhysicalAggregateCall } from '../../plan/physical/plan.ts'
import type { Steps } from '../jobs/steps.ts'
import { nullWriter } from '../rows/write-field.ts'
import { copier, FILLED_ROWS_A_STEP } from './fill-values.ts'
import { flatValues, type FlatValues } from './flat-values.ts'
import type { FramePieces } from './frames.ts'
import type { ListedRows } from './listed-rows.ts'

/** Sums of integers up to this are exact as doubles. */
const EXACT_MAX = Number.MAX_SAFE_INTEGER

/** Floats of frames of so many rows are added up anew for each row. */
const ADDED_ROWS_MAX = 64

/** Writes the states of one row. */
type FillRow = (row: number) => void

/**
 * Fills the fields of aggregates that are quick over plain arrays of numbers: counts and sums of integers
 * are differences of sums from the beginning on, sums of floats over few rows are added up, the least and
 * largest of frames that only go forwards come from a queue of candidates. Ends with false where one of the
 * aggregates is none of these.
 */
export function* fillFlat(
  rows: ListedRows,
  calls: readonly PhysicalAggregateCall[],
  fields: readonly number[],
  pieces: FramePieces,
): Steps<boolean> {
  const fillers: FillRow[] = []
  const shape = shapeOf(rows, pieces)
  yield
  for (const [at, call] of calls.entries()) {
    const target = rows.field(present(fields[at], 'field of an aggregate'))
    if (!isFlat(call, target, shape)) return false
    const flat = yield* flatValues(rows, call, pieces.memory)
    yield
    const filler = flat && fillerOf(rows, call, target, pieces, flat)
    if (filler === undefined) return false
    fillers.push(filler)
    yield
  }
  for (let from = 0; from < rows.count; from += FILLED_ROWS_A_STEP) {
    const to = Math.min(rows.count, from + FILLED_ROWS_A_STEP)
    for (const filler of fillers) for (let row = from; row < to; row++) filler(row)
    yield
  }
  return true
}

/** What is known of the frames of a list. */
interface FrameShape {
  /** No frame is longer than floats are added up over. */
  readonly isShort: boolean
  /** Frames are one run each, and neither end goes back within a partition. */
  readonly isForwards: boolean
}

function shapeOf(rows: ListedRows, { bounds, exclude }: FramePieces): FrameShape {
  const { starts, ends } = bounds
  const { partitionStarts } = rows
  let isShort = true
  let isForwards = exclude === 'no-others'
  for (let row = 0; row < rows.count; row++) {
    const [start, end] = [starts[row]!, ends[row]!]
    if (end - start > ADDED_ROWS_MAX) isShort = false
    if (partitionStarts[row] === row) continue
    if (start < starts[row - 1]! || end < ends[row - 1]!) isForwards = false
  }
  return { isShort, isForwards }
}

function isFlat(call: PhysicalAggregateCall, { state }: RowField, shape: FrameShape): boolean {
  switch (call.accumulator) {
    case 'count':
    case 'count-star':
      return true
    case 'sum':
    case 'sum-zero':
      if (state?.sum === 'float') return shape.isShort
      return state?.sum === 'int64' || state?.sum === 'int128'
    case 'min':
    case 'max':
      return shape.isForwards
    case 'bool-and':
    case 'bool-or':
    case 'bit-and':
    case 'bit-or':
    case 'bit-xor':
    case 'any-value':
    case 'sum-squares':
    case 'deviation':
    case 'deviation-merge':
    case 'fold':
    case 'collect':
      return false
  }
}

function fillerOf(
  rows: ListedRows,
  call: PhysicalAggregateCall,
  target: RowField,
  pieces: FramePieces,
  flat: FlatValues,
): FillRow | undefined {
  if (call.accumulator === 'min' || call.accumulator === 'max') {
    return extremeFiller(rows, call, target, pieces, flat)
  }
  if (target.state?.sum === 'float') return floatFiller(rows, target, pieces, flat)
  if (flat.magnitude > EXACT_MAX) return undefined
  return differenceFiller(rows, call, target, pieces, flat)
}

const WORD = 2 ** 32

/** Writes a whole number to the cells of a state: one i64, or two of which the upper is the sign. */
function integerWriter(
  { heap }: ListedRows,
  { lanes }: RowField,
): (at: number, value: number) => void {
  const { u32 } = heap
  const [low, high] = lanes.map(({ offset }) => offset)
  return (at, value) => {
    const upper = Math.floor(value / WORD)
    const word = (at + low!) >>> 2
    u32[word] = value - upper * WORD
    u32[word + 1] = upper
    if (high === undefined) return
    const sign = value < 0 ? 0xffffffff : 0
    u32[(at + high) >>> 2] = sign
    u32[(at + high + 4) >>> 2] = sign
  }
}

function differenceFiller(
  rows: ListedRows,
  { accumulator }: PhysicalAggregateCall,
  target: RowField,
  pieces: FramePieces,
  { values, counts }: FlatValues,
): FillRow {
  const { u8 } = rows.heap
  const isCount = accumulator === 'count' || accumulator === 'count-star'
  const sums = pieces.memory.doubles(rows.count + 1)
  const seen = pieces.memory.words(rows.count + 1)
  for (let row = 0; row < rows.count; row++) {
    sums[row + 1] = sums[row]! + values[row]!
    seen[row + 1] = seen[row]! + counts[row]!
  }
  const write = integerWriter(rows, target)
  const { runs } = pieces
  return (row) => {
    const count = pieces.cut(row)
    let [sum, fed] = [0, 0]
    for (let run = 0; run < count; run++) {
      const [from, to] = [runs[run * 2]!, runs[run * 2 + 1]!]
      sum += sums[to]! - sums[from]!
      fed += seen[to]! - seen[from]!
    }
    const at = rows.at(row)
    write(at, isCount ? fed : sum)
    if (target.validOffset !== undefined) u8[at + target.validOffset] = fed > 0 ? 1 : 0
  }
}

/** Neumaier's sum of each frame, as generated code adds floats. */
function floatFiller(
  rows: ListedRows,
  target: RowField,
  pieces: FramePieces,
  { values, counts }: FlatValues,
): FillRow {
  const { u8, f64 } = rows.heap
  const [total, error] = target.lanes.map(({ offset }) => offset)
  const { runs } = pieces
  return (row) => {
    const count = pieces.cut(row)
    let [sum, rest, fed] = [0, 0, 0]
    for (let run = 0; run < count; run++) {
      const to = runs[run * 2 + 1]!
      for (let at = runs[run * 2]!; at < to; at++) {
        if (counts[at] === 0) continue
        const value = values[at]!
        const next = sum + value
        rest += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum
        sum = next
        fed++
      }
    }
    const at = rows.at(row)
    f64[(at + total!) >>> 3] = sum
    f64[(at + error!) >>> 3] = rest
    if (target.validOffset !== undefined) u8[at + target.validOffset] = fed > 0 ? 1 : 0
  }
}

/** The extreme of each frame: candidates wait in a queue, each better than those behind it. */
function extremeFiller(
  rows: ListedRows,
  { accumulator, arg }: PhysicalAggregateCall,
  target: RowField,
  pieces: FramePieces,
  { values, counts }: FlatValues,
): FillRow {
  const { u8 } = rows.heap
  const id = arg?.kind === 'column' ? arg.id : undefined
  const source = present(
    rows.layout.fields.find((field) => field.id === id),
    'field of an argument',
  )
  const copy = copier(rows, source, { ...target, validOffset: undefined })
  const valid = present(target.validOffset, 'state without a sign of values')
  const clear = nullWriter(rows.heap, target)
  const { starts, ends } = pieces.bounds
  const sign = accumulator === 'min' ? 1 : -1
  const queue = pieces.memory.words(rows.count)
  let [first, behind, added] = [0, 0, 0]
  return (row) => {
    if (rows.partitionStarts[row] === row) [first, behind, added] = [0, 0, row]
    const [start, end] = [starts[row]!, ends[row]!]
    // Of equal ones, as 0 and -0, the last one stays.
    for (added = Math.max(added, start); added < end; added++) {
      if (counts[added] === 0) continue
      const value = values[added]! * sign
      while (behind > first && values[queue[behind - 1]!]! * sign >= value) behind--
      queue[behind++] = added
    }
    while (first < behind && queue[first]! < start) first++
    const at = rows.at(row)
    if (first === behind || start >= end) return clear(at)
    u8[at + valid] = 1
    copy(rows.at(queue[first]!), at)
  }
}
