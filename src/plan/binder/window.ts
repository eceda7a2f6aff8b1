import { present } from '../../base/assert.ts'
import { QueryError, notSupported } from '../../base/errors.ts'
import { isOrderedSet, withinGroupRequired } from '../../functions/aggregates/ordered-sets.ts'
import type { AstFunction } from '../../sql/ast/expression.ts'
import { columnReference, window } from '../logical/build.ts'
import { expressionKey, frameKey } from '../logical/expression-key.ts'
import { sizeOf } from '../logical/expression-size.ts'
import type { Expression, SortKey, WindowCall } from '../logical/expression.ts'
import type { Relation } from '../logical/relation.ts'
import { checkWindowClauses, typedWindowCall } from '../logical/typed-window.ts'
import { coerceToBoolean, typedAggregate } from '../logical/typing.ts'
import { columnsUsed } from '../logical/walk.ts'
import { isInsideAggregate } from './aggregate-call.ts'
import { bindIn } from './context.ts'
import type { Clause, LevelWindow, QueryLevel, Scope } from './context.ts'
import { withoutRows } from './level-rows.ts'
import { insideOf, resolveWindow, within } from './window-definition.ts'

/** Where window functions may be, as clauses of a SELECT. */
const allowed: ReadonlySet<Clause> = new Set<Clause>(['SELECT', 'ORDER BY', 'QUALIFY'])

/** Binds `f(...) OVER w`: the call joins those over equal windows, and the expression refers to it. */
export function bindWindowCall(scope: Scope, ast: AstFunction, isAggregate: boolean): Expression {
  const over = present(ast.over, 'window function without a window')
  checkPlace(scope.level, ast)
  const clauses = {
    isWithin: ast.withinGroup !== undefined,
    isDistinct: ast.distinct,
    isOrdered: ast.orderBy.length > 0,
    isFiltered: ast.filter !== undefined,
  }
  checkWindowClauses(ast.name.parts.at(-1)!.text, isAggregate, clauses, ast.span)
  if (ast.nulls === 'ignore') throw notSupported('IGNORE NULLS', ast.span)
  const { args, filter, call } = withoutRows(
    scope,
    'window function calls cannot contain',
    ast.span,
    () => within(scope.level, 'call', () => bindCall(scope, ast, isAggregate)),
  )
  const { partitionBy, orderBy, frame } = resolveWindow(scope, over)
  const found = windowOf(scope.level, partitionBy, orderBy)
  const details = { ...(filter && { filter }), frame, span: ast.span }
  const made: Omit<WindowCall, 'id'> = { ...call, args, ...details }
  return columnReference(registered(scope, found, made), ast.span)
}

/** Puts the windows of a query over its rows; `above` rewrites what they are over for grouped rows. */
export function overWindows(
  level: QueryLevel,
  rows: Relation,
  above: (expr: Expression) => Expression,
): Relation {
  return level.windows.reduce((input, { partitionBy, orderBy, calls }) => {
    const spec = {
      partitionBy: partitionBy.map(above),
      orderBy: orderBy.map((key) => ({ ...key, expr: above(key.expr) })),
    }
    const ready = calls.map((call) => ({
      ...call,
      args: call.args.map(above),
      ...(call.filter && { filter: above(call.filter) }),
    }))
    return window(input, spec, ready)
  }, rows)
}

/** What the windows of a query read of its rows. */
export function windowExpressions(level: QueryLevel): readonly Expression[] {
  return level.windows.flatMap(({ partitionBy, orderBy, calls }) => [
    ...partitionBy,
    ...orderBy.map(({ expr }) => expr),
    ...calls.flatMap(({ args, filter }) => (filter === undefined ? args : [...args, filter])),
  ])
}

/** Whether an expression refers to a window function of this query. */
export function hasWindow(level: QueryLevel, expr: Expression): boolean {
  const ids = new Set(level.windows.flatMap(({ calls }) => calls.map(({ id }) => id)))
  return ids.size > 0 && [...columnsUsed(expr)].some((id) => ids.has(id))
}

/** The error for a window function that is not over a window. */
export function withoutOver(name: string, ast: AstFunction): QueryError {
  return new QueryError('WRONG_OBJECT_TYPE', `window function ${name} requires an OVER clause`, {
    span: ast.span,
  })
}

