import type { Catalog, EntryName, TableEntry } from './catalog.ts'
import { sameForSame } from './same-for-same.ts'
import { withEntry } from './schemas.ts'
import type { ForeignKeyRule, KeyRule, TableRules } from './table-rules.ts'

/** A foreign key and the table that has it. */
export interface Reference {
  readonly table: TableEntry
  readonly rule: ForeignKeyRule
}

/** The foreign keys of all tables over a table, its own included. */
export function referencesTo(
  { relations }: Catalog,
  { schema, name }: EntryName,
): readonly Reference[] {
  const found: Reference[] = []
  for (const entries of relations.values()) {
    for (const table of entries.values()) {
      if (table.kind !== 'table') continue
      for (const rule of table.rules?.foreignKeys ?? []) {
        if (rule.target.name === name && rule.target.schema === schema) found.push({ table, rule })
      }
    }
  }
  return found
}

/** Whether a table has a key over these columns, in whatever order. */
export function hasKeyOver(keys: readonly KeyRule[], columns: readonly number[]): boolean {
  return keys.some(
    (key) =>
      key.columns.length === columns.length && key.columns.every((at) => columns.includes(at)),
  )
}

/** The foreign keys over a table that would have no key to be over, were these all that it had. */
export function unkeyed(
  references: readonly Reference[],
  left: readonly KeyRule[],
): readonly Reference[] {
  return references.filter(({ rule }) => !hasKeyOver(left, rule.targetColumns))
}

/** Whether the table that a foreign key is over is there, with a key over its columns. */
export function hasTarget({ relations }: Catalog, rule: ForeignKeyRule): boolean {
  const target = relations.get(rule.target.schema)?.get(rule.target.name)
  return target?.kind === 'table' && hasKeyOver(target.rules?.keys ?? [], rule.targetColumns)
}

/** A catalog without some foreign keys. */
export function withoutReferences(catalog: Catalog, references: readonly Reference[]): Catalog {
  return references.reduce(
    (root, { table, rule }) => withRulesOf(root, table, (rules) => rulesWithout(rules, rule.name)),
    catalog,
  )
}

/** A catalog in which columns of a table have other positions: `left` has those that they had, where others are gone. */
export function withColumnsLeft(
  catalog: Catalog,
  { schema, name }: EntryName,
  left: readonly number[],
): Catalog {
  const key = JSON.stringify({ schema, name, left })
  const others = new Set(referencesTo(catalog, { schema, name }).map(({ table }) => table))
  return [...others].reduce(
    (root, table) => withRulesOf(root, table, (rules) => rulesWithMoved(rules, key)),
    catalog,
  )
}

/** A catalog in which a table has other rules. */
export function withRulesOf(
  catalog: Catalog,
  { schema, name }: EntryName,
  change: (rules: TableRules) => TableRules,
): Catalog {
  const table = catalog.relations.get(schema)?.get(name)
  if (table?.kind !== 'table' || table.rules === undefined) return catalog
  const entry = { ...table, rules: change(table.rules) }
  return { ...catalog, relations: withEntry(catalog.relations, schema, name, entry) }
}

const rulesWithout = sameForSame((rules: TableRules, constraint): TableRules => {
  const foreignKeys = (rules.foreignKeys ?? []).filter(({ name }) => name !== constraint)
  return { ...rules, foreignKeys }
})

const rulesWithMoved = sameForSame((rules: TableRules, key): TableRules => {
  const { left, ...of } = JSON.parse(key) as EntryName & { readonly left: readonly number[] }
  const moved = (rule: ForeignKeyRule): ForeignKeyRule => {
    if (rule.target.schema !== of.schema || rule.target.name !== of.name) return rule
    return { ...rule, targetColumns: rule.targetColumns.map((at) => left.indexOf(at)) }
  }
  return { ...rules, foreignKeys: (rules.foreignKeys ?? []).map(moved) }
})

/** As PostgreSQL tells of what depends on something. */
export function shownReference({ table, rule }: Reference): string {
  return `constraint ${rule.name} on table ${table.name}`
}
