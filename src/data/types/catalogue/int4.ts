import { integerBounds, parseInteger } from '../parse-number.ts'
import { compareIntegers } from '../compare-values.ts'
import type { TypeEntry } from './entry.ts'

export const int4Entry: TypeEntry = {
  sqlNames: ['int4'],
  oid: 23,
  arrayOid: 1007,
  wireBytes: 4,
  category: 'number',
  casts: {
    implicit: ['int8', 'float4', 'float8', 'numeric', 'oid', 'reg'],
    assignment: ['int2'],
    explicit: ['bool'],
  },
  form: 'i32',
  layout: 'i32',
  isIntegerLike: true,
  bounds: integerBounds.int4,
  parse: (source) => Number(parseInteger(source, { kind: 'int4' })),
  format: String,
  compare: compareIntegers,
}
