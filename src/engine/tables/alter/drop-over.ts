import { typeOfEntry } from '../../../plan/catalog/drop.ts'
import type { Needed } from '../../../plan/catalog/dependents.ts'
import { mentions, type Mentioned } from '../../../plan/catalog/mentions.ts'
import { replaceType } from '../../../plan/catalog/types.ts'
import type { StatementContext } from '../../context/statement-context.ts'
import { memoryTableIn } from '../memory-tables.ts'
import { alterTable } from './actions.ts'
import { reshapeRows } from './reshaped-rows.ts'

/** Drops the columns of tables, and the attributes of composite types, that are of types which are about to be dropped. */
export async function dropOver(ctx: StatementContext, gone: readonly Needed[]): Promise<void> {
  const types = gone.flatMap((entry) => typeOfEntry(entry) ?? [])
  const isOver = ({ type }: { readonly type: Parameters<typeof mentions>[0] }): boolean =>
    types.some((one: Mentioned) => mentions(type, one))
  for (const entries of ctx.catalog.types.values()) {
    for (const entry of entries.values()) {
      const { type } = entry
      if (gone.includes(entry) || type.kind !== 'record' || !type.fields.some(isOver)) continue
      const left = { ...type, fields: type.fields.filter((field) => !isOver(field)) }
      await reshapeRows(ctx, [type, left])
      await ctx.transaction.change({
        apply: (catalog) => replaceType(catalog, { ...entry, type: left }),
      })
    }
  }
  for (const entries of ctx.catalog.relations.values()) {
    for (const entry of entries.values()) {
      if (gone.includes(entry) || entry.kind !== 'table' || !entry.columns.some(isOver)) continue
      const table = memoryTableIn(ctx.catalog, entry.schema, entry.name)
      if (table === undefined) continue
      const span = { start: 0, end: 0 }
      const actions = table.columns.filter(isOver).map(({ name }) => ({
        kind: 'drop-column' as const,
        column: { text: name, quoted: true, span },
        ifExists: false,
        cascade: true,
        span,
      }))
      await alterTable(ctx, table, actions)
    }
  }
}
