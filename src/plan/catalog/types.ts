import { notSupported, QueryError } from '../../base/errors.ts'
import type { EnumType, MadeType, RecordType } from '../../data/types/data-type.ts'
import type { Catalog, CatalogEntry, NamedType, TableEntry, ViewEntry } from './catalog.ts'
import { withoutObjects } from './drop.ts'
import { mentions } from './mentions.ts'
import { withTypeChanged } from './retyped.ts'
import { rowTypeOf, shownTypeName } from './row-types.ts'
import { isTemporarySchema, schemasOf, shownName, undefinedSchema } from './schemas.ts'
import { withEntry, withoutEntries } from './schemas.ts'
import type { ObjectName, SearchPath } from './schemas.ts'
import { didYouMean } from './suggest.ts'

/** Where names of types lead that a database has made, as {@link TypeName} has them; undefined: nowhere. */
export type NamedTypes = (name: string) => MadeType | RecordType | undefined

/** The types that names mean on a search path. */
export function namedTypes(catalog: Catalog, searchPath: SearchPath): NamedTypes {
  return (written) => {
    const found = namedEntry(catalog, written, searchPath)
    return found?.entry.kind === 'type' ? found.entry.type : found && rowTypeOf(found.entry)
  }
}

/** What a name of a type stands for: a type that was made, or the rows of a table or view. */
export interface NamedEntryOfType {
  readonly name: ObjectName
  readonly entry: NamedType | TableEntry | ViewEntry
}

/** What a name means that a type goes by; undefined where nothing has it. */
export function namedEntry(
  catalog: Catalog,
  written: string,
  searchPath: SearchPath,
): NamedEntryOfType | undefined {
  const dot = written.indexOf('.')
  const names: ObjectName[] = [{ schema: undefined, name: written }]
  if (dot > 0) names.push({ schema: written.slice(0, dot), name: written.slice(dot + 1) })
  for (const name of names) {
    for (const schema of schemasOf(name, searchPath)) {
      const entry =
        catalog.types.get(schema)?.get(name.name) ?? catalog.relations.get(schema)?.get(name.name)
      if (entry !== undefined && entry.kind !== 'sequence') return { name, entry }
    }
  }
  return undefined
}

export function lookupType(
  catalog: Catalog,
  name: ObjectName,
  searchPath: SearchPath,
): NamedType | undefined {
  for (const schema of schemasOf(name, searchPath)) {
    const entry = catalog.types.get(schema)?.get(name.name)
    if (entry !== undefined) return entry
  }
  return undefined
}

/** The type of an id. */
export function typeOfId(catalog: Catalog, id: number): NamedType | undefined {
  for (const entries of catalog.types.values()) {
    for (const entry of entries.values()) if (entry.type.id === id) return entry
  }
  return undefined
}

/** The type that a statement is about. Errors: UNDEFINED_SCHEMA, UNDEFINED_OBJECT. */
export function findType(catalog: Catalog, name: ObjectName, searchPath: SearchPath): NamedType {
  const entry = lookupType(catalog, name, searchPath)
  if (entry !== undefined) return entry
  if (name.schema !== undefined && !catalog.relations.has(name.schema)) {
    throw undefinedSchema(catalog, name.schema, name.span)
  }
  const names = schemasOf(name, searchPath).flatMap((schema) => [
    ...(catalog.types.get(schema)?.keys() ?? []),
  ])
  throw new QueryError('UNDEFINED_OBJECT', `type "${shownName(name)}" does not exist`, {
    ...didYouMean(name.name, names),
  })
}

/** Adds a type. Errors: UNDEFINED_SCHEMA, DUPLICATE_OBJECT. */
export function addType(catalog: Catalog, entry: NamedType): Catalog {
  const { schema, name } = entry
  if (!catalog.relations.has(schema)) throw undefinedSchema(catalog, schema, undefined)
  // Rows of a relation have a type of its name.
  const relation = catalog.relations.get(schema)?.get(name)
  const isTaken = relation !== undefined && relation.kind !== 'sequence'
  if (isTaken || catalog.types.get(schema)?.has(name) === true) throw duplicateType(name)
  return { ...catalog, types: withEntry(catalog.types, schema, name, entry) }
}

function duplicateType(name: string): QueryError {
  return new QueryError('DUPLICATE_OBJECT', `type "${name}" already exists`)
}

/** Drops types together, with `cascade` also what depends on them. Errors: UNDEFINED_OBJECT, DEPENDENT_OBJECTS. */
export function dropTypes(
  catalog: Catalog,
  names: readonly ObjectName[],
  searchPath: SearchPath,
  options: { readonly ifExists: boolean; readonly cascade: boolean },
): Catalog {
  const dropped = new Set<NamedType>()
  for (const name of names) {
    if (options.ifExists && lookupType(catalog, name, searchPath) === undefined) continue
    refuseRows(catalog, name, searchPath)
    dropped.add(findType(catalog, name, searchPath))
  }
  if (dropped.size === 0) return catalog
  return withoutObjects(catalog, [...dropped], options).catalog
}

