import { compareIntegers } from '../compare-values.ts'
import { dateText } from '../datetime/format-moment.ts'
import { parseDate } from '../parse-datetime.ts'
import { integerBounds } from '../parse-number.ts'
import type { TypeEntry } from './entry.ts'

export const dateEntry: TypeEntry = {
  sqlNames: ['date'],
  oid: 1082,
  arrayOid: 1182,
  wireBytes: 4,
  category: 'datetime',
  casts: { implicit: ['timestamp', 'timestamptz'] },
  form: 'i32',
  layout: 'i32',
  isIntegerLike: true,
  bounds: integerBounds.int4,
  parse: (source, _, locale) => parseDate(source, locale),
  format: (value, _, locale) => dateText(Number(value), locale),
  localeOf: 'dates',
  compare: compareIntegers,
}
