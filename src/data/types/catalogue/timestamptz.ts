import { compareIntegers } from '../compare-values.ts'
import { zonedTimestampText } from '../datetime/format-moment.ts'
import { parseTimestamp } from '../parse-datetime.ts'
import { integerBounds } from '../parse-number.ts'
import type { TypeEntry } from './entry.ts'

export const timestamptzEntry: TypeEntry = {
  sqlNames: ['timestamptz'],
  oid: 1184,
  arrayOid: 1185,
  wireBytes: 8,
  category: 'datetime',
  preferred: true,
  casts: { assignment: ['date', 'time', 'timestamp', 'timetz'] },
  form: 'i64',
  layout: 'i64',
  isIntegerLike: true,
  bounds: integerBounds.int8,
  parse: (source, _, locale) => parseTimestamp(source, 'timestamptz', locale),
  format: (value, _, locale) => zonedTimestampText(value as bigint, locale),
  localeOf: 'moments',
  compare: compareIntegers,
}
