import { dependentViews } from '../../../plan/catalog/dependents.ts'
import type { TableEntry, ViewEntry } from '../../../plan/catalog/catalog.ts'
import { definitionsOnly } from '../../../plan/catalog/definitions.ts'
import { textOfName } from '../../../plan/catalog/name-text.ts'
import { visitRelation } from '../../../plan/logical/walk.ts'
import { parseStatements } from '../../../sql/parse.ts'
import type { StatementContext } from '../../context/statement-context.ts'

/** The views whose rows a column of a table is read for, or looked at for. */
export async function viewsReading(
  ctx: StatementContext,
  table: TableEntry,
  column: string,
): Promise<readonly ViewEntry[]> {
  const found: ViewEntry[] = []
  const views = dependentViews(ctx.catalog, [table])
  const catalog = definitionsOnly(ctx.catalog, views)
  const plain = catalog === ctx.catalog ? ctx : ctx.apart(ctx.leases, { catalog })
  for (const view of views) {
    if (await reads(plain, view, table, column)) found.push(view)
  }
  return found
}

async function reads(
  ctx: StatementContext,
  view: ViewEntry,
  table: TableEntry,
  column: string,
): Promise<boolean> {
  const [statement] = parseStatements(`select * from ${textOfName(view)}`)
  if (statement?.kind !== 'select') return false
  const optimized = await ctx.queries.optimized(statement)
  const position = table.columns.findIndex(({ name }) => name === column)
  let isRead = false
  visitRelation(optimized, {
    relation: (node) => {
      if (node.kind !== 'scan' || node.table !== table) return
      isRead ||= node.sourceColumns.includes(position)
    },
  })
  return isRead
}
