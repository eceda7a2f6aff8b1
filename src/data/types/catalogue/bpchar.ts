import { compareText } from '../compare-values.ts'
import type { TypeEntry } from './entry.ts'

/** char(n): blanks at its end are there to be seen, and nowhere else. */
export const bpcharEntry: TypeEntry = {
  sqlNames: ['bpchar'],
  oid: 1042,
  arrayOid: 1014,
  wireBytes: -1,
  category: 'string',
  casts: { implicit: ['text'] },
  form: 'keyed',
  layout: 'utf8',
  parse: (source) => source,
  format: String,
  compare: (left, right) => compareText(withoutBlanks(String(left)), withoutBlanks(String(right))),
  writeKey: (out, value) => out.text(withoutBlanks(String(value))),
}

/** What char(n) says: the text without the blanks at its end. */
export function withoutBlanks(text: string): string {
  let end = text.length
  while (end > 0 && text[end - 1] === ' ') end--
  return text.slice(0, end)
}
