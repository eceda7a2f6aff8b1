import { isVolatile } from '../../plan/logical/expression-size.ts'
import type { ComputedValue, PipelineSource, Step } from '../../compile/model/pipeline.ts'
import { layOutRow } from '../../compile/model/row-layout.ts'
import type { DataType } from '../../data/types/data-type.ts'
import { expressionKey } from '../../plan/logical/expression-key.ts'
import type { ColumnId, Expression } from '../../plan/logical/expression.ts'
import { columnsUsedByAll } from '../../plan/logical/walk.ts'
import type { ResolvedTraits } from './resolved-traits.ts'

/** Ids for columns that only pipelines know; negative, as plans count up from 0. */
export interface FreshIds {
  freshId(): ColumnId
}

/** A pipeline that still takes steps. */
export interface Open {
  readonly source: PipelineSource
  readonly steps: Step[]
  readonly definitions: Map<ColumnId, Expression>
  readonly ordered: boolean
  /** Of the expressions looked at so far, while the definitions are as they are. */
  traits: Map<Expression, ResolvedTraits>
  /** What call-out steps have computed so far, by the keys of the expressions. */
  readonly callOuts: Map<string, Expression>
  /** What the next compute step computes, none of it more than one function takes. */
  computing: ComputedValue[]
  /** What compute steps have computed so far, and the next will, by the keys of the expressions. */
  readonly computed: Map<string, Expression>
}

/** A pipeline that begins. */
export function openPipeline(source: PipelineSource, ordered = false): Open {
  const traits = new Map<Expression, ResolvedTraits>()
  return {
    source,
    steps: [],
    definitions: new Map(),
    ordered,
    traits,
    callOuts: new Map(),
    computing: [],
    computed: new Map(),
  }
}

/** Says what a projection makes of the columns before it. */
export function define(open: Open, id: ColumnId, expr: Expression): void {
  open.definitions.set(id, expr)
  open.traits = new Map()
}

/** Adds a step behind what is to be computed before it. */
export function addStep(open: Open, step: Step): void {
  flushComputed(open)
  open.steps.push(step)
}

/**
 * A column for the value of an expression, which a compute step keeps for each row of a batch. It is
 * evaluated for every row, in the order of the calls, and may read columns of earlier calls.
 */
export function compute(fresh: FreshIds, open: Open, expr: Expression): Expression {
  const key = isVolatile(expr) ? undefined : expressionKey(expr)
  const same = key === undefined ? undefined : open.computed.get(key)
  if (same !== undefined) return same
  const value = { id: fresh.freshId(), expr }
  open.computing.push(value)
  const column = referenceTo({ id: value.id, type: expr.type, name: 'computed' })
  if (key !== undefined) open.computed.set(key, column)
  return column
}

/** Adds the compute step for what is to be computed so far. */
export function flushComputed(open: Open): void {
  const { computing: values } = open
  if (values.length === 0) return
  const fields = values.map(({ id, expr }) => ({ id, type: expr.type, nullable: true }))
  open.steps.push({ kind: 'compute', values, layout: layOutRow(0, fields) })
  open.computing = []
}

export function referenceTo(column: {
  readonly id: ColumnId
  readonly type: DataType
  readonly name: string
}): Expression {
  return { kind: 'column', id: column.id, type: column.type, name: column.name }
}

/** The columns that expressions name, projections not followed. */
export function columnIds(exprs: readonly Expression[]): ReadonlySet<ColumnId> {
  return columnsUsedByAll(exprs)
}
