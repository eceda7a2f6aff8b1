import { recordOf, type DataType, type RecordType } from '../../data/types/data-type.ts'
import { memoryFunction } from '../../functions/tables/memory.ts'
import { present } from '../../base/assert.ts'
import { QueryError, notSupported } from '../../base/errors.ts'
import { int8 } from '../../data/types/data-type.ts'
import type { AstExpression, AstFunction } from '../../sql/ast/expression.ts'
import type { TableFunction } from '../../sql/ast/select.ts'
import { expand, oneRow, project, named, columnReference } from '../logical/build.ts'
import { expressionKey } from '../logical/expression-key.ts'
import { sizeOf } from '../logical/expression-size.ts'
import type { Expression, RowsCall } from '../logical/expression.ts'
import type { Ordinality, Relation } from '../logical/relation.ts'
import { settle, typedCall, typedTableCall } from '../logical/typing.ts'
import { bindExpression } from './context.ts'
import type { Binder, Clause, Scope } from './context.ts'
import { functionNameOf, isInCatalogue } from './function-name.ts'
import { metCall } from './level-rows.ts'
import { outputName } from './output-name.ts'
import { fieldOf } from './whole-row.ts'
import type { BoundCall } from './routines/body.ts'
import { routineArray, routineCall, routineValue } from './routines/call.ts'
import {
  checkRoutineDefinitions,
  fieldsAsColumns,
  nameOfColumn,
  routineRows,
} from './routines/table.ts'
import { checkDefinitions, recordColumns } from './record-columns.ts'
import type { Span } from '../../base/span.ts'

/** The name of a function that gives rows; undefined for any other expression. */
function rowsFunction({ functions }: Binder, ast: AstExpression): AstFunction | undefined {
  if (ast.kind !== 'function' || !isInCatalogue(ast)) return undefined
  return functions.table.has(functionNameOf(ast)) ? ast : undefined
}

/** Functions in FROM, side by side. */
export interface BoundFunctions {
  readonly relation: Relation
  /** The names of the columns. */
  readonly names: readonly string[]
  /** The name of the first function. */
  readonly ownName: string
  /** Whether a row is a plain value: that of the one column of one function. */
  readonly isScalar: boolean
  /** Whether the one column has a name of its own, which an alias of the table leaves it. */
  readonly isNamed: boolean
  /** The type of the rows, where it is that of what the one function gives. */
  readonly rowType?: RecordType | undefined
}

/** Binds functions in FROM: those that give no rows but a value give one row. */
export function bindTableFunction(scope: Scope, table: TableFunction): BoundFunctions {
  const { binder } = scope.environment
  const { columnIds } = binder.ctx
  const calls = table.calls.flatMap((call) => arraysApart(binder, call))
  const ordinality = table.ordinality
    ? { id: columnIds.next(), name: 'ordinality', type: int8 }
    : undefined
  const [only] = calls
  const ownName = only === undefined ? '' : outputName(only)
  const routines = bindRoutines(scope, table, calls, ordinality)
  if (routines !== undefined) return { ...routines, ownName }
  const records = recordsOf(scope, table, calls)
  if (records !== undefined) return { ...records, ownName }
  if (only !== undefined && calls.length === 1 && rowsFunction(binder, only) === undefined) {
    const value = named(columnIds, ownName, settle(binder, bindExpression(scope, only)))
    const relation = expand(project(oneRow(), [value]), [], ordinality)
    const isScalar = ordinality === undefined
    return inFields(binder, { relation, ownName, isScalar, isNamed: false }, only.span)
  }
  const bound = calls.map((call) => {
    const rows = rowsFunction(binder, call)
    return rows === undefined ? valueAsRow(scope, call) : boundCall(scope, rows)
  })
  const relation = expand(oneRow(), bound, ordinality)
  const isNamed = bound.length === 1 && bound[0]?.fn.columns !== undefined
  const isScalar = relation.columns.length === 1
  return inFields(binder, { relation, ownName, isScalar, isNamed }, only?.span)
}

