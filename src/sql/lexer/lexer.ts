import { isOverdue, NODE_STEPS, spend } from '../../base/budget.ts'
import { QueryError } from '../../base/errors.ts'
import { finishSteps, type Steps } from '../../base/steps.ts'
import { decodeEscapes, decodeUnicode } from './escapes.ts'
import { lexicalError, literalError } from './lexical-error.ts'
import { keywordOf } from './token.ts'
import type { Keyword, Token, TokenKind } from './token.ts'

/** Longest statement text, in UTF-16 units. */
export const statementLengthMax = 16 * 1024 * 1024
/** PostgreSQL's NAMEDATALEN - 1. */
const identifierBytesMax = 63
const operatorLengthMax = 63

export interface TokenizedText {
  /** The last one is always `end`. */
  readonly tokens: readonly Token[]
  /** What stopped the scan: an error for whoever gets to the end token. */
  readonly error: QueryError | undefined
}

/**
 * Splits text into tokens as PostgreSQL 15's scan.l does, in steps: see `isOverdue`. Throws only for text that
 * is too long.
 */
export function* tokenSteps(text: string): Steps<TokenizedText> {
  if (text.length > statementLengthMax) {
    const message = `statement text exceeds ${statementLengthMax} characters`
    throw new QueryError('PROGRAM_LIMIT_EXCEEDED', message)
  }
  const lexer = new Lexer(text)
  try {
    while (lexer.next()) {
      spend(NODE_STEPS)
      if (isOverdue()) yield
    }
    return { tokens: lexer.tokens, error: undefined }
  } catch (error) {
    if (!(error instanceof QueryError) || error.code === 'QUERY_CANCELED') throw error
    const end = text.length
    return {
      tokens: [...lexer.tokens, { kind: 'end', text: '', start: end, end, keyword: undefined }],
      error,
    }
  }
}

