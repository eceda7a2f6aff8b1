import { assert, present } from '../../base/assert.ts'
import { finishSteps, type Steps } from '../../base/steps.ts'
import { isKept } from '../../data/chunks/table-chunk.ts'
import type { TableSource } from '../../plan/catalog/catalog.ts'
import type { ColumnId, Expression, NamedExpression } from '../../plan/logical/expression.ts'
import type {
  PhysicalKind,
  PhysicalOf,
  PhysicalPlan,
  PhysicalScan,
  Stage,
} from '../../plan/physical/plan.ts'
import { recursionStages } from '../../plan/physical/recursion.ts'
import { isOnePiece, type Partitioning } from '../../plan/physical/plan.ts'
import { cutAggregate } from './cut-aggregate.ts'
import { cutDistinct } from './cut-distinct.ts'
import { cutExpand } from './cut-expand.ts'
import { cutHashJoin, cutNestedLoop } from './cut-joins.ts'
import { cutSort } from './cut-sort.ts'
import { cutWindow } from './cut-window.ts'
import { closePipeline, openChunks, union, type CutFragment, type Cutter } from './cutting.ts'
import { addFilters, hoistAll } from './hoist.ts'
import { addStep, columnIds, define, referenceTo, type Open } from './open-pipeline.ts'

/** Cuts a stage's plan into pipelines. */
export function cutFragment(stage: Stage, batchRows: number): CutFragment {
  return finishSteps(cutSteps(stage, batchRows))
}

/** What stages were cut into, with so many rows a batch: the plan of a statement that runs again is kept. */
const cutBefore = new WeakMap<Stage, { readonly batchRows: number; readonly cut: CutFragment }>()

/** As {@link cutFragment}, in steps: one an operator. A stage that was cut before gives the same pipelines again. */
export function* cutSteps(stage: Stage, batchRows: number): Steps<CutFragment> {
  const before = cutBefore.get(stage)
  if (before?.batchRows === batchRows) return before.cut
  const cut = yield* freshCut(stage, batchRows)
  cutBefore.set(stage, { batchRows, cut })
  return cut
}

function* freshCut(stage: Stage, batchRows: number): Steps<CutFragment> {
  let fresh = 0
  const cutter: Cutter = {
    stage,
    batchRows,
    pipelines: [],
    inputs: [],
    limits: [],
    breakers: 0,
    freshId: () => --fresh as ColumnId,
    open: (plan, required) => openPlan(cutter, plan, required),
  }
  const { root, output, outputPartitions } = stage
  const required = new Set(root.columns.map(({ id }) => id))
  const keys = partitioningKeys(output)
  for (const open of yield* cutter.open(root, required)) {
    const exprs = yield* hoistAll(cutter, open, root.columns.map(referenceTo))
    const columns = root.columns.map(({ type, nullable }, at) => {
      return { expr: present(exprs[at], 'output'), type, nullable }
    })
    const partitioning = withKeys(output, yield* hoistAll(cutter, open, keys))
    const partitions = isOnePiece(output) ? 1 : outputPartitions
    closePipeline(cutter, open, { kind: 'output', columns, partitioning, partitions })
  }
  return { pipelines: cutter.pipelines, inputs: cutter.inputs, limits: cutter.limits }
}

/** What says where a row goes. */
function partitioningKeys(output: Partitioning): readonly Expression[] {
  assert(output.kind !== 'range', 'where ranges begin is not known yet')
  if (output.kind === 'numbered') return [output.number]
  return output.kind === 'hash' ? output.keys : []
}

function withKeys(output: Partitioning, keys: readonly Expression[]): Partitioning {
  if (output.kind === 'numbered') return { ...output, number: present(keys[0], 'number') }
  return output.kind === 'hash' ? { ...output, keys } : output
}

type Cut<K extends PhysicalKind> = (
  cutter: Cutter,
  plan: PhysicalOf<K>,
  required: ReadonlySet<ColumnId>,
) => Steps<Open[]> | Open[]

