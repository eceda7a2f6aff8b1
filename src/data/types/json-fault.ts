import { QueryError } from '../../base/errors.ts'
import { textOfUtf8 } from '../../base/utf8.ts'

/*
 * What is wrong with a text that is no JSON, in PostgreSQL's words: its lexer and parser (src/common/jsonapi.c) as far as the
 * first fault. Nothing is kept of what is read, so that it costs no more than a look through the text.
 */

/** Whether escapes have to be characters, as in a jsonb, or only be written as such. */
export type Escapes = 'read' | 'kept'

/** Bytes of a line that are shown. */
const SHOWN_BYTES = 50
const END = 'end'

/** The error for a text that readers refuse; `escapes` says which of them counts as a fault. */
export function jsonFault(source: string, escapes: Escapes): QueryError {
  const lexer = new Lexer(source, escapes)
  try {
    parse(lexer)
  } catch (fault) {
    if (fault instanceof Fault) return lexer.error(fault)
    throw fault
  }
  return new QueryError('INVALID_TEXT_REPRESENTATION', MESSAGE)
}

const MESSAGE = 'invalid input syntax for type json'

class Fault extends Error {
  readonly isZero: boolean

  constructor(detail: string, isZero = false) {
    super(detail)
    this.isZero = isZero
  }
}

const closers = { '{': '}', '[': ']' } as const

/** Levels are kept in a list, as texts may be nested deeper than the stack is. */
function parse(lexer: Lexer): void {
  const levels: ('{' | '[')[] = []
  lexer.next()
  for (;;) {
    const { token } = lexer
    if (token === '{' || token === '[') {
      lexer.next()
      if (lexer.token !== closers[token]) {
        levels.push(token)
        if (token === '{') label(lexer, 'string or "}"')
        continue
      }
    } else if (token !== 'scalar' && token !== 'string') throw lexer.unexpected('JSON value')
    lexer.next()
    if (!ended(lexer, levels)) return
  }
}

/** Behind a value: ends levels, or goes on with the next value; false: it was all of the text. */
function ended(lexer: Lexer, levels: ('{' | '[')[]): boolean {
  for (;;) {
    const level = levels.at(-1)
    if (level === undefined) {
      if (lexer.token !== END) throw lexer.unexpected('end of input')
      return false
    }
    if (lexer.token === ',') {
      lexer.next()
      if (level === '{') label(lexer, 'string')
      return true
    }
    if (lexer.token !== closers[level]) throw lexer.unexpected(`"," or "${closers[level]}"`)
    levels.pop()
    lexer.next()
  }
}

function label(lexer: Lexer, expected: string): void {
  if (lexer.token !== 'string') throw lexer.unexpected(expected)
  lexer.next()
  lexer.expect(':')
  lexer.next()
}

const encoder = new TextEncoder()
const QUOTE = 0x22
const BACKSLASH = 0x5c
const HIGHEST = 0x80

class Lexer {
  token = ''
  readonly #bytes: Uint8Array
  readonly #escapes: Escapes
  #start = 0
  #stop = 0
  #line = 1
  #lineStart = 0

  constructor(source: string, escapes: Escapes) {
    this.#bytes = encoder.encode(source)
    this.#escapes = escapes
  }

  next(): void {
    const bytes = this.#bytes
    let at = this.#stop
    for (; isBlank(bytes[at]); at++) {
      if (bytes[at] !== 0x0a) continue
      this.#line++
      this.#lineStart = at + 1
    }
    this.#start = at
    const first = bytes[at]
    if (first === undefined) this.#take(END, at)
    else if (first === QUOTE) this.#string(at)
    else if ('{}[],:'.includes(String.fromCharCode(first))) {
      this.#take(String.fromCharCode(first), at + 1)
    } else this.#word(at)
  }

  expect(symbol: string): void {
    if (this.token !== symbol) throw this.unexpected(`"${symbol}"`)
  }

  /** The fault of what is here where something else should be. */
  unexpected(expected: string): Fault {
    if (this.token === END) return new Fault('The input string ended unexpectedly.')
    return new Fault(`Expected ${expected}, but found "${this.#text(this.#start, this.#stop)}".`)
  }

  error({ message: detail, isZero }: Fault): QueryError {
    const context = `JSON data, line ${this.#line}: ${this.#shown()}`
    if (!isZero) return new QueryError('INVALID_TEXT_REPRESENTATION', MESSAGE, { detail, context })
    return new QueryError('UNTRANSLATABLE_CHARACTER', 'unsupported Unicode escape sequence', {
      detail,
      context,
    })
  }

