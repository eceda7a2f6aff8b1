import { integerBounds, parseInteger } from '../parse-number.ts'
import { compareIntegers } from '../compare-values.ts'
import type { TypeEntry } from './entry.ts'

export const int2Entry: TypeEntry = {
  sqlNames: ['int2'],
  oid: 21,
  arrayOid: 1005,
  wireBytes: 2,
  category: 'number',
  casts: { implicit: ['int4', 'int8', 'float4', 'float8', 'numeric', 'oid', 'reg'] },
  form: 'i32',
  layout: 'i16',
  isIntegerLike: true,
  bounds: integerBounds.int2,
  parse: (source) => Number(parseInteger(source, { kind: 'int2' })),
  format: String,
  compare: compareIntegers,
}
