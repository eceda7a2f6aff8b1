import { spend } from '../../base/budget.ts'
import { notSupported, QueryError } from '../../base/errors.ts'
import { formatDecimal } from '../../data/types/format-values.ts'
import {
  absolute,
  NUMERIC_WHOLE_DIGITS_MAX,
  powerOfTen,
  rescale,
} from '../../data/types/numeric-arithmetic.ts'
import type { NumericValue } from '../../data/types/scalar.ts'

/** What stands before or after the digits of a number template. */
interface Template {
  /** Places and separators in order: 9, 0, comma, literal text in quotes removed. */
  readonly items: readonly Item[]
  readonly whole: number
  readonly fraction: number
  readonly firstZero: number
  readonly fill: boolean
  readonly sign: 'none' | 'leading' | 'trailing' | 'minus-after' | 'angle'
}

type Item =
  | { readonly kind: 'place'; readonly zero: boolean }
  | { readonly kind: 'point' }
  | { readonly kind: 'group' }
  | { readonly kind: 'text'; readonly text: string }

/**
 * A number in a template of to_char (PostgreSQL's manual, table 9.29; V, EEEE, RN, TH and more are refused). A
 * float keeps its sign when it rounds to 0: `isNegative` says that it has one.
 */
export function formatNumber(value: NumericValue, source: string, isNegative = false): string {
  const template = parseTemplate(source)
  const rounded = rescale(value.unscaled, value.scale, template.fraction)
  // A float keeps its sign when it rounds to 0, a numeric does not.
  const negative = rounded < 0n || isNegative
  const digits = formatDecimal(absolute(rounded), template.fraction)
  const [whole = '', fraction = ''] = digits.split('.')

  const isBounded = template.whole < NUMERIC_WHOLE_DIGITS_MAX
  if (isBounded && absolute(rounded) >= powerOfTen(template.whole + template.fraction)) {
    return overflow(template, negative)
  }
  return layOut(template, whole.padStart(template.whole, ' '), fraction, negative)
}

/** Places behind the point that a template has. */
export function fractionPlaces(source: string): number {
  return parseTemplate(source).fraction
}

/** What reading a letter of a template costs, and showing it. */
const LETTER_STEPS = 64

function parseTemplate(source: string): Template {
  const items: Item[] = []
  let whole = 0
  let fraction = 0
  let firstZero = -1
  let fill = true
  let behind = false
  let sign: Template['sign'] = 'none'
  for (let at = 0; at < source.length; at++) {
    spend(LETTER_STEPS)
    const letter = (source[at] ?? '').toUpperCase()
    const two = source.slice(at, at + 2).toUpperCase()
    if (source[at] === '"') {
      const end = source.indexOf('"', at + 1)
      items.push({ kind: 'text', text: source.slice(at + 1, end < 0 ? undefined : end) })
      at = end < 0 ? source.length : end
    } else if (two === 'FM' || two === 'MI' || two === 'PR' || two === 'PL' || two === 'SG') {
      if (two === 'FM') fill = false
      else if (two === 'MI') sign = 'minus-after'
      else if (two === 'PR') sign = 'angle'
      else throw notSupported(`to_char with ${two}`)
      at++
    } else if (letter === '9' || letter === '0') {
      items.push({ kind: 'place', zero: letter === '0' })
      if (behind) fraction++
      else {
        if (letter === '0' && firstZero < 0) firstZero = whole
        whole++
      }
    } else if (letter === '.' || letter === 'D') {
      if (behind) throw new QueryError('SYNTAX_ERROR', 'multiple decimal points')
      behind = true
      items.push({ kind: 'point' })
    } else if (letter === ',' || letter === 'G') items.push({ kind: 'group' })
    else if (letter === 'S') sign = items.length === 0 ? 'leading' : 'trailing'
    else if (letter === 'L') items.push({ kind: 'text', text: ' ' })
    else if (letter === 'V' || two === 'EE' || two === 'RN' || two === 'TH') {
      throw notSupported(`to_char with ${letter === 'V' ? 'V' : two}`)
    } else items.push({ kind: 'text', text: source[at] ?? '' })
  }
  const template: Template = { items, whole, fraction, firstZero, fill, sign }
  refuseUncommon(template, source)
  return template
}