/** What each operator makes of the pipelines of its inputs: a kind without an entry does not compile. */
const cuts: { readonly [K in PhysicalKind]: Cut<K> } = {
  scan: openScan,
  values: (cutter, plan) => {
    cutter.inputs.push({ kind: 'values', values: plan })
    return [openChunks(cutter, plan.columns, true)]
  },
  'stage-input': (cutter, plan) => {
    cutter.inputs.push({ kind: 'stage', stage: plan.stage })
    return [openChunks(cutter, plan.columns, true)]
  },
  recursion: (cutter, plan) => {
    const { recursionId, name, columns } = plan
    const stages = recursionStages(cutter.stage, plan)
    cutter.inputs.push({ kind: 'recursion', recursionId, name, columns, ...stages })
    // The rows of a round go when those of the next have come.
    return [openChunks(cutter, columns, false)]
  },
  'working-table': (cutter, { recursionId, columns }) => {
    cutter.inputs.push({ kind: 'working-table', recursionId })
    return [openChunks(cutter, columns, true)]
  },
  *filter(cutter, plan, required) {
    const opens = yield* cutter.open(plan.input, union(required, columnIds([plan.predicate])))
    for (const open of opens) yield* addFilters(cutter, open, [plan.predicate])
    return opens
  },
  expand: cutExpand,
  project: (cutter, plan, required) => openProject(cutter, plan.input, plan.exprs, required),
  'hash-join': cutHashJoin,
  'nested-loop-join': cutNestedLoop,
  'hash-aggregate': (cutter, plan) =>
    plan.aggregates.some(({ distinct }) => distinct)
      ? cutDistinct(cutter, plan)
      : cutAggregate(cutter, plan),
  window: cutWindow,
  sort: cutSort,
  *limit(cutter, plan, required) {
    const opens = yield* cutter.open(plan.input, required)
    const { offsetRows, limitRows } = plan
    const limitId = cutter.limits.push({ offsetRows, limitRows }) - 1
    for (const open of opens) addStep(open, { kind: 'limit', limitId })
    return opens
  },
  *'union-all'(cutter, plan, required) {
    const opens: Open[] = []
    for (const [index, input] of plan.inputs.entries()) {
      const sources = present(plan.inputColumns[index], 'columns of a union input')
      const exprs = plan.columns.map((column, position): NamedExpression => {
        const id = present(sources[position], 'column of a union input')
        return { id: column.id, name: column.name, expr: referenceTo({ ...column, id }) }
      })
      opens.push(...(yield* openProject(cutter, input, exprs, required)))
    }
    return opens
  },
  exchange: () => assert(false, 'exchange inside a stage') as never,
}

function* openPlan<K extends PhysicalKind>(
  cutter: Cutter,
  plan: PhysicalOf<K>,
  required: ReadonlySet<ColumnId>,
): Steps<Open[]> {
  yield
  const cut = cuts[plan.kind] as Cut<K>
  const opens = cut(cutter, plan, required)
  return Array.isArray(opens) ? opens : yield* opens
}

function* openScan(
  cutter: Cutter,
  plan: PhysicalScan,
  required: ReadonlySet<ColumnId>,
): Steps<Open[]> {
  const wanted = union(required, columnIds(plan.filters))
  const kept = plan.columns.flatMap((column, index) => (wanted.has(column.id) ? [index] : []))
  const scan = {
    ...plan,
    columns: kept.map((index) => plan.columns[index]!),
    sourceColumns: kept.map((index) => plan.sourceColumns[index]!),
  }
  cutter.inputs.push({ kind: 'scan', scan })
  const open = openChunks(cutter, scan.columns, staysInMemory(plan.table.source))
  yield* addFilters(cutter, open, plan.filters)
  return [open]
}

/** Whether what is read stays where it is: kept chunks are in memory while their rows are looked at. */
function staysInMemory(source: TableSource): boolean {
  return source.kind === 'memory' && !source.chunks.some(isKept)
}

function* openProject(
  cutter: Cutter,
  input: PhysicalPlan,
  exprs: readonly NamedExpression[],
  required: ReadonlySet<ColumnId>,
): Steps<Open[]> {
  const used = exprs.filter(({ id }) => required.has(id))
  const opens = yield* cutter.open(input, columnIds(used.map(({ expr }) => expr)))
  // A column that is passed through under its own id defines nothing.
  const computed = used.filter(({ id, expr }) => expr.kind !== 'column' || expr.id !== id)
  for (const open of opens) for (const { id, expr } of computed) define(open, id, expr)
  return opens
}
