import { QueryError } from '../../base/errors.ts'
import type { Catalog, TableEntry } from '../../plan/catalog/catalog.ts'
import { withoutObjects } from '../../plan/catalog/drop.ts'
import { referencesTo } from '../../plan/catalog/references.ts'
import { addRelation } from '../../plan/catalog/relations.ts'
import { withChunks, type MemoryTable } from './memory-tables.ts'

/**
 * A catalog at the end of a transaction: temporary tables of a session that are dropped then are gone, and others empty. The
 * same where there is nothing to do. Errors: FEATURE_NOT_SUPPORTED where rows of a table that stays refer to one that is emptied.
 */
export function withTemporaryEnded(catalog: Catalog, schema: string): Catalog {
  const entries = [...(catalog.relations.get(schema)?.values() ?? [])]
  const tables = entries.filter((entry) => entry.kind === 'table')
  const ending = tables.filter(({ onCommit }) => onCommit !== undefined)
  if (ending.length === 0) return catalog
  const dropped = ending.filter(({ onCommit }) => onCommit === 'drop')
  const left =
    dropped.length === 0 ? catalog : withoutObjects(catalog, dropped, { cascade: true }).catalog
  return ending.filter(({ onCommit }) => onCommit === 'delete').reduce(emptied, left)
}

function emptied(catalog: Catalog, table: TableEntry): Catalog {
  const other = referencesTo(catalog, table).find((one) => one.table.onCommit !== table.onCommit)
  if (other !== undefined) {
    const message = 'unsupported ON COMMIT and foreign key combination'
    throw new QueryError('FEATURE_NOT_SUPPORTED', message, {
      detail: `Table "${other.table.name}" references "${table.name}", but they do not have the same ON COMMIT setting.`,
    })
  }
  if (table.statistics.rows === 0) return catalog
  return addRelation(catalog, withChunks(table as MemoryTable, []), 'replace')
}
