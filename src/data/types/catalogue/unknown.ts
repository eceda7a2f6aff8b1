import { textEntry } from './text.ts'
import type { TypeEntry } from './entry.ts'

/** What is still of unknown type goes to clients as text. */
export const unknownEntry: TypeEntry = {
  ...textEntry,
  sqlNames: [],
  category: 'unknown',
  preferred: false,
}
