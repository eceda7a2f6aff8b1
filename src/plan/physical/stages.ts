import type { ValueBounds } from '../../data/types/value-bounds.ts'
import { assert, present } from '../../base/assert.ts'
import type { ColumnId } from '../logical/expression.ts'
import { newBoundsAnalysis, type BoundsAnalysis } from './bounds.ts'
import type { PhysicalContext } from './context.ts'
import { addsToLastRow } from './across-tasks.ts'
import { isDivisible } from './series.ts'
import { workingTablesOf } from './recursion.ts'
import { mapPlanInputs, planInputs } from './plan-inputs.ts'
import {
  isOnePiece,
  type Exchange,
  type Partitioning,
  type PhysicalPlan,
  type Stage,
  type StagedPlan,
  type StageInput,
} from './plan.ts'

interface Cutter {
  readonly ctx: PhysicalContext
  readonly analysis: BoundsAnalysis
  readonly stages: Stage[]
  /** The stage that each CTE's rows come from. */
  readonly stageOfCte: Map<number, number>
}

/** Cuts a plan at its exchanges. Stages come in dependency order; the last has one partition. */
export function cutStages(plan: PhysicalPlan, ctx: PhysicalContext): StagedPlan {
  const analysis = newBoundsAnalysis()
  const cutter: Cutter = { ctx, analysis, stages: [], stageOfCte: new Map() }
  const root = addStage(cutter, plan, { kind: 'gather' })
  assert(present(cutter.stages[root], 'no stages').partitions === 1, 'the result is in pieces')
  const { stages } = cutter
  return { stages, columns: plan.columns, ...(ctx.workers === 1 && { whole: plan }) }
}

/** Makes a stage of a plan, after the stages that it reads; returns its id. */
function addStage(cutter: Cutter, plan: PhysicalPlan, output: Partitioning): number {
  const inputs: number[] = []
  const root = cut(cutter, plan, inputs)
  const partitions = partitionsOf(cutter, root) ?? 1
  const id = cutter.stages.length
  let bounds: ReadonlyMap<ColumnId, ValueBounds> | undefined
  cutter.stages.push({
    id,
    root,
    partitions,
    output,
    outputPartitions: isOnePiece(output) ? 1 : cutter.ctx.workers,
    inputs: [...new Set(inputs)],
    readsRuns: cutter.ctx.isInParts === true,
    ...(addsToLastRow(root) && { isSequential: true }),
    // Worked out for those who cut the stage into pipelines.
    get bounds() {
      return (bounds ??= stageBounds(cutter, plan))
    },
  })
  return id
}

function cut(cutter: Cutter, plan: PhysicalPlan, inputs: number[]): PhysicalPlan {
  const isMove = plan.kind === 'exchange' && workingTablesOf(plan).size === 0
  if (!isMove) return mapPlanInputs(plan, (input) => cut(cutter, input, inputs))
  const stage = stageOf(cutter, plan)
  inputs.push(stage)
  const input: StageInput = { kind: 'stage-input', stage, columns: plan.columns, rows: plan.rows }
  return input
}

function stageOf(cutter: Cutter, exchange: Exchange): number {
  const { cteId } = exchange
  const known = cteId === undefined ? undefined : cutter.stageOfCte.get(cteId)
  if (known !== undefined) return known
  const stage = addStage(cutter, exchange.input, exchange.partitioning)
  if (cteId !== undefined) cutter.stageOfCte.set(cteId, stage)
  return stage
}

/**
 * How many tasks a fragment takes, from what it reads; undefined when any number would do (broadcast
 * rows only).
 */
function partitionsOf(cutter: Cutter, plan: PhysicalPlan): number | undefined {
  if (plan.kind === 'scan') return cutter.ctx.workers
  if (plan.kind === 'values' || plan.kind === 'working-table') return 1
  if (plan.kind === 'expand' && cutter.ctx.isInParts === true && isDivisible(plan)) {
    return cutter.ctx.workers
  }
  if (plan.kind === 'stage-input') {
    const stage = present(cutter.stages[plan.stage], 'a stage is missing')
    const { output, outputPartitions, partitions } = stage
    if (output.kind === 'stay') return partitions
    return output.kind === 'broadcast' ? undefined : outputPartitions
  }
  let partitions: number | undefined
  for (const input of planInputs(plan)) {
    const own = partitionsOf(cutter, input)
    assert(
      own === undefined || partitions === undefined || own === partitions,
      `inputs of ${plan.kind} are spread over ${partitions} and ${own} tasks`,
    )
    partitions ??= own
  }
  return partitions
}

/** The bounds of the columns that the stage can see: those that it makes and those that it reads. */
function stageBounds(cutter: Cutter, plan: PhysicalPlan): ReadonlyMap<ColumnId, ValueBounds> {
  const { bounds } = cutter.analysis.of(plan)
  const found = new Map<ColumnId, ValueBounds>()
  const visit = (part: PhysicalPlan): void => {
    for (const { id } of part.columns) {
      const known = bounds.get(id)
      if (known !== undefined) found.set(id, known)
    }
    if (part.kind !== 'exchange') planInputs(part).forEach(visit)
  }
  visit(plan)
  return found
}
