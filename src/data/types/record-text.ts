import { spend } from '../../base/budget.ts'
import { QueryError } from '../../base/errors.ts'
import { ELEMENT_STEPS } from './array-text.ts'

/** Reads `(1,"a b",)`; fields stay text, null for NULL. Throws PostgreSQL's errors of record_in. */
export function readRecordText(source: string, count: number): readonly (string | null)[] {
  return new RecordReader(source).read(count)
}

/** What cannot stand in a field without quotes. Blanks are those of ASCII only. */
const QUOTED = /[()",\\ \t\n\v\f\r]/

/** PostgreSQL's text of a row whose fields are text already. */
export function writeRecordText(fields: readonly (string | null)[]): string {
  const parts = fields.map((field) => {
    spend(ELEMENT_STEPS)
    if (field === null) return ''
    if (field !== '' && !QUOTED.test(field)) return field
    return `"${field.replaceAll(/["\\]/g, '$&$&')}"`
  })
  return `(${parts.join()})`
}

const spaces: ReadonlySet<string> = new Set([' ', '\t', '\n', '\v', '\f', '\r'])

class RecordReader {
  readonly #source: string
  #at = 0

  constructor(source: string) {
    this.#source = source
  }

  read(count: number): readonly (string | null)[] {
    this.#skipSpaces()
    if (this.#source[this.#at++] !== '(') throw this.#malformed('Missing left parenthesis.')
    const fields: (string | null)[] = []
    for (let index = 0; index < count; index++) {
      if (index > 0) {
        if (this.#source[this.#at] !== ',') throw this.#malformed('Too few columns.')
        this.#at++
      }
      fields.push(this.#readField())
    }
    const end = this.#source[this.#at++]
    if (end !== ')') throw this.#malformed('Too many columns.')
    this.#skipSpaces()
    if (this.#at < this.#source.length) throw this.#malformed('Junk after right parenthesis.')
    return fields
  }

  /** A field with nothing before the next comma is NULL. */
  #readField(): string | null {
    spend(ELEMENT_STEPS)
    const first = this.#source[this.#at]
    if (first === ',' || first === ')') return null
    let text = ''
    let isQuoted = false
    for (;;) {
      const character = this.#source[this.#at]
      if (!isQuoted && (character === ',' || character === ')')) return text
      this.#at++
      if (character === undefined) throw this.#malformed('Unexpected end of input.')
      if (character === '\\') {
        const escaped = this.#source[this.#at++]
        if (escaped === undefined) throw this.#malformed('Unexpected end of input.')
        text += escaped
      } else if (character !== '"') text += character
      else if (!isQuoted) isQuoted = true
      else if (this.#source[this.#at] === '"') {
        text += character
        this.#at++
      } else isQuoted = false
    }
  }

  #skipSpaces(): void {
    while (spaces.has(this.#source[this.#at] ?? '')) this.#at++
  }

  #malformed(detail: string): QueryError {
    const message = `malformed record literal: "${this.#source}"`
    return new QueryError('INVALID_TEXT_REPRESENTATION', message, { detail })
  }
}
