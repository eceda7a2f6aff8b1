import { QueryError } from '../../../base/errors.ts'

export interface PathToken {
  readonly kind: 'word' | 'string' | 'variable' | 'decimal' | 'integer' | 'symbol' | 'end'
  /** What it says: the name, the text without its quotes, the digits. */
  readonly text: string
  /** What messages show of it: PostgreSQL's scanner has read ahead of names, and shows what it saw there. */
  readonly shown: string
}

const OTHER = String.raw`[^?%$.\[\]{}()|&!=<>@#,*:\-+/\\" \t\n\r\f]`
const INTEGER = '(?:0|[1-9][0-9]*)'
const DECIMAL = String.raw`(?:${INTEGER}\.[0-9]*|\.[0-9]+)`
const REAL = `(?:(?:${DECIMAL}|${INTEGER})[Ee][-+]?[0-9]+)`

/** PostgreSQL's rules for what begins like a number or a name; the longest match counts, of equal ones the first. */
const rules = [
  { pattern: REAL, gives: 'decimal' },
  { pattern: DECIMAL, gives: 'decimal' },
  { pattern: INTEGER, gives: 'integer' },
  { pattern: `(?:${DECIMAL}|${INTEGER})[Ee][-+]`, gives: 'invalid numeric literal' },
  { pattern: INTEGER + OTHER, gives: 'trailing junk after numeric literal' },
  { pattern: DECIMAL + OTHER, gives: 'trailing junk after numeric literal' },
  { pattern: REAL + OTHER, gives: 'trailing junk after numeric literal' },
  { pattern: `${OTHER}+`, gives: 'name' },
].map(({ pattern, gives }) => ({ pattern: new RegExp(pattern, 'y'), gives }))

