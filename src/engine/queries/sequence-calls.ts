import { present, unreachable } from '../../base/assert.ts'
import { notSupported } from '../../base/errors.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { and, columnReference, literal, named, project, values } from '../../plan/logical/build.ts'
import type { Call, Case, Expression, NamedExpression } from '../../plan/logical/expression.ts'
import { isVolatile } from '../../plan/logical/expression-size.ts'
import { tested } from '../../plan/logical/predicates.ts'
import type {
  Filter,
  Limit,
  OutputColumn,
  Project,
  Relation,
  Sort,
  Values,
} from '../../plan/logical/relation.ts'
import { simplify } from '../../plan/logical/simplify.ts'
import {
  columnsUsedByAll,
  expressionChildrenOf,
  expressionsOf,
  freeColumns,
  inputsOf,
  mapExpressionChildren,
  mapExpressions,
  visitRelation,
  withInputs,
} from '../../plan/logical/walk.ts'
import {
  answer,
  answersFor,
  drawnColumn,
  isOfSequences,
  rowsWithAnswers,
  type DrawnArgument,
  type DrawnCall,
  type Drawing,
} from './drawn-numbers.ts'

/** Whether a plan has calls that are to be drawn. */
export function drawsNumbers(relation: Relation): boolean {
  let found = false
  visitRelation(relation, {
    relation: () => {},
    expression: (expr) => {
      found ||= isDrawn(expr)
    },
  })
  return found
}

/**
 * A plan in which the numbers of sequences are drawn: what a relation with such calls reads is stored, in order, and each row
 * is given its numbers there, so that threads and rules meet plain columns. Runs parts of the plan. Errors: those of
 * the parts and of the calls; FEATURE_NOT_SUPPORTED where another query's row decides whether a call is made.
 */
export async function withNumbersDrawn(ctx: Drawing, relation: Relation): Promise<Relation> {
  if (!drawsNumbers(relation)) return relation
  const raised = aboveOrder(relation)
  const inputs: Relation[] = []
  for (const input of inputsOf(raised)) {
    if (raised.kind === 'apply') refuseCorrelated(input)
    if (raised.kind === 'recursion') refuseDrawn(input)
    inputs.push(await withNumbersDrawn(ctx, input))
  }
  const node = await withSubqueriesDrawn(ctx, withInputs(raised, inputs))
  if (!expressionsOf(node).some(hasCalls)) return node
  switch (node.kind) {
    case 'project':
    case 'filter':
      return overAnswers(ctx, node)
    case 'values':
      return valuesAnswered(ctx, node)
    case 'aggregate':
    case 'sort':
    case 'window':
    case 'expand':
      return overProjection(ctx, node)
    case 'scan':
    case 'join':
    case 'apply':
    case 'limit':
    case 'union-all':
    case 'with':
    case 'cte-reference':
    case 'recursion':
    case 'working-table':
      throw refused(expressionsOf(node))
    default:
      return unreachable(node)
  }
}

function isDrawn(expr: Expression): expr is Call {
  return expr.kind === 'call' && isOfSequences(expr.fn)
}

/** Calls of an expression itself, not of the queries in it. */
function hasCalls(expr: Expression): boolean {
  if (!isVolatile(expr)) return false
  return isDrawn(expr) || expressionChildrenOf(expr).some(hasCalls)
}

function refused(exprs: readonly Expression[]): Error {
  const called = exprs.flatMap(callsIn)[0]
  return notSupported(`${called?.fn.name ?? 'nextval'} here`, called?.span)
}

function callsIn(expr: Expression): readonly Call[] {
  const inner = expressionChildrenOf(expr).flatMap(callsIn)
  return isDrawn(expr) ? [...inner, expr] : inner
}

function refuseCorrelated(relation: Relation): void {
  if (!drawsNumbers(relation) || freeColumns(relation).size === 0) return
  throw notSupported('functions of sequences in correlated queries', relation.span)
}

/** Each round of a recursion would draw anew. */
function refuseDrawn(relation: Relation): void {
  if (!drawsNumbers(relation)) return
  throw notSupported('functions of sequences in WITH RECURSIVE', relation.span)
}

