import { compareNumbers } from '../compare-values.ts'
import { formatFloat } from '../format-values.ts'
import { parseFloatText } from '../parse-number.ts'
import type { TypeEntry } from './entry.ts'

export const float8Entry: TypeEntry = {
  sqlNames: ['float8'],
  oid: 701,
  arrayOid: 1022,
  wireBytes: 8,
  category: 'number',
  preferred: true,
  casts: { assignment: ['int2', 'int4', 'int8', 'float4', 'numeric'] },
  form: 'f64',
  layout: 'f64',
  parse: (source) => parseFloatText(source, { kind: 'float8' }),
  format: (value) => formatFloat(Number(value), false),
  compare: (left, right) => compareNumbers(Number(left), Number(right)),
}
