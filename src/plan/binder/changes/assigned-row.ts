import { present } from '../../../base/assert.ts'
import { QueryError } from '../../../base/errors.ts'
import type { Span } from '../../../base/span.ts'
import { bareQuery, bareSelect } from '../../../sql/ast/bare-select.ts'
import type { AstExpression, AstSubquery, Identifier } from '../../../sql/ast/expression.ts'
import type { AssignedColumn, Assignment, UpdateStatement } from '../../../sql/ast/statement.ts'
import type { TableEntry } from '../../catalog/catalog.ts'
import { columnReference, named } from '../../logical/build.ts'
import type { Expression, NamedExpression } from '../../logical/expression.ts'
import type { OutputColumn } from '../../logical/relation.ts'
import { bindIn, bindSubquery } from '../context.ts'
import type { Scope } from '../context.ts'
import { assignedToPart, noDefault, partTarget, withPart } from './assigned-part.ts'
import { ownValueOf, refuseGiven } from './own-values.ts'
import { bindTargetOf, columnPosition, storedValue, withinLimits } from './stored-value.ts'

/** The rows of a table that are assigned to. */
interface AssignedTable {
  readonly entry: TableEntry
  /** Where the statement names it. */
  readonly span: Span
  /** The columns of its rows as they are. */
  readonly before: readonly OutputColumn[]
}

/** The row that each one becomes: what is assigned, and what stays. Errors: SYNTAX_ERROR, UNDEFINED_COLUMN. */
export function assignedRow(
  scope: Scope,
  { assignments }: Pick<UpdateStatement, 'assignments'>,
  { entry, span, before }: AssignedTable,
): readonly NamedExpression[] {
  const { binder } = scope.environment
  const bind = (ast: AstExpression): Expression => bindIn(scope, 'UPDATE', ast)
  const values = new Map<number, Expression>()
  const parts = new Set<number>()
  for (const [column, value] of assignments.flatMap((one) => single(scope, one))) {
    const position = columnPosition(entry, column)
    const isPart = column.path !== undefined
    // Several parts of a column are assigned to one after another.
    if (values.has(position) && !(isPart && parts.has(position))) {
      const message = `multiple assignments to same column "${column.text}"`
      throw new QueryError('SYNTAX_ERROR', message, { span: column.span })
    }
    const own = ownValueOf(entry, position)
    if (own !== undefined && value.kind !== 'default') {
      refuseGiven(entry, position, own, { updated: true })
    }
    const field = present(entry.columns[position], 'an assigned column')
    const target = bindTargetOf(entry, position, span)
    if (isPart) {
      parts.add(position)
      const now = values.get(position) ?? columnReference(present(before[position], 'a column'))
      const part = partTarget(field.type, column)
      if (value.kind === 'default') throw noDefault(part, column)
      const given = assignedToPart(binder, part, column, bind(value))
      const whole = withPart(binder, column, now, given, bind)
      values.set(position, withinLimits(binder, whole, field))
      continue
    }
    values.set(position, storedValue(binder, field, target, value, bind))
  }
  return before.map((column, position) =>
    named(binder.ctx.columnIds, column.name, values.get(position) ?? columnReference(column)),
  )
}

/** Each column as a query of its own over the one that gives all of them. Errors: SYNTAX_ERROR. */
function ofQuery(
  scope: Scope,
  columns: readonly AssignedColumn[],
  value: AstSubquery,
): readonly (readonly [AssignedColumn, AstExpression])[] {
  const { query, span } = value
  checkCount(columns, bindSubquery(scope, query).names.length, span)
  const names = columns.map((_, at): Identifier => ({ text: `c${at}`, quoted: true, span }))
  const name: Identifier = { text: '*SELECT*', quoted: true, span }
  const alias = { name, columns: names, definitions: [] }
  const from = [{ kind: 'derived', query, lateral: false, alias, span } as const]
  return columns.map((column, at) => {
    const expr = { kind: 'column', name: { parts: [names[at]!], span }, span } as const
    const body = bareSelect([{ expr, alias: undefined, span }], from, span)
    return [column, { ...value, query: bareQuery(body, span) }]
  })
}

function checkCount(columns: readonly Identifier[], count: number, span: Span): void {
  if (count === columns.length) return
  throw new QueryError('SYNTAX_ERROR', 'number of columns does not match number of values', {
    span,
    expected: `${columns.length}`,
    found: `${count}`,
  })
}

/** The columns of an assignment with their values. Errors: SYNTAX_ERROR where these are not as many. */
function single(
  scope: Scope,
  { columns, isRow, value }: Assignment,
): readonly (readonly [AssignedColumn, AstExpression])[] {
  const [first, ...others] = columns
  const { span } = value
  if (!isRow || (others.length === 0 && value.kind === 'subquery')) {
    return [[present(first, 'an assigned column'), value]]
  }
  if (value.kind === 'subquery') return ofQuery(scope, columns, value)
  if (value.kind !== 'row') {
    const message =
      'source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression'
    throw new QueryError('SYNTAX_ERROR', message, { span })
  }
  const { items } = value
  checkCount(columns, items.length, span)
  return columns.map((column, at) => [column, present(items[at], 'a value of a row')] as const)
}