/** Functions in FROM with the fields of rows that they give, of composite types or tables, as columns of their own. */
function inFields(
  binder: Binder,
  bound: Omit<BoundFunctions, 'names'>,
  span: Span = { start: 0, end: 0 },
): BoundFunctions {
  const { columnIds } = binder.ctx
  const { columns } = bound.relation
  const isRow = ({ type }: { readonly type: DataType }): boolean =>
    type.kind === 'record' && type.name !== undefined
  if (!columns.some(isRow)) return { ...bound, names: columns.map(({ name }) => name) }
  const exprs = columns.flatMap((column) => {
    const whole = columnReference(column)
    if (column.type.kind !== 'record' || !isRow(column)) {
      return [named(columnIds, column.name, whole)]
    }
    return column.type.fields.map(({ name }, at) => {
      return named(columnIds, name, fieldOf(binder, whole, at, span))
    })
  })
  const [first] = columns
  const rowType = columns.length === 1 && first?.type.kind === 'record' ? first.type : undefined
  const relation = project(bound.relation, exprs)
  const names = relation.columns.map(({ name }) => name)
  return { ...bound, relation, names, isScalar: false, isNamed: true, rowType }
}

/** Functions in FROM of which some are made by statements; undefined where none is. */
function bindRoutines(
  scope: Scope,
  { alias, ordinality: isNumbered }: TableFunction,
  calls: readonly AstExpression[],
  ordinality: Ordinality | undefined,
): Omit<BoundFunctions, 'ownName'> | undefined {
  const found = calls.map((ast) => (ast.kind === 'function' ? routineCall(scope, ast) : undefined))
  if (found.every((call) => call === undefined)) return undefined
  const { binder } = scope.environment
  const definitions = alias?.definitions ?? []
  for (const call of found) {
    if (call !== undefined) checkRoutineDefinitions(call, definitions, isNumbered)
  }
  const [first] = found
  if (first !== undefined && found.length === 1 && !isNumbered) {
    const rows = routineRows(binder, first, definitions)
    return { ...rows, names: rows.relation.columns.map(({ name }) => name) }
  }
  const bound = calls.map((ast, at) => {
    const call = found[at]
    if (call !== undefined) return routineRowsCall(scope, call, ast)
    const rows = rowsFunction(binder, ast)
    return rows === undefined ? valueAsRow(scope, ast) : boundCall(scope, rows)
  })
  const relation = fieldsAsColumns(binder, expand(oneRow(), bound, ordinality))
  const names = relation.columns.map(({ name }) => name)
  const isRow = bound.some(({ outputs }) => outputs.some(({ type }) => type.kind === 'record'))
  return { relation, names, isScalar: names.length === 1, isNamed: isRow }
}

/** A function that a statement has made among others: the elements of the array of its rows. */
function routineRowsCall(scope: Scope, call: BoundCall, ast: AstExpression): RowsCall {
  const { binder } = scope.environment
  const { outputs, ...made } = call.entry.returnsSet
    ? rowsCall(scope, 'unnest', [routineArray(binder, call)], ast)
    : rowsCall(scope, 'one_row', [routineValue(call, scope)], ast)
  return { ...made, outputs: outputs.map((own) => ({ ...own, name: nameOfColumn(call) })) }
}

/** A function that gives records, whose columns the alias defines; undefined for others. */
function recordsOf(
  scope: Scope,
  { alias, ordinality }: TableFunction,
  calls: readonly AstExpression[],
): Omit<BoundFunctions, 'ownName'> | undefined {
  const { binder } = scope.environment
  const entryOf = (ast: AstExpression): boolean => {
    const rows = rowsFunction(binder, ast)
    return rows !== undefined && isRecord(binder, functionNameOf(rows))
  }
  const [only] = calls
  const records = calls.find(entryOf)
  const span = (records ?? only)?.span
  if (span !== undefined) checkDefinitions(records !== undefined, alias, span, ordinality)
  if (records === undefined) return undefined
  const rows = rowsFunction(binder, records)
  if (rows === undefined || calls.length > 1) throw notSupported('records in ROWS FROM', span)
  const call = boundCall(scope, rows)
  const object = columnReference(present(call.outputs[0], 'output of a function'))
  const input = expand(oneRow(), [call])
  const relation = recordColumns(binder, input, object, alias?.definitions ?? [])
  const names = relation.columns.map(({ name }) => name)
  return { relation, names, isScalar: false, isNamed: true }
}

