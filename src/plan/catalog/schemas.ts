import { QueryError } from '../../base/errors.ts'
import type { Span } from '../../base/span.ts'
import type { Catalog, EntryName } from './catalog.ts'
import { didYouMean } from './suggest.ts'

export const DEFAULT_SCHEMA = 'public'

/** A name as a statement gives it, folded: the schema is undefined where it was left out. */
export interface ObjectName {
  readonly schema: string | undefined
  readonly name: string
  readonly span?: Span
}

/** The schema for temporary objects of a session, by the number that is the session's. */
export function temporarySchema(session: number): string {
  return `pg_temp_${session}`
}

/** The number of the session whose temporary schema it is. */
export function sessionOf(temporary: string): number {
  return Number(temporary.slice('pg_temp_'.length))
}

export function isTemporarySchema(name: string): boolean {
  return /^pg_temp_\d+$/.test(name)
}

/**
 * Where a name without schema is looked for, the session's temporary schema first; something new is made in
 * the first of the others that exists.
 */
export type SearchPath = readonly string[]

export const emptyCatalog: Catalog = {
  relations: new Map([[DEFAULT_SCHEMA, new Map()]]),
  models: new Map([[DEFAULT_SCHEMA, new Map()]]),
  types: new Map([[DEFAULT_SCHEMA, new Map()]]),
  functions: new Map([[DEFAULT_SCHEMA, new Map()]]),
}

/** What to do when the name is taken: an error, nothing, or take its place. */
export type OnConflict = 'error' | 'keep' | 'replace'

/** Adds a schema. Errors: DUPLICATE_SCHEMA. */
export function addSchema(
  catalog: Catalog,
  name: string,
  onConflict: OnConflict = 'error',
): Catalog {
  if (catalog.relations.has(name)) {
    if (onConflict !== 'error') return catalog
    throw new QueryError('DUPLICATE_SCHEMA', `schema "${name}" already exists`)
  }
  return {
    relations: new Map(catalog.relations).set(name, new Map()),
    models: new Map(catalog.models).set(name, new Map()),
    types: new Map(catalog.types).set(name, new Map()),
    functions: new Map(catalog.functions).set(name, new Map()),
  }
}

/** The schema that a new object goes to. Errors: UNDEFINED_SCHEMA. */
export function schemaFor(catalog: Catalog, name: ObjectName, searchPath: SearchPath): string {
  if (name.schema !== undefined) {
    if (catalog.relations.has(name.schema)) return name.schema
    throw undefinedSchema(catalog, name.schema, name.span)
  }
  const schema = searchPath.find(
    (candidate) => !isTemporarySchema(candidate) && catalog.relations.has(candidate),
  )
  if (schema !== undefined) return schema
  throw new QueryError('UNDEFINED_SCHEMA', 'no schema has been selected to create in', {
    ...(name.span && { span: name.span }),
  })
}

/** The schemas where a name is looked for, in order; other sessions' temporary ones are not there. */
export function schemasOf(name: ObjectName, searchPath: SearchPath): readonly string[] {
  const { schema } = name
  if (schema === undefined) return searchPath
  if (schema === 'pg_temp') return searchPath.filter(isTemporarySchema)
  return isTemporarySchema(schema) && !searchPath.includes(schema) ? [] : [schema]
}

/** A name in the query of a view, which leads where it led when the view was made. */
export function nameInView(
  name: ObjectName,
  schemas: ReadonlyMap<string, string> | undefined,
): ObjectName {
  if (name.schema !== undefined) return name
  return { ...name, schema: schemas?.get(name.name) }
}

/** `t` or `s.t`, as PostgreSQL shows names in messages. */
export function shownName(name: ObjectName): string {
  return name.schema === undefined ? name.name : `${name.schema}.${name.name}`
}

export function undefinedSchema(
  catalog: Catalog,
  name: string,
  span: Span | undefined,
): QueryError {
  return new QueryError('UNDEFINED_SCHEMA', `schema "${name}" does not exist`, {
    ...(span && { span }),
    ...didYouMean(name, catalog.relations.keys()),
  })
}

/** A map with one entry set, the old one unchanged. */
export function withEntry<V>(
  bySchema: ReadonlyMap<string, ReadonlyMap<string, V>>,
  schema: string,
  name: string,
  entry: V,
): ReadonlyMap<string, ReadonlyMap<string, V>> {
  const entries = new Map(bySchema.get(schema)).set(name, entry)
  return new Map(bySchema).set(schema, entries)
}

/** A map with some entries gone, the old one unchanged. */
export function withoutEntries<V>(
  bySchema: ReadonlyMap<string, ReadonlyMap<string, V>>,
  gone: readonly EntryName[],
): ReadonlyMap<string, ReadonlyMap<string, V>> {
  return gone.reduce(
    (left, { schema, name }) =>
      new Map(left).set(schema, without(left.get(schema) ?? new Map(), name)),
    bySchema,
  )
}

export function without<V>(map: ReadonlyMap<string, V>, name: string): ReadonlyMap<string, V> {
  const left = new Map(map)
  left.delete(name)
  return left
}
