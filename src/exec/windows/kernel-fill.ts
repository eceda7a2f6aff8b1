import { numberOf } from '../breakers/window-fills.ts'
import type { Address } from '../../data/vectors/vector.ts'
import type { Steps } from '../jobs/steps.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'
import type { KernelFill, SummedColumn } from '../jobs/window-fill.ts'

/** Of what kernels know at a row of a list. */
export const STATE_BYTES = 20
/** Rows that are filled, or summed, in one step. */
const ROWS_A_STEP = 131_072

/** Rows that are listed in order at an address, with marks. */
export interface MarkedList {
  readonly list: number
  readonly marks: number
  readonly count: number
  /** Whether marks tell partitions apart, and groups of peers. */
  readonly partitions: boolean
  readonly peers: boolean
}

/** Fills the field of the rows `from` to `to - 1`; `state` is room of {@link STATE_BYTES}. */
export function* runKernelFill(
  { kernels }: ThreadEnvironment,
  fill: KernelFill,
  { list, marks, count, partitions, peers }: MarkedList,
  state: Address,
  [from, to]: readonly [number, number],
): Steps<void> {
  const isNumbered = fill.kind === 'numbers' && fill.what === numberOf.dense_rank
  const told = (partitions ? 1 : 0) | (peers ? 2 : 0) | (isNumbered ? 4 : 0)
  kernels.call('windowState', marks, from, count, state, told)
  const listed = [list, marks, count, state] as const
  for (let first = from; first < to; first += ROWS_A_STEP) {
    const rows = [first, Math.min(to, first + ROWS_A_STEP)] as const
    if (fill.kind === 'numbers') {
      kernels.call('windowNumbers', fill.what, fill.parts, ...listed, ...rows, ...fill.target)
    } else if (fill.kind === 'shift') {
      const { distance, source, target } = fill
      kernels.call('windowShift', distance, ...listed, ...rows, ...source, ...target)
    } else kernels.call('windowDifferences', fill.frame, fill.told, ...listed, ...rows)
    yield
  }
}

/** Sums a column over the rows `from` to `to - 1`, which are of one piece. */
export function* runSums(
  { kernels }: ThreadEnvironment,
  column: SummedColumn,
  list: number,
  [from, to]: readonly [number, number],
): Steps<void> {
  for (let first = from; first < to; first += ROWS_A_STEP) {
    kernels.call('windowSums', list, first, Math.min(to, first + ROWS_A_STEP), column.address)
    yield
  }
}
