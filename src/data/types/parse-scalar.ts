import { typeEntry } from './catalogue.ts'
import type { DataType } from './data-type.ts'
import type { Scalar } from './scalar.ts'

/**
 * Reads a value from text as PostgreSQL's input functions do (DateStyle ISO, MDY; time zone UTC).
 * Throws QueryError with PostgreSQL's wording. Never gives null.
 */
export function parseScalar(source: string, type: DataType): Scalar {
  return typeEntry(type).parse(source, type)
}
