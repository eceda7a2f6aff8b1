import { isRunningCall, overAllRows } from './across-tasks.ts'
import type { Placing } from './operators/operator.ts'
import type { PhysicalWindow, PhysicalWindowCall } from './plan.ts'
import { reachOf } from './window-reach.ts'
import { inSight, type CallInSight } from './window-sight.ts'
import { turned } from './window-turned.ts'

/** So many rows next to each task's own are kept for it while a window is computed, in JavaScript's memory; further ones are sent. */
const BESIDE_ROWS_MAX = 128

/** The calls of a window by how they are computed where rows are divided. */
export interface CallsByWay {
  readonly running: PhysicalWindowCall[]
  readonly reaching: PhysicalWindowCall[]
  /** Those that run in the other order of the rows, and of rows that are equal in theirs. */
  readonly turnedRows: PhysicalWindowCall[]
  readonly turnedPeers: PhysicalWindowCall[]
  /** Those that look at what is near in the order's key, or in the numbers of rows or of groups of equal ones. */
  readonly near: { readonly [by in CallInSight['by']]: CallInSight[] }
  readonly ofAll: PhysicalWindowCall[]
}

/** Undefined where a call can be computed in no way, or where all are better divided by their partitions. */
export function callsByWay(
  plan: PhysicalWindow,
  { attempt }: Pick<Placing, 'attempt'>,
): CallsByWay | undefined {
  const isPartitioned = plan.partitionBy.length > 0
  if (isPartitioned && attempt < 2) return undefined
  const ways: CallsByWay = {
    running: [],
    reaching: [],
    turnedRows: [],
    turnedPeers: [],
    near: { keys: [], rows: [], groups: [] },
    ofAll: [],
  }
  for (const call of plan.calls) if (!isAdded(call, plan, ways)) return undefined
  // Sums of each partition are sent to all tasks, which partitions that are many have no room for.
  return isPartitioned && ways.ofAll.length > 0 && attempt > 2 ? undefined : ways
}

/** Adds a call to those of its way. False where there is none. */
function isAdded(call: PhysicalWindowCall, plan: PhysicalWindow, ways: CallsByWay): boolean {
  const reach = reachOf(call)
  const other = turned(call)
  if (overAllRows(call, plan) !== undefined) ways.ofAll.push(call)
  else if (isRunningCall(call, plan)) ways.running.push(call)
  else if (other !== undefined && isRunningCall(other, plan)) {
    if (other.frame.unit === 'rows') ways.turnedRows.push(other)
    else ways.turnedPeers.push(other)
  } else if (reach !== undefined && reach.before + reach.after <= BESIDE_ROWS_MAX) {
    ways.reaching.push(call)
  } else {
    const near = inSight(call, plan)
    if (near === undefined) return false
    ways.near[near.by].push(near)
  }
  return true
}
