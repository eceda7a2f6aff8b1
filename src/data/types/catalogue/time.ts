import { compareIntegers } from '../compare-values.ts'
import { formatTime } from '../format-values.ts'
import { parseTime } from '../parse-datetime.ts'
import { integerBounds } from '../parse-number.ts'
import type { TypeEntry } from './entry.ts'

export const timeEntry: TypeEntry = {
  sqlNames: ['time'],
  oid: 1083,
  arrayOid: 1183,
  wireBytes: 8,
  category: 'datetime',
  casts: { implicit: ['interval', 'timetz'] },
  form: 'i64',
  layout: 'i64',
  isIntegerLike: true,
  bounds: integerBounds.int8,
  parse: (source, _, locale) => parseTime(source, locale),
  format: (value) => formatTime(value as bigint),
  compare: compareIntegers,
}
