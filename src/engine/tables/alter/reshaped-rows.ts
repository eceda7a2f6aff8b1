import { present } from '../../../base/assert.ts'
import { QueryError } from '../../../base/errors.ts'
import type { RecordType } from '../../../data/types/data-type.ts'
import type { Catalog, CatalogEntry } from '../../../plan/catalog/catalog.ts'
import { mentions, withType } from '../../../plan/catalog/mentions.ts'
import { cast, columnReference, named } from '../../../plan/logical/build.ts'
import type { Expression } from '../../../plan/logical/expression.ts'
import type { StatementContext } from '../../context/statement-context.ts'
import { memoryTableIn } from '../memory-tables.ts'
import { AlteredTable } from './altered-table.ts'

/** A column whose values have in them rows of a type. */
export interface ColumnOver {
  readonly entry: CatalogEntry
  readonly column: string
}

/** The columns of tables that are of a type, or have it in theirs. */
export function columnsOver({ relations }: Catalog, type: RecordType): readonly ColumnOver[] {
  return [...relations.values()].flatMap((entries) =>
    [...entries.values()].flatMap((entry) => {
      if (entry.kind !== 'table') return []
      return entry.columns.flatMap((column) =>
        mentions(column.type, type) ? [{ entry, column: column.name }] : [],
      )
    }),
  )
}

/** Errors: FEATURE_NOT_SUPPORTED where a table has values of a type that is to have other fields. */
export function refuseUsed(catalog: Catalog, type: RecordType, what: string, uses: string): void {
  const [over] = columnsOver(catalog, type)
  if (over === undefined) return
  const message = `cannot alter ${what} because column "${over.entry.name}.${over.column}" uses ${uses}`
  throw new QueryError('FEATURE_NOT_SUPPORTED', message)
}

/**
 * Brings the values of a type that tables hold to what it has become, step by step: fields that are gone are left out,
 * new ones are NULL.
 */
export async function reshapeRows(
  ctx: StatementContext,
  versions: readonly RecordType[],
): Promise<void> {
  const [first, ...others] = versions
  if (first === undefined) return
  const tables = new Set(columnsOver(ctx.catalog, first).map(({ entry }) => entry))
  for (const { schema, name } of tables) {
    const table = present(memoryTableIn(ctx.catalog, schema, name), 'a table that holds rows')
    const altered = new AlteredTable(ctx, table)
    const reshaped = (position: number): Expression => {
      const column = present(altered.rows.columns[position], 'a column of rows')
      let expr: Expression = columnReference(column)
      for (const now of others) expr = cast(expr, withType(expr.type, first, now))
      return expr
    }
    const exprs = table.columns.map((field, position) => {
      if (!mentions(field.type, first)) return altered.kept(position)
      const expr = reshaped(position)
      altered.changeField(position, { type: expr.type })
      return named(ctx.columnIds, field.name, expr)
    })
    altered.computeRows(exprs)
    await altered.finish()
  }
}
