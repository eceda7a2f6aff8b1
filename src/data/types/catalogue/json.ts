import { readJson } from '../json-tree.ts'
import { textEntry } from './text.ts'
import type { TypeEntry } from './entry.ts'

/** A text that was checked; it stays as it was written, and nothing says which of two is less. */
export const jsonEntry: TypeEntry = {
  ...textEntry,
  sqlNames: ['json'],
  oid: 114,
  arrayOid: 199,
  category: 'user',
  preferred: false,
  casts: { assignment: ['jsonb'] },
  isComparable: false,
  parse(source) {
    readJson(source)
    return source
  },
}
