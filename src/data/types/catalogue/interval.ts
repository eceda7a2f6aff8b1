import { compareIntervals } from '../compare-values.ts'
import { intervalText } from '../datetime/format-interval.ts'
import { parseInterval } from '../parse-interval.ts'
import { intervalOf } from '../scalar.ts'
import type { TypeEntry } from './entry.ts'

export const intervalEntry: TypeEntry = {
  sqlNames: ['interval'],
  oid: 1186,
  arrayOid: 1187,
  wireBytes: 16,
  category: 'timespan',
  preferred: true,
  casts: { assignment: ['time'] },
  form: 'interval',
  layout: 'interval',
  parse: (source, _, locale) => parseInterval(source, [], locale.intervalStyle),
  format: (value, _, locale) => intervalText(intervalOf(value), locale.intervalStyle),
  localeOf: 'spans',
  compare: (left, right) => compareIntervals(intervalOf(left), intervalOf(right)),
}
