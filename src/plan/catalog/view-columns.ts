import { QueryError } from '../../base/errors.ts'
import { postgresType } from '../../data/types/coercion.ts'
import { typeName, type DataType } from '../../data/types/data-type.ts'
import type { CatalogEntry, ViewColumn, ViewEntry } from './catalog.ts'

/**
 * Holds the query of a view to the columns that it had when the view was made: a table that it is over may
 * have been replaced by one of other columns. Errors: INVALID_TABLE_DEFINITION.
 */
export function checkColumns(
  { columns: before }: ViewEntry,
  outputNames: readonly string[],
  columns: readonly { readonly type: DataType }[],
): void {
  const isSame =
    columns.length === before.length &&
    before.every(
      ({ outputName, type }, at) =>
        outputName === outputNames[at] && shownKind(type) === shownKind(columns[at]!.type),
    )
  if (!isSame) throw columnsAreOthers()
}

/** A table or file that a view is over was replaced by one that the view cannot be over. */
export function columnsAreOthers(): QueryError {
  const message = 'the columns of the query are not those that it had when the view was made'
  return new QueryError('INVALID_TABLE_DEFINITION', message, {
    hint: 'A table or file that the view is over was replaced; make the view again.',
  })
}

export function columnNamesOf({ columns }: CatalogEntry): readonly string[] {
  return columns.map(({ name }) => name)
}

/**
 * Holds a query to the view that it is to replace: what is over the view counts on its columns, behind
 * which others may be added. Errors: INVALID_TABLE_DEFINITION.
 */
export function checkReplacing(view: ViewEntry, columns: readonly ViewColumn[]): void {
  if (columns.length < view.columns.length) throw unlike('cannot drop columns from view')
  for (const [at, before] of view.columns.entries()) {
    const { name, type } = columns[at]!
    if (name !== before.name) {
      throw unlike(`cannot change name of view column "${before.name}" to "${name}"`)
    }
    if (shownKind(type) !== shownKind(before.type)) {
      const change = `from ${typeName(before.type)} to ${typeName(type)}`
      throw unlike(`cannot change data type of view column "${name}" ${change}`)
    }
  }
}

function unlike(message: string): QueryError {
  return new QueryError('INVALID_TABLE_DEFINITION', message, {
    hint: 'DROP VIEW first, or give the view another name.',
  })
}

/** Results are typed as decimals while these have room for their digits, else as numerics. */
function shownKind(type: DataType): string {
  return typeName(postgresType(type))
}
