import { typeEntry } from './catalogue.ts'
import { plainLocale, type Locale } from './datetime/locale.ts'
import type { DataType } from './data-type.ts'
import type { Scalar } from './scalar.ts'

/**
 * Reads a value from text as PostgreSQL's input functions do (by default with DateStyle ISO, MDY and time zone UTC).
 * Throws QueryError with PostgreSQL's wording. Never gives null.
 */
export function parseScalar(source: string, type: DataType, locale: Locale = plainLocale): Scalar {
  return typeEntry(type).parse(source, type, locale)
}