const operatorChars = new Set('~!@#^&|`?+-*/%<>=')
/** Characters that allow an operator of several characters to end in + or -. */
const strongOperatorChars = /[~!@#^&|`?%]/
const singleOperators = new Set('+-*/%^<>=')
const [SPACE, QUOTE, STAR, DASH, SLASH, BACKSLASH] = [0x20, 0x27, 0x2a, 0x2d, 0x2f, 0x5c]
/** Constants are read in parts of so many characters. */
const PART_LENGTH = 65_536
/** Those of characters by their numbers are the longest. */
const ESCAPE_LENGTH_MAX = '\\U00000000'.length
/** What a backslash makes one character of by itself. */
const simpleEscapes = 'bfnrt\'\\"'
const space = /[ \t\n\r\f]+/y
const identifierPart = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y
/** What stands right behind a number and is none of it: a word, an exponent without digits. */
const numberJunk = /[eE][+-]|[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y
const numberPart = /(?:\d+(?:\.(?!\.)\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y
/** Up to a comment, which no operator holds. */
const operatorPart = /(?:(?!\/\*|--)[~!@#^&|`?+\-*/%<>=])+/y
const dollarTag = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y
const parameterPart = /\$\d+/y
/** A string goes on after white space that holds a line break. */
const stringContinuation = /(?:[ \t\f]|--[^\n\r]*)*[\n\r](?:[ \t\n\r\f]|--[^\n\r]*[\n\r])*'/y
const identifierStart = /[A-Za-z_\u0080-\uffff]/

/** Part of a constant, up to its closing quote in the end. */
interface Part {
  readonly end: number
  readonly isLast: boolean
}

class Lexer {
  readonly tokens: Token[] = []
  private readonly text: string
  private position = 0
  /** Up to here there are only signs, each an operator by itself. */
  private signsEnd = 0
  /** A constant that is so long that it is read in steps. */
  private long: Steps<void> | undefined

  constructor(text: string) {
    this.text = text
  }

  /** Appends one token, or reads on in a long one; false once the end is reached. */
  next(): boolean {
    if (this.long !== undefined) {
      if (this.long.next().done === true) this.long = undefined
      return true
    }
    this.skipBlank()
    const start = this.position
    if (start >= this.text.length) {
      this.push('end', '', start, start)
      return false
    }
    const char = this.text.charAt(start)
    if (identifierStart.test(char)) this.wordOrPrefixed(char, start)
    else if (this.isNumberAt(start)) this.number(start)
    else if (char === "'") this.string(start, start, 'string')
    else if (char === '"') this.quotedIdentifier(start, start)
    else if (char === '$') this.dollar(start)
    else if (operatorChars.has(char)) this.operator(start)
    else this.punctuation(char, start)
    return true
  }

  private skipBlank(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.position)
      if (code <= SPACE) {
        if (this.matches(space) === undefined) return
      } else if (code === DASH && this.text.charCodeAt(this.position + 1) === DASH) {
        this.skipLineComment()
      } else if (code === SLASH && this.text.charCodeAt(this.position + 1) === STAR) {
        this.skipBlockComment()
      } else return
    }
  }

  private skipLineComment(): void {
    const rest = /[\n\r]/g
    rest.lastIndex = this.position
    this.position = rest.exec(this.text)?.index ?? this.text.length
  }

  private skipBlockComment(): void {
    const start = this.position
    const edge = /\/\*|\*\//g
    edge.lastIndex = start
    let depth = 0
    do {
      const match = edge.exec(this.text)
      if (match === null) {
        throw lexicalError('unterminated /* comment', this.text, start, this.text.length)
      }
      depth += match[0] === '/*' ? 1 : -1
    } while (depth > 0)
    this.position = edge.lastIndex
  }

  private matches(pattern: RegExp): string | undefined {
    const start = this.position
    pattern.lastIndex = start
    if (!pattern.test(this.text)) return undefined
    this.position = pattern.lastIndex
    return this.text.slice(start, this.position)
  }

  private push(kind: TokenKind, text: string, start: number, end: number, keyword?: Keyword): void {
    this.tokens.push({ kind, text, start, end, keyword })
  }

  private wordOrPrefixed(char: string, start: number): void {
    const next = this.text.charAt(start + 1)
    if (next === "'") {
      if (char === 'e' || char === 'E') return this.string(start, start + 1, 'string', true)
      if (char === 'b' || char === 'B') return this.string(start, start + 1, 'bits')
      if (char === 'x' || char === 'X') return this.string(start, start + 1, 'hex')
      if (char === 'n' || char === 'N') {
        this.push('word', 'nchar', start, start + 1, keywordOf('nchar'))
        return this.string(start + 1, start + 1, 'string')
      }
    }
    if ((char === 'u' || char === 'U') && next === '&') {
      const quote = this.text.charAt(start + 2)
      if (quote === "'") return this.unicodeString(start)
      if (quote === '"') return this.quotedIdentifier(start, start + 2)
    }
    this.word(start)
  }

  private word(start: number): void {
    const written = this.matches(identifierPart)!
    const folded = foldIdentifier(written)
    const keyword = keywordOf(folded)
    const text = keyword === undefined ? truncateIdentifier(folded) : keyword.word
    this.push('word', text, start, this.position, keyword)
  }

  private isNumberAt(at: number): boolean {
    const code = this.text.charCodeAt(at)
    if (code === 46) {
      const next = this.text.charCodeAt(at + 1)
      return next >= 48 && next <= 57
    }
    return code >= 48 && code <= 57
  }

  private number(start: number): void {
    const text = this.matches(numberPart)!
    if (identifierStart.test(this.text.charAt(this.position))) {
      this.matches(numberJunk)
      const what = 'trailing junk after numeric literal'
      throw lexicalError(what, this.text, start, this.position)
    }
    this.push('number', text, start, this.position)
  }

  /** `quote` is where the opening quote stands; a prefix may precede it. */
  private string(
    start: number,
    quote: number,
    kind: 'string' | 'bits' | 'hex',
    escapes = false,
  ): void {
    const steps = this.stringSteps(start, quote, kind, escapes)
    if (steps.next().done !== true) this.long = steps
  }

  private *stringSteps(
    start: number,
    quote: number,
    kind: 'string' | 'bits' | 'hex',
    escapes: boolean,
  ): Steps<void> {
    const parts: string[] = []
    for (let from = quote; ;) {
      let at = from + 1
      for (;;) {
        const part = escapes ? this.escapedPart(at, start) : this.quotedPart(at, start, kind)
        parts.push(
          escapes
            ? decodeEscapes(this.text, at, part.end)
            : withSingleQuotes(this.text.slice(at, part.end)),
        )
        at = part.end
        if (part.isLast) break
        spend(PART_LENGTH)
        yield
      }
      this.position = at + 1
      if (this.matches(stringContinuation) === undefined) break
      from = this.position - 1
    }
    for (const part of parts) checkNoZero(part, start, this.position)
    this.push(kind, parts.length === 1 ? parts[0]! : parts.join(''), start, this.position)
  }

  /** As {@link string}, all of it, for what goes on with the token. */
  private wholeString(start: number, quote: number): void {
    finishSteps(this.stringSteps(start, quote, 'string', false))
  }

  private unicodeString(start: number): void {
    this.position = start + 2
    this.wholeString(start, start + 2)
    const token = this.tokens.pop()!
    const escapeChar = this.unicodeEscapeChar()
    const value = decodeUnicode(token.text, escapeChar, token)
    this.push('string', value, start, this.position)
  }

  /** The character named by UESCAPE after a U& literal, else a backslash. */
  private unicodeEscapeChar(): string {
    const before = this.position
    const count = this.tokens.length
    this.skipBlank()
    if (
      !/uescape(?![A-Za-z0-9_$\u0080-\uffff])/iy.test(
        this.text.slice(this.position, this.position + 8),
      )
    ) {
      this.position = before
      return '\\'
    }
    this.position += 'uescape'.length
    this.skipBlank()
    const at = this.position
    if (this.text.charAt(at) !== "'") {
      throw literalError(
        'SYNTAX_ERROR',
        'UESCAPE must be followed by a simple string literal',
        at,
        at + 1,
      )
    }
    this.wholeString(at, at)
    const escape = this.tokens[count]!.text
    this.tokens.length = count
    if (escape.length !== 1 || /[0-9A-Fa-f+'" \t\n\r\f]/.test(escape)) {
      throw lexicalError('invalid Unicode escape character', this.text, at, this.position)
    }
    return escape
  }

  /** Up to the closing quote of a constant without backslash escapes, or behind a doubled one far enough on. */
  private quotedPart(from: number, start: number, kind: 'string' | 'bits' | 'hex'): Part {
    for (let at = from; ;) {
      at = this.text.indexOf("'", at)
      if (at < 0) throw lexicalError(unterminated[kind], this.text, start, this.text.length)
      if (this.text.charCodeAt(at + 1) !== QUOTE) return { end: at, isLast: true }
      at += 2
      if (at - from >= PART_LENGTH) return { end: at, isLast: false }
    }
  }

  /** The same of a constant with backslash escapes; none of several characters is cut. */
  private escapedPart(from: number, start: number): Part {
    // Up to here an escape may reach.
    let open = from
    for (let at = from; at < this.text.length; at++) {
      const code = this.text.charCodeAt(at)
      if (code !== QUOTE && code !== BACKSLASH) {
        if (at >= open && at - from >= PART_LENGTH) return { end: at, isLast: false }
        continue
      }
      const next = this.text.charAt(at + 1)
      if (code === QUOTE && next !== "'") return { end: at, isLast: true }
      open = at + (code === QUOTE || simpleEscapes.includes(next) ? 2 : ESCAPE_LENGTH_MAX)
      at++
    }
    throw lexicalError(unterminated.string, this.text, start, this.text.length)
  }

  private quotedIdentifier(start: number, quote: number): void {
    let at = quote + 1
    for (;;) {
      at = this.text.indexOf('"', at)
      if (at < 0) {
        throw lexicalError('unterminated quoted identifier', this.text, start, this.text.length)
      }
      if (this.text.charAt(at + 1) !== '"') break
      at += 2
    }
    this.position = at + 1
    let name = this.text.slice(quote + 1, at).replaceAll('""', '"')
    if (name === '') {
      throw lexicalError('zero-length delimited identifier', this.text, start, this.position)
    }
    const end = this.position
    if (quote > start) name = decodeUnicode(name, this.unicodeEscapeChar(), { start, end })
    checkNoZero(name, start, end)
    this.push('quoted', truncateIdentifier(name), start, this.position)
  }

  private dollar(start: number): void {
    const parameter = this.matches(parameterPart)
    if (parameter !== undefined) {
      if (identifierStart.test(this.text.charAt(this.position))) {
        this.matches(identifierPart)
        throw lexicalError('trailing junk after parameter', this.text, start, this.position)
      }
      return this.push('parameter', parameter.slice(1), start, this.position)
    }
    const tag = this.matches(dollarTag)
    if (tag === undefined) throw lexicalError('syntax error', this.text, start, start + 1)
    const end = this.text.indexOf(tag, this.position)
    if (end < 0) {
      throw lexicalError('unterminated dollar-quoted string', this.text, start, this.text.length)
    }
    const value = this.text.slice(this.position, end)
    this.position = end + tag.length
    checkNoZero(value, start, this.position)
    this.push('string', value, start, this.position)
  }

  private operator(start: number): void {
    if (start < this.signsEnd) {
      this.position = start + 1
      return this.push('operator', this.text[start]!, start, this.position)
    }
    const whole = this.matches(operatorPart)!
    const text = withoutTrailingSigns(whole)
    this.signsEnd = this.position
    this.position = start + text.length
    if (text.length > operatorLengthMax) {
      throw lexicalError('operator too long', this.text, start, this.position)
    }
    if (text === '=>') return this.push('symbol', text, start, this.position)
    this.push('operator', text === '!=' ? '<>' : text, start, this.position)
  }

  private punctuation(char: string, start: number): void {
    const two = this.text.slice(start, start + 2)
    const text = two === '::' || two === ':=' || two === '..' ? two : char
    this.position = start + text.length
    if (!',()[].;:{}'.includes(char)) {
      const width = String.fromCodePoint(this.text.codePointAt(start)!).length
      throw lexicalError('syntax error', this.text, start, start + width)
    }
    this.push('symbol', text, start, this.position)
  }
}

/** What is read as one operator: that it ends in + or - takes a character that SQL's own operators do not have. */
function withoutTrailingSigns(text: string): string {
  if (text.length === 1 || strongOperatorChars.test(text)) return text
  // One look at the end, as a sign at a time would look at what is before it again and again.
  const last = text.at(-1)
  if (last !== '+' && last !== '-') return text
  let length = text.length
  while (length > 1 && '+-'.includes(text[length - 1]!)) length--
  return text.slice(0, length)
}

/** Whether the text is an operator of the grammar's own rather than a generic one. */
export function isBuiltInOperator(text: string): boolean {
  return singleOperators.has(text) || text === '<=' || text === '>=' || text === '<>'
}

const unterminated = {
  string: 'unterminated quoted string',
  bits: 'unterminated bit string literal',
  hex: 'unterminated hexadecimal string literal',
} as const

/** PostgreSQL folds ASCII letters only when the encoding has several bytes a character. */
export function foldIdentifier(written: string): string {
  if (!/[A-Z]/.test(written)) return written
  const isAscii = !/[^\0-\x7f]/.test(written)
  return isAscii ? written.toLowerCase() : written.replaceAll(/[A-Z]+/g, (run) => run.toLowerCase())
}

/** Cuts a name to 63 bytes of UTF-8 at a character's edge. */
export function truncateIdentifier(name: string): string {
  if (name.length * 3 <= identifierBytesMax) return name
  let bytes = 0
  let kept = 0
  for (const char of name) {
    const code = char.codePointAt(0)!
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4
    if (bytes > identifierBytesMax) return name.slice(0, kept)
    kept += char.length
  }
  return name
}

/** Doubled quotes as one. Replacing them would make a tree of all pieces, which is slow to read. */
function withSingleQuotes(written: string): string {
  return written.includes("''") ? written.split("''").join("'") : written
}

function checkNoZero(value: string, start: number, end: number): void {
  if (!value.includes('\0')) return
  const message = 'invalid byte sequence for encoding "UTF8": 0x00'
  throw literalError('INVALID_ENCODING', message, start, end)
}
