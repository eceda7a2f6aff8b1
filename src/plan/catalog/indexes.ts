import { QueryError } from '../../base/errors.ts'
import type { Catalog, CatalogEntry, TableEntry } from './catalog.ts'
import {
  referencesTo,
  shownReference,
  unkeyed,
  withoutReferences,
  type Reference,
} from './references.ts'
import { schemasOf, shownName, withEntry } from './schemas.ts'
import type { ObjectName, SearchPath } from './schemas.ts'
import { noRules, type TableRules } from './table-rules.ts'

/** Names of the indexes of a schema's tables, those behind keys included. */
export function indexNames(catalog: Catalog, schema: string): ReadonlySet<string> {
  const names = new Set<string>()
  for (const entry of catalog.relations.get(schema)?.values() ?? []) {
    for (const name of indexesOf(entry)) names.add(name)
  }
  return names
}

function indexesOf(entry: CatalogEntry): readonly string[] {
  if (entry.kind !== 'table' || entry.rules === undefined) return []
  return [...entry.rules.keys.map(({ name }) => name), ...entry.rules.indexes]
}

/** The table with an index of this name, in the first of the schemas that has one. */
function tableOfIndex(
  catalog: Catalog,
  name: string,
  schemas: readonly string[],
): TableEntry | undefined {
  for (const schema of schemas) {
    for (const entry of catalog.relations.get(schema)?.values() ?? []) {
      if (entry.kind === 'table' && indexesOf(entry).includes(name)) return entry
    }
  }
  return undefined
}

/** The table that has an index of a name, in the first schema of the path where there is one. */
export function tableWithIndex(
  catalog: Catalog,
  name: ObjectName,
  searchPath: SearchPath,
): TableEntry | undefined {
  return tableOfIndex(catalog, name.name, schemasOf(name, searchPath))
}

/** An index, and the constraint that it is of, under another name. Errors: DUPLICATE_TABLE. */
export function renameIndex(
  catalog: Catalog,
  table: TableEntry,
  from: string,
  to: string,
): Catalog {
  const { schema } = table
  const isTaken =
    indexNames(catalog, schema).has(to) || catalog.relations.get(schema)?.has(to) === true
  if (isTaken) throw new QueryError('DUPLICATE_TABLE', `relation "${to}" already exists`)
  const rules = table.rules ?? noRules
  return withRules(catalog, table, {
    ...rules,
    keys: rules.keys.map((key) => (key.name === from ? { ...key, name: to } : key)),
    indexes: rules.indexes.map((name) => (name === from ? to : name)),
  })
}

/** Drops an index. Errors: UNDEFINED_OBJECT, DEPENDENT_OBJECTS for the index of a constraint. */
export function dropIndex(
  catalog: Catalog,
  name: ObjectName,
  searchPath: SearchPath,
  options: { readonly ifExists: boolean; readonly cascade: boolean },
): Catalog {
  const table = tableOfIndex(catalog, name.name, schemasOf(name, searchPath))
  if (table !== undefined) {
    const rules = withoutIndex(table, name.name)
    const needing = unkeyed(referencesTo(catalog, table), rules.keys)
    if (needing.length > 0 && !options.cascade) throw stillReferred(needing, name.name)
    return withoutReferences(withRules(catalog, table, rules), needing)
  }
  if (options.ifExists) return catalog
  throw new QueryError('UNDEFINED_OBJECT', `index "${shownName(name)}" does not exist`, {
    ...(name.span && { span: name.span }),
  })
}

function stillReferred(needing: readonly Reference[], index: string): QueryError {
  const message = `cannot drop index ${index} because other objects depend on it`
  return new QueryError('DEPENDENT_OBJECTS', message, {
    detail: needing.map((one) => `${shownReference(one)} depends on index ${index}`).join('\n'),
    hint: 'Use DROP ... CASCADE to drop the dependent objects too.',
  })
}

function withoutIndex({ name: table, rules }: TableEntry, name: string): TableRules {
  const { keys, indexes, ...others } = rules ?? noRules
  const key = keys.find((candidate) => candidate.name === name)
  if (key !== undefined && key.kind !== 'index') {
    const constraint = `constraint ${name} on table ${table}`
    throw new QueryError(
      'DEPENDENT_OBJECTS',
      `cannot drop index ${name} because ${constraint} requires it`,
      { hint: `You can drop ${constraint} instead.` },
    )
  }
  return {
    ...others,
    keys: keys.filter((candidate) => candidate !== key),
    indexes: indexes.filter((candidate) => candidate !== name),
  }
}

/** A catalog in which a table has other rules. Errors: SERIALIZATION_FAILURE when they changed. */
export function withRules(catalog: Catalog, table: TableEntry, rules: TableRules): Catalog {
  const current = catalog.relations.get(table.schema)?.get(table.name)
  if (current?.kind !== 'table' || current.rules !== table.rules) throw overtaken()
  const entry: TableEntry = { ...current, rules }
  return { ...catalog, relations: withEntry(catalog.relations, table.schema, table.name, entry) }
}

/** The error for a change whose table is not the one any more that it was made for. */
export function overtaken(): QueryError {
  return new QueryError(
    'SERIALIZATION_FAILURE',
    'could not serialize access due to concurrent update',
    { hint: 'Run the statement again.' },
  )
}
