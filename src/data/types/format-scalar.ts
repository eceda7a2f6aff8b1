import { typeEntry } from './catalogue.ts'
import { plainLocale, type Locale } from './datetime/locale.ts'
import type { DataType } from './data-type.ts'
import type { Scalar } from './scalar.ts'

/**
 * PostgreSQL's text form of a non-NULL value, by default with DateStyle ISO, IntervalStyle postgres and
 * time zone UTC; bytea_output is hex. Booleans are `t` and `f`; a cast to text spells them out instead.
 */
export function formatScalar(
  value: NonNullable<Scalar>,
  type: DataType,
  locale: Locale = plainLocale,
): string {
  return typeEntry(type).format(value, type, locale)
}
