import type { ColumnId, Expression } from '../logical/expression.ts'
import { columnsUsedByAll } from '../logical/walk.ts'
import { rowBytes } from '../optimizer/cardinality.ts'
import { bytesOf } from './distribution.ts'
import { planInputs } from './plan-inputs.ts'
import { operatorOf } from './operators/table.ts'
import { rowsKept } from './operators/operator.ts'
import type { PhysicalPlan, PhysicalScan, StagedPlan } from './plan.ts'

/** What a plan is expected to take, in bytes, as far as the planner's estimates go. */
export interface StateBytes {
  /** Of all operators that keep rows, and of the result: they may well be there at once. */
  readonly all: number
  /**
   * The most that one operator reads and keeps: what decides into how many parts rows are divided, as a part has its share of
   * both in memory.
   */
  readonly largestStep: number
  /**
   * What groups keep at most of which nothing tells how many there are: their keys are columns of files that say nothing of their
   * values. Estimates count few of them.
   */
  readonly unknown: number
  /** What the tables have that it scans, in the columns that it reads: their numbers of rows are known. */
  readonly scanned: number
}

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
  let unknown = 0
  const columns = new Set<ColumnId>()
  // Definitions of CTEs are read by several.
  const seen = new Set<PhysicalPlan>()
  const visit = (plan: PhysicalPlan): void => {
    if (seen.has(plan)) return
    seen.add(plan)
    const inputs = planInputs(plan)
    const kept = operatorOf(plan).keeps?.(plan) ?? 0
    all += kept
    if (isDivided(plan)) {
      const read = inputs.reduce((bytes, input) => bytes + bytesOf(input), 0)
      largestStep = Math.max(largestStep, read + kept)
    }
    if (plan.kind === 'scan') {
      scanned += plan.table.statistics.rows * rowBytes(plan)
      for (const id of unknownColumns(plan)) columns.add(id)
    }
    inputs.forEach(visit)
    if (plan.kind === 'project') {
      for (const { id, expr } of plan.exprs) if (usesOneOf([expr], columns)) columns.add(id)
    }
    const keys = plan.kind === 'hash-aggregate' ? plan.keys.map(({ expr }) => expr) : []
    if (plan.kind === 'hash-aggregate' && usesOneOf(keys, columns)) {
      unknown += rowsKept({ ...plan, rows: plan.input.rows })
    }
  }
  roots.forEach(visit)
  return { all, largestStep, unknown, scanned }
}

/** The columns of a scan of which it is not known how many values they have. */
function* unknownColumns({ table, sourceColumns, columns }: PhysicalScan): Iterable<ColumnId> {
  for (const [at, { id, type }] of columns.entries()) {
    const statistics = table.statistics.columns[sourceColumns[at] ?? -1]
    const isBounded = statistics?.min !== undefined || type.kind === 'bool'
    if (statistics?.distinct === undefined && !isBounded) yield id
  }
}

function usesOneOf(exprs: readonly Expression[], columns: ReadonlySet<ColumnId>): boolean {
  if (columns.size === 0) return false
  return [...columnsUsedByAll(exprs)].some((id) => columns.has(id))
}

/** Whether its rows are what a plan is divided for. */
function isDivided({ kind }: PhysicalPlan): boolean {
  return kind === 'hash-aggregate' || kind === 'hash-join' || kind === 'window' || kind === 'sort'
}