function isRecord({ functions }: Binder, name: string): boolean {
  return functions.table.named(name).some((entry) => entry.isRecord === true)
}

/** `unnest(a, b)` in FROM is ROWS FROM (unnest(a), unnest(b)). */
function arraysApart(binder: Binder, call: AstExpression): readonly AstExpression[] {
  const rows = rowsFunction(binder, call)
  if (rows === undefined || rows.args.length < 2 || functionNameOf(rows) !== 'unnest') return [call]
  return rows.args.map((arg) => ({ ...rows, args: [arg] }))
}

function boundCall(scope: Scope, ast: AstFunction): RowsCall {
  const args = ast.args.map((arg) => bindExpression(scope, arg))
  return rowsCall(scope, functionNameOf(ast), args, ast)
}

/** A value among functions that give rows. */
function valueAsRow(scope: Scope, ast: AstExpression): RowsCall {
  const value = settle(scope.environment.binder, bindExpression(scope, ast))
  const { outputs, ...call } = rowsCall(scope, 'one_row', [value], ast)
  return { ...call, outputs: outputs.map((own) => ({ ...own, name: outputName(ast) })) }
}

function rowsCall(
  scope: Scope,
  name: string,
  given: readonly Expression[],
  ast: AstExpression,
): RowsCall {
  const { binder } = scope.environment
  const { span } = ast
  const at = ast.kind === 'function' ? ast.name.span : span
  const { fn, args, columns } = typedTableCall(binder, name, given, at)
  if (fn === memoryFunction) binder.needed.surroundings = true
  const outputs = columns.map((column) => ({ id: binder.ctx.columnIds.next(), ...column }))
  return { outputs, fn, args, span }
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
  refuseOutside(scope, ast)
  const name = functionNameOf(ast)
  if (isRecord(scope.environment.binder, name)) {
    const message = `could not determine row type for result of ${name}`
    throw new QueryError('FEATURE_NOT_SUPPORTED', message, {
      span: ast.name.span,
      hint: 'Provide a non-null record argument, or call the function in the FROM clause using a column definition list.',
    })
  }
  const call = boundCall(scope, ast)
  return valueOfCall(scope, metCall(level, call, callKey(call)), ast.span)
}

/** The same of one that a statement has made. */
export function bindRoutineRows(scope: Scope, ast: AstFunction, bound: BoundCall): Expression {
  refuseOutside(scope, ast)
  const call = routineRowsCall(scope, bound, ast)
  return valueOfCall(scope, metCall(scope.level, call, callKey(call)), ast.span)
}

/** Errors: FEATURE_NOT_SUPPORTED in clauses that may not repeat rows. */
function refuseOutside({ level: { clause } }: Scope, ast: AstFunction): void {
  if (allowed.has(clause)) return
  const shown = clause === 'FROM' ? 'this place' : clause
  const message = `set-returning functions are not allowed in ${shown}`
  throw new QueryError('FEATURE_NOT_SUPPORTED', message, { span: ast.name.span })
}

/** What a function gives as a value: of several columns, a row of them. */
function valueOfCall(scope: Scope, { outputs }: RowsCall, span: Span): Expression {
  const [output, ...others] = outputs
  if (output !== undefined && others.length === 0) return columnReference(output, span)
  const columns = outputs.map((column) => columnReference(column, span))
  const row = typedCall(scope.environment.binder, 'row', columns, span)
  return { ...row, type: recordOf(outputs.map(({ name, type }) => ({ name, type }))) }
}
