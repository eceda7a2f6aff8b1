import { spend } from '../../base/budget.ts'
import { QueryError } from '../../base/errors.ts'
import {
  parseNumberTemplate,
  type Action,
  type NumberTemplate,
  type TemplateNode,
} from './number-template.ts'

/** A number that a template shows, in the forms that templates ask for. */
export interface ShownNumber {
  /** Rounded to so many places behind the point, after it was multiplied by a power of ten. Fewer places may be given. */
  fixed(places: number, shift: number): Fixed
  /** With an exponent, so many places behind the point; undefined for what has none. */
  scientific(places: number): string | undefined
  /** Rounded to an integer. */
  whole(): number
}

export interface Fixed {
  /** Digits and a point, a minus before those of a number below 0. */
  readonly text: string
  readonly places: number
}

/** A number in a template of to_char (PostgreSQL's manual, table 9.29), after NUM_processor in its formatting.c. */
export function formatNumber(number: ShownNumber, source: string): string {
  if (source === '') return ''
  const template = parseNumberTemplate(source)
  const { has } = template
  if (has.has('scientific')) return scientific(number, template)
  if (has.has('roman')) return roman(number.whole(), template)
  const fixed = number.fixed(template.post, template.multi)
  template.post = fixed.places
  template.pre += template.multi
  const isNegative = fixed.text.startsWith('-')
  const text = isNegative ? fixed.text.slice(1) : fixed.text
  const point = text.indexOf('.')
  const excess = (point < 0 ? text.length : point) - template.pre
  const shown = excess > 0 ? `${'#'.repeat(template.pre)}.${'#'.repeat(template.post)}` : text
  return new Writer(template, shown, isNegative, Math.max(0, -excess)).written()
}

function scientific(number: ShownNumber, { pre, post }: NumberTemplate): string {
  const text = number.scientific(post)
  if (text !== undefined) return text.startsWith('-') ? text : ` ${text}`
  return ` ${'#'.repeat(pre)}.${'#'.repeat(post + 4)}`
}

const numerals: readonly (readonly [number, string])[] = [
  [1000, 'M'],
  [900, 'CM'],
  [500, 'D'],
  [400, 'CD'],
  [100, 'C'],
  [90, 'XC'],
  [50, 'L'],
  [40, 'XL'],
  [10, 'X'],
  [9, 'IX'],
  [5, 'V'],
  [4, 'IV'],
  [1, 'I'],
]

const ROMAN_MAX = 3_999
const ROMAN_WIDTH = 15

/** Only numerals, texts and separators are written. */
function roman(value: number, { nodes, has }: NumberTemplate): string {
  let text = ''
  let rest = value
  if (!(value >= 1 && value <= ROMAN_MAX)) text = '#'.repeat(ROMAN_WIDTH)
  else {
    for (const [size, letters] of numerals) {
      for (; rest >= size; rest -= size) text += letters
    }
  }
  const padded = has.has('fill') ? text : text.padStart(ROMAN_WIDTH)
  const blank = has.has('fill') ? '' : ' '
  const shown: Readonly<Partial<Record<Action, string>>> = {
    roman: padded,
    smallRoman: padded.toLowerCase(),
    currency: ' ',
    comma: blank,
    minus: blank,
    plus: blank,
    either: END,
  }
  const write = (node: TemplateNode): string =>
    node.kind === 'text' ? node.text : (shown[node.action] ?? '')
  return untilEnd(nodes.map(write).join(''))
}

/** Ends what is written, as it does in C: where a digit is wanted behind the last, or the sign of a numeral. */
const END = '\0'

function untilEnd(text: string): string {
  const end = text.indexOf(END)
  return end < 0 ? text : text.slice(0, end)
}

/** Walks over a template with the digits of a number. */
class Writer {
  private readonly template: NumberTemplate
  private readonly number: string
  private readonly sign: '+' | '-'
  /** Blanks before the number. */
  private readonly spaces: number
  private readonly fills: boolean
  private readonly signAt: 'none' | 'before' | 'behind'
  private readonly isBracketed: boolean
  /** Place of the last digit that FM keeps; -1: it keeps all. */
  private readonly lastKept: number
  private readonly count: number
  private isSigned: boolean
  private isInNumber = false
  private place = 0
  private at = 0
  private out = ''

  constructor(template: NumberTemplate, number: string, isNegative: boolean, spaces: number) {
    const { has, pre, post, sign, signPlaces } = template
    this.template = template
    this.number = number
    this.sign = isNegative ? '-' : '+'
    this.spaces = spaces
    this.fills = has.has('fill')
    const isApart = has.has('plus') || has.has('minus')
    this.isBracketed = has.has('bracket') && (isApart || isNegative || !this.fills)
    this.isSigned = isApart ? has.has('minus') : !isNegative && this.fills && !has.has('sign')
    this.signAt = !isApart && sign === 'before' && pre === signPlaces ? 'behind' : sign
    this.lastKept = this.fills && has.has('point') ? this.lastRelevant() : -1
    this.count = post + pre - 1 + (!this.isSigned && spaces === 0 ? 1 : 0)
  }

