import { QueryError } from '../../base/errors.ts'
import type { Catalog, CatalogEntry, EntryName, TableEntry, ViewEntry } from './catalog.ts'
import { withSequences, takesOf } from './default-sequences.ts'
import { indexNames, overtaken } from './indexes.ts'
import { nameInText } from './name-text.ts'
import { sameForSame } from './same-for-same.ts'
import { withTypeChanged } from './retyped.ts'
import { rowTypeOf } from './row-types.ts'
import { undefinedSchema, withEntry, withoutEntries } from './schemas.ts'
import type { TableRules } from './table-rules.ts'

/**
 * A catalog in which a table, view or sequence has another name or schema, and all that refers to it does so under that.
 * Errors: DUPLICATE_TABLE, UNDEFINED_SCHEMA; SERIALIZATION_FAILURE where it is gone.
 */
export function relocated(catalog: Catalog, from: EntryName, to: EntryName): Catalog {
  const entry = catalog.relations.get(from.schema)?.get(from.name)
  if (entry === undefined) throw overtaken()
  if (!catalog.relations.has(to.schema)) throw undefinedSchema(catalog, to.schema, undefined)
  requirePlace(catalog, from, to)
  const { schema, name } = to
  const moved = movedTo(entry, { schema, name })
  const left = { ...catalog, relations: withoutEntries(catalog.relations, [from]) }
  const root = { ...left, relations: withEntry(left.relations, schema, name, moved) }
  const referred = withReferences(root, from, to)
  if (entry.kind === 'sequence' || moved.kind === 'sequence') return referred
  return withTypeChanged(referred, rowTypeOf(entry), rowTypeOf(moved))
}

function movedTo(entry: CatalogEntry, to: EntryName): CatalogEntry {
  if (entry.kind !== 'view' || entry.stored === undefined) return { ...entry, ...to }
  return { ...entry, ...to, stored: { ...entry.stored, ...to } }
}

function requirePlace(catalog: Catalog, from: EntryName, { schema, name }: EntryName): void {
  const isTaken =
    catalog.relations.get(schema)?.has(name) === true || indexNames(catalog, schema).has(name)
  if (!isTaken) return
  if (from.schema !== schema) {
    const message = `relation "${name}" already exists in schema "${schema}"`
    throw new QueryError('DUPLICATE_TABLE', message)
  }
  throw new QueryError('DUPLICATE_TABLE', `relation "${name}" already exists`)
}

/** Entries that name others, with the new name in place of the old. */
function withReferences(catalog: Catalog, from: EntryName, to: EntryName): Catalog {
  let { relations } = catalog
  for (const [schema, entries] of catalog.relations) {
    for (const [name, entry] of entries) {
      const changed = referring(entry, from, to)
      if (changed !== entry) relations = withEntry(relations, schema, name, changed)
    }
  }
  return { ...catalog, relations }
}

function referring(entry: CatalogEntry, from: EntryName, to: EntryName): CatalogEntry {
  switch (entry.kind) {
    case 'view':
      return viewReferring(entry, from, to)
    case 'table':
      return tableReferring(entry, from, to)
    case 'sequence': {
      const { owner } = entry
      if (owner === undefined || !isSame(owner, from)) return entry
      return { ...entry, owner: { ...owner, ...nameOf(to) } }
    }
  }
}

function viewReferring(view: ViewEntry, from: EntryName, to: EntryName): ViewEntry {
  if (!view.dependsOn.some((needed) => isSame(needed, from))) return view
  const dependsOn = view.dependsOn.map((needed) =>
    isSame(needed, from)
      ? { ...needed, ...nameOf(to), writtenAs: needed.writtenAs ?? nameOf(from) }
      : needed,
  )
  return { ...view, dependsOn }
}

function tableReferring(table: TableEntry, from: EntryName, to: EntryName): TableEntry {
  const { rules } = table
  if (rules === undefined) return table
  const isNumbered = rules.defaults.some((text) => takesOf(text, from))
  const isOver = rules.foreignKeys?.some(({ target }) => isSame(target, from)) === true
  if (!isNumbered && !isOver) return table
  return { ...table, rules: rulesReferring(rules, JSON.stringify([nameOf(from), nameOf(to)])) }
}

const rulesReferring = sameForSame((rules: TableRules, key): TableRules => {
  const [from, to] = JSON.parse(key) as [EntryName, EntryName]
  const renamed = (written: string): EntryName | undefined => {
    const { schema, name } = nameInText(written)
    return schema === from.schema && name === from.name ? to : undefined
  }
  return {
    ...rules,
    defaults: rules.defaults.map((text) => text && withSequences(text, renamed)),
    ...(rules.foreignKeys && {
      foreignKeys: rules.foreignKeys.map((key) =>
        isSame(key.target, from) ? { ...key, target: nameOf(to) } : key,
      ),
    }),
  }
})

function isSame(left: EntryName, right: EntryName): boolean {
  return left.schema === right.schema && left.name === right.name
}

function nameOf({ schema, name }: EntryName): EntryName {
  return { schema, name }
}
