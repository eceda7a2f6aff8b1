import type { Accumulator } from '../../functions/aggregate-form.ts'
import type { PhysicalAggregateCall } from '../../plan/physical/plan.ts'
import type { Steps } from '../jobs/steps.ts'
import type { FramePieces } from '../windows/frames.ts'
import type { ListedRows } from '../windows/listed-rows.ts'
import type { RunStates } from './segment-tree.ts'

/** A state for each row of the longest frame is kept; of longer ones states are put together from a tree. */
const FRAME_ROWS_MAX = 16_384
/** Frames of fewer rows are added up as quickly. */
const FRAME_ROWS_MIN = 16
/** Rows that are filled, or of which states are kept, in one step. */
const ROWS_A_STEP = 1_024

/** Whose states are numbers that can be added up in any order, and copied as they are. */
const plain: ReadonlySet<Accumulator> = new Set([
  'count',
  'count-star',
  'sum',
  'sum-zero',
  'sum-squares',
  'deviation',
  'bool-and',
  'bool-or',
  'bit-and',
  'bit-or',
  'bit-xor',
])

/**
 * The rows of the longest frame, where all are runs of rows that only go forwards and are put together from states of
 * their parts; undefined where they are not.
 */
export function movingRows(
  rows: ListedRows,
  calls: readonly PhysicalAggregateCall[],
  { bounds: { starts, ends }, exclude }: FramePieces,
): number | undefined {
  if (exclude !== 'no-others' || !calls.every(({ accumulator }) => plain.has(accumulator))) {
    return undefined
  }
  let longest = 0
  for (let row = 0; row < rows.count; row++) {
    const [start, end] = [starts[row]!, ends[row]!]
    longest = Math.max(longest, end - start)
    const isFirst = rows.partitionStarts[row] === row
    if (!isFirst && (start < starts[row - 1]! || end < ends[row - 1]!)) return undefined
  }
  return longest < FRAME_ROWS_MIN || longest > FRAME_ROWS_MAX ? undefined : longest
}

/** States that can be taken up again. */
export interface MovingStates extends RunStates {
  /** Goes on with a state that was kept. */
  restore(at: number): void
  fill(row: number): void
  resume(): void
}

/**
 * Fills rows whose frames only go forwards, as a queue of two stacks: behind a border the rows are added to one state as
 * they come; before it there is a state for each row, of the rows from it to the border, made when the frame begins
 * behind the border before. So a row is added twice and a state once, however long frames are (K. Tangwongsan et al.:
 * Low-Latency Sliding-Window Aggregation in Worst-Case Constant Time, DEBS 2017, section 2). No state is made of rows
 * that no frame has together.
 */
export function* fillMoving(
  { count }: ListedRows,
  states: MovingStates,
  { bounds: { starts, ends } }: FramePieces,
  longest: number,
): Steps<void> {
  const { stateBytes } = states
  const behind = states.room(1)
  const before = states.room(longest)
  let [first, border, added, done] = [0, 0, 0, 0]
  for (let row = 0; row < count; row++) {
    const [start, end] = [starts[row]!, ends[row]!]
    if (start >= end) states.clear()
    else if (start >= border) {
      states.clear()
      states.keep(behind)
      for (let at = end - 1; at >= start; at--) {
        states.add(at, at + 1)
        states.keep(before + (at - start) * stateBytes)
      }
      done += end - start
      ;[first, border, added] = [start, end, end]
    } else {
      states.restore(behind)
      if (added < end) {
        states.add(added, end)
        states.keep(behind)
        added = end
      }
      states.addStates(before + (start - first) * stateBytes, 1)
    }
    states.fill(row)
    if (++done < ROWS_A_STEP) continue
    done = 0
    yield
    states.resume()
  }
}
