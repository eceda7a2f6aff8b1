import { unreachable } from '../../base/assert.ts'
import { typeName } from '../../data/types/data-type.ts'
import { explainExpression } from '../logical/explain.ts'
import type { ColumnId, NamedExpression, SortKey } from '../logical/expression.ts'
import { planInputs } from './plan-inputs.ts'
import type {
  HashAggregate,
  HashJoin,
  NestedLoopJoin,
  Partitioning,
  PhysicalPlan,
  PhysicalAggregateCall,
  Stage,
  StagedPlan,
} from './plan.ts'

/**
 * A physical plan as text: one operator a line with the estimated rows, inputs indented below. Inputs
 * of an operator that several others read are shown where it comes first.
 */
export function explainPhysical(plan: PhysicalPlan): string {
  const lines: string[] = []
  writePlan(plan, 0, lines, new Map())
  return lines.join('\n')
}

/** An operator as data: what EXPLAIN (PHYSICAL, FORMAT JSON) shows. */
export interface ExplainedPlan {
  readonly node: string
  readonly detail: string
  readonly rows: number
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly inputs: readonly ExplainedPlan[]
  /** Another operator reads it too, in front of this one: its inputs are shown there. */
  readonly isShownBefore?: true
}

export function explainPhysicalJson(
  plan: PhysicalPlan,
  shown: Set<PhysicalPlan> = new Set(),
): ExplainedPlan {
  const { node, detail } = describe(plan)
  const columns = plan.columns.map(({ name, type }) => ({ name, type: typeName(type) }))
  const self = { node, detail, rows: Math.round(plan.rows), columns }
  const sources = planInputs(plan)
  if (sources.length > 0 && shown.has(plan)) return { ...self, inputs: [], isShownBefore: true }
  shown.add(plan)
  return { ...self, inputs: sources.map((input) => explainPhysicalJson(input, shown)) }
}

