import { scalarFunction } from '../functions/catalogue.ts'
import { hasInlineForm } from '../compile/expression.ts'
import type { PipelineSource, SourceColumn, Step } from '../compile/pipeline/pipeline.ts'
import type { DataType } from '../data/types/data-type.ts'
import type { ColumnId, Expression } from '../plan/logical/expression.ts'
import {
  expressionChildrenOf,
  mapExpressionChildren,
  rewriteExpression,
} from '../plan/logical/walk.ts'
import type { Cutter } from './cutting.ts'

/** A pipeline that still takes steps. */
export interface Open {
  readonly source: PipelineSource
  readonly steps: Step[]
  readonly definitions: Map<ColumnId, Expression>
  readonly ordered: boolean
}

export function addStep(open: Open, step: Step): void {
  open.steps.push(step)
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
  const found = new Set<ColumnId>()
  const visit = (expr: Expression): void => {
    if (expr.kind === 'column') found.add(expr.id)
    else expressionChildrenOf(expr).forEach(visit)
  }
  exprs.forEach(visit)
  return found
}

/**
 * Adds filters. Cheap conjuncts are evaluated together, without branches; costly ones (over text, or
 * called out) each see only the rows that passed before.
 */
export function addFilters(cutter: Cutter, open: Open, predicates: readonly Expression[]): void {
  const conjuncts = predicates.flatMap((p) => (p.kind === 'and' ? p.args : [p]))
  const cheap = conjuncts.filter((c) => !isCostly(open, c))
  const costly = conjuncts.filter((c) => !cheap.includes(c))
  if (cheap.length > 0) {
    const [first] = cheap
    const predicate: Expression =
      cheap.length === 1 ? first! : { kind: 'and', type: { kind: 'bool' }, args: cheap }
    addStep(open, { kind: 'filter', predicate })
  }
  for (const predicate of costly) {
    addStep(open, { kind: 'filter', predicate: hoist(cutter, open, predicate) })
  }
}

function isCostly(open: Open, expr: Expression): boolean {
  if (expr.kind === 'column') {
    const definition = open.definitions.get(expr.id)
    return definition !== undefined && isCostly(open, definition)
  }
  if (!hasInlineForm(expr)) return true
  const children = expressionChildrenOf(expr)
  const overText = children.some(({ type }) => type.kind === 'text')
  if (expr.kind === 'call' && overText && !/^(?:=|<>)\(/.test(expr.fn)) return true
  return children.some((child) => isCostly(open, child))
}

export function hoistAll(
  cutter: Cutter,
  open: Open,
  exprs: readonly Expression[],
): readonly Expression[] {
  return exprs.map((expr) => hoist(cutter, open, expr))
}

/**
 * Replaces the parts of an expression that have no WebAssembly form by columns that call-out steps,
 * added here, compute for each batch.
 */
export function hoist(cutter: Cutter, open: Open, expr: Expression): Expression {
  if (expr.kind === 'column') {
    const definition = open.definitions.get(expr.id)
    if (definition === undefined) return expr
    const hoisted = hoist(cutter, open, definition)
    if (hoisted !== definition) open.definitions.set(expr.id, hoisted)
    return expr
  }
  if (mustCallOut(open, expr)) return callOut(cutter, open, expr)
  return mapExpressionChildren(expr, (child) => hoist(cutter, open, child))
}

/**
 * Whether the node itself must be called out: it has no inline form, or it decides whether a part
 * that is called out and may raise an error is evaluated at all.
 */
function mustCallOut(open: Open, expr: Expression): boolean {
  if (!hasInlineForm(expr)) return true
  if (expr.kind !== 'case' && expr.kind !== 'and' && expr.kind !== 'or') return false
  return expressionChildrenOf(expr).some((child) => raisesOutside(open, child))
}

function raisesOutside(open: Open, expr: Expression): boolean {
  if (expr.kind === 'column') {
    const definition = open.definitions.get(expr.id)
    return definition !== undefined && raisesOutside(open, definition)
  }
  if (!hasInlineForm(expr) && mayRaise(open, expr)) return true
  return expressionChildrenOf(expr).some((child) => raisesOutside(open, child))
}

function mayRaise(open: Open, expr: Expression): boolean {
  if (expr.kind === 'column') {
    const definition = open.definitions.get(expr.id)
    return definition !== undefined && mayRaise(open, definition)
  }
  if (expr.kind === 'cast' && !expr.lenient) return true
  if (expr.kind === 'call' && scalarFunction(expr.fn).raises) return true
  return expressionChildrenOf(expr).some((child) => mayRaise(open, child))
}

function callOut(cutter: Cutter, open: Open, expr: Expression): Expression {
  const whole = substitute(open, expr)
  const inputs = new Map<ColumnId, SourceColumn>()
  const visit = (part: Expression): void => {
    if (part.kind === 'column') inputs.set(part.id, { id: part.id, type: part.type })
    else expressionChildrenOf(part).forEach(visit)
  }
  visit(whole)
  const output = { id: cutter.freshId(), type: expr.type }
  addStep(open, { kind: 'call-out', output, expr: whole, inputs: [...inputs.values()] })
  return referenceTo({ ...output, name: 'call-out' })
}

/** The expression over physical columns: projections put in place. */
function substitute(open: Open, expr: Expression): Expression {
  return rewriteExpression(expr, (part) => {
    if (part.kind !== 'column') return part
    const definition = open.definitions.get(part.id)
    return definition === undefined ? part : substitute(open, definition)
  })
}
