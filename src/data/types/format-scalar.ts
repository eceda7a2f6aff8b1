import { typeEntry } from './catalogue.ts'
import type { DataType } from './data-type.ts'
import type { Scalar } from './scalar.ts'

/**
 * PostgreSQL's text form of a non-NULL value, with DateStyle ISO, IntervalStyle postgres, time zone
 * UTC and bytea_output hex. Booleans are `t` and `f`; a cast to text spells them out instead.
 */
export function formatScalar(value: NonNullable<Scalar>, type: DataType): string {
  return typeEntry(type).format(value, type)
}