function checkPlace(level: QueryLevel, ast: AstFunction): void {
  const { span } = ast
  if (isInsideAggregate(level)) {
    const message = 'aggregate function calls cannot contain window function calls'
    throw new QueryError('GROUPING_ERROR', message, { span })
  }
  const { clause } = level
  const place = clause === 'FROM' ? 'functions in FROM' : clause
  const isFrame = clause.startsWith('window ')
  if (isFrame || insideOf(level) === 'definition') {
    const message = 'window functions are not allowed in window definitions'
    throw new QueryError('WINDOWING_ERROR', message, { span })
  }
  if (!allowed.has(clause)) {
    throw new QueryError('WINDOWING_ERROR', `window functions are not allowed in ${place}`, {
      span,
    })
  }
  if (insideOf(level) === 'call') {
    throw new QueryError('WINDOWING_ERROR', 'window function calls cannot be nested', { span })
  }
}

interface BoundCall {
  readonly args: readonly Expression[]
  readonly filter: Expression | undefined
  readonly call: Pick<WindowCall, 'name' | 'type' | 'fn'>
}

function bindCall(scope: Scope, ast: AstFunction, isAggregate: boolean): BoundCall {
  const { binder } = scope.environment
  const name = ast.name.parts.at(-1)!.text
  const given = ast.args.map((arg) => bindIn(scope, scope.level.clause, arg))
  const filter =
    ast.filter && coerceToBoolean(binder, bindIn(scope, 'FILTER', ast.filter), 'FILTER')
  if (isAggregate) {
    const { fn, args, type } = typedAggregate(binder, name, given, ast.name.span)
    if (isOrderedSet(fn)) throw withinGroupRequired(fn, ast.name.span)
    return { args, filter, call: { name, type, fn } }
  }
  const { args, ...call } = typedWindowCall(binder, name, given, ast.name.span)
  return { args, filter, call }
}

/** The windows of a level and their calls by what they are: there may be hundreds. */
interface WindowIndex {
  readonly windows: Map<string, LevelWindow>
  readonly calls: Map<LevelWindow, Map<string, WindowCall>>
}

const indexes = new WeakMap<QueryLevel, WindowIndex>()

function indexOf(level: QueryLevel): WindowIndex {
  let index = indexes.get(level)
  if (index === undefined) indexes.set(level, (index = { windows: new Map(), calls: new Map() }))
  return index
}

function windowOf(
  level: QueryLevel,
  partitionBy: readonly Expression[],
  orderBy: readonly SortKey[],
): LevelWindow {
  const { windows, calls } = indexOf(level)
  const key = windowKey(partitionBy, orderBy)
  const known = windows.get(key)
  if (known !== undefined) return known
  const added = { partitionBy, orderBy, calls: [] }
  level.windows.push(added)
  windows.set(key, added)
  calls.set(added, new Map())
  return added
}

function windowKey(partitionBy: readonly Expression[], orderBy: readonly SortKey[]): string {
  const order = orderBy.map(
    (key) => `${expressionKey(key.expr)} ${key.descending} ${key.nullsFirst}`,
  )
  return [...partitionBy.map(expressionKey), 'by', ...order].join()
}

function registered(scope: Scope, found: LevelWindow, made: Omit<WindowCall, 'id'>): WindowCall {
  const parts = [...made.args, ...(made.filter === undefined ? [] : [made.filter])]
  const isVolatile = parts.some((expr) => sizeOf(expr).isVolatile)
  const known = present(indexOf(scope.level).calls.get(found), 'calls of a window')
  const key = callKey(made)
  const same = isVolatile ? undefined : known.get(key)
  if (same !== undefined) return same
  const added = { ...made, id: scope.environment.binder.ctx.columnIds.next() }
  found.calls.push(added)
  if (!isVolatile) known.set(key, added)
  return added
}

function callKey({ fn, args, filter, frame }: Omit<WindowCall, 'id'>): string {
  const filtered = filter === undefined ? '' : expressionKey(filter)
  return [fn.id, ...args.map(expressionKey), filtered, frameKey(frame)].join()
}
