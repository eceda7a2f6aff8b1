import { scalarFunction } from '../functions/catalogue.ts'
import { hasInlineForm } from '../compile/expression-traits.ts'
import type { PipelineSource, SourceColumn, Step } from '../compile/pipeline/pipeline.ts'
import type { DataType } from '../data/types/data-type.ts'
import type { ColumnId, Expression } from '../plan/logical/expression.ts'
import {
  columnsUsed,
  expressionChildrenOf,
  mapExpressionChildren,
  rewriteExpression,
  visitExpression,
} from '../plan/logical/walk.ts'
import type { Cutter } from './cutting.ts'

/** A pipeline that still takes steps. */
export interface Open {
  readonly source: PipelineSource
  readonly steps: Step[]
  readonly definitions: Map<ColumnId, Expression>
  readonly ordered: boolean
  /** Of the expressions looked at so far, while the definitions are as they are. */
  traits: WeakMap<Expression, ResolvedTraits>
}

interface ResolvedTraits {
  /** Has a part that is called out, or that looks into text. */
  readonly isCostly: boolean
  readonly mayRaise: boolean
  /** Has a part that is called out and may raise an error there. */
  readonly raisesInCallOut: boolean
}

/** A pipeline that begins. */
export function openPipeline(source: PipelineSource, ordered = false): Open {
  return { source, steps: [], definitions: new Map(), ordered, traits: new WeakMap() }
}

/** Says what a projection makes of the columns before it. */
export function define(open: Open, id: ColumnId, expr: Expression): void {
  open.definitions.set(id, expr)
  open.traits = new WeakMap()
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
  for (const expr of exprs) for (const id of columnsUsed(expr)) found.add(id)
  return found
}

/**
 * Adds filters. Cheap conjuncts are evaluated together, without branches; costly ones (over text, or
 * called out) each see only the rows that passed before.
 */
export function addFilters(cutter: Cutter, open: Open, predicates: readonly Expression[]): void {
  const conjuncts = predicates.flatMap((p) => (p.kind === 'and' ? p.args : [p]))
  const cheap = conjuncts.filter((c) => !isCostly(open, c))
  const costly = conjuncts.filter((c) => isCostly(open, c))
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
  return resolvedTraits(open, expr).isCostly
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
    if (hoisted !== definition) define(open, expr.id, hoisted)
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
  return expressionChildrenOf(expr).some((child) => resolvedTraits(open, child).raisesInCallOut)
}

/** The traits of an expression with the projections of a pipeline put in place. */
function resolvedTraits(open: Open, expr: Expression): ResolvedTraits {
  const known = open.traits.get(expr)
  if (known !== undefined) return known
  const traits = resolveTraits(open, expr)
  open.traits.set(expr, traits)
  return traits
}

function resolveTraits(open: Open, expr: Expression): ResolvedTraits {
  if (expr.kind === 'column') {
    const definition = open.definitions.get(expr.id)
    return definition === undefined ? plainColumn : resolvedTraits(open, definition)
  }
  const children = expressionChildrenOf(expr)
  const below = children.map((child) => resolvedTraits(open, child))
  const isInline = hasInlineForm(expr)
  const raises =
    (expr.kind === 'cast' && !expr.lenient) ||
    (expr.kind === 'call' && scalarFunction(expr.fn).raises)
  const mayRaise = raises || below.some((child) => child.mayRaise)
  const overText = children.some(({ type }) => type.kind === 'text')
  const isSearch = expr.kind === 'call' && overText && !/^(?:=|<>)\(/.test(expr.fn)
  return {
    isCostly: !isInline || isSearch || below.some((child) => child.isCostly),
    mayRaise,
    raisesInCallOut: (!isInline && mayRaise) || below.some((child) => child.raisesInCallOut),
  }
}

const plainColumn: ResolvedTraits = { isCostly: false, mayRaise: false, raisesInCallOut: false }

function callOut(cutter: Cutter, open: Open, expr: Expression): Expression {
  const output = { id: cutter.freshId(), type: expr.type }
  addStep(open, { kind: 'call-out', output, ...calledOut(open, expr) })
  return referenceTo({ ...output, name: 'call-out' })
}

/** An expression to be evaluated in TypeScript, over physical columns, and the columns that it reads. */
export function calledOut(
  open: Open,
  expr: Expression,
): { readonly expr: Expression; readonly inputs: readonly SourceColumn[] } {
  const whole = substitute(open, expr)
  const inputs = new Map<ColumnId, SourceColumn>()
  visitExpression(whole, {
    expression: (part) => {
      if (part.kind === 'column') inputs.set(part.id, { id: part.id, type: part.type })
    },
  })
  return { expr: whole, inputs: [...inputs.values()] }
}

/** The expression over physical columns: projections put in place. */
function substitute(open: Open, expr: Expression): Expression {
  return rewriteExpression(expr, (part) => {
    if (part.kind !== 'column') return part
    const definition = open.definitions.get(part.id)
    return definition === undefined ? part : substitute(open, definition)
  })
}
