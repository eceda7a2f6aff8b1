import { present } from '../../../base/assert.ts'
import { QueryError, stackOverflow } from '../../../base/errors.ts'
import type { Steps } from '../../../base/steps.ts'
import { text, type DataType } from '../../../data/types/data-type.ts'
import type { Field } from '../../../data/types/schema.ts'
import type { AssignedColumn, InsertStatement } from '../../../sql/ast/statement.ts'
import type { TableEntry } from '../../catalog/catalog.ts'
import { columnReference, literal, named, oneRow, project } from '../../logical/build.ts'
import type { Expression } from '../../logical/expression.ts'
import type { Relation } from '../../logical/relation.ts'
import { newBinder } from '../bind.ts'
import { bindIn, newLevel } from '../context.ts'
import { emptyNamespace, scopeOf } from '../scope.ts'
import type { BindContext, Binder, BindTarget, QueryEnvironment } from '../context.ts'
import { bindDefaultOf } from '../table-rules.ts'
import { finishReturning, namespaceOf, returningSteps, type BoundReturning } from './returning.ts'
import { ownValueOf, refuseGiven, withGenerated } from './own-values.ts'
import { partTarget, withPart } from './assigned-part.ts'
import { bindTargetOf, columnPosition, withinLimits } from './stored-value.ts'

/** The columns that an INSERT gives values, as its query's outputs are brought to them. */
export function insertTargets(
  entry: TableEntry,
  statement: InsertStatement,
): readonly BindTarget[] {
  const { span } = statement.table
  return insertedColumns(entry, statement.columns).map((position, at) => {
    const target = bindTargetOf(entry, position, span)
    const column = statement.columns[at]
    if (column?.path !== undefined) return partTarget(target.type, column)
    const isNumbered = entry.rules?.identities?.[position] !== undefined
    if (statement.overriding !== 'user' || !isNumbered) return target
    // What is given is not looked at: DEFAULT must take no number there.
    return { name: target.name, type: target.type }
  })
}

/** Positions in the table of the columns that are given values. Errors: UNDEFINED_COLUMN, DUPLICATE_COLUMN. */
export function insertedColumns(
  entry: TableEntry,
  columns: readonly AssignedColumn[],
): readonly number[] {
  if (columns.length === 0) return entry.columns.map((_, position) => position)
  const seen = new Set<number>()
  const parts = new Set<number>()
  return columns.map((column) => {
    const position = columnPosition(entry, column)
    const { text: name, span, path } = column
    if (path !== undefined && !seen.has(position)) parts.add(position)
    // Several parts of a column are given one by one.
    if (seen.has(position) && !(path !== undefined && parts.has(position))) {
      throw new QueryError('DUPLICATE_COLUMN', `column "${name}" specified more than once`, {
        span,
      })
    }
    seen.add(position)
    return position
  })
}

/**
 * The rows of a bound query with all columns of the table in order; defaults where a column is not given. Without a
 * query, DEFAULT VALUES. Errors: SYNTAX_ERROR where columns are left without values.
 */
export function rowsInTableOrder(
  binder: Binder,
  entry: TableEntry,
  statement: Pick<InsertStatement, 'table' | 'columns' | 'overriding' | 'query'>,
  bound: Relation | undefined,
): Relation {
  const targets = bound === undefined ? [] : insertedColumns(entry, statement.columns)
  if (bound !== undefined) checkWidth(bound, targets, statement)
  const input = bound ?? oneRow()
  const { span } = statement.table
  const given = givenColumns(entry, statement, targets.slice(0, input.columns.length))
  const exprs = entry.columns.map((field, position) => {
    const column = input.columns[given.indexOf(position)]
    const isPart = statement.columns[given.indexOf(position)]?.path !== undefined
    const expr = isPart
      ? madeOfParts(binder, statement.columns, given, { field, position, input })
      : column === undefined
        ? bindDefaultOf(binder, bindTargetOf(entry, position, span))
        : columnReference(column)
    return named(binder.ctx.columnIds, field.name, withinLimits(binder, expr, field))
  })
  return withGenerated(binder, entry, project(input, exprs), { span })
}

