import { compareText } from '../compare-values.ts'
import type { TypeEntry } from './entry.ts'

export const textEntry: TypeEntry = {
  sqlNames: ['text', 'varchar', 'name'],
  oid: 25,
  arrayOid: 1009,
  wireBytes: -1,
  category: 'string',
  preferred: true,
  casts: { implicit: ['bpchar'] },
  form: 'text',
  layout: 'utf8',
  parse: (source) => source,
  format: String,
  compare: (left, right) => compareText(String(left), String(right)),
}
