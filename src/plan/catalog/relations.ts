import { QueryError } from '../../base/errors.ts'
import { kindName } from './catalog.ts'
import type { Catalog, CatalogEntry } from './catalog.ts'
import { withoutObjects } from './drop.ts'
import { schemaFor, schemasOf, shownName, undefinedSchema } from './schemas.ts'
import { withEntry } from './schemas.ts'
import type { ObjectName, OnConflict, SearchPath } from './schemas.ts'
import { didYouMean } from './suggest.ts'

/** What DROP tells relations apart by. */
export type RelationKind = ReturnType<typeof kindName>

/** The table or view that a name means on this search path, if there is one. */
export function lookupRelation(
  catalog: Catalog,
  name: ObjectName,
  searchPath: SearchPath,
): CatalogEntry | undefined {
  for (const schema of schemasOf(name, searchPath)) {
    const entry = catalog.relations.get(schema)?.get(name.name)
    if (entry !== undefined) return entry
  }
  return undefined
}

/** The table or view that a name means. Errors: UNDEFINED_TABLE with the nearest name as a hint. */
export function findRelation(
  catalog: Catalog,
  name: ObjectName,
  searchPath: SearchPath,
): CatalogEntry {
  const entry = lookupRelation(catalog, name, searchPath)
  if (entry !== undefined) return entry
  throw new QueryError('UNDEFINED_TABLE', `relation "${shownName(name)}" does not exist`, {
    ...(name.span && { span: name.span }),
    ...didYouMean(name.name, visibleNames(catalog, schemasOf(name, searchPath))),
  })
}

/**
 * Adds a table or view in the schema that its entry names. `keep` returns the same catalog when the
 * name is taken. Errors: UNDEFINED_SCHEMA, DUPLICATE_TABLE, WRONG_OBJECT_TYPE (replacing a table by a
 * view or a view by a table).
 */
export function addRelation(
  catalog: Catalog,
  entry: CatalogEntry,
  onConflict: OnConflict = 'error',
): Catalog {
  const existing = catalog.relations.get(entry.schema)?.get(entry.name)
  if (!catalog.relations.has(entry.schema)) {
    throw undefinedSchema(catalog, entry.schema, undefined)
  }
  if (existing !== undefined) {
    if (onConflict === 'keep') return catalog
    if (onConflict === 'error') throw duplicateRelation(entry.name)
    if (kindName(existing) !== kindName(entry)) {
      throw new QueryError('WRONG_OBJECT_TYPE', `"${entry.name}" is not a ${entry.kind}`)
    }
  }
  const { schema, name } = entry
  if (existing === undefined && entry.kind !== 'sequence') refuseTypeName(catalog, schema, name)
  return { ...catalog, relations: withEntry(catalog.relations, schema, name, entry) }
}

/**
 * Drops tables, views or sequences together, with `cascade` also what depends on them. Errors:
 * UNDEFINED_TABLE, WRONG_OBJECT_TYPE, DEPENDENT_OBJECTS.
 */
export function dropRelations(
  catalog: Catalog,
  kind: RelationKind,
  names: readonly ObjectName[],
  searchPath: SearchPath,
  options: { readonly ifExists: boolean; readonly cascade: boolean },
): Catalog {
  const dropped = new Set<CatalogEntry>()
  for (const name of names) {
    const entry = relationToDrop(catalog, kind, name, searchPath, options)
    if (entry !== undefined) dropped.add(entry)
  }
  if (dropped.size === 0) return catalog
  return withoutObjects(catalog, [...dropped], options).catalog
}

/** What a name of DROP means; undefined when nothing is there and nothing has to be. */
function relationToDrop(
  catalog: Catalog,
  kind: RelationKind,
  name: ObjectName,
  searchPath: SearchPath,
  options: { readonly ifExists: boolean },
): CatalogEntry | undefined {
  const entry = lookupRelation(catalog, name, searchPath)
  if (entry === undefined) {
    if (options.ifExists) return undefined
    if (name.schema !== undefined && !catalog.relations.has(name.schema)) {
      throw undefinedSchema(catalog, name.schema, name.span)
    }
    throw new QueryError('UNDEFINED_TABLE', `${kind} "${shownName(name)}" does not exist`, {
      ...(name.span && { span: name.span }),
      ...didYouMean(name.name, visibleNames(catalog, schemasOf(name, searchPath), kind)),
    })
  }
  if (entry.kind === 'sequence' && kind === 'sequence' && entry.owner?.isIdentity === true) {
    const { name: table, column } = entry.owner
    const owner = `column ${column} of table ${table}`
    const message = `cannot drop sequence ${entry.name} because ${owner} requires it`
    throw new QueryError('DEPENDENT_OBJECTS', message, { hint: `You can drop ${owner} instead.` })
  }
  const actual = kindName(entry)
  if (actual !== kind) {
    throw new QueryError('WRONG_OBJECT_TYPE', `"${entry.name}" is not a ${kind}`, {
      ...(name.span && { span: name.span }),
      hint: `Use DROP ${actual.toUpperCase()} to remove a ${actual}.`,
    })
  }
  return entry
}

/** Where a new relation goes, checked to be free unless a conflict is settled otherwise. */
export function placeRelation(
  catalog: Catalog,
  name: ObjectName,
  searchPath: SearchPath,
  onConflict: OnConflict = 'error',
): { readonly schema: string; readonly name: string; readonly taken: boolean } {
  const schema = schemaFor(catalog, name, searchPath)
  const taken = catalog.relations.get(schema)?.has(name.name) ?? false
  if (taken && onConflict === 'error') throw duplicateRelation(name.name)
  return { schema, name: name.name, taken }
}

/** Rows of a relation are of a type of its name. Errors: DUPLICATE_OBJECT. */
function refuseTypeName(catalog: Catalog, schema: string, name: string): void {
  const taken = catalog.types.get(schema)?.get(name)
  if (taken === undefined) return
  // A composite type is a relation to PostgreSQL.
  if (taken.type.kind === 'record') throw duplicateRelation(name)
  throw new QueryError('DUPLICATE_OBJECT', `type "${name}" already exists`, {
    hint:
      'A relation has an associated type of the same name, so you must use a name ' +
      "that doesn't conflict with any existing type.",
  })
}

function duplicateRelation(name: string): QueryError {
  return new QueryError('DUPLICATE_TABLE', `relation "${name}" already exists`)
}

function* visibleNames(
  catalog: Catalog,
  schemas: readonly string[],
  kind?: RelationKind,
): Iterable<string> {
  for (const schema of schemas) {
    for (const entry of catalog.relations.get(schema)?.values() ?? []) {
      if (kind === undefined || kindName(entry) === kind) yield entry.name
    }
  }
}
