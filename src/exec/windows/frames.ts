import type { Scalar } from '../../data/types/scalar.ts'
import { offsetOf, rowsStep } from '../breakers/frame-offsets.ts'
import type { RowMemory } from './row-memory.ts'
import { NO_ROW, type FrameRows } from '../../functions/window-function.ts'
import type { Frame, FrameBound } from '../../plan/logical/expression.ts'

/** Where partitions and groups of peers begin and end, by row. */
export interface OrderedRows {
  readonly count: number
  readonly partitionStarts: Int32Array
  readonly partitionEnds: Int32Array
  readonly peerStarts: Int32Array
  readonly peerEnds: Int32Array
  readonly groups: Int32Array
}

/** By row: its frame's first row and the row behind its last, before EXCLUDE; none where they cross. */
export interface FrameBounds {
  readonly starts: Int32Array
  readonly ends: Int32Array
}

/** The ends of a RANGE with an offset, which depend on values. */
export type RangeEnd = (bound: FrameBound, offset: Scalar, side: 'start' | 'end') => Int32Array

/**
 * The frame of each row. Errors: NULL_VALUE_NOT_ALLOWED, INVALID_FRAME_OFFSET for offsets that are NULL
 * or negative.
 */
export function frameBounds(
  rows: OrderedRows,
  frame: Frame,
  rangeEnd: RangeEnd,
  memory: RowMemory,
): FrameBounds {
  const { unit, start, end } = frame
  const side = (bound: FrameBound, name: 'start' | 'end'): Int32Array => {
    if (bound.kind === 'unbounded-preceding') return rows.partitionStarts
    if (bound.kind === 'unbounded-following') return rows.partitionEnds
    if (bound.kind === 'current-row' && unit !== 'rows') {
      return name === 'start' ? rows.peerStarts : rows.peerEnds
    }
    if (unit === 'range') return rangeEnd(bound, offsetOf(bound, name), name)
    const step = rowsStep(bound, name)
    return unit === 'rows' ? rowsEnd(rows, step, name, memory) : groupsEnd(rows, step, name, memory)
  }
  return { starts: side(start, 'start'), ends: side(end, 'end') }
}

function rowsEnd(
  rows: OrderedRows,
  step: number,
  side: 'start' | 'end',
  memory: RowMemory,
): Int32Array {
  const { count, partitionStarts, partitionEnds } = rows
  const ends = memory.words(count)
  const behind = side === 'start' ? 0 : 1
  for (let row = 0; row < count; row++) {
    const at = row + step + behind
    ends[row] = Math.max(partitionStarts[row]!, Math.min(at, partitionEnds[row]!))
  }
  return ends
}

/** Groups of peers are counted: the first row of each is listed. */
function groupsEnd(
  rows: OrderedRows,
  step: number,
  side: 'start' | 'end',
  memory: RowMemory,
): Int32Array {
  const { count, partitionStarts, partitionEnds, peerStarts, groups } = rows
  const [firsts, numbers] = [memory.words(count), memory.words(count)]
  let known = 0
  for (let row = 0; row < count; row++) {
    if (peerStarts[row] === row) firsts[known++] = row
    numbers[row] = known - 1
  }
  const ends = memory.words(count)
  for (let row = 0; row < count; row++) {
    const number = numbers[row]!
    const first = number - groups[row]!
    const target = Math.max(first - 1, number + step) + (side === 'start' ? 0 : 1)
    const at = target < known ? firsts[target]! : count
    ends[row] = target <= first ? partitionStarts[row]! : Math.min(at, partitionEnds[row]!)
  }
  return ends
}

/** The frames of rows, what EXCLUDE leaves out taken away: three runs of rows each at most. */
export class FramePieces implements FrameRows {
  readonly bounds: FrameBounds
  readonly exclude: Frame['exclude']
  /** Room that lives as long as the frames are asked for. */
  readonly memory: RowMemory
  /** The runs of the row that {@link cut} was called for: first row, and the row behind the last. */
  readonly runs = new Int32Array(6)
  readonly #rows: OrderedRows

  constructor(
    rows: OrderedRows,
    bounds: FrameBounds,
    exclude: Frame['exclude'],
    memory: RowMemory,
  ) {
    this.#rows = rows
    this.memory = memory
    this.bounds = bounds
    this.exclude = exclude
  }

  /** Writes a row's runs that have rows to {@link runs}; returns how many there are. */
  cut(row: number): number {
    const [start, end] = [this.bounds.starts[row]!, this.bounds.ends[row]!]
    if (start >= end) return 0
    const { exclude } = this
    if (exclude === 'no-others') return this.#run(0, start, end)
    const isRow = exclude === 'current-row'
    const from = isRow ? row : this.#rows.peerStarts[row]!
    const to = isRow ? row + 1 : this.#rows.peerEnds[row]!
    let count = this.#run(0, start, Math.min(end, from))
    if (exclude === 'ties') count = this.#run(count, Math.max(start, row), Math.min(end, row + 1))
    return this.#run(count, Math.max(start, to), end)
  }

  nth(row: number, n: number): number {
    const count = this.cut(row)
    let left = n
    for (let run = 0; run < count; run++) {
      const start = this.runs[run * 2]!
      const length = this.runs[run * 2 + 1]! - start
      if (left < length) return start + left
      left -= length
    }
    return NO_ROW
  }

  last(row: number): number {
    const count = this.cut(row)
    return count === 0 ? NO_ROW : this.runs[count * 2 - 1]! - 1
  }

  #run(count: number, start: number, end: number): number {
    if (start >= end) return count
    this.runs[count * 2] = start
    this.runs[count * 2 + 1] = end
    return count + 1
  }
}
