import { compareBytes } from '../compare-values.ts'
import { jsonbText, jsonValueOf, writeJsonKey } from '../json-value.ts'
import type { Scalar } from '../scalar.ts'
import { SortKeyWriter } from '../sort-key.ts'
import type { TypeEntry } from './entry.ts'

/** A value is PostgreSQL's text of it: members in its order, numbers with all their digits. */
export const jsonbEntry: TypeEntry = {
  sqlNames: ['jsonb'],
  oid: 3802,
  arrayOid: 3807,
  wireBytes: -1,
  category: 'user',
  casts: {
    assignment: ['json'],
    explicit: ['bool', 'int2', 'int4', 'int8', 'float4', 'float8', 'numeric'],
  },
  form: 'keyed',
  layout: 'utf8',
  parse: (source) => jsonbText(jsonValueOf(source)),
  format: String,
  compare: (left, right) => compareBytes(keyOf(left), keyOf(right)),
  writeKey: (out, value) => writeJsonKey(out, jsonValueOf(String(value))),
}

function keyOf(value: NonNullable<Scalar>): Uint8Array {
  const out = new SortKeyWriter()
  writeJsonKey(out, jsonValueOf(String(value)))
  return out.finish()
}
