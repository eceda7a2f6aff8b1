import { QueryError } from '../../base/errors.ts'

/** What stands in a pattern of format(): a text, or something of an argument. */
export type FormatPart =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'value'
      /** Which argument, from 1 on; undefined: the one behind the last. */
      readonly argument: number | undefined
      /** Which argument has the width, where one has; `said` as for the value. */
      readonly widthAt: { readonly said: number | undefined } | undefined
      readonly width: number
      readonly isLeft: boolean
      readonly conversion: string
    }

/** Throws what PostgreSQL's text_format throws; parts before what is wrong are given first. */
export function* parseFormat(pattern: string): Generator<FormatPart> {
  for (let at = 0; at < pattern.length;) {
    const percent = pattern.indexOf('%', at)
    const end = percent < 0 ? pattern.length : percent
    if (end > at) yield { kind: 'text', text: pattern.slice(at, end) }
    if (percent < 0) return
    const reader = new SpecifierReader(pattern, percent)
    yield reader.read()
    at = reader.at
  }
}

const INT4_MAX = 2_147_483_647
const HINT = { hint: 'For a single "%" use "%%".' }

function wrong(message: string, details = {}): QueryError {
  return new QueryError('INVALID_PARAMETER_VALUE', message, details)
}

/** Reads what stands behind a %. */
class SpecifierReader {
  at: number
  private readonly pattern: string

  constructor(pattern: string, percent: number) {
    this.pattern = pattern
    this.at = percent
    this.advance()
  }

  private advance(): void {
    this.at++
    if (this.at >= this.pattern.length) {
      throw wrong('unterminated format() type specifier', HINT)
    }
  }

  private get letter(): string {
    return this.pattern[this.at] ?? ''
  }

  private digits(): number | undefined {
    let value: number | undefined
    while (this.letter >= '0' && this.letter <= '9') {
      value = (value ?? 0) * 10 + Number(this.letter)
      if (value > INT4_MAX) throw new QueryError('NUMERIC_OUT_OF_RANGE', 'number is out of range')
      this.advance()
    }
    return value
  }

  private argumentNumber(number: number): number {
    if (number > 0) return number
    throw wrong('format specifies argument 0, but arguments are numbered from 1')
  }

  read(): FormatPart {
    if (this.letter === '%') {
      this.at++
      return { kind: 'text', text: '%' }
    }
    let argument: number | undefined
    let width = 0
    let widthAt: { readonly said: number | undefined } | undefined
    let isLeft = false
    const first = this.digits()
    if (first !== undefined && this.letter !== '$') width = first
    else {
      if (first !== undefined) {
        argument = this.argumentNumber(first)
        this.advance()
      }
      while (this.letter === '-') {
        isLeft = true
        this.advance()
      }
      if (this.letter === '*') {
        this.advance()
        widthAt = { said: this.widthNumber() }
      } else width = this.digits() ?? 0
    }
    return { kind: 'value', argument, widthAt, width, isLeft, conversion: this.conversion() }
  }

  private widthNumber(): number | undefined {
    const number = this.digits()
    if (number === undefined) return undefined
    if (this.letter !== '$') throw wrong('width argument position must be ended by "$"')
    const known = this.argumentNumber(number)
    this.advance()
    return known
  }

  private conversion(): string {
    const letter = String.fromCodePoint(this.pattern.codePointAt(this.at) ?? 0)
    if (!'sIL'.includes(letter)) {
      throw wrong(`unrecognized format() type specifier "${letter}"`, HINT)
    }
    this.at++
    return letter
  }
}
