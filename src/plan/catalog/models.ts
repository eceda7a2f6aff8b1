import { QueryError } from '../../base/errors.ts'
import type { Catalog, ModelEntry } from './catalog.ts'
import { withoutObjects } from './drop.ts'
import { schemasOf, shownName, undefinedSchema, withEntry } from './schemas.ts'
import type { ObjectName, OnConflict, SearchPath } from './schemas.ts'
import { didYouMean } from './suggest.ts'

export function lookupModel(
  catalog: Catalog,
  name: ObjectName,
  searchPath: SearchPath,
): ModelEntry | undefined {
  for (const schema of schemasOf(name, searchPath)) {
    const entry = catalog.models.get(schema)?.get(name.name)
    if (entry !== undefined) return entry
  }
  return undefined
}

/** The model that a name means. Errors: UNDEFINED_OBJECT with the nearest name as a hint. */
export function findModel(catalog: Catalog, name: ObjectName, searchPath: SearchPath): ModelEntry {
  const entry = lookupModel(catalog, name, searchPath)
  if (entry !== undefined) return entry
  throw new QueryError('UNDEFINED_OBJECT', `model "${shownName(name)}" does not exist`, {
    ...(name.span && { span: name.span }),
    ...didYouMean(
      name.name,
      schemasOf(name, searchPath).flatMap((schema) => [
        ...(catalog.models.get(schema)?.keys() ?? []),
      ]),
    ),
  })
}

/** Adds a model in the schema that its entry names. Errors: UNDEFINED_SCHEMA, DUPLICATE_OBJECT. */
export function addModel(
  catalog: Catalog,
  entry: ModelEntry,
  onConflict: OnConflict = 'error',
): Catalog {
  const { schema, name } = entry
  if (!catalog.models.has(schema)) throw undefinedSchema(catalog, schema, undefined)
  if (catalog.models.get(schema)?.has(name) === true) {
    if (onConflict === 'keep') return catalog
    if (onConflict === 'error') {
      throw new QueryError('DUPLICATE_OBJECT', `model "${name}" already exists`)
    }
  }
  return { ...catalog, models: withEntry(catalog.models, schema, name, entry) }
}

/**
 * Drops a model, with `cascade` also the views that predict with it. Errors: UNDEFINED_OBJECT,
 * DEPENDENT_OBJECTS.
 */
export function dropModel(
  catalog: Catalog,
  name: ObjectName,
  searchPath: SearchPath,
  options: { readonly ifExists: boolean; readonly cascade: boolean },
): Catalog {
  if (options.ifExists && lookupModel(catalog, name, searchPath) === undefined) return catalog
  const entry = findModel(catalog, name, searchPath)
  return withoutObjects(catalog, [entry], options).catalog
}
