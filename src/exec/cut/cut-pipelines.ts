import { AssertionError, present, unreachable } from '../../base/assert.ts'
import type { SortShape } from '../../compile/model/pipeline.ts'
import { layOutRow, type FieldRequest } from '../../compile/model/row-layout.ts'
import type { ColumnId, Expression, NamedExpression } from '../../plan/logical/expression.ts'
import type {
  HashAggregate,
  PhysicalPlan,
  PhysicalScan,
  PhysicalSort,
  Stage,
} from '../../plan/physical/plan.ts'
import { cutDistinct } from './cut-distinct.ts'
import { cutHashJoin, cutNestedLoop } from './cut-joins.ts'
import {
  closePipeline,
  groupLayout,
  groupTable,
  nullableIn,
  openRows,
  union,
  type CutFragment,
  type Cutter,
} from './cutting.ts'
import { addFilters, hoistAll } from './hoist.ts'
import {
  addStep,
  columnIds,
  define,
  openPipeline,
  referenceTo,
  type Open,
} from './open-pipeline.ts'

/** Cuts a stage's plan into pipelines. */
export function cutFragment(stage: Stage, batchRows: number): CutFragment {
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
  const keys = output.kind === 'hash' ? output.keys : []
  for (const open of cutter.open(root, required)) {
    const exprs = hoistAll(cutter, open, root.columns.map(referenceTo))
    const columns = root.columns.map(({ type, nullable }, at) => {
      return { expr: present(exprs[at], 'output'), type, nullable }
    })
    const split = output.kind === 'hash' || output.kind === 'round-robin'
    const partitioning =
      output.kind === 'hash' ? { ...output, keys: hoistAll(cutter, open, keys) } : output
    const partitions = split ? outputPartitions : 1
    closePipeline(cutter, open, { kind: 'output', columns, partitioning, partitions })
  }
  return { pipelines: cutter.pipelines, inputs: cutter.inputs, limits: cutter.limits }
}

function openPlan(cutter: Cutter, plan: PhysicalPlan, required: ReadonlySet<ColumnId>): Open[] {
  switch (plan.kind) {
    case 'scan':
      return openScan(cutter, plan, required)
    case 'values': {
      cutter.inputs.push({ kind: 'values', values: plan })
      return [openChunks(cutter, plan.columns, true)]
    }
    case 'stage-input':
      cutter.inputs.push({ kind: 'stage', stage: plan.stage })
      return [openChunks(cutter, plan.columns, true)]
    case 'filter': {
      const opens = cutter.open(plan.input, union(required, columnIds([plan.predicate])))
      for (const open of opens) addFilters(cutter, open, [plan.predicate])
      return opens
    }
    case 'project':
      return openProject(cutter, plan.input, plan.exprs, required)
    case 'hash-join':
      return cutHashJoin(cutter, plan, required)
    case 'nested-loop-join':
      return cutNestedLoop(cutter, plan, required)
    case 'hash-aggregate':
      if (plan.aggregates.some(({ distinct }) => distinct))
        return cutDistinct(cutter, plan, required)
      return cutAggregate(cutter, plan)
    case 'sort':
      return cutSort(cutter, plan, required)
    case 'limit': {
      const opens = cutter.open(plan.input, required)
      const { offsetRows, limitRows } = plan
      const limitId = cutter.limits.push({ offsetRows, limitRows }) - 1
      for (const open of opens) addStep(open, { kind: 'limit', limitId })
      return opens
    }
    case 'union-all':
      return plan.inputs.flatMap((input, index) => {
        const sources = present(plan.inputColumns[index], 'columns of a union input')
        const exprs = plan.columns.map((column, position): NamedExpression => {
          const id = present(sources[position], 'column of a union input')
          return { id: column.id, name: column.name, expr: referenceTo({ ...column, id }) }
        })
        return openProject(cutter, input, exprs, required)
      })
    case 'exchange':
      throw new AssertionError('internal error: exchange inside a stage')
    default:
      return unreachable(plan)
  }
}

