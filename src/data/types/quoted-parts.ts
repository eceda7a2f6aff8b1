import { spend } from '../../base/budget.ts'
import { QueryError } from '../../base/errors.ts'
import { ELEMENT_STEPS } from './array-text.ts'

const SPACES = ' \t\n\v\f\r'

/** What no text of one character has in it. */
const NO_CHARACTER = 'none'

/** Reads texts of values that are made of others, any of them between quotes: rows and ranges. */
export class PartReader {
  readonly source: string
  at = 0
  readonly #what: string
  readonly #ends: string

  /** `what`: for messages; `ends`: the characters of which one stands behind a part, where it is not quoted. */
  constructor(source: string, what: string, ends: string) {
    this.source = source
    this.#what = what
    this.#ends = ends
  }

  /** Up to what ends it: a part with nothing before that is null. Throws INVALID_TEXT_REPRESENTATION. */
  part(): string | null {
    spend(ELEMENT_STEPS)
    const start = this.at
    // Most parts have nothing in quotes.
    while (this.at < this.source.length && !this.#isSpecial(this.source[this.at] ?? '')) this.at++
    let text = this.source.slice(start, this.at)
    if (this.#ends.includes(this.source[this.at] ?? NO_CHARACTER)) return text === '' ? null : text
    let isQuoted = false
    for (;;) {
      const character = this.source[this.at]
      if (!isQuoted && this.#ends.includes(character ?? NO_CHARACTER)) return text
      this.at++
      if (character === undefined) throw this.malformed('Unexpected end of input.')
      if (character === '\\') {
        const escaped = this.source[this.at++]
        if (escaped === undefined) throw this.malformed('Unexpected end of input.')
        text += escaped
      } else if (character !== '"') text += character
      else if (!isQuoted) isQuoted = true
      else if (this.source[this.at] === '"') {
        text += character
        this.at++
      } else isQuoted = false
    }
  }

  #isSpecial(character: string): boolean {
    return character === '"' || character === '\\' || this.#ends.includes(character)
  }

  skipSpaces(): void {
    while (SPACES.includes(this.source[this.at] ?? NO_CHARACTER)) this.at++
  }

  /** Errors: INVALID_TEXT_REPRESENTATION where something other than blanks is left. */
  end(detail: string): void {
    this.skipSpaces()
    if (this.at < this.source.length) throw this.malformed(detail)
  }

  malformed(detail: string): QueryError {
    const message = `malformed ${this.#what} literal: "${this.source}"`
    return new QueryError('INVALID_TEXT_REPRESENTATION', message, { detail })
  }
}

/** A part as it is written: between quotes where it has to be. `quoted`: what cannot stand in it without. */
export function partText(part: string | null, quoted: RegExp): string {
  if (part === null) return ''
  if (part !== '' && !quoted.test(part)) return part
  return `"${part.replaceAll(/["\\]/g, '$&$&')}"`
}