/** Subqueries that look at no row of the outer query are asked once, as ever. */
async function withSubqueriesDrawn(ctx: Drawing, relation: Relation): Promise<Relation> {
  const drawn = new Map<Relation, Relation>()
  const collect = (expr: Expression): void => {
    if (expr.kind === 'subquery') drawn.set(expr.input, expr.input)
    expressionChildrenOf(expr).forEach(collect)
  }
  expressionsOf(relation).forEach(collect)
  for (const input of drawn.keys()) {
    refuseCorrelated(input)
    drawn.set(input, await withNumbersDrawn(ctx, input))
  }
  if (drawn.size === 0) return relation
  return mapExpressions(relation, (expr) => rewritten(expr, (input) => drawn.get(input) ?? input))
}

function rewritten(expr: Expression, to: (input: Relation) => Relation): Expression {
  return mapExpressionChildren(expr, (child) => rewritten(child, to), to)
}

/**
 * Rows get their numbers when they are in order and no others are left: a projection with calls goes above the ORDER BY
 * and LIMIT over it, as in PostgreSQL.
 */
function aboveOrder(relation: Relation): Relation {
  if (relation.kind !== 'sort' && relation.kind !== 'limit') return relation
  const input = aboveOrder(relation.input)
  if (input.kind !== 'project') return withInputs(relation, [input])
  const late = input.exprs.filter(({ expr }) => hasCalls(expr))
  const lateIds = new Set(late.map(({ id }) => id))
  const isKey = [...columnsUsedByAll(expressionsOf(relation))].some((id) => lateIds.has(id))
  if (late.length === 0 || isKey) return withInputs(relation, [input])
  const early = input.exprs.filter(({ id }) => !lateIds.has(id))
  const there = new Set(early.map(({ id }) => id))
  const used = columnsUsedByAll(late.map(({ expr }) => expr))
  const passed = input.input.columns.filter(({ id }) => used.has(id) && !there.has(id))
  const below = project(input.input, [...early, ...passed.map(itself)])
  const ordered = withInputs(relation, [below]) as Sort | Limit
  const exprs = input.exprs.map((item) => {
    if (lateIds.has(item.id)) return item
    const column = present(
      ordered.columns.find(({ id }) => id === item.id),
      'a column in order',
    )
    return itself(column)
  })
  return project(ordered, exprs)
}

/** A column under its own id. */
function itself(column: OutputColumn): NamedExpression {
  return { id: column.id, name: column.name, expr: columnReference(column) }
}

/** What is called, and what its relation has to compute for it first. */
class Collected {
  readonly calls: DrawnCall[] = []
  readonly computed: NamedExpression[] = []
  readonly #ctx: Drawing

  constructor(ctx: Drawing) {
    this.#ctx = ctx
  }

  /** In the order of evaluation; `conditions`: all that must hold for the expression to be evaluated. */
  collect(expr: Expression, conditions: readonly Expression[]): void {
    if (!hasCalls(expr)) return
    if (expr.kind === 'case') return this.#collectCase(expr, conditions)
    if (expr.kind === 'and' || expr.kind === 'or') {
      const undecided = (arg: Expression): Expression =>
        tested(arg, expr.kind === 'and' ? 'false' : 'true', true)
      for (const [at, arg] of expr.args.entries()) {
        this.collect(
          arg,
          hasCalls(arg) ? [...conditions, ...expr.args.slice(0, at).map(undecided)] : conditions,
        )
      }
      return
    }
    for (const child of expressionChildrenOf(expr)) this.collect(child, conditions)
    if (isDrawn(expr)) this.#add(expr, conditions)
  }

