import { QueryError, notSupported } from '../../base/errors.ts'
import type { AstFunction } from '../../sql/ast/expression.ts'
import { columnReference } from '../logical/build.ts'
import { expressionKey } from '../logical/expression-key.ts'
import type { AggregateCall, ColumnId, Expression, SortKey } from '../logical/expression.ts'
import { sizeOf } from '../logical/expression-size.ts'
import { columnsUsed } from '../logical/walk.ts'
import { coerceToBoolean, settle, typedAggregate } from '../logical/typing.ts'
import { bindIn } from './context.ts'
import type { QueryLevel, Scope } from './context.ts'

/**
 * Binds an aggregate: it joins the aggregates of the query that its columns belong to (the innermost
 * one; its own if it has no columns), and the expression refers to it. Errors: GROUPING_ERROR.
 */
export function bindAggregate(scope: Scope, ast: AstFunction, name: string): Expression {
  const { binder } = scope.environment
  if (ast.withinGroup !== undefined) throw notSupported('WITHIN GROUP', ast.span)
  const bound = inAggregate(scope, () => {
    const args = ast.args.map((arg) => bindIn(scope, scope.level.clause, arg))
    const filter =
      ast.filter && coerceToBoolean(binder, bindIn(scope, 'FILTER', ast.filter), 'FILTER')
    const orderBy = ast.orderBy.map((item): SortKey => {
      const expr = settle(binder, bindIn(scope, scope.level.clause, item.expr))
      return { expr, descending: item.descending, nullsFirst: item.nullsFirst ?? item.descending }
    })
    return { args, filter, orderBy }
  })
  const { fn, args, type } = typedAggregate(binder, name, bound.args, ast.name.span)
  const { filter, orderBy } = bound
  const level = levelOf(scope, [
    ...args,
    ...(filter === undefined ? [] : [filter]),
    ...orderBy.map((key) => key.expr),
  ])
  checkPlace(level, ast)
  const call: Omit<AggregateCall, 'id'> = {
    name,
    type,
    fn: fn.id,
    args,
    distinct: ast.distinct,
    ...(filter !== undefined && { filter }),
    ...(orderBy.length > 0 && { orderBy }),
    span: ast.span,
  }
  return columnReference(registered(scope, level, call), ast.span)
}

/** The query levels whose aggregate is being bound: within it, another of the same level is nested. */
const insideAggregate = new WeakMap<QueryLevel, number>()

function inAggregate<T>(scope: Scope, bind: () => T): T {
  const { level } = scope
  const depth = insideAggregate.get(level) ?? 0
  const before = level.aggregates.length
  insideAggregate.set(level, depth + 1)
  try {
    const bound = bind()
    const nested = level.aggregates[before]
    if (nested !== undefined && depth === 0) throw nestedAggregate(nested)
    return bound
  } finally {
    insideAggregate.set(level, depth)
  }
}

function nestedAggregate(call: AggregateCall): QueryError {
  return new QueryError('GROUPING_ERROR', 'aggregate function calls cannot be nested', {
    ...(call.span && { span: call.span }),
  })
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

function aggregateKey(call: Omit<AggregateCall, 'id'>): string {
  const orderBy = (call.orderBy ?? []).map(
    (key) => `${expressionKey(key.expr)} ${key.descending} ${key.nullsFirst}`,
  )
  const filter = call.filter === undefined ? '' : expressionKey(call.filter)
  return [call.fn, call.distinct, ...call.args.map(expressionKey), 'by', ...orderBy, filter].join()
}

function levelOf(scope: Scope, exprs: readonly Expression[]): QueryLevel {
  const used = new Set<ColumnId>()
  for (const expr of exprs) for (const id of columnsUsed(expr)) used.add(id)
  if (used.size === 0) return scope.level
  for (let at: Scope | undefined = scope; at !== undefined; at = at.environment.parent) {
    const { level } = at
    const { ids } = indexOf(level)
    if ([...used].some((id) => ids.has(id))) return level
    if ([...used].some((id) => level.columnNames.has(id))) return level
  }
  return scope.level
}

function checkPlace(level: QueryLevel, ast: AstFunction): void {
  const { clause } = level
  if (clause === 'SELECT' || clause === 'HAVING' || clause === 'ORDER BY') return
  const message =
    clause === 'FROM'
      ? 'aggregate functions are not allowed in FROM clause of their own query level'
      : `aggregate functions are not allowed in ${clause}`
  throw new QueryError('GROUPING_ERROR', message, { span: ast.span })
}
