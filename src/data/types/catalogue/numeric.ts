import { compareExact } from '../compare-values.ts'
import { formatNumeric } from '../format-values.ts'
import { parseNumeric } from '../parse-number.ts'
import { numericOf } from '../scalar.ts'
import type { TypeEntry } from './entry.ts'

export const numericEntry: TypeEntry = {
  sqlNames: ['numeric'],
  oid: 1700,
  arrayOid: 1231,
  wireBytes: -1,
  category: 'number',
  casts: { implicit: ['float4', 'float8'], assignment: ['int2', 'int4', 'int8'] },
  form: 'numeric',
  layout: 'numeric',
  parse: parseNumeric,
  format: (value, type) => formatNumeric(numericOf(value, type)),
  compare: compareExact,
}
