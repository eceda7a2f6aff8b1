import { typeName } from '../../data/types/data-type.ts'
import { operatorOf } from './operators/table.ts'
import { partitioningText } from './operators/texts.ts'
import { planInputs } from './plan-inputs.ts'
import type { PhysicalPlan, Stage, StagedPlan } from './plan.ts'

/** Names what an operator has evaluated without code, which planning does not know. */
export type CallOuts = (plan: PhysicalPlan) => readonly string[]

const unknownCallOuts: CallOuts = () => []

/**
 * A physical plan as text: one operator a line with the estimated rows, inputs indented below. Inputs
 * of an operator that several others read are shown where it comes first.
 */
export function explainPhysical(plan: PhysicalPlan, callOuts = unknownCallOuts): string {
  const lines: string[] = []
  writePlan(plan, 0, { lines, shownAt: new Map(), callOuts })
  return lines.join('\n')
}

/** An operator as data: what EXPLAIN (PHYSICAL, FORMAT JSON) shows. */
export interface ExplainedPlan {
  readonly node: string
  readonly detail: string
  readonly rows: number
  /** What is evaluated without code; left out where nothing is. */
  readonly callOuts?: readonly string[]
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly inputs: readonly ExplainedPlan[]
  /** Another operator reads it too, in front of this one: its inputs are shown there. */
  readonly isShownBefore?: true
}

export function explainPhysicalJson(
  plan: PhysicalPlan,
  callOuts = unknownCallOuts,
  shown: Set<PhysicalPlan> = new Set(),
): ExplainedPlan {
  const { node, detail } = operatorOf(plan).explain(plan)
  const columns = plan.columns.map(({ name, type }) => ({ name, type: typeName(type) }))
  const called = callOuts(plan)
  const rows = Math.round(plan.rows)
  const self = { node, detail, rows, ...(called.length > 0 && { callOuts: called }), columns }
  const sources = planInputs(plan)
  if (sources.length > 0 && shown.has(plan)) return { ...self, inputs: [], isShownBefore: true }
  shown.add(plan)
  return { ...self, inputs: sources.map((input) => explainPhysicalJson(input, callOuts, shown)) }
}

/** The stages of a plan in the order in which they can run. */
export function explainStages(staged: StagedPlan, callOuts = unknownCallOuts): string {
  const lines: string[] = []
  for (const stage of staged.stages) {
    lines.push(stageTitle(stage))
    writePlan(stage.root, 1, { lines, shownAt: new Map(), callOuts })
  }
  return lines.join('\n')
}

export interface ExplainedStage {
  readonly stage: number
  readonly partitions: number
  readonly output: string
  readonly outputPartitions: number
  readonly inputs: readonly number[]
  readonly plan: ExplainedPlan
}

export function explainStagesJson(
  staged: StagedPlan,
  callOuts = unknownCallOuts,
): readonly ExplainedStage[] {
  return staged.stages.map((stage) => ({
    stage: stage.id,
    partitions: stage.partitions,
    output: partitioningText(stage.output),
    outputPartitions: stage.outputPartitions,
    inputs: stage.inputs,
    plan: explainPhysicalJson(stage.root, callOuts),
  }))
}

function stageTitle(stage: Stage): string {
  const tasks = stage.partitions === 1 ? '1 task' : `${stage.partitions} tasks`
  const into = stage.outputPartitions === 1 ? '' : ` into ${stage.outputPartitions}`
  return `Stage ${stage.id}: ${tasks}, output ${partitioningText(stage.output)}${into}`
}

interface Writing {
  readonly lines: string[]
  readonly shownAt: Map<PhysicalPlan, number>
  readonly callOuts: CallOuts
}

function writePlan(plan: PhysicalPlan, depth: number, writing: Writing): void {
  const { lines, shownAt, callOuts } = writing
  const { node, detail } = operatorOf(plan).explain(plan)
  const called = callOuts(plan)
  const parts = detail === '' ? [node] : [node, detail]
  if (called.length > 0) parts.push(`call-out: ${called.join(', ')}`)
  parts.push(`(rows=${Math.round(plan.rows)})`)
  const inputs = planInputs(plan)
  const before = inputs.length === 0 ? undefined : shownAt.get(plan)
  if (before !== undefined) parts.push(`as in line ${before}`)
  const line = lines.push('  '.repeat(depth) + parts.join(' '))
  if (before !== undefined) return
  shownAt.set(plan, line)
  for (const input of inputs) writePlan(input, depth + 1, writing)
}
