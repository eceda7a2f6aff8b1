import { present } from '../../../base/assert.ts'
import { QueryError } from '../../../base/errors.ts'
import type { Span } from '../../../base/span.ts'
import { parseExpression } from '../../../sql/parse.ts'
import { placedAt } from '../../../sql/placed-at.ts'
import type { TableEntry } from '../../catalog/catalog.ts'
import { columnReference, project } from '../../logical/build.ts'
import type { ColumnId, NamedExpression } from '../../logical/expression.ts'
import type { OutputColumn, Relation } from '../../logical/relation.ts'
import type { Binder } from '../context.ts'
import { bindGeneratedOf } from '../table-rules.ts'
import { generatedColumns, withinLimits } from './stored-value.ts'

/** Why a column makes its values itself: they cannot be given. */
export type OwnValue = 'identity' | 'generated'

/** Whether a column makes its values itself. */
export function ownValueOf({ rules }: TableEntry, position: number): OwnValue | undefined {
  if (rules?.generated?.[position] !== undefined) return 'generated'
  return rules?.identities?.[position]?.always === true ? 'identity' : undefined
}

/** Errors: GENERATED_ALWAYS. */
export function refuseGiven(
  { columns }: TableEntry,
  position: number,
  own: OwnValue,
  { updated }: { readonly updated: boolean },
): never {
  const name = columns[position]?.name ?? ''
  const message = updated
    ? `column "${name}" can only be updated to DEFAULT`
    : `cannot insert a non-DEFAULT value into column "${name}"`
  const isIdentity = own === 'identity'
  throw new QueryError('GENERATED_ALWAYS', message, {
    detail: isIdentity
      ? `Column "${name}" is an identity column defined as GENERATED ALWAYS.`
      : `Column "${name}" is a generated column.`,
    ...(isIdentity && !updated && { hint: 'Use OVERRIDING SYSTEM VALUE to override.' }),
  })
}

/**
 * Rows of a table, from a column on, with what generated columns are in their places; `ids`: those that the columns are to
 * have, where not those that they have.
 */
export function withGenerated(
  binder: Binder,
  entry: TableEntry,
  rows: Relation,
  {
    first = 0,
    span,
    ids,
  }: { readonly first?: number; readonly span: Span; readonly ids?: readonly ColumnId[] },
): Relation {
  const generated = generatedColumns(entry)
  if (generated.length === 0) return rows
  const own = rows.columns.slice(first, first + entry.columns.length)
  const exprs = rows.columns.map((column, at): NamedExpression => {
    const position = at - first
    const text = own.includes(column) ? entry.rules?.generated?.[position] : undefined
    if (text === undefined) return itself(column)
    const field = present(entry.columns[position], 'a generated column')
    const ast = placedAt(parseExpression(text), span)
    const bound = bindGeneratedOf(binder, { ast, field, table: entry.name, columns: own })
    const id = ids?.[position] ?? binder.ctx.columnIds.next()
    return { id, name: column.name, expr: withinLimits(binder, bound, field) }
  })
  return project(rows, exprs)
}

function itself(column: OutputColumn): NamedExpression {
  return { id: column.id, name: column.name, expr: columnReference(column) }
}
