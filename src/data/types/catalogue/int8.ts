import { integerBounds, parseInteger } from '../parse-number.ts'
import { compareIntegers } from '../compare-values.ts'
import type { TypeEntry } from './entry.ts'

export const int8Entry: TypeEntry = {
  sqlNames: ['int8'],
  oid: 20,
  arrayOid: 1016,
  wireBytes: 8,
  category: 'number',
  casts: { implicit: ['float4', 'float8', 'numeric', 'oid', 'reg'], assignment: ['int2', 'int4'] },
  form: 'i64',
  layout: 'i64',
  isIntegerLike: true,
  bounds: integerBounds.int8,
  parse: (source) => parseInteger(source, { kind: 'int8' }),
  format: String,
  compare: compareIntegers,
}
