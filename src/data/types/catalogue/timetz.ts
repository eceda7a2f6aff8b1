import { compareBytes } from '../compare-values.ts'
import { parseZonedTime } from '../parse-datetime.ts'
import type { Scalar } from '../scalar.ts'
import { SortKeyWriter } from '../sort-key.ts'
import { writeZonedTimeKey, zonedTimeOf, zonedTimeText } from '../zoned-time.ts'
import type { TypeEntry } from './entry.ts'

export const timetzEntry: TypeEntry = {
  sqlNames: ['timetz'],
  oid: 1266,
  arrayOid: 1270,
  wireBytes: 12,
  category: 'datetime',
  casts: { assignment: ['time'] },
  form: 'keyed',
  layout: 'utf8',
  parse: (source, _, locale) => zonedTimeText(parseZonedTime(source, locale)),
  localeOf: 'clocks',
  format: String,
  compare: (left, right) => compareBytes(keyOf(left), keyOf(right)),
  writeKey: (out, value) => writeZonedTimeKey(out, zonedTimeOf(value)),
}

function keyOf(value: NonNullable<Scalar>): Uint8Array {
  const out = new SortKeyWriter()
  writeZonedTimeKey(out, zonedTimeOf(value))
  return out.finish()
}
