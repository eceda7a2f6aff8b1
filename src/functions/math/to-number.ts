import { spend } from '../../base/budget.ts'
import { QueryError } from '../../base/errors.ts'
import { decimal, numeric } from '../../data/types/data-type.ts'
import {
  absolute,
  multiplyNumeric,
  powerOfTen,
  rescale,
} from '../../data/types/numeric-arithmetic.ts'
import { fieldOverflow, parseNumeric } from '../../data/types/parse-number.ts'
import type { NumericValue } from '../../data/types/scalar.ts'
import { scalar } from '../define.ts'
import { exactResult } from '../operators/exact.ts'
import { parseNumberTemplate, type Action, type NumberTemplate } from './number-template.ts'
import { literalNumberForm } from './to-number-inline.ts'
import { powerNumeric } from './transcendental.ts'

const encoder = new TextEncoder()
const code = (letter: string): number => letter.charCodeAt(0)
const BLANK = code(' ')
const MINUS = code('-')
const PLUS = code('+')
const POINT = code('.')
const COMMA = code(',')

const isDigit = (byte: number | undefined): boolean =>
  byte !== undefined && byte >= code('0') && byte <= code('9')
const isSign = (byte: number | undefined): boolean => byte === MINUS || byte === PLUS

/** Walks over a text with a template, after NUM_processor in PostgreSQL's formatting.c. */
class NumberReader {
  private readonly bytes: Uint8Array
  private readonly template: NumberTemplate
  private at = 0
  private sign = ''
  private digits = ''
  private whole = 0
  private hasPoint = false
  private places = 0

  constructor(source: string, template: NumberTemplate) {
    this.bytes = encoder.encode(source)
    this.template = template
  }

  /** The number as numerics are written, and how many places behind the point it has. */
  read(): { readonly text: string; readonly places: number } {
    for (const node of this.template.nodes) {
      spend(1)
      if (this.isAtEnd()) break
      if (node.kind === 'text') this.skipCharacter()
      else if (this.act(node.action)) this.at++
    }
    const text = this.digits.endsWith('.') ? this.digits.slice(0, -1) : this.digits
    return { text: (this.sign === '' ? ' ' : this.sign) + text, places: this.places }
  }

  private isAtEnd(): boolean {
    return this.at >= this.bytes.length
  }

  private skipCharacter(): void {
    const lead = this.bytes[this.at] ?? 0
    this.at += lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1
  }

  /** Characters that can be no part of a number. */
  private skipOthers(count: number): void {
    for (let left = count; left > 0 && !this.isAtEnd(); left--) {
      if ('0123456789.,+-'.includes(String.fromCharCode(this.bytes[this.at]!))) return
      this.skipCharacter()
    }
  }

  /** What a pattern takes; whether a byte is to be stepped over behind it. */
  private act(action: Action): boolean {
    const { has } = this.template
    const byte = this.bytes[this.at]
    switch (action) {
      case 'nine':
      case 'zero':
      case 'point':
        this.digit(action !== 'point')
        return true
      case 'comma':
        return !has.has('fill') && byte === COMMA
      case 'currency':
        this.skipOthers(1)
        return false
      case 'ordinal':
      case 'smallOrdinal':
        if (!has.has('point')) this.skipOthers(2)
        return false
      case 'minus':
        return this.signAt(byte === MINUS)
      case 'plus':
        return this.signAt(byte === PLUS)
      case 'either':
        return this.signAt(isSign(byte))
      case 'blank':
      case 'bracket':
      case 'fill':
      case 'none':
      case 'roman':
      case 'scientific':
      case 'shift':
      case 'sign':
      case 'smallRoman':
        return false
    }
  }

  private signAt(isThere: boolean): boolean {
    if (isThere) this.sign = String.fromCharCode(this.bytes[this.at]!)
    else this.skipOthers(1)
    return isThere
  }

  /** A digit or point, and a sign before the first or behind the last digit. */
  private digit(isPlace: boolean): void {
    if (this.bytes[this.at] === BLANK) this.at++
    if (this.isAtEnd()) return
    if (this.sign === '' && isPlace && this.whole + this.places === 0) this.signBefore()
    if (this.isAtEnd()) return
    const byte = this.bytes[this.at]
    let isRead = false
    if (isDigit(byte)) {
      if (this.hasPoint && this.places === this.template.post) return
      this.digits += String.fromCharCode(byte!)
      if (this.hasPoint) this.places++
      else this.whole++
      isRead = true
    } else if (this.template.has.has('point') && !this.hasPoint && byte === POINT) {
      this.digits += '.'
      this.hasPoint = true
      isRead = true
    }
    if (this.sign === '' && this.whole + this.places > 0) this.signBehind(isRead)
  }

  private signBefore(): void {
    const { has, sign } = this.template
    const byte = this.bytes[this.at]
    const isAnchored = has.has('sign') && sign === 'before'
    const isBracket = !isAnchored && has.has('bracket') && byte === code('<')
    if (byte === MINUS || isBracket) this.sign = '-'
    else if (byte === PLUS) this.sign = '+'
    else return
    this.at++
  }

  private signBehind(isRead: boolean): void {
    const { has } = this.template
    if (has.has('sign') && isRead) {
      const next = this.bytes[this.at + 1]
      if (!isSign(next)) return
      this.at++
      this.sign = String.fromCharCode(next!)
    } else if (!isRead && !has.has('sign') && !has.has('plus') && !has.has('minus')) {
      const byte = this.bytes[this.at]
      if (isSign(byte)) this.sign = String.fromCharCode(byte!)
    }
  }
}

/** PostgreSQL has no such input either, and says so in these words. */
function notForInput(pattern: string): QueryError {
  return new QueryError('FEATURE_NOT_SUPPORTED', `"${pattern}" not supported for input`)
}

const TEN: NumericValue = { unscaled: 10n, scale: 0 }

/** The number that a text is in a template of to_number; NULL for a template without anything. */
function numberOf(source: string, pattern: string): NumericValue | null {
  if (pattern === '') return null
  const template = parseNumberTemplate(pattern)
  const { has, pre, multi } = template
  if (has.has('roman')) throw notForInput('RN')
  if (has.has('scientific')) throw notForInput('EEEE')
  const { text, places } = new NumberReader(source, template).read()
  const value = parseNumeric(text)
  const unscaled = rescale(value.unscaled, value.scale, places)
  const precision = pre + multi + places
  if (absolute(unscaled) >= powerOfTen(precision)) throw fieldOverflow(decimal(precision, places))
  const limited = { unscaled, scale: places }
  if (!has.has('shift')) return limited
  return multiplyNumeric(limited, powerNumeric(TEN, { unscaled: BigInt(-multi), scale: 0 }))
}

/** to_number. */
export const toNumberFunction = scalar({
  name: 'to_number',
  args: ['text', 'text'],
  returns: numeric,
  raises: true,
  doc: 'The number that a text is in a template, as to_char has them.',
  example: "to_number('12,454.8-', '99G999D9S') -- -12454.8",
  literalForm: literalNumberForm,
  evaluate: ([source, pattern]) => {
    const value = numberOf(String(source), String(pattern))
    return value === null ? null : exactResult(value, numeric)
  },
})
