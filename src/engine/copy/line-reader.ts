import type { QueryError } from '../../base/errors.ts'
import type { CopyForm } from './options.ts'
import { copyFault } from './record.ts'

/** How lines end; found with the first one. */
type LineEnd = '\n' | '\r' | '\r\n'

/** A line of the text format, or of CSV all lines of one record. */
export interface CopiedLine {
  /** Without its end. */
  readonly text: string
  /** Of its last line, counted from 1. */
  readonly line: number
  /** Nothing in it stands for anything but itself. */
  readonly isPlain: boolean
}

/** Whether more comes behind a text: not a newline, where that is known. */
export type GoesOn = 'anyhow' | 'without newline' | 'no'

interface Scan {
  readonly text: string
  readonly goesOn: GoesOn
  /** Whether there is anything in the text that needs a look at each character. */
  readonly isPlain: boolean
}

/**
 * Finds lines as PostgreSQL's CopyReadLineText does (copyfromparse.c): what ends a line, where a quoted field of CSV
 * goes on in the next one, and where `\.` ends it all.
 */
export class LineReader {
  readonly #isCsv: boolean
  readonly #quote: string
  /** Empty where it is the quote. */
  readonly #escape: string
  #lineEnd: LineEnd | undefined
  /** Of the last line that was read. */
  line = 0
  #isOver = false

  constructor({ format, quote, escape }: CopyForm) {
    this.#isCsv = format === 'csv'
    this.#quote = quote
    this.#escape = escape === quote ? '' : escape
  }

  /** Whether `\.` was met: what comes behind is not read. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** The lines of a text; returns where the first begins that is not whole. Errors: BAD_FILE. */
  *lines(text: string, goesOn: GoesOn): Generator<CopiedLine, number> {
    const odd = this.#isCsv ? text.includes(this.#quote) : false
    const isPlain = !odd && !text.includes('\\') && !text.includes('\r')
    const scan = { text, goesOn, isPlain }
    let at = 0
    while (at < text.length && !this.#isOver) {
      const found = isPlain && this.#takesNewlines() ? plainLine(scan, at) : this.#line(scan, at)
      if (found === undefined) return at
      this.line += 1
      if (this.#isOver) return found.next
      const line = text.slice(at, found.end)
      at = found.next
      yield { text: line, line: this.line, isPlain }
    }
    return at
  }

  #takesNewlines(): boolean {
    if (this.#lineEnd === undefined) this.#lineEnd = '\n'
    return this.#lineEnd === '\n'
  }

  /** Undefined where the text ends before the line does. */
  #line(scan: Scan, start: number): FoundLine | undefined {
    const { text, goesOn } = scan
    let inQuote = false
    let wasEscape = false
    const before = this.line
    for (let at = start; at < text.length; at++) {
      const c = text[at]!
      if (this.#isCsv) {
        if (inQuote && c === this.#escape) wasEscape = !wasEscape
        if (c === this.#quote && !wasEscape) inQuote = !inQuote
        if (c !== this.#escape) wasEscape = false
        if (inQuote) {
          if (c === (this.#lineEnd === '\n' ? '\n' : '\r')) this.line++
          continue
        }
      }
      if (c === '\r') {
        if (at + 1 === text.length && goesOn === 'anyhow') return this.#again(scan, before)
        return { end: at, next: this.#afterReturn(text, at) }
      }
      if (c === '\n') {
        if (this.#lineEnd === '\r' || this.#lineEnd === '\r\n') throw this.#literal('newline')
        this.#lineEnd = '\n'
        return { end: at, next: at + 1 }
      }
      if (c !== '\\' || (this.#isCsv && at > start)) continue
      if (at + 3 >= text.length && goesOn !== 'no') return this.#again(scan, before)
      const next = text[at + 1] === '.' ? this.#afterMarker(text, at) : undefined
      if (next !== undefined) {
        // Behind other data it is but the end of a line.
        this.#isOver = at === start
        return { end: at, next }
      }
      if (!this.#isCsv) at++
    }
    return goesOn === 'no' ? { end: text.length, next: text.length } : this.#again(scan, before)
  }

  /** The line will be read again from its start, where anything comes behind that can be read. */
  #again({ goesOn }: Scan, before: number): undefined {
    if (goesOn === 'anyhow') this.line = before
    return undefined
  }

  #afterReturn(text: string, at: number): number {
    if (this.#lineEnd === '\n') throw this.#literal('carriage return')
    if (text[at + 1] === '\n' && this.#lineEnd !== '\r') {
      this.#lineEnd = '\r\n'
      return at + 2
    }
    if (this.#lineEnd === '\r\n') throw this.#literal('carriage return')
    this.#lineEnd = '\r'
    return at + 1
  }

  /** Behind `\.` and the end of its line; undefined where it is data, in CSV. */
  #afterMarker(text: string, at: number): number | undefined {
    const end = this.#lineEnd
    let next = at + 2
    if (end === '\r\n') {
      const c = text[next++]
      if (c === '\n' && !this.#isCsv) throw this.#otherStyle()
      if (c !== '\r') return this.#refuseMarker()
    }
    const c = text[next++]
    if (c !== '\r' && c !== '\n') return this.#refuseMarker()
    const expected = end === '\r\n' ? '\n' : end
    if (expected !== undefined && c !== expected) throw this.#otherStyle()
    return next
  }

  #refuseMarker(): undefined {
    if (!this.#isCsv) throw this.#fault('end-of-copy marker corrupt')
    return undefined
  }

  #otherStyle(): QueryError {
    return this.#fault('end-of-copy marker does not match previous newline style')
  }

  #literal(what: 'newline' | 'carriage return'): QueryError {
    const code = what === 'newline' ? '\\n' : '\\r'
    const hint = this.#isCsv
      ? `Use quoted CSV field to represent ${what}.`
      : `Use "${code}" to represent ${what}.`
    return this.#fault(`${this.#isCsv ? 'unquoted' : 'literal'} ${what} found in data`, hint)
  }

  /** The line that cannot be read is the one behind those that were. */
  #fault(message: string, hint?: string): QueryError {
    this.line++
    return copyFault(message, hint === undefined ? {} : { hint })
  }
}

interface FoundLine {
  readonly end: number
  readonly next: number
}

function plainLine({ text, goesOn }: Scan, start: number): FoundLine | undefined {
  const end = text.indexOf('\n', start)
  if (end >= 0) return { end, next: end + 1 }
  return goesOn === 'no' ? { end: text.length, next: text.length } : undefined
}
