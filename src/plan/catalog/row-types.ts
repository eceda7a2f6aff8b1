import { recordOf, type RecordType } from '../../data/types/data-type.ts'
import type { TableEntry, ViewEntry } from './catalog.ts'
import { DEFAULT_SCHEMA, isTemporarySchema } from './schemas.ts'

/** What messages call a type: without its schema where that is the usual one. */
export function shownTypeName(schema: string, name: string): string {
  return schema === DEFAULT_SCHEMA || isTemporarySchema(schema) ? name : `${schema}.${name}`
}

/** The type that rows of a table or view have as values. */
export function rowTypeOf({ schema, name, columns }: TableEntry | ViewEntry): RecordType {
  const fields = columns.map((column) => ({ name: column.name, type: column.type }))
  return recordOf(fields, shownTypeName(schema, name))
}
