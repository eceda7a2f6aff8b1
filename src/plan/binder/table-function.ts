import { QueryError, notSupported } from '../../base/errors.ts'
import { int8 } from '../../data/types/data-type.ts'
import type { AstExpression, AstFunction } from '../../sql/ast/expression.ts'
import type { TableFunction } from '../../sql/ast/select.ts'
import { expand, oneRow, project, named, columnReference } from '../logical/build.ts'
import { expressionKey } from '../logical/expression-key.ts'
import { sizeOf } from '../logical/expression-size.ts'
import type { Expression, RowsCall } from '../logical/expression.ts'
import type { Relation } from '../logical/relation.ts'
import { settle, typedTableCall } from '../logical/typing.ts'
import { bindExpression } from './context.ts'
import type { Binder, Clause, QueryLevel, Scope } from './context.ts'
import { functionNameOf } from './function-name.ts'
import { outputName } from './output-name.ts'
import type { Span } from '../../base/span.ts'

/** The name of a function that gives rows; undefined for any other expression. */
function rowsFunction({ functions }: Binder, ast: AstExpression): AstFunction | undefined {
  return ast.kind === 'function' && functions.table.has(functionNameOf(ast)) ? ast : undefined
}

/** Functions in FROM, side by side: one that gives no rows but a value gives one row. */
export function bindTableFunction(
  scope: Scope,
  table: TableFunction,
): { readonly relation: Relation; readonly names: readonly string[] } {
  const { binder } = scope.environment
  const { columnIds } = binder.ctx
  const { calls, ordinality } = table
  const names = calls.map(outputName)
  const shown = ordinality ? [...names, 'ordinality'] : names
  const functions = calls.map((call) => rowsFunction(binder, call))
  const position = ordinality ? { id: columnIds.next(), name: 'ordinality', type: int8 } : undefined
  if (functions.every((call) => call !== undefined)) {
    const bound = functions.map((call) => boundCall(scope, call))
    return { relation: expand(oneRow(), bound, position), names: shown }
  }
  const [only] = calls
  if (only === undefined || calls.length > 1) {
    throw notSupported('ROWS FROM of functions that give no rows', table.span)
  }
  const value = named(columnIds, names[0] ?? '', settle(binder, bindExpression(scope, only)))
  return { relation: expand(project(oneRow(), [value]), [], position), names: shown }
}

function boundCall(scope: Scope, ast: AstFunction): RowsCall {
  const { binder } = scope.environment
  const name = functionNameOf(ast)
  const args = ast.args.map((arg) => bindExpression(scope, arg))
  const call = typedTableCall(binder, name, args, ast.name.span)
  const { fn, type } = call
  return { id: binder.ctx.columnIds.next(), name, fn, args: call.args, type, span: ast.span }
}

/** The functions that give rows of each query level, in the order in which they are met. */
const callsOf = new WeakMap<QueryLevel, MetCalls>()

interface MetCalls {
  readonly different: RowsCall[]
  /** How many there are, those that say the same counted each time. */
  met: number
}

/** What a call says; undefined where it may give other rows each time. */
function callKey({ fn, args }: RowsCall): string | undefined {
  if (args.some((arg) => sizeOf(arg).isVolatile)) return undefined
  return `${fn.id} ${args.map(expressionKey).join()}`
}

/** Clauses that may repeat the rows of a query. */
const allowed: ReadonlySet<Clause> = new Set<Clause>(['SELECT', 'GROUP BY', 'ORDER BY'])

/** A function that gives rows in the select list: the rows of the query are repeated for what it gives. */
export function bindRowsFunction(scope: Scope, ast: AstFunction): Expression {
  const { level } = scope
  const { clause } = level
  if (!allowed.has(clause)) {
    const shown = clause === 'FROM' ? 'this place' : clause
    const message = `set-returning functions are not allowed in ${shown}`
    throw new QueryError('FEATURE_NOT_SUPPORTED', message, { span: ast.name.span })
  }
  const call = boundCall(scope, ast)
  const calls = callsOf.get(level) ?? { different: [], met: 0 }
  callsOf.set(level, calls)
  calls.met++
  // Said again it gives the same rows: a key of GROUP BY is known in the select list.
  const key = callKey(call)
  const same = key && calls.different.find((other) => callKey(other) === key)
  if (!same) calls.different.push(call)
  return columnReference(same || call, ast.span)
}

/** Binds what may not give several rows for one. Errors: FEATURE_NOT_SUPPORTED. */
export function withoutRows<T>(scope: Scope, refusal: string, span: Span, bind: () => T): T {
  const before = callsOf.get(scope.level)?.met
  const bound = bind()
  if (callsOf.get(scope.level)?.met === before) return bound
  const isCall = refusal.endsWith('contain')
  const message = isCall
    ? `${refusal} set-returning function calls`
    : `set-returning functions are not allowed in ${refusal}`
  throw new QueryError('FEATURE_NOT_SUPPORTED', message, { span })
}

/** The functions that give rows of a level so far. */
export function rowsCallsOf(level: QueryLevel): readonly RowsCall[] {
  return callsOf.get(level)?.different ?? []
}
