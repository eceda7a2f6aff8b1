import { decodeUtf8 } from '../../base/utf8.ts'
import { literalError } from './lexical-error.ts'

/** Decodes the inside of `E'...'`, whose quotes are already doubled back; `offset` is its position. */
export function decodeEscapes(text: string, start: number, end: number): string {
  const decoder = new EscapeDecoder(text, start, end)
  return decoder.decode()
}

const simpleEscapes: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

/** Where plain characters end. */
const special = /[\\']/g

/** Gathers characters and raw bytes; bytes written with `\x` or octal must form UTF-8 together. */
class EscapeDecoder {
  private readonly text: string
  private readonly end: number
  private position: number
  /** Gathered in a list: a text that is added to a letter at a time is a tree as high as it is long. */
  private readonly parts: string[] = []
  private bytes: number[] = []

  constructor(text: string, start: number, end: number) {
    this.text = text
    this.position = start
    this.end = end
  }

  decode(): string {
    while (this.position < this.end) {
      const char = this.text.charAt(this.position)
      if (char === '\\' && this.position + 1 < this.end) this.escape()
      else if (char === "'") {
        this.append(char)
        this.position += 2
      } else {
        special.lastIndex = this.position + 1
        const next = Math.min(special.exec(this.text)?.index ?? this.end, this.end)
        this.append(this.text.slice(this.position, next))
        this.position = next
      }
    }
    this.flushBytes()
    return this.parts.join('')
  }

  private escape(): void {
    const start = this.position
    const char = this.text.charAt(start + 1)
    const octal = this.matching(/[0-7]{1,3}/y, start + 1)
    if (octal !== undefined) {
      this.appendByte(Number.parseInt(octal, 8) & 0xff)
      this.position = start + 1 + octal.length
      return
    }
    const hex = char === 'x' ? this.matching(/[0-9A-Fa-f]{1,2}/y, start + 2) : undefined
    if (hex !== undefined) {
      this.appendByte(Number.parseInt(hex, 16))
      this.position = start + 2 + hex.length
      return
    }
    if (char === 'u' || char === 'U') {
      this.unicodeEscape(start, char === 'u' ? 4 : 8)
      return
    }
    this.append(simpleEscapes[char] ?? char)
    this.position = start + 2
  }

  private unicodeEscape(start: number, digits: number): void {
    const { value, next } = unicodeAt(this.text, start, start + 2, digits)
    if (!isHighSurrogate(value)) {
      if (isLowSurrogate(value)) throw surrogateError(start, next)
      this.append(checkedCodePoint(value, start, next))
      this.position = next
      return
    }
    const following = this.matching(/\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}/y, next)
    const low = following === undefined ? 0 : Number.parseInt(following.slice(2), 16)
    if (following === undefined || !isLowSurrogate(low)) throw surrogateError(start, next)
    this.append(String.fromCharCode(value, low))
    this.position = next + following.length
  }

  private matching(pattern: RegExp, at: number): string | undefined {
    pattern.lastIndex = at
    return pattern.exec(this.text)?.[0]
  }

  private append(char: string): void {
    this.flushBytes()
    this.parts.push(char)
  }

  private appendByte(value: number): void {
    if (value === 0) {
      throw encodingError([0], this.position, this.end)
    }
    if (value < 0x80) this.append(String.fromCharCode(value))
    else this.bytes.push(value)
  }

  private flushBytes(): void {
    if (this.bytes.length === 0) return
    try {
      this.parts.push(decodeUtf8(new Uint8Array(this.bytes)))
    } catch {
      throw encodingError(this.bytes, this.position, this.end)
    }
    this.bytes = []
  }
}

/** Decodes `U&'...'` and `U&"..."`; `body` has its doubled quotes undone, `start` is for errors. */
export function decodeUnicode(
  body: string,
  escapeChar: string,
  span: { readonly start: number; readonly end: number },
): string {
  let result = ''
  let high = 0
  let at = 0
  while (at < body.length) {
    const char = body.charAt(at)
    const doubled = char === escapeChar && body.charAt(at + 1) === escapeChar
    if (char !== escapeChar || doubled) {
      if (high !== 0) throw surrogateError(span.start, span.end)
      result += char
      at += doubled ? 2 : 1
      continue
    }
    const long = body.charAt(at + 1) === '+'
    const digits = body.slice(at + (long ? 2 : 1), at + (long ? 8 : 5))
    if (!(long ? /^[0-9A-Fa-f]{6}$/ : /^[0-9A-Fa-f]{4}$/).test(digits)) {
      const hint = 'Unicode escapes must be \\XXXX or \\+XXXXXX.'
      throw literalError('SYNTAX_ERROR', 'invalid Unicode escape', span.start, span.end, hint)
    }
    at += long ? 8 : 5
    const value = Number.parseInt(digits, 16)
    if (isLowSurrogate(value) !== (high !== 0)) throw surrogateError(span.start, span.end)
    if (isHighSurrogate(value)) {
      high = value
      continue
    }
    result +=
      high === 0 ? checkedCodePoint(value, span.start, span.end) : String.fromCharCode(high, value)
    high = 0
  }
  if (high !== 0) throw surrogateError(span.start, span.end)
  return result
}

function unicodeAt(
  text: string,
  start: number,
  from: number,
  digits: number,
): { readonly value: number; readonly next: number } {
  const hex = text.slice(from, from + digits)
  if (hex.length < digits || !/^[0-9A-Fa-f]+$/.test(hex)) {
    const hint = 'Unicode escapes must be \\uXXXX or \\UXXXXXXXX.'
    throw literalError('INVALID_ESCAPE', 'invalid Unicode escape', start, from, hint)
  }
  return { value: Number.parseInt(hex, 16), next: from + digits }
}

function checkedCodePoint(value: number, start: number, end: number): string {
  if (value === 0 || value > 0x10_ffff) {
    throw lexicalErrorWithoutText('invalid Unicode escape value', start, end)
  }
  return String.fromCodePoint(value)
}

function lexicalErrorWithoutText(message: string, start: number, end: number): Error {
  return literalError('SYNTAX_ERROR', message, start, end)
}

function surrogateError(start: number, end: number): Error {
  return lexicalErrorWithoutText('invalid Unicode surrogate pair', start, end)
}

function encodingError(bytes: readonly number[], start: number, end: number): Error {
  const shown = bytes.map((value) => `0x${value.toString(16).padStart(2, '0')}`).join(' ')
  const message = `invalid byte sequence for encoding "UTF8": ${shown}`
  return literalError('INVALID_ENCODING', message, start, end)
}

function isHighSurrogate(value: number): boolean {
  return value >= 0xd800 && value <= 0xdbff
}

function isLowSurrogate(value: number): boolean {
  return value >= 0xdc00 && value <= 0xdfff
}

/** The digits of `X'...'` as the bits they stand for. */
export function bitsOfHex(digits: string, start: number, end: number): string {
  const bad = /[^0-9A-Fa-f]/u.exec(digits)
  if (bad !== null) {
    const message = `"${bad[0]}" is not a valid hexadecimal digit`
    throw literalError('INVALID_TEXT_REPRESENTATION', message, start, end)
  }
  return [...digits].map((d) => Number.parseInt(d, 16).toString(2).padStart(4, '0')).join('')
}