/** Refuses what PostgreSQL lays out by rules of its own that are not followed here. */
function refuseUncommon({ items, whole, fraction, fill, sign }: Template, source: string): void {
  if (/(?:MI|PR).*[09]/i.test(source)) throw notSupported('to_char with MI or PR before digits')
  const endsSoon = fraction === 0 && items.some(({ kind }) => kind === 'point')
  const isLast = items.at(-1)?.kind === 'point' && (sign === 'none' || sign === 'leading')
  if (endsSoon && !isLast) {
    throw notSupported('to_char with more behind a point that no place follows')
  }
  if (/\\/.test(source)) throw notSupported('to_char of numbers with a backslash')
  if (/B/i.test(source.replaceAll(/"[^"]*"/g, ''))) throw notSupported('to_char with B')
  if (whole === 0) throw notSupported('to_char without a place before the point')
  if (/L/i.test(source) && (!fill || /S/i.test(source))) throw notSupported('to_char with L')
  if ((source.split('"').length & 1) === 0) throw notSupported('to_char with an open quote')
}

function layOut(template: Template, whole: string, fraction: string, negative: boolean): string {
  const { items, fill, firstZero } = template
  let body = ''
  let place = 0
  let decimals = 0
  let started = false
  let behind = false
  const isZero = whole.trim() === '0'
  let signAt = -1
  const lastZero = lastForcedDecimal(template)
  for (const item of items) {
    if (item.kind === 'point') {
      behind = true
      if (signAt < 0) signAt = body.length
      // Without padding a number that is all zeros keeps one of them.
      if (!fill && !started && isZero && kept(fraction, lastZero) === 0) body += '0'
      // A point that no place follows is none.
      if (template.fraction > 0) body += '.'
    } else if (item.kind === 'group') body += started ? ',' : fill ? ' ' : ''
    else if (item.kind === 'text') body += item.text
    else if (behind) {
      if (fill || decimals < kept(fraction, lastZero)) body += fraction[decimals] ?? '0'
      decimals++
    } else {
      const digit = whole[place] ?? ' '
      const forced = firstZero >= 0 && place >= firstZero
      // A lone zero before the point is only shown where the template has a 0, or no fraction.
      const hidden = digit === ' ' || (isZero && !forced && template.fraction > 0)
      if (hidden && !forced && !started) body += fill ? ' ' : ''
      else {
        if (!started) signAt = signAt < 0 ? body.length : signAt
        started = true
        body += digit === ' ' ? '0' : digit
      }
      place++
    }
  }
  return withSign(template, body, signAt < 0 ? body.length : signAt, negative)
}

/** Decimals that FM keeps: up to the last that is not 0, or that a 0 of the template forces. */
function kept(fraction: string, forced: number): number {
  return Math.max(fraction.replace(/0+$/, '').length, forced)
}

function lastForcedDecimal({ items }: Template): number {
  let behind = false
  let decimals = 0
  let last = 0
  for (const item of items) {
    if (item.kind === 'point') behind = true
    else if (item.kind === 'place' && behind) {
      decimals++
      if (item.zero) last = decimals
    }
  }
  return last
}

function withSign(template: Template, body: string, at: number, negative: boolean): string {
  const { fill, sign } = template
  const insert = (mark: string): string => body.slice(0, at) + mark + body.slice(at)
  switch (sign) {
    case 'none':
      return insert(negative ? '-' : fill ? ' ' : '')
    case 'leading':
      return insert(negative ? '-' : '+')
    case 'trailing':
      return body + (negative ? '-' : '+')
    case 'minus-after':
      return body + (negative ? '-' : fill ? ' ' : '')
    case 'angle':
      return negative ? `${insert('<')}>` : fill ? `${insert(' ')} ` : body
  }
}

function overflow(template: Template, negative: boolean): string {
  const body = template.items
    .map((item) => {
      if (item.kind === 'place') return '#'
      if (item.kind === 'point') return '.'
      return item.kind === 'group' ? ',' : item.text
    })
    .join('')
  // The sign stands behind a text that the template begins with.
  const places = template.items.findIndex(({ kind }) => kind !== 'text')
  const led = template.items.slice(0, Math.max(0, places))
  const at = led.reduce((length, item) => length + (item.kind === 'text' ? item.text.length : 0), 0)
  return withSign(template, body, at, negative)
}