  #shown(): string {
    const bytes = this.#bytes
    let start = this.#lineStart
    while (this.#stop - start >= SHOWN_BYTES) start = behindCharacter(bytes, start)
    if (start - this.#lineStart <= 3) start = this.#lineStart
    const next = bytes[this.#stop]
    const isCut = this.token !== END && next !== undefined && next !== 0x0a && next !== 0x0d
    const front = start > this.#lineStart ? '...' : ''
    return `${front}${this.#text(start, this.#stop)}${isCut ? '...' : ''}`
  }

  #take(token: string, stop: number): void {
    this.token = token
    this.#stop = stop
  }

  #text(from: number, to: number): string {
    return textOfUtf8(this.#bytes.subarray(from, to))
  }

  /** A fault that shows the text up to an offset. */
  #fault(stop: number, detail: string, isZero = false): Fault {
    this.token = 'string'
    this.#stop = Math.min(stop, this.#bytes.length)
    return new Fault(detail, isZero)
  }

  #invalid(stop: number): Fault {
    return this.#fault(stop, `Token "${this.#text(this.#start, stop)}" is invalid.`)
  }

  #word(from: number): void {
    const bytes = this.#bytes
    const rest = this.#text(from, Math.min(bytes.length, from + 1))
    let at = from
    const isNumber = /[-\d]/.test(rest)
    if (isNumber) {
      while (/[-+.\deE]/.test(String.fromCharCode(bytes[at] ?? 0))) at++
      const written = this.#text(from, at)
      const [matched = ''] = /^-?(?:0|[1-9]\d*)?(?:\.\d*)?(?:[eE][-+]?\d*)?/.exec(written) ?? []
      at = from + matched.length
      const isWhole = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(matched)
      const stop = pastLetters(bytes, at)
      if (!isWhole || stop > at) throw this.#invalid(stop)
      return this.#take('scalar', at)
    }
    at = pastLetters(bytes, from)
    if (at === from) throw this.#invalid(from + 1)
    if (!['true', 'false', 'null'].includes(this.#text(from, at))) throw this.#invalid(at)
    this.#take('scalar', at)
  }

  #string(from: number): void {
    const bytes = this.#bytes
    let high = false
    for (let at = from + 1; ; at++) {
      const byte = bytes[at]
      if (byte === undefined) throw this.#invalid(at)
      const isEscape = byte === BACKSLASH
      const isUnit = isEscape && bytes[at + 1] === 0x75
      if (byte < 0x20) {
        const code = byte.toString(16).padStart(2, '0')
        throw this.#fault(at, `Character with value 0x${code} must be escaped.`)
      }
      if (isEscape) at++
      if (isUnit) {
        const unit = this.#unit(at + 1)
        at += 4
        if (this.#escapes === 'read') high = this.#pair(unit, high, at + 1)
        continue
      }
      if (high) throw this.#fault(behindCharacter(bytes, at), LOW_MISSING)
      if (byte === QUOTE) return this.#take('string', at + 1)
      if (isEscape) this.#escape(at)
    }
  }

  #escape(at: number): void {
    const letter = this.#bytes[at]
    if (letter === undefined) throw this.#invalid(at)
    if ('"\\/bfnrt'.includes(String.fromCharCode(letter))) return
    const stop = behindCharacter(this.#bytes, at)
    throw this.#fault(stop, `Escape sequence "\\${this.#text(at, stop)}" is invalid.`)
  }

  /** The four digits of an escape. */
  #unit(from: number): number {
    for (let at = from; at < from + 4; at++) {
      const byte = this.#bytes[at]
      if (byte === undefined) throw this.#invalid(at)
      if (/[\da-f]/i.test(String.fromCharCode(byte))) continue
      const stop = behindCharacter(this.#bytes, at)
      throw this.#fault(stop, '"\\u" must be followed by four hexadecimal digits.')
    }
    return Number.parseInt(this.#text(from, from + 4), 16)
  }

  /** Whether half of a pair is open behind a unit. */
  #pair(unit: number, high: boolean, stop: number): boolean {
    if (unit >= 0xd800 && unit < 0xdc00) {
      if (!high) return true
      const detail = 'Unicode high surrogate must not follow a high surrogate.'
      throw this.#fault(stop, detail)
    }
    const isLow = unit >= 0xdc00 && unit < 0xe000
    if (isLow !== high) throw this.#fault(stop, LOW_MISSING)
    if (unit === 0) throw this.#fault(stop, '\\u0000 cannot be converted to text.', true)
    return false
  }
}

const LOW_MISSING = 'Unicode low surrogate must follow a high surrogate.'

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x09 || byte === 0x0d
}

/** Behind letters, digits, underscores and what is not ASCII. */
function pastLetters(bytes: Uint8Array, from: number): number {
  let at = from
  for (; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0
    if (byte < HIGHEST && !/\w/.test(String.fromCharCode(byte))) break
  }
  return at
}

function behindCharacter(bytes: Uint8Array, from: number): number {
  let at = from + 1
  while (((bytes[at] ?? 0) & 0xc0) === 0x80) at++
  return at
}
