import { compareNumbers } from '../compare-values.ts'
import { formatFloat } from '../format-values.ts'
import { parseFloatText } from '../parse-number.ts'
import type { TypeEntry } from './entry.ts'

export const float4Entry: TypeEntry = {
  sqlNames: ['float4'],
  oid: 700,
  arrayOid: 1021,
  wireBytes: 4,
  category: 'number',
  casts: { implicit: ['float8'], assignment: ['int2', 'int4', 'int8', 'numeric'] },
  form: 'f32',
  layout: 'f32',
  parse: (source) => parseFloatText(source, { kind: 'float4' }),
  format: (value) => formatFloat(Number(value), true),
  compare: (left, right) => compareNumbers(Number(left), Number(right)),
}
