import { hasInlineForm } from '../../compile/expressions/expression-traits.ts'
import { finishSteps, type Steps } from '../../base/steps.ts'
import { isVolatile } from '../../plan/logical/expression-size.ts'
import type { SourceColumn } from '../../compile/model/pipeline.ts'
import { expressionKey } from '../../plan/logical/expression-key.ts'
import type { ColumnId, Expression } from '../../plan/logical/expression.ts'
import {
  columnsUsed,
  expressionChildrenOf,
  mapExpressionChildren,
  rewriteExpression,
  visitExpression,
} from '../../plan/logical/walk.ts'
import { reducedSteps } from './cut-expressions.ts'
import { addStep, compute, define, referenceTo, type Open, type FreshIds } from './open-pipeline.ts'
import { added, isCompilable, newSize, resolvedTraits } from './resolved-traits.ts'

/** Parts of one expression that are called out apart; with more, the whole of it is. */
const CALL_OUTS_MAX = 16
/** Nodes of an expression that is called out, with the projections below it put in place. */
const SUBSTITUTED_NODES_MAX = 20_000

/**
 * Adds filters. Cheap conjuncts are evaluated together, without branches; costly ones (over text, or
 * called out) each see only the rows that passed before.
 */
export function* addFilters(
  fresh: FreshIds,
  open: Open,
  predicates: readonly Expression[],
): Steps<void> {
  const conjuncts = predicates.flatMap((p) => (p.kind === 'and' ? p.args : [p]))
  for (const conjunct of conjuncts) yield* partTraits(open, conjunct)
  const cheap = conjuncts.filter((c) => !isCostly(open, c))
  const costly = conjuncts.filter((c) => isCostly(open, c))
  for (const args of inPieces(open, cheap)) {
    const [first] = args
    const predicate: Expression =
      args.length === 1 ? first! : { kind: 'and', type: { kind: 'bool' }, args }
    addStep(open, { kind: 'filter', predicate })
  }
  for (const predicate of costly) {
    addStep(open, { kind: 'filter', predicate: yield* hoistSteps(fresh, open, predicate) })
  }
}

/** Conditions in lists of which each is small enough for one function. */
function inPieces(open: Open, conditions: readonly Expression[]): readonly Expression[][] {
  const pieces: Expression[][] = []
  let size = newSize()
  for (const condition of conditions) {
    const grown = added(size, resolvedTraits(open, condition))
    const piece = pieces.at(-1)
    if (piece !== undefined && isCompilable(grown)) {
      piece.push(condition)
      size = grown
    } else {
      pieces.push([condition])
      size = added(newSize(), resolvedTraits(open, condition))
    }
  }
  return pieces
}

function isCostly(open: Open, expr: Expression): boolean {
  const traits = resolvedTraits(open, expr)
  return traits.isCostly || !isCompilable(traits)
}

/** Hoists the expressions of one leg: what is too much for its function is computed before it. */
export function* hoistAll(
  fresh: FreshIds,
  open: Open,
  exprs: readonly Expression[],
): Steps<readonly Expression[]> {
  let size = newSize()
  const all: Expression[] = []
  for (const expr of exprs) {
    const hoisted = yield* hoistSteps(fresh, open, expr)
    const { kind } = hoisted
    const grown = added(size, resolvedTraits(open, hoisted))
    if (isCompilable(grown) || kind === 'literal') {
      size = grown
      all.push(hoisted)
    } else if (kind === 'column' && !open.definitions.has(hoisted.id)) all.push(hoisted)
    else all.push(compute(fresh, open, hoisted))
  }
  return all
}

/**
 * Replaces the parts of an expression that have no WebAssembly form by columns that call-out steps,
 * added here, compute for each batch; and cuts what is left into parts where it is too large.
 */
export function hoist(fresh: FreshIds, open: Open, expr: Expression): Expression {
  return finishSteps(hoistSteps(fresh, open, expr))
}

