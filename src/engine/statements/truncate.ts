import type { TruncateStatement } from '../../sql/ast/statement.ts'
import { overtaken } from '../../plan/catalog/indexes.ts'
import { addRelation } from '../../plan/catalog/relations.ts'
import type { Catalog } from '../../plan/catalog/catalog.ts'
import { QueryResult } from '../results/result.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { sameTableIn } from '../tables/appended-rows.ts'
import { withChunks, type MemoryTable } from '../tables/memory-tables.ts'
import { refuseChangeIfReadOnly, targetTable } from '../tables/target-table.ts'
import { noShape, type StatementEntry } from './entry.ts'

/** TRUNCATE a, b: tables without their rows, all or none. */
export const truncateEntry: StatementEntry<TruncateStatement> = {
  tag: () => 'TRUNCATE TABLE',
  looks: () => true,
  writes: 'checked',
  describe: () => noShape,
  run: truncate,
}

function truncate(ctx: StatementContext, { tables }: TruncateStatement): QueryResult {
  const targets = tables.map((name) => targetTable(ctx, name, 'truncate'))
  for (const table of targets) refuseChangeIfReadOnly(ctx, table, 'TRUNCATE TABLE')
  ctx.transaction.change({ apply: (catalog) => targets.reduce(withoutRows, catalog) })
  return QueryResult.ofCommand('TRUNCATE TABLE')
}

function withoutRows(catalog: Catalog, table: MemoryTable): Catalog {
  const current = sameTableIn(catalog, table)
  if (current === undefined) throw overtaken()
  return addRelation(catalog, withChunks(current, []), 'replace')
}
