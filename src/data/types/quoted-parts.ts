import { spend } from '../../base/budget.ts'
import { QueryError } from '../../base/errors.ts'
import { ELEMENT_STEPS } from './array-text.ts'

const spaces: ReadonlySet<string> = new Set([' ', '\t', '\n', '\v', '\f', '\r'])

/** Reads texts of values that are made of others, any of them between quotes: rows and ranges. */
export class PartReader {
  readonly source: string
  at = 0
  readonly #what: string
  readonly #ends: ReadonlySet<string | undefined>

  /** `what`: for messages; `ends`: the characters of which one stands behind a part, where it is not quoted. */
  constructor(source: string, what: string, ends: string) {
    this.source = source
    this.#what = what
    this.#ends = new Set(ends)
  }

  /** Up to what ends it: a part with nothing before that is null. Throws INVALID_TEXT_REPRESENTATION. */
  part(): string | null {
    spend(ELEMENT_STEPS)
    if (this.#ends.has(this.source[this.at])) return null
    let text = ''
    let isQuoted = false
    for (;;) {
      const character = this.source[this.at]
      if (!isQuoted && this.#ends.has(character)) return text
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

  skipSpaces(): void {
    while (spaces.has(this.source[this.at] ?? '')) this.at++
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