/** As {@link hoist}, in steps. */
function* hoistSteps(fresh: FreshIds, open: Open, expr: Expression): Steps<Expression> {
  yield* partTraits(open, expr)
  const inline = hoistCallOuts(fresh, open, expr)
  if (isCompilable(resolvedTraits(open, inline))) return inline
  const smaller = yield* reducedSteps(fresh, open, inline)
  return isCompilable(resolvedTraits(open, smaller)) ? smaller : callOut(fresh, open, smaller)
}

/** Finds out what is known of the parts of an expression, in steps: that of the whole is soon known then. */
function* partTraits(open: Open, expr: Expression): Steps<void> {
  const whole = expr.kind === 'column' ? (open.definitions.get(expr.id) ?? expr) : expr
  for (const part of expressionChildrenOf(whole)) {
    resolvedTraits(open, part)
    yield
  }
}

/** Columns for the values that differ each time they are computed: a step that repeats rows repeats these. */
export function keepVolatile(fresh: FreshIds, open: Open): void {
  for (const [id, expr] of open.definitions) {
    if (!isVolatile(expr)) continue
    const hoisted = hoist(fresh, open, expr)
    define(open, id, hoisted.kind === 'column' ? hoisted : compute(fresh, open, hoisted))
  }
}

function hoistCallOuts(fresh: FreshIds, open: Open, expr: Expression): Expression {
  if (expr.kind === 'column') {
    const definition = open.definitions.get(expr.id)
    if (definition === undefined) return expr
    const hoisted = hoistCallOuts(fresh, open, definition)
    if (hoisted !== definition) define(open, expr.id, hoisted)
    return expr
  }
  const { callOuts } = resolvedTraits(open, expr)
  if (callOuts > CALL_OUTS_MAX || mustCallOut(open, expr)) return callOut(fresh, open, expr)
  return mapExpressionChildren(expr, (child) => hoistCallOuts(fresh, open, child))
}

/**
 * Whether the node itself must be called out: it has no inline form, or it decides whether a part
 * that is called out and may raise an error is evaluated at all.
 */
function mustCallOut(open: Open, expr: Expression): boolean {
  if (!hasInlineForm(expr)) return true
  if (!decidingKinds.has(expr.kind)) return false
  return expressionChildrenOf(expr).some((child) => resolvedTraits(open, child).raisesInCallOut)
}

/** What evaluates its parts for some rows only, or under names that a call-out does not know. */
const decidingKinds: ReadonlySet<Expression['kind']> = new Set(['case', 'and', 'or', 'let'])

/** A column that a call-out step computes, once for all expressions that are the same. */
function callOut(fresh: FreshIds, open: Open, expr: Expression): Expression {
  if (resolvedTraits(open, expr).nodes > SUBSTITUTED_NODES_MAX) {
    for (const id of columnsUsed(expr)) {
      const definition = open.definitions.get(id)
      if (definition === undefined || definition.kind === 'literal') continue
      define(open, id, callOut(fresh, open, definition))
    }
  }
  const called = calledOut(open, expr)
  const key = isVolatile(called.expr) ? undefined : expressionKey(called.expr)
  const same = key === undefined ? undefined : open.callOuts.get(key)
  if (same !== undefined) return same
  const output = { id: fresh.freshId(), type: expr.type }
  addStep(open, { kind: 'call-out', output, ...called })
  const column = referenceTo({ ...output, name: 'call-out' })
  if (key !== undefined) open.callOuts.set(key, column)
  return column
}

/** An expression to be evaluated in TypeScript, over physical columns, and the columns that it reads. */
export function calledOut(
  open: Open,
  expr: Expression,
): { readonly expr: Expression; readonly inputs: readonly SourceColumn[] } {
  const whole = substitute(open, expr)
  const used = columnsUsed(whole)
  const inputs = new Map<ColumnId, SourceColumn>()
  visitExpression(whole, {
    expression: (part) => {
      if (part.kind !== 'column' || !used.has(part.id)) return
      inputs.set(part.id, { id: part.id, type: part.type })
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
