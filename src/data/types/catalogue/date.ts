import { compareIntegers } from '../compare-values.ts'
import { formatDate } from '../format-values.ts'
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
  parse: parseDate,
  format: (value) => formatDate(Number(value)),
  compare: compareIntegers,
}