  /** The last decimal that is not 0, or that a 0 of the template stands for. */
  private lastRelevant(): number {
    const { number, spaces } = this
    const point = number.indexOf('.')
    if (point < 0) return -1
    const last = Math.max(point, number.replace(/0+$/, '').length - 1)
    const { zeroEnd } = this.template
    return zeroEnd > spaces ? Math.max(last, Math.min(number.length - 1, zeroEnd - spaces)) : last
  }

  written(): string {
    for (const node of this.template.nodes) {
      spend(1)
      if (node.kind === 'text') this.out += node.text
      else this.write(node.action)
    }
    return untilEnd(this.out)
  }

  private write(action: Action): void {
    const blank = this.fills ? '' : ' '
    switch (action) {
      case 'nine':
      case 'zero':
      case 'point':
        this.writePlace(action)
        break
      case 'comma':
        this.out += this.isInNumber ? ',' : blank
        break
      case 'currency':
        this.out += ' '
        break
      case 'minus':
        this.out += this.sign === '-' ? '-' : blank
        break
      case 'plus':
        this.out += this.sign === '+' ? '+' : blank
        break
      case 'either':
        this.out += this.sign
        break
      case 'ordinal':
        this.out += this.ordinal()
        break
      case 'smallOrdinal':
        this.out += this.ordinal().toLowerCase()
        break
      case 'blank':
      case 'none':
      case 'scientific':
      case 'fill':
      case 'bracket':
      case 'roman':
      case 'smallRoman':
      case 'sign':
      case 'shift':
        break
    }
  }

  private ordinal(): string {
    const { number, sign, template } = this
    if (number.startsWith('#') || sign === '-' || template.has.has('point')) return ''
    if (!/\d$/.test(number)) {
      throw new QueryError('INVALID_TEXT_REPRESENTATION', `"${number}" is not a number`)
    }
    const isTeen = number.at(-2) === '1'
    return (isTeen ? undefined : { 1: 'ST', 2: 'ND', 3: 'RD' }[number.at(-1) ?? '']) ?? 'TH'
  }

  /** Whether the number's only digit before the point is a 0 that is not shown. */
  private isHiddenZero(): boolean {
    const { has, post } = this.template
    return !has.has('zero') && this.at === 0 && this.number.startsWith('0') && post !== 0
  }

  private endsAtPoint(): boolean {
    return this.lastKept >= 0 && this.number[this.lastKept] === '.'
  }

  // NUM_numpart_to_char
  private writePlace(action: 'nine' | 'zero' | 'point'): void {
    const { place, spaces, template } = this
    const zeroAt = template.has.has('zero') ? template.zeroStart - 1 : Number.POSITIVE_INFINITY
    this.isInNumber = false
    const begins = place >= spaces || zeroAt === place
    if (!this.isSigned && begins && (!this.isHiddenZero() || this.endsAtPoint())) this.writeSign()
    if (place < spaces && zeroAt > place) this.out += this.fills ? '' : ' '
    else if (place < spaces) {
      this.out += '0'
      this.isInNumber = true
    } else this.writeDigit(action)
    const usual = this.count + (spaces > 0 ? 1 : 0) + (template.has.has('point') ? 1 : 0)
    const end = this.lastKept >= 0 && this.lastKept === this.at ? place : usual
    if (place + 1 === end) this.writeEnd()
    this.place++
  }

  private writeSign(): void {
    if (this.template.has.has('sign')) {
      if (this.signAt !== 'before') return
      this.out += this.sign
    } else if (this.isBracketed) this.out += this.sign === '+' ? ' ' : '<'
    else if (this.sign === '-') this.out += '-'
    else if (!this.fills) this.out += ' '
    this.isSigned = true
  }

  private writeDigit(action: 'nine' | 'zero' | 'point'): void {
    const letter = this.number[this.at] ?? END
    if (letter === '.') this.out += '.'
    else if (this.lastKept < 0 || this.at <= this.lastKept || action === 'zero') {
      if (!this.isHiddenZero()) {
        this.out += letter
        this.isInNumber = true
      } else if (!this.fills) this.out += ' '
      else if (this.endsAtPoint()) this.out += '0'
    }
    if (letter !== END) this.at++
  }

  private writeEnd(): void {
    if (this.isSigned && this.isBracketed) this.out += this.sign === '+' ? ' ' : '>'
    else if (this.template.has.has('sign') && this.signAt === 'behind') this.out += this.sign
  }
}
