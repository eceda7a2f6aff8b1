import { QueryError } from '../../base/errors.ts'
import type { Span } from '../../base/span.ts'
import type { AstFunction, OrderItem } from '../../sql/ast/expression.ts'
import { columnReference } from '../logical/build.ts'
import { aggregateKey } from '../logical/expression-key.ts'
import type { AggregateCall, ColumnId, Expression, SortKey } from '../logical/expression.ts'
import { sizeOf } from '../logical/expression-size.ts'
import { columnsUsed, someExpression } from '../logical/walk.ts'
import { typedAggregateCall, type AggregateParts } from '../logical/typed-aggregate.ts'
import { coerceToBoolean, settle } from '../logical/typing.ts'
import { spanDetail } from '../logical/span-detail.ts'
import { bindIn } from './context.ts'
import type { QueryLevel, Scope } from './context.ts'
import { checkKeptColumns } from './select-list.ts'
import { withoutRows } from './level-rows.ts'

/**
 * Binds an aggregate: it joins the aggregates of the query that its columns belong to (the innermost
 * one; its own if it has no columns), and the expression refers to it. Errors: GROUPING_ERROR.
 */
export function bindAggregate(scope: Scope, ast: AstFunction, name: string): Expression {
  const { binder } = scope.environment
  const parts = inAggregate(scope, () =>
    withoutRows(scope, 'aggregate function calls cannot contain', ast.span, () =>
      boundParts(scope, ast),
    ),
  )
  const spans = { name: ast.name.span, call: ast.span }
  const call = typedAggregateCall(binder, binder.ctx.columnIds, name, parts, spans)
  const { args, filter } = call
  const read = [...args, ...(filter === undefined ? [] : [filter])]
  const level = levelOf(scope, [...read, ...parts.orderBy.map((key) => key.expr)])
  checkPlace(level, ast)
  return columnReference(registered(scope, level, call), ast.span)
}

function boundParts(scope: Scope, ast: AstFunction): AggregateParts {
  const { binder } = scope.environment
  const { clause } = scope.level
  const args = ast.args.map((arg) => bindIn(scope, clause, arg))
  const filter =
    ast.filter && coerceToBoolean(binder, bindIn(scope, 'FILTER', ast.filter), 'FILTER')
  const keyOf = (item: OrderItem): SortKey => {
    const expr = bindIn(scope, clause, item.expr)
    return { expr, descending: item.descending, nullsFirst: item.nullsFirst ?? item.descending }
  }
  const orderBy = ast.orderBy.map(keyOf).map((key) => ({ ...key, expr: settle(binder, key.expr) }))
  checkKeptColumns(args.length + orderBy.length)
  return { args, filter, distinct: ast.distinct, within: ast.withinGroup?.map(keyOf), orderBy }
}

/** The query levels whose aggregate is being bound: within it, another of the same level is nested. */
const insideAggregate = new WeakMap<QueryLevel, number>()

/** Whether what is bound stands within an aggregate of this level. */
export function isInsideAggregate(level: QueryLevel): boolean {
  return (insideAggregate.get(level) ?? 0) > 0
}

function inAggregate<T>(scope: Scope, bind: () => T): T {
  const { level } = scope
  const depth = insideAggregate.get(level) ?? 0
  const before = level.aggregates.length
  insideAggregate.set(level, depth + 1)
  try {
    const bound = bind()
    const nested = level.aggregates[before]
    if (nested !== undefined && depth === 0) throw nestedAggregate(nested.span)
    return bound
  } finally {
    insideAggregate.set(level, depth)
  }
}

function nestedAggregate(span: Span | undefined): QueryError {
  const message = 'aggregate function calls cannot be nested'
  return new QueryError('GROUPING_ERROR', message, spanDetail(span))
}

function registered(
  scope: Scope,
  level: QueryLevel,
  call: Omit<AggregateCall, 'id'>,
): AggregateCall {
  const isItsOwn = (insideAggregate.get(level) ?? 0) > 0 || isVolatile(call)
  const known = indexOf(level)
  const key = aggregateKey(call)
  const same = known.byKey.get(key)
  if (same !== undefined && !isItsOwn) return same
  const added = { ...call, id: scope.environment.binder.ctx.columnIds.next() }
  level.aggregates.push(added)
  if (same === undefined) known.byKey.set(key, added)
  known.ids.add(added.id)
  return added
}

/** The aggregates of a level by what they compute, and their ids: there may be thousands. */
interface AggregateIndex {
  readonly byKey: Map<string, AggregateCall>
  readonly ids: Set<ColumnId>
}

const indexes = new WeakMap<QueryLevel, AggregateIndex>()

function indexOf(level: QueryLevel): AggregateIndex {
  let index = indexes.get(level)
  if (index === undefined) indexes.set(level, (index = { byKey: new Map(), ids: new Set() }))
  return index
}

/** Whether an aggregate written twice may give two values. */
function isVolatile({ args, filter, orderBy = [] }: Omit<AggregateCall, 'id'>): boolean {
  const exprs = [
    ...args,
    ...(filter === undefined ? [] : [filter]),
    ...orderBy.map((key) => key.expr),
  ]
  return exprs.some((expr) => sizeOf(expr).isVolatile)
}

/**
 * The query level that an aggregate of these arguments is computed in: the innermost that has a column of
 * them. Errors: GROUPING_ERROR where that is one of which they hold an aggregate or GROUPING.
 */
export function levelOf(scope: Scope, exprs: readonly Expression[]): QueryLevel {
  const used = new Set<ColumnId>()
  for (const expr of exprs) for (const id of columnsUsed(expr)) used.add(id)
  if (used.size === 0) return scope.level
  for (let at: Scope | undefined = scope; at !== undefined; at = at.environment.parent) {
    const { level } = at
    const { ids } = indexOf(level)
    // What is known once the rows are grouped: aggregates, and GROUPING like them.
    const grouped = [...used].find((id) => ids.has(id) || level.groupings.some((g) => g.id === id))
    if (grouped !== undefined) throw nestedAggregate(spanOf(exprs, grouped))
    if ([...used].some((id) => level.columnNames.has(id))) return level
  }
  return scope.level
}

/** Where a column is read. */
function spanOf(exprs: readonly Expression[], id: ColumnId): Span | undefined {
  let found: Span | undefined
  const isIt = (expr: Expression): boolean => {
    const is = expr.kind === 'column' && expr.id === id
    if (is) found = expr.span
    return is
  }
  exprs.some((expr) => someExpression(expr, isIt))
  return found
}

function checkPlace(level: QueryLevel, ast: AstFunction): void {
  const { clause } = level
  const isAbove = clause === 'SELECT' || clause === 'HAVING' || clause === 'ORDER BY'
  if (isAbove || clause === 'QUALIFY') return
  const message =
    clause === 'FROM'
      ? 'aggregate functions are not allowed in FROM clause of their own query level'
      : `aggregate functions are not allowed in ${clause}`
  throw new QueryError('GROUPING_ERROR', message, { span: ast.span })
}
