import type { TruncateStatement } from '../../sql/ast/statement.ts'
import { QueryError } from '../../base/errors.ts'
import { overtaken } from '../../plan/catalog/indexes.ts'
import { referencesTo } from '../../plan/catalog/references.ts'
import { addRelation } from '../../plan/catalog/relations.ts'
import { numbersFrom } from '../../plan/catalog/sequences.ts'
import type { Catalog, SequenceNumbers, TableEntry } from '../../plan/catalog/catalog.ts'
import { QueryResult, type Notice } from '../results/result.ts'
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

async function truncate(
  ctx: StatementContext,
  { tables, restartIdentity, cascade }: TruncateStatement,
): Promise<QueryResult> {
  const named = tables.map((name) => targetTable(ctx, name, 'truncate'))
  const targets = cascade ? withReferring(ctx.catalog, named) : named
  for (const table of targets) refuseChangeIfReadOnly(ctx, table, 'TRUNCATE TABLE')
  // Made once: what is taken of them before the transaction commits stays taken.
  const anew = new Map<string, SequenceNumbers>()
  await ctx.transaction.change({
    apply(catalog) {
      refuseReferred(catalog, targets)
      const emptied = targets.reduce(withoutRows, catalog)
      if (!restartIdentity) return emptied
      return targets.reduce((root, table) => withNumbersAnew(root, table, anew), emptied)
    },
  })
  const notices = targets.slice(named.length).map(({ name }): Notice => {
    return {
      sqlState: '00000',
      severity: 'NOTICE',
      message: `truncate cascades to table "${name}"`,
    }
  })
  return QueryResult.ofCommand('TRUNCATE TABLE', 0, notices)
}

/** The tables, then those that refer to them, and to those. */
function withReferring(catalog: Catalog, named: readonly MemoryTable[]): readonly MemoryTable[] {
  const found = new Set<TableEntry>(named)
  for (const target of found)
    for (const { table } of referencesTo(catalog, target)) found.add(table)
  return [...found].map((table) => table as MemoryTable)
}

/** Errors: FEATURE_NOT_SUPPORTED where another table refers to one of them. */
function refuseReferred(catalog: Catalog, targets: readonly MemoryTable[]): void {
  for (const target of targets) {
    const other = referencesTo(catalog, target).find(
      ({ table: { schema, name } }) =>
        !targets.some((one) => one.schema === schema && one.name === name),
    )
    if (other === undefined) continue
    const message = 'cannot truncate a table referenced in a foreign key constraint'
    const { name } = other.table
    throw new QueryError('FEATURE_NOT_SUPPORTED', message, {
      detail: `Table "${name}" references "${target.name}".`,
      hint: `Truncate table "${name}" at the same time, or use TRUNCATE ... CASCADE.`,
    })
  }
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
