import { invalidSyntax } from '../parse-number.ts'
import type { TypeEntry } from './entry.ts'

export const boolEntry: TypeEntry = {
  sqlNames: ['bool'],
  oid: 16,
  arrayOid: 1000,
  wireBytes: 1,
  category: 'boolean',
  preferred: true,
  casts: { explicit: ['int4'] },
  form: 'bit',
  layout: 'bit',
  parse: parseBool,
  format: (value) => (value === true ? 't' : 'f'),
  compare: (left, right) => Number(left) - Number(right),
}

function parseBool(source: string): boolean {
  const word = source.trim().toLowerCase()
  if (word !== '') {
    if ('true'.startsWith(word) || 'yes'.startsWith(word) || word === 'on' || word === '1') {
      return true
    }
    if ('false'.startsWith(word) || 'no'.startsWith(word) || word === '0') return false
    if (word === 'off' || word === 'of') return false
  }
  throw invalidSyntax(source, { kind: 'bool' })
}
