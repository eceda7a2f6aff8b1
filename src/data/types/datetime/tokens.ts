import { words } from './words.ts'

/** What a piece of a date or time looks like; `zone`: a sign and digits. */
export type TokenKind = 'number' | 'time' | 'date' | 'word' | 'signed-word' | 'zone'

export interface Token {
  readonly kind: TokenKind
  readonly text: string
}

/** Fields and their letters at most, as PostgreSQL's buffers are long. */
const TOKENS_MAX = 25
const LETTERS_MAX = 128

const afterWord = /[a-z\d+\-/_.:]*/y
const pieces: readonly (readonly [RegExp, TokenKind])[] = [
  [/\d+:[\d:.]*/y, 'time'],
  [/\d+([-/.])\d+\1(?:\d|\1)*/y, 'date'],
  [/\d+[-/]\d+/y, 'date'],
  [/\d+\.\d+/y, 'number'],
  [/\d+([-/.])(?:[a-z\d]|\1)*/y, 'date'],
  [/\d+/y, 'number'],
  [/\.\d*/y, 'number'],
  [/[a-z]+/y, 'word'],
  [/[+-][ \t\n\v\f\r]*\d[\d:.-]*/y, 'zone'],
  [/[+-][ \t\n\v\f\r]*[a-z]+/y, 'signed-word'],
]
const passedOver = /(?:[ \t\n\v\f\r]|(?![+\-.])[!-/:-@[-`{-~])*/y

/** The pieces of a text; undefined where some letter is none of one. See ParseDateTime in PostgreSQL's datetime.c. */
export function tokensOf(source: string): readonly Token[] | undefined {
  const text = source.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
  const tokens: Token[] = []
  let [at, letters] = [matchEnd(passedOver, text, 0), 0]
  while (at < text.length) {
    const found = tokenAt(text, at)
    if (found === undefined || tokens.length >= TOKENS_MAX) return undefined
    tokens.push({ kind: found.kind, text: found.text.replaceAll(/[ \t\n\v\f\r]/g, '') })
    letters += found.text.length + 1
    if (letters > LETTERS_MAX) return undefined
    at = matchEnd(passedOver, text, at + found.text.length)
  }
  return tokens
}

function tokenAt(text: string, at: number): Token | undefined {
  for (const [pattern, kind] of pieces) {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match === null) continue
    if (kind !== 'word') return { kind, text: match[0] }
    const end = at + match[0].length
    const next = text[end] ?? ''
    // Dates may begin with the name of a month, names of zones go on with marks and digits.
    const goesOn = /[-/.]/.test(next) || (/[+\d]/.test(next) && !words.has(match[0]))
    if (!goesOn) return { kind, text: match[0] }
    return { kind: 'date', text: text.slice(at, matchEnd(afterWord, text, end)) }
  }
  return undefined
}

function matchEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  pattern.exec(text)
  return Math.max(at, pattern.lastIndex)
}