function openScan(cutter: Cutter, plan: PhysicalScan, required: ReadonlySet<ColumnId>): Open[] {
  const wanted = union(required, columnIds(plan.filters))
  const kept = plan.columns.flatMap((column, index) => (wanted.has(column.id) ? [index] : []))
  const scan = {
    ...plan,
    columns: kept.map((index) => plan.columns[index]!),
    sourceColumns: kept.map((index) => plan.sourceColumns[index]!),
  }
  cutter.inputs.push({ kind: 'scan', scan })
  const open = openChunks(cutter, scan.columns, plan.table.source.kind === 'memory')
  addFilters(cutter, open, plan.filters)
  return [open]
}

/** Opens a pipeline over the input that was added last. */
function openChunks(cutter: Cutter, columns: PhysicalPlan['columns'], stable: boolean): Open {
  const source = {
    kind: 'chunks',
    input: cutter.inputs.length - 1,
    columns: columns.map(({ id, type }) => ({ id, type })),
    stable,
  } as const
  return openPipeline(source)
}

function openProject(
  cutter: Cutter,
  input: PhysicalPlan,
  exprs: readonly NamedExpression[],
  required: ReadonlySet<ColumnId>,
): Open[] {
  const used = exprs.filter(({ id }) => required.has(id))
  const opens = cutter.open(input, columnIds(used.map(({ expr }) => expr)))
  // A column that is passed through under its own id defines nothing.
  const computed = used.filter(({ id, expr }) => expr.kind !== 'column' || expr.id !== id)
  for (const open of opens) for (const { id, expr } of computed) define(open, id, expr)
  return opens
}

/** Groups rows into one table; the result is read from its rows. */
function cutAggregate(cutter: Cutter, plan: HashAggregate): Open[] {
  const { input, keys, aggregates } = plan
  const inputs = aggregates.flatMap(({ arg, filter }) =>
    [arg, filter].filter((e) => e !== undefined),
  )
  const opens = cutter.open(input, columnIds([...keys.map(({ expr }) => expr), ...inputs]))
  const nullable = nullableIn(input)
  const layout = groupLayout(keys, aggregates, nullable)
  const breaker = cutter.breakers++
  for (const open of opens) {
    const table = groupTable(cutter, open, breaker, layout, keys, aggregates)
    closePipeline(cutter, open, { kind: 'aggregate', tables: [table] })
  }
  return [openRows(breaker, layout)]
}

function cutSort(cutter: Cutter, plan: PhysicalSort, required: ReadonlySet<ColumnId>): Open[] {
  const keyExprs = plan.keys.map(({ expr }) => expr)
  const opens = cutter.open(plan.input, union(required, columnIds(keyExprs)))
  const nullable = nullableIn(plan.input)
  const carried = plan.columns.filter(({ id }) => required.has(id))
  const requests: FieldRequest[] = carried.map(({ id, type }) => ({
    id,
    type,
    nullable: nullable(referenceTo({ id, type, name: '' })),
    bounds: cutter.stage.bounds.get(id),
  }))
  const values: Expression[] = carried.map(referenceTo)
  const keys = plan.keys.map(({ expr, descending, nullsFirst }) => {
    let field = expr.kind === 'column' ? requests.findIndex(({ id }) => id === expr.id) : -1
    if (field < 0) {
      requests.push({ id: cutter.freshId(), type: expr.type, nullable: nullable(expr) })
      field = values.push(expr) - 1
    }
    return { field, descending, nullsFirst }
  })
  const layout = layOutRow(0, requests)
  const breaker = cutter.breakers++
  for (const open of opens) {
    const sort: SortShape = {
      layout,
      values: hoistAll(cutter, open, values),
      keys,
      limitRows: plan.limitRows,
    }
    closePipeline(cutter, open, { kind: 'sort', breaker, sort })
  }
  return [openPipeline({ kind: 'sorted', breaker, layout }, true)]
}
