import type { TruncateStatement } from '../../sql/ast/statement.ts'
import { overtaken } from '../../plan/catalog/indexes.ts'
import { addRelation } from '../../plan/catalog/relations.ts'
import { numbersFrom } from '../../plan/catalog/sequences.ts'
import type { Catalog, SequenceNumbers } from '../../plan/catalog/catalog.ts'
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

function truncate(
  ctx: StatementContext,
  { tables, restartIdentity }: TruncateStatement,
): QueryResult {
  const targets = tables.map((name) => targetTable(ctx, name, 'truncate'))
  for (const table of targets) refuseChangeIfReadOnly(ctx, table, 'TRUNCATE TABLE')
  // Made once: what is taken of them before the transaction commits stays taken.
  const anew = new Map<string, SequenceNumbers>()
  ctx.transaction.change({
    apply(catalog) {
      const emptied = targets.reduce(withoutRows, catalog)
      if (!restartIdentity) return emptied
      return targets.reduce((root, table) => withNumbersAnew(root, table, anew), emptied)
    },
  })
  return QueryResult.ofCommand('TRUNCATE TABLE')
}

function withoutRows(catalog: Catalog, table: MemoryTable): Catalog {
  const current = sameTableIn(catalog, table)
  if (current === undefined) throw overtaken()
  return addRelation(catalog, withChunks(current, []), 'replace')
}

/** Sequences that columns of a table own begin anew. */
function withNumbersAnew(
  catalog: Catalog,
  { schema, name }: MemoryTable,
  anew: Map<string, SequenceNumbers>,
): Catalog {
  let root = catalog
  for (const entry of catalog.relations.get(schema)?.values() ?? []) {
    if (entry.kind !== 'sequence' || entry.owner?.name !== name) continue
    const numbers = anew.get(entry.id) ?? numbersFrom(entry.options.start)
    anew.set(entry.id, numbers)
    root = addRelation(root, { ...entry, numbers }, 'replace')
  }
  return root
}
