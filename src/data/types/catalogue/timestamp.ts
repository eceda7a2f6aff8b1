import { compareIntegers } from '../compare-values.ts'
import { timestampText } from '../datetime/format-moment.ts'
import { parseTimestamp } from '../parse-datetime.ts'
import { integerBounds } from '../parse-number.ts'
import type { TypeEntry } from './entry.ts'

export const timestampEntry: TypeEntry = {
  sqlNames: ['timestamp'],
  oid: 1114,
  arrayOid: 1115,
  wireBytes: 8,
  category: 'datetime',
  casts: { implicit: ['timestamptz'], assignment: ['date', 'time'] },
  form: 'i64',
  layout: 'i64',
  isIntegerLike: true,
  bounds: integerBounds.int8,
  parse: (source, _, locale) => parseTimestamp(source, 'timestamp', locale),
  format: (value, _, locale) => timestampText(value as bigint, locale),
  localeOf: 'dates',
  compare: compareIntegers,
}
