import { QueryError } from '../../base/errors.ts'
import type { Span } from '../../base/span.ts'
import { int4, recordOf } from '../../data/types/data-type.ts'
import { and, call, caseOf, literal } from '../logical/build.ts'
import type { Expression } from '../logical/expression.ts'
import { duplicate } from '../logical/fresh.ts'
import { typedCall } from '../logical/typing.ts'
import type { Binder, ScopeTable } from './context.ts'

/** Fields of a row at most, as PostgreSQL has it. */
const FIELDS_MAX = 1_664

/** Errors: TOO_MANY_COLUMNS. */
export function checkedFields(items: readonly Expression[], span: Span | undefined): typeof items {
  if (items.length <= FIELDS_MAX) return items
  const message = `ROW expressions can have at most ${FIELDS_MAX} entries`
  throw new QueryError('TOO_MANY_COLUMNS', message, { ...(span && { span }) })
}

/**
 * A row of a table as a value: NULL where an outer join found none, which a column tells that is never NULL in the
 * table, or where it has no such column that all are.
 */
export function wholeRow(binder: Binder, table: ScopeTable, span: Span): Expression {
  const exprs = checkedFields(
    table.columns.map(({ expr }) => expr),
    span,
  )
  const made = typedCall(binder, 'row', exprs, span)
  const type =
    table.rowType ??
    recordOf(
      table.columns.map(({ name }, at) => ({ name, type: made.args[at]?.type ?? made.type })),
    )
  const row = { ...made, type }
  if (table.mayBeMissing !== true || table.columns.length === 0) return row
  const copies = (table.present === undefined ? exprs : [table.present]).map((expr) =>
    typedCall(binder, 'is_null', [duplicate(binder.ctx.columnIds, expr)], span),
  )
  return caseOf([{ when: and(copies), then: literal(null, type, span) }], row, span)
}

/** The field of a row at a position; of a row that is written out, what is there. */
export function fieldOf(binder: Binder, row: Expression, at: number, span: Span): Expression {
  const type = row.type.kind === 'record' ? row.type.fields[at]?.type : undefined
  if (row.kind === 'call' && row.fn.name === 'row' && row.args[at] !== undefined) {
    return { ...row.args[at], span }
  }
  const made = typedCall(binder, 'record_field', [row, literal(at, int4, span)], span)
  return call(made.fn, made.args, type ?? made.type, span)
}

/** IS [NOT] NULL of a row: whether all fields are NULL, or none. */
export function rowNullTest(
  binder: Binder,
  row: Expression,
  isNegated: boolean,
  span: Span,
): Expression {
  return typedCall(binder, isNegated ? 'record_is_not_null' : 'record_is_null', [row], span)
}
