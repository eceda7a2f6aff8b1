import { unreachable } from '../../base/assert.ts'
import { rowBytes } from '../optimizer/cardinality.ts'
import { bytesOf } from './distribution.ts'
import { planInputs } from './plan-inputs.ts'
import type { HashAggregate, PhysicalPlan, StagedPlan } from './plan.ts'

/** What a plan is expected to take, in bytes, as far as the planner's estimates go. */
export interface StateBytes {
  /** Of all operators that keep rows, and of the result: they may well be there at once. */
  readonly all: number
  /**
   * The most that one operator reads and keeps: what decides into how many parts rows are divided, as a part has its share of
   * both in memory.
   */
  readonly largestStep: number
  /** What the tables have that it scans, in the columns that it reads: their numbers of rows are known. */
  readonly scanned: number
}

/** What each row takes beside its values, in a table of groups, joined rows or rows to sort. */
const ROW_OVERHEAD_BYTES = 16

const known = new WeakMap<StagedPlan, StateBytes>()

/** What a plan that is not divided takes. Worked out once for a plan. */
export function stateBytes(plan: StagedPlan): StateBytes {
  let found = known.get(plan)
  if (found === undefined) {
    found = estimated(plan)
    known.set(plan, found)
  }
  return found
}

function estimated({ whole, stages }: StagedPlan): StateBytes {
  const roots = whole === undefined ? stages.map(({ root }) => root) : [whole]
  const result = roots.at(-1)
  let all = result === undefined ? 0 : bytesOf(result)
  let largestStep = 0
  let scanned = 0
  // Definitions of CTEs are read by several.
  const seen = new Set<PhysicalPlan>()
  const visit = (plan: PhysicalPlan): void => {
    if (seen.has(plan)) return
    seen.add(plan)
    const inputs = planInputs(plan)
    const kept = keptBytes(plan)
    all += kept
    if (isDivided(plan)) {
      const read = inputs.reduce((bytes, input) => bytes + bytesOf(input), 0)
      largestStep = Math.max(largestStep, read + kept)
    }
    if (plan.kind === 'scan') scanned += plan.table.statistics.rows * rowBytes(plan)
    inputs.forEach(visit)
  }
  roots.forEach(visit)
  return { all, largestStep, scanned }
}

/** Whether its rows are what a plan is divided for. */
function isDivided({ kind }: PhysicalPlan): boolean {
  return kind === 'hash-aggregate' || kind === 'hash-join' || kind === 'window' || kind === 'sort'
}

/** What an operator keeps until its last row came. */
function keptBytes(plan: PhysicalPlan): number {
  switch (plan.kind) {
    case 'hash-aggregate':
      return groupsKept(plan)
    case 'hash-join':
    case 'nested-loop-join':
      return rowsKept(plan.build)
    case 'window':
      return rowsKept(plan)
    case 'sort':
      return rowsKept({ ...plan, rows: Math.min(plan.input.rows, plan.limitRows ?? Infinity) })
    case 'exchange':
      return plan.cteId === undefined ? 0 : bytesOf(plan)
    case 'scan':
    case 'values':
    case 'filter':
    case 'expand':
    case 'project':
    case 'limit':
    case 'union-all':
    case 'stage-input':
      return 0
    default:
      return unreachable(plan)
  }
}

function rowsKept(plan: PhysicalPlan): number {
  return bytesOf(plan) + plan.rows * ROW_OVERHEAD_BYTES
}

/** The groups, and the rows of aggregates that want each value once or all of them together. */
function groupsKept(plan: HashAggregate): number {
  const { aggregates, input, keys } = plan
  const keepsRows = aggregates.some(({ distinct, kept }) => distinct || kept !== undefined)
  return (keys.length === 0 ? 0 : rowsKept(plan)) + (keepsRows ? rowsKept(input) : 0)
}
