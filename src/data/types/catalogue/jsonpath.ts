import { jsonPathText } from '../jsonpath/printer.ts'
import { readJsonPath } from '../jsonpath/reader.ts'
import type { TypeEntry } from './entry.ts'
import { textEntry } from './text.ts'

/** A path of SQL/JSON: a value is PostgreSQL's text of it, and nothing says which of two is less. */
export const jsonpathEntry: TypeEntry = {
  ...textEntry,
  sqlNames: ['jsonpath'],
  oid: 4072,
  arrayOid: 4073,
  category: 'user',
  preferred: false,
  casts: {},
  isComparable: false,
  parse: (source) => jsonPathText(readJsonPath(source)),
}