/** Errors: DEPENDENT_OBJECTS for the type of a table's rows, which goes with the table. */
function refuseRows(catalog: Catalog, name: ObjectName, searchPath: SearchPath): void {
  const relation = schemasOf(name, searchPath)
    .map((schema) => catalog.relations.get(schema)?.get(name.name))
    .find((entry) => entry !== undefined)
  const isRow = relation !== undefined && relation.kind !== 'sequence'
  if (!isRow || lookupType(catalog, name, searchPath) !== undefined) return
  const what = `${relation.kind} ${relation.name}`
  const message = `cannot drop type ${relation.name} because ${what} requires it`
  throw new QueryError('DEPENDENT_OBJECTS', message, { hint: `You can drop ${what} instead.` })
}

/** A type under another name or in another schema. Errors: those of {@link addType}, FEATURE_NOT_SUPPORTED. */
export function moveType(
  catalog: Catalog,
  from: NamedType,
  to: { readonly schema: string; readonly name: string },
): Catalog {
  if (from.schema === to.schema && from.name === to.name) throw duplicateType(to.name)
  if (isTemporarySchema(to.schema)) {
    const message = 'cannot move objects into or out of temporary schemas'
    throw new QueryError('FEATURE_NOT_SUPPORTED', message)
  }
  refuseNamed(catalog, from)
  const type = { ...from.type, name: shownTypeName(to.schema, to.name) }
  const left = { ...catalog, types: withoutEntries(catalog.types, [from]) }
  return withTypeChanged(addType(left, { ...from, ...to, type }), from.type, type)
}

/**
 * Refuses a change of what stands in texts that are bound anew at each use: defaults and constraints of tables, queries of
 * views. Errors: FEATURE_NOT_SUPPORTED.
 */
function refuseMentioned(
  catalog: Catalog,
  what: string,
  mentionsIt: (entry: CatalogEntry, text: string) => boolean,
): void {
  for (const entries of catalog.relations.values()) {
    for (const entry of entries.values()) {
      if (!mentionsIt(entry, textsOf(entry))) continue
      throw notSupported(`${what}: ${entry.kind} ${entry.name} has it in its definition`)
    }
  }
}

/** Errors: FEATURE_NOT_SUPPORTED where a table's definition casts to a type of the name. */
function refuseNamed(catalog: Catalog, { name }: NamedType): void {
  const own = quotedOrNot(name)
  const cast = new RegExp(
    `(?:::\\s*|\\bas\\s+)(?:[\\w"]+\\.)?${own}(?![\\w$])|(?<![\\w$])${own}\\s*'`,
    'i',
  )
  refuseMentioned(catalog, `another name for type ${name}`, (entry, text) => {
    return entry.kind === 'table' && cast.test(text.replaceAll('\\"', '"'))
  })
}

/** A name in a regular expression, in quotes or without. */
function quotedOrNot(name: string): string {
  return `"?${name.replaceAll(/[^\p{L}\p{N}_]/gu, '\\$&')}"?`
}

/** Errors: FEATURE_NOT_SUPPORTED where a view or a rule of a table may take an attribute by its name. */
export function refuseTaken(catalog: Catalog, type: RecordType, attribute: string): void {
  const own = new RegExp(`(?<![\\w$])${quotedOrNot(attribute)}(?![\\w$])`, 'i')
  refuseMentioned(catalog, `another name for attribute ${attribute}`, (entry, text) => {
    if (!own.test(text)) return false
    if (entry.kind === 'view') return isRead(catalog, entry, type)
    return entry.columns.some((one) => mentions(one.type, type))
  })
}

/** Whether a view reads rows of a type, or makes them. */
function isRead(catalog: Catalog, view: ViewEntry, type: RecordType): boolean {
  if (type.id !== undefined && [...view.types.values()].includes(type.id)) return true
  return view.dependsOn.some(({ schema, name }) => {
    const needed = catalog.relations.get(schema)?.get(name)
    return needed?.columns.some((one) => mentions(one.type, type)) === true
  })
}

/** Errors: FEATURE_NOT_SUPPORTED where a definition over values of the type has the label. */
export function refuseLabelled(catalog: Catalog, type: EnumType, label: string): void {
  const isOver = (entry: CatalogEntry): boolean => {
    if (entry.kind !== 'view') return entry.columns.some((one) => mentions(one.type, type))
    if ([...entry.types.values()].includes(type.id)) return true
    return entry.dependsOn.some(({ schema, name }) => {
      const needed = catalog.relations.get(schema)?.get(name)
      return needed !== undefined && isOver(needed)
    })
  }
  refuseMentioned(catalog, 'another name for a value', (entry, text) => {
    return text.includes(label) && isOver(entry)
  })
}

function textsOf(entry: CatalogEntry): string {
  if (entry.kind === 'view') return entry.query
  return entry.kind === 'table' ? JSON.stringify(entry.rules ?? {}) : ''
}

/** Refuses a change of values that stand in others: arrays and rows keep labels. Errors: FEATURE_NOT_SUPPORTED. */
export function refuseWithin(catalog: Catalog, enumType: EnumType, what: string): void {
  for (const entries of catalog.relations.values()) {
    for (const { kind, name, columns } of entries.values()) {
      const within = columns.find(({ type }) => type.kind !== 'enum' && mentions(type, enumType))
      if (within !== undefined) throw notSupported(`${what}: ${kind} ${name} has arrays of it`)
    }
  }
}

/** A type as it is now, in its own entry and in all columns that are of it. */
export function replaceType(catalog: Catalog, entry: NamedType): Catalog {
  const types = withEntry(catalog.types, entry.schema, entry.name, entry)
  return withTypeChanged({ ...catalog, types }, entry.type, entry.type)
}
