import { QueryError } from '../../base/errors.ts'
import type { Catalog, EntryName } from '../../plan/catalog/catalog.ts'
import { relocated } from '../../plan/catalog/relocate.ts'
import { isTemporarySchema, undefinedSchema } from '../../plan/catalog/schemas.ts'

/** ALTER ... RENAME TO. Errors: DUPLICATE_TABLE. */
export function renameRelation(catalog: Catalog, { schema, name }: EntryName, to: string): Catalog {
  return relocated(catalog, { schema, name }, { schema, name: to })
}

/**
 * ALTER ... SET SCHEMA; sequences that columns of a table own go with it. Errors: DUPLICATE_TABLE, UNDEFINED_SCHEMA,
 * FEATURE_NOT_SUPPORTED for temporary ones and for what a table takes with it.
 */
export function moveRelation(catalog: Catalog, from: EntryName, schema: string): Catalog {
  const entry = catalog.relations.get(from.schema)?.get(from.name)
  if (!catalog.relations.has(schema)) throw undefinedSchema(catalog, schema, undefined)
  if (from.schema === schema) return catalog
  if (isTemporarySchema(from.schema) || isTemporarySchema(schema)) {
    const message = 'cannot move objects into or out of temporary schemas'
    throw new QueryError('FEATURE_NOT_SUPPORTED', message)
  }
  if (entry?.kind === 'sequence' && entry.owner !== undefined) {
    const message = 'cannot move an owned sequence into another schema'
    const detail = `Sequence "${entry.name}" is linked to table "${entry.owner.name}".`
    throw new QueryError('FEATURE_NOT_SUPPORTED', message, { detail })
  }
  const owned = [...(catalog.relations.get(from.schema)?.values() ?? [])].filter(
    (one) =>
      one.kind === 'sequence' && one.owner?.name === from.name && one.owner.schema === from.schema,
  )
  return [...owned, from].reduce(
    (root, one) =>
      relocated(root, { schema: one.schema, name: one.name }, { schema, name: one.name }),
    catalog,
  )
}
