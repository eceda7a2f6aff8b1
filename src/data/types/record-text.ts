import { spend } from '../../base/budget.ts'
import { QueryError } from '../../base/errors.ts'
import { ELEMENT_STEPS } from './array-text.ts'
import { PartReader, partText } from './quoted-parts.ts'

/** Reads `(1,"a b",)`; fields stay text, null for NULL. Throws PostgreSQL's errors of record_in. */
export function readRecordText(source: string, count: number): readonly (string | null)[] {
  const reader = new PartReader(source, 'record', ',)')
  reader.skipSpaces()
  if (source[reader.at++] !== '(') throw reader.malformed('Missing left parenthesis.')
  const fields: (string | null)[] = []
  for (let index = 0; index < count; index++) {
    if (index > 0) {
      if (source[reader.at] !== ',') throw reader.malformed('Too few columns.')
      reader.at++
    }
    fields.push(reader.part())
  }
  const end = source[reader.at++]
  if (end !== ')') throw reader.malformed('Too many columns.')
  reader.end('Junk after right parenthesis.')
  return fields
}

/** What cannot stand in a field without quotes. Blanks are those of ASCII only. */
const QUOTED = /[()",\\ \t\n\v\f\r]/

/** Of the texts of all fields; no value is longer. */
const RECORD_CHARACTERS_MAX = 134_217_728

/** PostgreSQL's text of a row whose fields are text already. Throws PROGRAM_LIMIT_EXCEEDED. */
export function writeRecordText(fields: readonly (string | null)[]): string {
  let characters = 0
  const parts = fields.map((field) => {
    spend(ELEMENT_STEPS)
    characters += field?.length ?? 0
    if (characters > RECORD_CHARACTERS_MAX) {
      throw new QueryError('PROGRAM_LIMIT_EXCEEDED', 'requested length too large')
    }
    return partText(field, QUOTED)
  })
  return `(${parts.join()})`
}
