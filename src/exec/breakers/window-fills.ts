import { present } from '../../base/assert.ts'
import { laneBytes, type RowField, type RowLayout } from '../../compile/model/row-layout.ts'
import type { WindowFill } from '../../compile/model/pipeline.ts'
import type { WindowKernel } from '../../functions/window-function.ts'
import type { KernelFill } from '../jobs/window-fill.ts'

/** The numbers of assembly/window-values.ts. */
export const numberOf: Readonly<Record<Exclude<WindowKernel, 'lag' | 'lead'>, number>> = {
  row_number: 0,
  rank: 1,
  dense_rank: 2,
  percent_rank: 3,
  cume_dist: 4,
  ntile: 5,
}
const NEVER_NULL = -1

type ValueFill = WindowFill & { kind: 'window' }

/** The fill of a window function; undefined where no kernel does what is asked. */
export function kernelFill({ fields }: RowLayout, call: ValueFill): KernelFill | undefined {
  const { kernel } = call.fn
  if (kernel === undefined) return undefined
  const given = constantOf(call, kernel)
  if (given === undefined) return undefined
  const field = (at: number): RowField => present(fields[at], 'field of a window')
  const to = field(call.field)
  const target = [firstLane(to), present(to.validOffset, 'validity of a window function')] as const
  if (kernel !== 'lag' && kernel !== 'lead') {
    return { kind: 'numbers', what: numberOf[kernel], parts: given, target }
  }
  const value = call.args[0]
  if (value === undefined || !('field' in value)) return undefined
  const from = field(value.field)
  const bytes = from.lanes.reduce((total, { type }) => total + laneBytes(type), 0)
  const source = [firstLane(from), bytes, from.validOffset ?? NEVER_NULL] as const
  return { kind: 'shift', distance: kernel === 'lag' ? given : -given, source, target }
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

function firstLane({ lanes }: RowField): number {
  return present(lanes[0], 'lane of a field').offset
}

/** What is known of a row by those before it, and where its partition ends. */
const soFar: ReadonlySet<number> = new Set([
  numberOf.row_number,
  numberOf.rank,
  numberOf.percent_rank,
])

/**
 * Whether a fill can be done bucket by bucket, as each is put in order and while its rows are at hand: of one partition, where
 * buckets are groups of peers of their own or nobody asks for peers.
 */
export function fillsBuckets(fill: KernelFill, peersEndWithBuckets: boolean): boolean {
  if (fill.kind !== 'numbers') return false
  return fill.what === numberOf.row_number || (peersEndWithBuckets && soFar.has(fill.what))
}

/** The kernels of these functions, and what they do without one, look at partitions alone. */
const withoutPeers: ReadonlySet<WindowKernel> = new Set(['row_number', 'ntile', 'lag', 'lead'])

/** Whether a call asks for groups of peers: finding them takes reading every row. */
export function asksForPeers(call: WindowFill): boolean {
  if (call.kind === 'window') {
    return call.fn.kernel === undefined || !withoutPeers.has(call.fn.kernel)
  }
  const { unit, exclude } = call.frame
  return unit !== 'rows' || (exclude !== 'no-others' && exclude !== 'current-row')
}