const symbols = ['&&', '||', '**', '<=', '==', '<>', '!=', '>='] as const
const blanks = /[ \t\n\r\f]+/y
const comment = /\/\*[^]*?\*\//y
const others = new RegExp(`${OTHER}+`, 'y')
const unicode = /(?:\\u(?:[0-9A-Fa-f]{4}|\{[0-9A-Fa-f]{1,6}\}))+/y
const unicodeBegun = /\\u(?:\{[0-9A-Fa-f]{0,6}|[0-9A-Fa-f]{0,3})/y
const hexadecimal = /\\x[0-9A-Fa-f]{2}/y
const hexadecimalBegun = /\\x[0-9A-Fa-f]?/y

const letters: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

/** `syntax error at or near "x" of jsonpath input`. */
export function pathSyntaxError(shown: string, what = 'syntax error'): QueryError {
  const place = shown === '' ? 'at end' : `at or near "${shown}"`
  return new QueryError('SYNTAX_ERROR', `${what} ${place} of jsonpath input`)
}

/** The words of a path (jsonpath_scan.l). */
export class PathScanner {
  readonly #source: string
  #at = 0

  constructor(source: string) {
    this.#source = source
  }

  next(): PathToken {
    this.#skip()
    const start = this.#at
    const first = this.#source[start]
    if (first === undefined) return { kind: 'end', text: '', shown: '' }
    if (first === '"') return this.#quoted('string')
    if (first === '$') return this.#dollar()
    if (first === '\\') return this.#name()
    let longest = { length: 0, gives: '' }
    for (const { pattern, gives } of rules) {
      const length = this.#matched(pattern).length
      if (length > longest.length) longest = { length, gives }
    }
    if (longest.length === 0) return this.#symbol()
    const text = this.#source.slice(start, start + longest.length)
    if (longest.gives === 'name') return this.#name()
    if (longest.gives !== 'decimal' && longest.gives !== 'integer') {
      throw pathSyntaxError(text, longest.gives)
    }
    this.#at += longest.length
    return { kind: longest.gives, text, shown: text }
  }

  #matched(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    return pattern.exec(this.#source)?.[0] ?? ''
  }

  #skip(): void {
    for (;;) {
      const skipped = this.#matched(blanks) || this.#matched(comment)
      if (skipped === '') break
      this.#at += skipped.length
    }
    if (this.#source.startsWith('/*', this.#at)) {
      throw pathSyntaxError('', 'unexpected end of comment')
    }
  }

  #symbol(): PathToken {
    const at = this.#at
    const text =
      symbols.find((symbol) => this.#source.startsWith(symbol, at)) ?? this.#source[at] ?? ''
    this.#at += text.length
    return { kind: 'symbol', text, shown: text }
  }

  #dollar(): PathToken {
    this.#at++
    if (this.#source[this.#at] === '"') return this.#quoted('variable')
    const name = this.#matched(others)
    this.#at += name.length
    const shown = `$${name}`
    return name === ''
      ? { kind: 'symbol', text: '$', shown }
      : { kind: 'variable', text: name, shown }
  }

  #quoted(kind: 'string' | 'variable'): PathToken {
    this.#at++
    let text = ''
    for (;;) {
      const character = this.#source[this.#at]
      if (character === undefined) throw pathSyntaxError('', 'unexpected end of quoted string')
      if (character === '"') break
      if (character === '\\') text += this.#escape()
      else {
        text += character
        this.#at++
      }
    }
    this.#at++
    return { kind, text, shown: '"' }
  }

  /** A word without quotes. */
  #name(): PathToken {
    let text = ''
    for (;;) {
      if (this.#source[this.#at] === '\\') text += this.#escape()
      else {
        const more = this.#matched(others)
        if (more === '') break
        text += more
        this.#at += more.length
      }
    }
    return { kind: 'word', text, shown: this.#matched(blanks) }
  }

  #escape(): string {
    const units = this.#matched(unicode)
    if (units !== '') {
      this.#at += units.length
      return charactersOf(units)
    }
    const letter = this.#source[this.#at + 1]
    if (letter === undefined) throw pathSyntaxError('\\', 'unexpected end after backslash')
    if (letter === 'u')
      throw pathSyntaxError(this.#matched(unicodeBegun), 'invalid unicode sequence')
    if (letter === 'x') {
      const digits = this.#matched(hexadecimal)
      if (digits === '') {
        throw pathSyntaxError(this.#matched(hexadecimalBegun), 'invalid hex character sequence')
      }
      this.#at += digits.length
      return characterOf(Number.parseInt(digits.slice(2), 16))
    }
    const character = String.fromCodePoint(this.#source.codePointAt(this.#at + 1) ?? 0)
    this.#at += 1 + character.length
    return letters[character] ?? character
  }
}

function surrogateError(detail: string): QueryError {
  return new QueryError('INVALID_TEXT_REPRESENTATION', 'invalid input syntax for type jsonpath', {
    detail,
  })
}

const LONE = 'Unicode low surrogate must follow a high surrogate.'

/** What escapes in a row say. */
function charactersOf(units: string): string {
  let text = ''
  let high: number | undefined
  for (const [, short, long] of units.matchAll(/\\u(?:([0-9A-Fa-f]{4})|\{([0-9A-Fa-f]+)\})/g)) {
    const code = Number.parseInt(short ?? long ?? '', 16)
    const isHigh = code >= 0xd800 && code <= 0xdbff
    const isLow = code >= 0xdc00 && code <= 0xdfff
    if (isHigh) {
      if (high !== undefined) {
        throw surrogateError('Unicode high surrogate must not follow a high surrogate.')
      }
      high = code
    } else if (isLow) {
      if (high === undefined) throw surrogateError(LONE)
      text += String.fromCharCode(high, code)
      high = undefined
    } else {
      if (high !== undefined) throw surrogateError(LONE)
      text += characterOf(code)
    }
  }
  if (high !== undefined) throw surrogateError(LONE)
  return text
}

function characterOf(code: number): string {
  if (code === 0) {
    throw new QueryError('UNTRANSLATABLE_CHARACTER', 'unsupported Unicode escape sequence', {
      detail: String.raw`\u0000 cannot be converted to text.`,
    })
  }
  if (code > 0x10ffff) throw new QueryError('SYNTAX_ERROR', 'invalid Unicode code point')
  return String.fromCodePoint(code)
}
