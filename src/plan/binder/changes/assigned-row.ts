import { present } from '../../../base/assert.ts'
import { QueryError } from '../../../base/errors.ts'
import type { Span } from '../../../base/span.ts'
import type { AstExpression } from '../../../sql/ast/expression.ts'
import type { UpdateStatement } from '../../../sql/ast/statement.ts'
import type { TableEntry } from '../../catalog/catalog.ts'
import { columnReference, named } from '../../logical/build.ts'
import type { Expression, NamedExpression } from '../../logical/expression.ts'
import type { OutputColumn } from '../../logical/relation.ts'
import { bindIn } from '../context.ts'
import type { Scope } from '../context.ts'
import { bindTargetOf, columnPosition, storedValue } from './stored-value.ts'

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
  for (const { column, value } of assignments) {
    const position = columnPosition(entry, column)
    if (values.has(position)) {
      const message = `multiple assignments to same column "${column.text}"`
      throw new QueryError('SYNTAX_ERROR', message, { span: column.span })
    }
    const field = present(entry.columns[position], 'an assigned column')
    const target = bindTargetOf(entry, position, span)
    values.set(position, storedValue(binder, field, target, value, bind))
  }
  return before.map((column, position) =>
    named(binder.ctx.columnIds, column.name, values.get(position) ?? columnReference(column)),
  )
}
