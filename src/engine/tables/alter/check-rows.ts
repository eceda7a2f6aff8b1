import { QueryError } from '../../../base/errors.ts'
import { anyRow, isFalse, isNull } from '../../../plan/binder/row-checks.ts'
import { bindCheckOf } from '../../../plan/binder/table-rules.ts'
import type { TableEntry } from '../../../plan/catalog/catalog.ts'
import type { CheckRule, KeyRule } from '../../../plan/catalog/table-rules.ts'
import { scan } from '../../../plan/logical/build.ts'
import { parseExpression } from '../../../sql/parse.ts'
import { placedAt } from '../../../sql/placed-at.ts'
import type { Span } from '../../../base/span.ts'
import type { RowQueries } from '../../catalog/catalog-change.ts'
import type { MemoryTable } from '../memory-tables.ts'
import { firstRow, repeatedIn } from '../row-rules.ts'

/** Whether rows of a table may have NULL in any column: what says otherwise is to be shown. */
export function unproven(table: TableEntry): TableEntry {
  return { ...table, columns: table.columns.map((field) => ({ ...field, nullable: true })) }
}

/** Errors: NOT_NULL_VIOLATION. */
export async function checkNoNulls(
  queries: RowQueries,
  table: MemoryTable,
  position: number,
): Promise<void> {
  const rows = scan(queries.columnIds, unproven(table))
  const column = rows.columns[position]
  if (
    column === undefined ||
    (await firstRow(queries, anyRow(rows, [isNull(queries.binder(), column)]))) === undefined
  ) {
    return
  }
  const { schema, name } = table
  const message = `column "${column.name}" of relation "${name}" contains null values`
  throw new QueryError('NOT_NULL_VIOLATION', message, { schema, table: name, column: column.name })
}

/** Errors: CHECK_VIOLATION; what the condition raises. */
export async function checkHolds(
  queries: RowQueries,
  table: MemoryTable,
  { name: constraint, condition }: CheckRule,
  span: Span,
): Promise<void> {
  const rows = scan(queries.columnIds, unproven(table))
  const ast = placedAt(parseExpression(condition), span)
  const broken = isFalse(bindCheckOf(queries.binder(), ast, table.name, rows.columns))
  if ((await firstRow(queries, anyRow(rows, [broken]))) === undefined) return
  const { schema, name } = table
  const message = `check constraint "${constraint}" of relation "${name}" is violated by some row`
  throw new QueryError('CHECK_VIOLATION', message, { schema, table: name, constraint })
}

/** Errors: UNIQUE_VIOLATION. */
export async function checkUnique(
  queries: RowQueries,
  table: TableEntry,
  rule: KeyRule,
): Promise<void> {
  const repeated = await repeatedIn(queries, unproven(table), rule)
  if (repeated === undefined) return
  throw new QueryError('UNIQUE_VIOLATION', `could not create unique index "${rule.name}"`, {
    detail: `Key ${repeated} is duplicated.`,
    schema: table.schema,
    table: table.name,
    constraint: rule.name,
  })
}
