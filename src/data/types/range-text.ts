import { spend } from '../../base/budget.ts'
import { QueryError } from '../../base/errors.ts'
import { ELEMENT_STEPS } from './array-text.ts'

/** A range's text taken apart; null is an infinite bound. */
export interface RangeParts {
  readonly lower: string | null
  readonly upper: string | null
  readonly hasLower: boolean
  readonly hasUpper: boolean
}

/** Reads `[1,5)`; undefined for `empty`. Throws PostgreSQL's errors of range_in. */
export function readRangeText(source: string): RangeParts | undefined {
  const reader = new RangeReader(source, 'range')
  const parts = reader.range()
  reader.end(parts === undefined ? 'Junk after "empty" key word.' : JUNK)
  return parts
}

const JUNK = 'Junk after right parenthesis or bracket.'

/** Reads `{[1,5),[7,9)}`. Throws PostgreSQL's errors of multirange_in. */
export function readMultirangeText(source: string): readonly (RangeParts | undefined)[] {
  return new RangeReader(source, 'multirange').ranges()
}

const spaces: ReadonlySet<string> = new Set([' ', '\t', '\n', '\v', '\f', '\r'])
const EMPTY = /empty/iy

class RangeReader {
  readonly #source: string
  readonly #what: 'range' | 'multirange'
  #at = 0

  constructor(source: string, what: 'range' | 'multirange') {
    this.#source = source
    this.#what = what
  }

  ranges(): readonly (RangeParts | undefined)[] {
    this.#skipSpaces()
    if (this.#source[this.#at++] !== '{') throw this.#malformed('Missing left brace.')
    const ranges: (RangeParts | undefined)[] = []
    this.#skipSpaces()
    if (this.#source[this.#at] === '}') this.#at++
    else {
      for (;;) {
        spend(ELEMENT_STEPS)
        ranges.push(this.range())
        this.#skipSpaces()
        const next = this.#source[this.#at++]
        if (next === '}') break
        if (next === undefined) throw this.#malformed('Unexpected end of input.')
        if (next !== ',') throw this.#malformed('Expected comma or end of multirange.')
        this.#skipSpaces()
      }
    }
    this.end('Junk after closing right brace.')
    return ranges
  }

  range(): RangeParts | undefined {
    this.#skipSpaces()
    EMPTY.lastIndex = this.#at
    if (EMPTY.test(this.#source)) {
      this.#at += 'empty'.length
      return undefined
    }
    const open = this.#source[this.#at]
    if (open !== '[' && open !== '(') {
      if (this.#what === 'multirange') throw this.#malformed('Expected range start.')
      throw this.#malformed('Missing left parenthesis or bracket.')
    }
    this.#at++
    const lower = this.#bound()
    if (this.#source[this.#at] !== ',') throw this.#malformed('Missing comma after lower bound.')
    this.#at++
    const upper = this.#bound()
    const close = this.#source[this.#at++]
    if (close === ',') throw this.#malformed('Too many commas.')
    return { lower, upper, hasLower: open === '[', hasUpper: close === ']' }
  }

  end(detail: string): void {
    this.#skipSpaces()
    if (this.#at < this.#source.length) throw this.#malformed(detail)
  }

  /** A bound with nothing before what ends it is infinite. */
  #bound(): string | null {
    const first = this.#source[this.#at]
    if (first === ',' || first === ')' || first === ']') return null
    let text = ''
    let isQuoted = false
    for (;;) {
      const character = this.#source[this.#at]
      if (!isQuoted && (character === ',' || character === ')' || character === ']')) return text
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
    const message = `malformed ${this.#what} literal: "${this.#source}"`
    return new QueryError('INVALID_TEXT_REPRESENTATION', message, { detail })
  }
}

/** What cannot stand in a bound without quotes. */
const QUOTED = /[()[\]",\\ \t\n\v\f\r]/

/** PostgreSQL's text of a range; undefined is the empty one. */
export function writeRangeText(parts: RangeParts | undefined): string {
  if (parts === undefined) return 'empty'
  const { lower, upper, hasLower, hasUpper } = parts
  const [open, close] = [hasLower ? '[' : '(', hasUpper ? ']' : ')']
  return `${open}${boundText(lower)},${boundText(upper)}${close}`
}

function boundText(bound: string | null): string {
  if (bound === null) return ''
  if (bound !== '' && !QUOTED.test(bound)) return bound
  return `"${bound.replaceAll(/["\\]/g, '$&$&')}"`
}

export function writeMultirangeText(ranges: readonly (RangeParts | undefined)[]): string {
  return `{${ranges.map(writeRangeText).join()}}`
}
