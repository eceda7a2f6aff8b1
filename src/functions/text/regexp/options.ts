import { QueryError } from '../../../base/errors.ts'
import { patternError } from './errors.ts'
import type { Options } from './tree.ts'

export const advanced: Options = {
  syntax: 'advanced',
  ignoreCase: false,
  expanded: false,
  newlineStops: false,
  newlineAnchors: false,
}

/** The options with those of one letter, undefined if there is none such. */
export function withOption(options: Options, letter: string): Options | undefined {
  switch (letter) {
    case 'b':
      return { ...options, syntax: 'basic' }
    case 'c':
      return { ...options, ignoreCase: false }
    case 'e':
      return { ...options, syntax: 'extended' }
    case 'i':
      return { ...options, ignoreCase: true }
    case 'm':
    case 'n':
      return { ...options, newlineStops: true, newlineAnchors: true }
    case 'p':
      return { ...options, newlineStops: true, newlineAnchors: false }
    case 'q':
      return { ...options, syntax: 'literal' }
    case 's':
      return { ...options, newlineStops: false, newlineAnchors: false }
    case 't':
      return { ...options, expanded: false }
    case 'w':
      return { ...options, newlineStops: false, newlineAnchors: true }
    case 'x':
      return { ...options, expanded: true }
    default:
      return undefined
  }
}

export interface Flags {
  readonly options: Options
  /** Every match, not only the first. */
  readonly everywhere: boolean
}

/** Reads the flags argument of the regexp functions. Throws INVALID_PARAMETER_VALUE. */
export function readFlags(flags: string): Flags {
  let options = advanced
  let everywhere = false
  for (const letter of flags) {
    if (letter === 'g') {
      everywhere = true
      continue
    }
    // As an argument, e takes away the extended syntax with the advanced one: PostgreSQL's quirk.
    const next = withOption(options, letter === 'e' ? 'b' : letter)
    if (next === undefined) {
      const message = `invalid regular expression option: "${letter}"`
      throw new QueryError('INVALID_PARAMETER_VALUE', message)
    }
    options = next
  }
  return { options, everywhere }
}

/** Plain text takes no other option about its syntax. */
export function checkOptions(options: Options): void {
  const { syntax, expanded, newlineStops, newlineAnchors } = options
  if (syntax === 'literal' && (expanded || newlineStops || newlineAnchors)) {
    throw patternError('argument')
  }
}

export interface Prefix {
  readonly options: Options
  /** Where the pattern proper begins. */
  readonly start: number
}

/** Reads what may stand before an advanced expression: `***:`, `***=`, `(?i)`. */
export function readPrefix(pattern: string, given: Options): Prefix {
  if (given.syntax === 'literal') return { options: given, start: 0 }
  let options = given
  let start = 0
  if (pattern.startsWith('***') && pattern.length > 3) {
    if (pattern[3] === '=') {
      const literal = { ...advanced, syntax: 'literal', ignoreCase: given.ignoreCase } as const
      return { options: literal, start: 4 }
    }
    if (pattern[3] !== ':') throw patternError(pattern[3] === '?' ? 'pattern' : 'quantifier')
    options = { ...options, syntax: 'advanced' }
    start = 4
  }
  const embedded = /^\(\?([a-z]+)(\)?)/i.exec(pattern.slice(start, start + EMBEDDED_MAX))
  if (options.syntax !== 'advanced' || embedded === null) return { options, start }
  const [whole, letters = '', end] = embedded
  for (const letter of letters) {
    const next = withOption(options, letter)
    if (next === undefined) throw patternError('option')
    options = next
  }
  if (end !== ')') throw patternError('option')
  if (options.syntax === 'literal') {
    options = { ...advanced, syntax: 'literal', ignoreCase: options.ignoreCase }
  }
  return { options, start: start + whole.length }
}

/** Characters of embedded options that are looked at; there are twelve letters. */
const EMBEDDED_MAX = 1_000
