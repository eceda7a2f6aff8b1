import { present } from '../../base/assert.ts'
import { laneBytes, type RowField } from '../../compile/model/row-layout.ts'
import type { WindowFill } from '../../compile/model/pipeline.ts'
import type { WindowKernel } from '../../functions/window-function.ts'
import type { Steps } from '../jobs/steps.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'
import type { ListedRows } from './listed-rows.ts'
import type { RowMemory } from './row-memory.ts'

/** The numbers of assembly/window-values.ts. */
const numbers: Readonly<Record<Exclude<WindowKernel, 'lag' | 'lead'>, number>> = {
  row_number: 0,
  rank: 1,
  dense_rank: 2,
  percent_rank: 3,
  cume_dist: 4,
  ntile: 5,
}
const STATE_WORDS = 5
/** Rows that are filled in one step. */
const ROWS_A_STEP = 131_072
const NEVER_NULL = -1

type ValueFill = WindowFill & { kind: 'window' }

/** Fills the field of a window function by a kernel; undefined where none does what is asked. */
export function fillByKernel(
  { kernels }: ThreadEnvironment,
  rows: ListedRows,
  call: ValueFill,
  memory: RowMemory,
): Steps<void> | undefined {
  const { kernel } = call.fn
  if (kernel === undefined || rows.count === 0) return undefined
  const target = rows.field(call.field)
  const to = [
    firstLane(target),
    present(target.validOffset, 'validity of a window function'),
  ] as const
  const state = memory.words(STATE_WORDS)
  state.fill(0)
  const listed = [rows.list, rows.marks, rows.count, state.byteOffset] as const
  const given = constantOf(call, kernel)
  if (given === undefined) return undefined
  if (kernel !== 'lag' && kernel !== 'lead') {
    const what = [numbers[kernel], given] as const
    return inSteps(rows.count, (from, behind) =>
      kernels.call('windowNumbers', ...what, ...listed, from, behind, ...to),
    )
  }
  const value = call.args[0]
  if (value === undefined || !('field' in value)) return undefined
  const source = rows.field(value.field)
  const bytes = source.lanes.reduce((total, { type }) => total + laneBytes(type), 0)
  const moved = [firstLane(source), bytes, source.validOffset ?? NEVER_NULL, ...to] as const
  const distance = kernel === 'lag' ? given : -given
  return inSteps(rows.count, (from, behind) =>
    kernels.call('windowShift', distance, ...listed, from, behind, ...moved),
  )
}

/** Parts, or how many rows away, where these are the same for all rows and there is no default to give instead. */
function constantOf({ args }: ValueFill, kernel: WindowKernel): number | undefined {
  if (kernel === 'lag' || kernel === 'lead') {
    const [, offset, standIn] = args
    if (standIn !== undefined) return undefined
    if (offset === undefined) return 1
    const value = 'value' in offset ? offset.value : undefined
    // The smallest integer has no opposite.
    return value === undefined || value < -DISTANCE_MAX ? undefined : value
  }
  const [parts] = args
  if (kernel !== 'ntile') return 0
  const value = parts !== undefined && 'value' in parts ? parts.value : undefined
  return value === undefined || value <= 0 ? undefined : value
}

const DISTANCE_MAX = 2_147_483_647

function* inSteps(count: number, fill: (from: number, behind: number) => void): Steps<void> {
  for (let from = 0; from < count; from += ROWS_A_STEP) {
    fill(from, Math.min(count, from + ROWS_A_STEP))
    yield
  }
}

function firstLane({ lanes }: RowField): number {
  return present(lanes[0], 'lane of a field').offset
}