/** A column of which parts are given, the rest being NULL. */
function madeOfParts(
  binder: Binder,
  columns: readonly AssignedColumn[],
  given: readonly number[],
  {
    field,
    position,
    input,
  }: { readonly field: Field; readonly position: number; readonly input: Relation },
): Expression {
  const nothing: Expression = literal(null, field.type)
  const environment: QueryEnvironment = { binder, parent: undefined, ctes: undefined }
  const scope = scopeOf(emptyNamespace, newLevel(), environment)
  return columns.reduce((before: Expression, column, at) => {
    const value = input.columns[at]
    if (given[at] !== position || value === undefined) return before
    return withPart(binder, column, before, columnReference(value), (ast) => {
      return bindIn(scope, 'VALUES', ast)
    })
  }, nothing)
}

/**
 * The columns that take the values which a query gives, -1 for one that numbers its rows in spite of them. Errors:
 * GENERATED_ALWAYS.
 */
function givenColumns(
  entry: TableEntry,
  { query, overriding }: Pick<InsertStatement, 'query' | 'overriding'>,
  targets: readonly number[],
): readonly number[] {
  return targets.map((position, at) => {
    const identity = entry.rules?.identities?.[position]
    if (identity !== undefined && overriding === 'user') return -1
    const own = ownValueOf(entry, position)
    if (own === undefined || (own === 'identity' && overriding === 'system')) return position
    if (!isDefault(query, at)) refuseGiven(entry, position, own, { updated: false })
    return position
  })
}

/** Whether rows of VALUES have nothing but DEFAULT at a place. */
function isDefault(query: InsertStatement['query'], at: number): boolean {
  if (query === undefined) return true
  const { body } = query
  if (body.kind !== 'values') return false
  return body.rows.every((row) => row[at] === undefined || row[at].kind === 'default')
}

/** A named column list must be filled; without one the last columns may be left out. */
function checkWidth(
  { columns: given }: Relation,
  targets: readonly number[],
  { columns }: Pick<InsertStatement, 'columns'>,
): void {
  const unfilled = columns[given.length]
  if (unfilled === undefined) return
  throw new QueryError('SYNTAX_ERROR', 'INSERT has more target columns than expressions', {
    span: unfilled.span,
    expected: `${targets.length}`,
    found: `${given.length}`,
  })
}

/** INSERT's RETURNING, and the types of the parameters with those that only it has. */
export interface InsertReturning {
  readonly returning: BoundReturning
  readonly parameterTypes: readonly DataType[]
}

/** Binds what an INSERT gives of its rows, in steps: see `isOverdue`. Errors: those of binding a query. */
export function* insertReturningSteps(
  statement: InsertStatement,
  entry: TableEntry,
  ctx: BindContext,
): Steps<InsertReturning> {
  const binder = newBinder(ctx)
  const environment: QueryEnvironment = { binder, parent: undefined, ctes: undefined }
  const columns = entry.columns.map(({ name, type }) => {
    return { id: ctx.columnIds.next(), name, type, nullable: true }
  })
  const { schema, name } = entry
  const { alias } = statement
  const shown =
    alias === undefined ? { alias: name, schema } : { alias: alias.text, hiddenName: name }
  try {
    const draft = yield* returningSteps(
      environment,
      namespaceOf(shown, columns),
      present(statement.returning, 'RETURNING'),
    )
    const own = new Map(columns.map(({ id }, at) => [id, present(entry.columns[at], 'a field')]))
    const rows = { target: entry, columns, own, wrap: (relation: Relation) => relation }
    return {
      returning: finishReturning(environment, draft, rows),
      parameterTypes: Array.from(binder.parameters, (type) => type ?? text),
    }
  } catch (error) {
    throw stackOverflow(error) ?? error
  }
}
