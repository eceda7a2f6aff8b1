import { QueryError } from '../../base/errors.ts'
import type { Catalog, CatalogEntry, EntryName } from '../../plan/catalog/catalog.ts'
import { addRelation, placeRelation } from '../../plan/catalog/relations.ts'
import { dropSchema } from '../../plan/catalog/drop.ts'
import { referencesTo, shownReference } from '../../plan/catalog/references.ts'
import { addSchema, isTemporarySchema } from '../../plan/catalog/schemas.ts'
import type { OnConflict, SearchPath } from '../../plan/catalog/schemas.ts'
import type { QualifiedName } from '../../sql/ast/expression.ts'
import { objectName } from '../../plan/binder/object-name.ts'

/** What a statement sees of the catalog. */
export interface Sight {
  readonly catalog: Catalog
  readonly searchPath: SearchPath
  readonly temporarySchema: string
}

/** Where a new table or view goes. */
export interface Placement {
  readonly schema: string
  readonly name: string
  readonly taken: boolean
}

/**
 * Where a new relation goes, checked to be free unless a conflict is settled otherwise. What is temporary
 * goes to the session's own schema, which nobody else sees and which ends with it.
 */
export function placeNew(
  ctx: Sight,
  name: QualifiedName,
  { temporary, onConflict }: { readonly temporary: boolean; readonly onConflict: OnConflict },
): Placement {
  const wanted = objectName(name)
  const { temporarySchema: schema } = ctx
  const inTemporary = wanted.schema === 'pg_temp' || wanted.schema === schema
  if (!temporary && !inTemporary) {
    return placeRelation(ctx.catalog, wanted, ctx.searchPath, onConflict)
  }
  if (wanted.schema !== undefined && !inTemporary) {
    const message = 'cannot create temporary relation in non-temporary schema'
    throw new QueryError('INVALID_TABLE_DEFINITION', message, { span: name.span })
  }
  const there = addSchema(ctx.catalog, schema, 'keep')
  return placeRelation(there, { ...wanted, schema }, ctx.searchPath, onConflict)
}

/** Adds a relation where it was placed; the first temporary one brings its schema. */
export function addPlaced(
  catalog: Catalog,
  entry: CatalogEntry,
  onConflict: OnConflict = 'error',
): Catalog {
  const there = isTemporarySchema(entry.schema) ? addSchema(catalog, entry.schema, 'keep') : catalog
  if (onConflict === 'replace') refuseReferred(there, entry)
  return addRelation(there, entry, onConflict)
}

/** Errors: DEPENDENT_OBJECTS for a table that foreign keys of others are over. */
function refuseReferred(catalog: Catalog, entry: EntryName): void {
  const references = referencesTo(catalog, entry).filter(
    ({ table }) => table.schema !== entry.schema || table.name !== entry.name,
  )
  if (references.length === 0) return
  const on = `table ${entry.name}`
  const message = `cannot replace ${on} because other objects depend on it`
  throw new QueryError('DEPENDENT_OBJECTS', message, {
    detail: references.map((one) => `${shownReference(one)} depends on ${on}`).join('\n'),
  })
}

/** Drops all that is temporary of one session. */
export function dropTemporary(catalog: Catalog, schema: string): Catalog {
  return dropSchema(catalog, schema, { ifExists: true, cascade: true })
}