/** The stages of a plan in the order in which they can run. */
export function explainStages(staged: StagedPlan): string {
  const lines: string[] = []
  for (const stage of staged.stages) {
    lines.push(stageTitle(stage))
    writePlan(stage.root, 1, lines, new Map())
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

export function explainStagesJson(staged: StagedPlan): readonly ExplainedStage[] {
  return staged.stages.map((stage) => ({
    stage: stage.id,
    partitions: stage.partitions,
    output: partitioningText(stage.output),
    outputPartitions: stage.outputPartitions,
    inputs: stage.inputs,
    plan: explainPhysicalJson(stage.root),
  }))
}

function stageTitle(stage: Stage): string {
  const tasks = stage.partitions === 1 ? '1 task' : `${stage.partitions} tasks`
  const into = stage.outputPartitions === 1 ? '' : ` into ${stage.outputPartitions}`
  return `Stage ${stage.id}: ${tasks}, output ${partitioningText(stage.output)}${into}`
}

function writePlan(
  plan: PhysicalPlan,
  depth: number,
  lines: string[],
  shownAt: Map<PhysicalPlan, number>,
): void {
  const { node, detail } = describe(plan)
  const rows = `(rows=${Math.round(plan.rows)})`
  const parts = detail === '' ? [node, rows] : [node, detail, rows]
  const inputs = planInputs(plan)
  const before = inputs.length === 0 ? undefined : shownAt.get(plan)
  if (before !== undefined) parts.push(`as in line ${before}`)
  const line = lines.push('  '.repeat(depth) + parts.join(' '))
  if (before !== undefined) return
  shownAt.set(plan, line)
  for (const input of inputs) writePlan(input, depth + 1, lines, shownAt)
}

interface Description {
  readonly node: string
  readonly detail: string
}

function describe(plan: PhysicalPlan): Description {
  switch (plan.kind) {
    case 'scan': {
      const columns = plan.columns.map(columnText).join(', ')
      const where = plan.filters.map(explainExpression).join(' and ')
      const detail = `${plan.table.name} [${columns}]${where === '' ? '' : ` where ${where}`}`
      return { node: 'Scan', detail }
    }
    case 'values': {
      const count = plan.rowExprs.length
      return { node: 'Values', detail: count === 1 ? '1 row' : `${count} rows` }
    }
    case 'filter':
      return { node: 'Filter', detail: explainExpression(plan.predicate) }
    case 'project':
      return { node: 'Project', detail: namedTexts(plan.exprs) }
    case 'hash-join':
      return { node: 'HashJoin', detail: hashJoinText(plan) }
    case 'nested-loop-join': {
      const on = plan.condition === undefined ? '' : `on ${explainExpression(plan.condition)}`
      return { node: 'NestedLoopJoin', detail: `${joinKindText(plan)} ${on}`.trim() }
    }
    case 'hash-aggregate':
      return { node: 'Aggregate', detail: aggregateText(plan) }
    case 'sort': {
      const top = plan.limitRows === undefined ? '' : ` top ${plan.limitRows}`
      return { node: 'Sort', detail: `${plan.keys.map(sortKeyText).join(', ')}${top}` }
    }
    case 'limit': {
      const offset = plan.offsetRows === 0 ? '' : ` offset ${plan.offsetRows}`
      return { node: 'Limit', detail: `${plan.limitRows ?? 'all'}${offset}` }
    }
    case 'union-all':
      return { node: 'UnionAll', detail: 'stack' }
    case 'exchange': {
      const cte = plan.cteId === undefined ? '' : ` of cte ${plan.cteId}`
      return { node: 'Exchange', detail: partitioningText(plan.partitioning) + cte }
    }
    case 'stage-input':
      return { node: 'StageInput', detail: `stage ${plan.stage}` }
    default:
      return unreachable(plan)
  }
}

function hashJoinText(plan: HashJoin): string {
  const keys = plan.probeKeys.map((key, i) => {
    const other = plan.buildKeys[i]
    const operator = plan.nullSafe[i] === true ? 'is not distinct from' : '='
    return `${explainExpression(key)} ${operator} ${other === undefined ? '' : explainExpression(other)}`
  })
  const also = plan.residual === undefined ? '' : ` and ${explainExpression(plan.residual)}`
  return `${joinKindText(plan)} ${plan.distribution} on ${keys.join(' and ')}${also}`
}

function joinKindText(plan: HashJoin | NestedLoopJoin): string {
  const mark = plan.markColumn === undefined ? '' : ` ${columnText(plan.markColumn)}`
  return `${plan.nullAware ? 'null-aware ' : ''}${plan.joinKind}${mark}`
}

function aggregateText(plan: HashAggregate): string {
  const phase = plan.phase === 'single' ? '' : plan.phase
  const keys = plan.keys.length === 0 ? '' : `by ${namedTexts(plan.keys)}`
  const calls = plan.aggregates.map(callText).join(', ')
  return [phase, keys, calls].filter((part) => part !== '').join(' ')
}

function callText(call: PhysicalAggregateCall): string {
  const arg = call.arg === undefined ? '' : explainExpression(call.arg)
  const inside = `${call.distinct ? 'distinct ' : ''}${arg}`
  const where = call.filter === undefined ? '' : ` where ${explainExpression(call.filter)}`
  const width = call.fitsInt64 ? ' in 64 bits' : ''
  return `${columnText(call)} = ${call.accumulator}(${inside})${where}${width}`
}

function partitioningText(partitioning: Partitioning): string {
  return partitioning.kind === 'hash'
    ? `hash by ${partitioning.keys.map(explainExpression).join(', ')}`
    : partitioning.kind
}

function namedTexts(exprs: readonly NamedExpression[]): string {
  return exprs.map((item) => namedText(item)).join(', ')
}

function namedText({ id, name, expr }: NamedExpression): string {
  const passed = expr.kind === 'column' && expr.id === id
  return passed
    ? columnText({ id, name })
    : `${columnText({ id, name })} = ${explainExpression(expr)}`
}

function sortKeyText({ expr, descending, nullsFirst }: SortKey): string {
  const direction = descending ? ' desc' : ''
  const nulls = nullsFirst === descending ? '' : nullsFirst ? ' nulls first' : ' nulls last'
  return `${explainExpression(expr)}${direction}${nulls}`
}

function columnText({ id, name }: { readonly id: ColumnId; readonly name: string }): string {
  return `${name}#${id}`
}