  #collectCase({ branches, otherwise }: Case, conditions: readonly Expression[]): void {
    let open = conditions
    for (const { when, then } of branches) {
      this.collect(when, open)
      if (hasCalls(then)) this.collect(then, [...open, tested(when, 'true')])
      open = [...open, tested(when, 'true', true)]
    }
    this.collect(otherwise, open)
  }

  #add(call: Call, conditions: readonly Expression[]): void {
    if (this.calls.some((known) => known.call === call)) return
    const args = call.args.map((arg): DrawnArgument => {
      const simple = simplify(this.#answered(arg))
      return simple.kind === 'literal' ? simple : { kind: 'column', column: this.#compute(simple) }
    })
    const condition = conditions.length === 0 ? undefined : this.#condition(and(conditions))
    this.calls.push({ call, column: drawnColumn(this.#ctx, call), condition, args })
  }

  /** It is asked again where the value is used, and must be the same there. */
  #condition(expr: Expression): OutputColumn {
    if (isVolatile(expr)) throw refused([expr])
    return this.#compute(expr)
  }

  #compute(expr: Expression): OutputColumn {
    const computed = named(this.#ctx.columnIds, 'argument', expr)
    this.computed.push(computed)
    return { id: computed.id, name: computed.name, type: expr.type, nullable: true }
  }

  /** What hangs on the answer of another call of the same row is refused. */
  #answered(expr: Expression): Expression {
    if (hasCalls(expr)) throw refused([expr])
    return expr
  }

  /** An expression with columns in place of calls. */
  replaced(expr: Expression): Expression {
    const columns = new Map<Expression, Expression>(
      this.calls.map(({ call, column }) => [call, columnReference(column)]),
    )
    return rewriteOnce(expr, columns)
  }
}

function rewriteOnce(expr: Expression, by: ReadonlyMap<Expression, Expression>): Expression {
  const found = by.get(expr)
  if (found !== undefined) return found
  return mapExpressionChildren(expr, (child) => rewriteOnce(child, by))
}

async function overAnswers(ctx: Drawing, node: Project | Filter): Promise<Relation> {
  const found = new Collected(ctx)
  for (const expr of expressionsOf(node)) found.collect(expr, [])
  const input = await answeredInput(ctx, node.input, found)
  const over = mapExpressions(node, (expr) => found.replaced(expr))
  if (over.kind === 'project') return project(input, over.exprs)
  // A filter gives the columns of what it reads, and nothing else.
  return project(withInputs(over, [input]), node.columns.map(itself))
}

async function answeredInput(
  ctx: Drawing,
  input: Relation,
  { calls, computed }: Collected,
): Promise<Relation> {
  if (input.kind === 'values' && computed.length === 0) {
    const columns = calls.map(({ column }) => column)
    const made = answersFor(ctx, calls, input.rows.length, () => [])
    const rows = input.rows.map((row, at) => [
      ...row,
      ...columns.map(({ type }, call): Expression => literal(made[call]?.[at] ?? null, type)),
    ])
    return values(rows, [...input.columns, ...columns])
  }
  return rowsWithAnswers(ctx, project(input, [...input.columns.map(itself), ...computed]), calls)
}

/** VALUES: row by row, each from left to right. */
function valuesAnswered(ctx: Drawing, node: Values): Values {
  const rows = node.rows.map((row) => row.map((expr) => answeredConstant(ctx, expr)))
  return { ...node, rows }
}

function answeredConstant(ctx: Drawing, expr: Expression): Expression {
  if (!hasCalls(expr)) return expr
  if (expr.kind === 'case') {
    for (const { when, then } of expr.branches) {
      const decided = simplify(answeredConstant(ctx, when))
      if (decided.kind !== 'literal') throw refused([expr])
      if (decided.value === true) return answeredConstant(ctx, then)
    }
    return answeredConstant(ctx, expr.otherwise)
  }
  const inner = mapExpressionChildren(expr, (child) => answeredConstant(ctx, child))
  if (!isDrawn(inner)) return inner
  const args = inner.args.map((arg): Scalar => {
    const simple = simplify(arg)
    if (simple.kind !== 'literal') throw refused([expr])
    return simple.value
  })
  return literal(answer(ctx, inner, args), inner.type, inner.span)
}

/** What groups, sorts and the like compute with calls is computed below them. */
async function overProjection(ctx: Drawing, node: Relation): Promise<Relation> {
  const [input] = inputsOf(node)
  const computed: NamedExpression[] = []
  const over = mapExpressions(node, (expr) => {
    if (!hasCalls(expr)) return expr
    const one = named(ctx.columnIds, 'computed', expr)
    computed.push(one)
    return columnReference({ ...one, type: expr.type })
  })
  const below = project(present(input, 'an input'), [
    ...present(input, 'an input').columns.map(itself),
    ...computed,
  ])
  const made = withInputs(over, [await overAnswers(ctx, below)])
  if (node.kind === 'aggregate') return made
  return project(made, node.columns.map(itself))
}
