import { QueryError } from '../../base/errors.ts'
import {
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
} from './calendar.ts'
import type { IntervalStyle } from './datetime/locale.ts'
import type { IntervalValue } from './scalar.ts'
import { integerOf } from './long-digits.ts'
import { roundHalfEven } from './round-half-even.ts'

type Part = 'years' | 'months' | 'days' | 'micros'

interface Unit {
  readonly part: Part
  readonly factor: number
  /** What a fraction of the unit becomes: days of 24 hours, or by default what the unit counts. */
  readonly fractionDays?: number
}

const month: Unit = { part: 'months', factor: 1, fractionDays: 30 }
const year: Unit = { part: 'years', factor: 1 }
const decade: Unit = { part: 'years', factor: 10 }
const century: Unit = { part: 'years', factor: 100 }
const millennium: Unit = { part: 'years', factor: 1_000 }
const day: Unit = { part: 'days', factor: 1 }
const week: Unit = { part: 'days', factor: 7, fractionDays: 7 }
const hour: Unit = { part: 'micros', factor: Number(MICROS_PER_HOUR) }
const minute: Unit = { part: 'micros', factor: Number(MICROS_PER_MINUTE) }
const second: Unit = { part: 'micros', factor: Number(MICROS_PER_SECOND) }
const millisecond: Unit = { part: 'micros', factor: 1_000 }
const microsecond: Unit = { part: 'micros', factor: 1 }

const unitNames: readonly (readonly [Unit, string])[] = [
  [microsecond, 'us usec usecs usecond useconds microsecond microseconds microsecon'],
  [millisecond, 'ms msec msecs msecond mseconds millisecond milliseconds millisecon'],
  [second, 's sec secs second seconds'],
  [minute, 'm min mins minute minutes'],
  [hour, 'h hr hrs hour hours'],
  [day, 'd day days'],
  [week, 'w week weeks'],
  [month, 'mon mons month months'],
  [year, 'y yr yrs year years'],
  [decade, 'dec decs decade decades'],
  [century, 'c cent century centuries'],
  [millennium, 'mil mils millennia millennium'],
]

/** Of a word PostgreSQL looks at so many. */
const WORD_CHARACTERS = 10

/** Units of an interval by every name that PostgreSQL reads. */
const units: ReadonlyMap<string, Unit> = new Map(
  unitNames.flatMap(([unit, names]) => names.split(' ').map((name) => [name, unit] as const)),
)

interface Sum {
  years: number
  months: number
  days: number
  micros: bigint
}

/** What `interval '...' DAY TO HOUR` says of the text: its fields, coarsest first. */
export type IntervalFields = readonly string[]

const INT4_MAX = 2_147_483_647
const MICROS_MAX = 2n ** 63n - 1n

const token =
  /\s*(?:([+-]?)(\d+):(\d{1,2})(?::(\d{1,2})(\.\d*)?|(\.\d*))?|(?<!\d)([+-]?)(\d+)-(\d+(?![\d.-])|(?=\s|$))|([+-]\d+(?:\.\d*)?|\d+(?:\.\d+|\.(?![a-z]))?|\.\d+)|([a-z]+)|@)\s*/gy

/**
 * Reads an interval in any of PostgreSQL's forms: `1 year 2 mons 3 days 04:05:06.7 ago`, SQL's
 * `1-2 3 4:05:06`, ISO 8601's `P1Y2M3DT4H5M6S`. A bare number counts seconds, or the finest of the
 * fields that the type names.
 */
export function parseInterval(
  source: string,
  fields: IntervalFields = [],
  style: IntervalStyle = 'postgres',
): IntervalValue {
  const lowered = source.trim().toLowerCase()
  const sum: Sum = { years: 0, months: 0, days: 0, micros: 0n }
  if (lowered.startsWith('p')) readIso(lowered.slice(1), sum, source)
  else readVerbose(lowered, sum, source, { fields, style })
  const { years, months, days } = sum
  const micros = BigInt.asIntN(64, sum.micros)
  const counts = [years, months, days]
  if (!counts.every(isInt4) || micros !== sum.micros) {
    throw outOfRange(source)
  }
  if (!isInt4(years * 12 + months)) {
    throw new QueryError('DATETIME_OVERFLOW', 'interval out of range')
  }
  return { months: years * 12 + months + 0, days: days + 0, micros }
}

function isInt4(count: number): boolean {
  return count >= -INT4_MAX - 1 && count <= INT4_MAX
}

/** Fields that were given, as bits: each may be given once. */
const SECONDS = 1 + 2 + 4
const TIME = SECONDS + 8 + 16
const MONTH = 128
const unitBits: ReadonlyMap<Unit, number> = new Map(
  unitNames.map(([unit], index) => [unit, 1 << index]),
)

/**
 * What PostgreSQL's ParseDateTime passes over becomes blanks: punctuation that is no part of a number, time or date,
 * and the blanks behind a sign.
 */
function withoutPunctuation(lowered: string): string {
  return lowered
    .replaceAll(/(?<!\w)([+-])\s+(?=\d)/g, '$1')
    .replaceAll(/[!-*,;-?[-`{-~]/g, ' ')
    .replaceAll(/(?<![^\s])[/:]+/g, ' ')
    .replaceAll(/(?<![^\s])\.(?!\d)/g, ' ')
    .trim()
}

/**
 * Words that go on without a blank are dates to PostgreSQL: before a hyphen, slash or point, and, but for words that dates
 * have too, before a sign or digit.
 */
const GLUED = /[a-z][-/.]|(?<![a-z])(?!(?:[dhmsy]|mm|mon|dec)[^a-z])[a-z]+[+\d]/

/** Reads from the end on, as a number's unit is behind it, and without one follows from what is. */
function readVerbose(
  lowered: string,
  sum: Sum,
  source: string,
  { fields, style }: { readonly fields: IntervalFields; readonly style: IntervalStyle },
): void {
  const plain = withoutPunctuation(lowered)
  if (GLUED.test(plain)) throw invalid(source)
  const matches = [...plain.matchAll(token)]
  if (matches.reduce((length, [text]) => length + text.length, 0) !== plain.length) {
    throw invalid(source)
  }
  let unit: Unit | undefined = units.get(fields.at(-1) ?? 'second')
  let given = 0
  let ago = false
  const give = (bits: number): void => {
    if ((given & bits) !== 0) throw invalid(source)
    given |= bits
  }
  for (const match of matches.toReversed()) {
    const [, , hours, , , , , sign, years, months, number, word] = match
    if (hours !== undefined) {
      readClock(match, sum, source, fields)
      give(TIME)
      unit = day
    } else if (years !== undefined) {
      give(MONTH)
      if (Number(months) > 11) throw outOfRange(source)
      const factor = sign === '-' ? -1 : 1
      sum.years += factor * Number(years)
      sum.months += factor * Number(months)
      unit = month
    } else if (number !== undefined) {
      if (unit === undefined) throw invalid(source)
      const isFraction = unit === second && /\.0*[1-9]/.test(number)
      give(isFraction ? SECONDS : (unitBits.get(unit) ?? 0))
      add(sum, number, unit)
      if (unit === hour) unit = day
    } else if (word === 'ago') {
      ago = true
      unit = undefined
    } else if (word !== undefined) {
      unit = units.get(word.slice(0, WORD_CHARACTERS))
      if (unit === undefined) throw invalid(source)
    }
  }
  if (given === 0) throw invalid(source)
  const [first = '', ...others] = matches.map(([text]) => text.trim())
  const isSigned = first.startsWith('-') && !others.some((text) => /^[+-]/.test(text))
  if (style === 'sql_standard' && isSigned) negateAll(sum)
  if (ago) negate(sum)
}

/** A time of day; of two numbers minutes and seconds if the fields say so, or a fraction follows. */
function readClock(match: RegExpExecArray, sum: Sum, source: string, fields: IntervalFields): void {
  const [, sign = '', hours = '0', minutes = '0', seconds, fraction = '', early] = match
  const isOfMinutes = fields[0] === 'minute' && fields[1] === 'second'
  const isShort = seconds === undefined && (early !== undefined || isOfMinutes)
  const [h, m, s] = isShort ? ['0', hours, minutes] : [hours, minutes, seconds ?? '0']
  // With a sign PostgreSQL takes what is no time of day for another form, and finds none.
  if (sign !== '' && (Number(m) > 59 || Number(s) > 60)) throw invalid(source)
  addClock(sum, sign, [h ?? '0', m ?? '0', s ?? '0', early ?? fraction], source)
}

/** The one sign in front is that of all parts. */
function negateAll(sum: Sum): void {
  sum.years = -Math.abs(sum.years)
  sum.months = -Math.abs(sum.months)
  sum.days = -Math.abs(sum.days)
  if (sum.micros > 0n) sum.micros = -sum.micros
}

function negate(sum: Sum): void {
  sum.years = -sum.years
  sum.months = -sum.months
  sum.days = -sum.days
  sum.micros = -sum.micros
}

function addClock(
  sum: Sum,
  sign: string,
  [hours, minutes, seconds, fraction]: readonly [string, string, string, string],
  source: string,
): void {
  if (Number(minutes) > 59 || Number(seconds) > 60) throw outOfRange(source)
  const rest = roundHalfEven(Number(`0${fraction}`) * 1_000_000)
  const micros =
    integerOf(hours) * MICROS_PER_HOUR +
    integerOf(minutes) * MICROS_PER_MINUTE +
    integerOf(seconds) * MICROS_PER_SECOND +
    BigInt(rest)
  // So has what is beyond 64 bits, but for hours that are by themselves.
  if (micros > MICROS_MAX) {
    throw sign === '' || integerOf(hours) > MICROS_MAX ? outOfRange(source) : invalid(source)
  }
  // Set, not added: what fractions of the parts behind it gave is lost, as it is in PostgreSQL.
  sum.micros = sign === '-' ? -micros : micros
}

const isoDate: Readonly<Record<string, Unit>> = { y: year, m: month, w: week, d: day }
const isoTime: Readonly<Record<string, Unit>> = { h: hour, m: minute, s: second }

/** A part of `P0001-02-03T04:05:06`, the other form that ISO 8601 has, with its end left out or not. */
const isoPlain = (mark: string): RegExp => {
  const number = String.raw`(-?\d+(?:\.\d*)?)`
  return new RegExp(`^${number}(?:${mark}${number}(?:${mark}${number})?)?$`)
}
const isoPlainDate = isoPlain('-')
const isoPlainTime = isoPlain(':')

/** The same without marks between: `P00010203T040506`; its sign is that of all, and PostgreSQL leaves fractions of a second. */
const isoBasicDate = /^(-?)(\d{4})(\d\d)(\d\d(?:\.\d*)?)$/
const isoBasicTime = /^(-?)(\d\d)(\d\d)(\d\d)(?:\.\d*)?$/

function readIso(lowered: string, sum: Sum, source: string): void {
  const [datePart = '', timePart, ...others] = lowered.split('t')
  if (others.length > 0 || lowered === '') throw invalid(source)
  const date = basicNumbers(isoBasicDate, datePart) ?? isoPlainDate.exec(datePart)?.slice(1)
  if (date === undefined) readIsoPart(datePart, isoDate, sum, source)
  else addAll(sum, date, [year, month, day])
  if (timePart === undefined) return
  const time = basicNumbers(isoBasicTime, timePart) ?? isoPlainTime.exec(timePart)?.slice(1)
  if (time === undefined) readIsoPart(timePart, isoTime, sum, source)
  else addAll(sum, time, [hour, minute, second])
}

function basicNumbers(form: RegExp, part: string): readonly string[] | undefined {
  const match = form.exec(part)
  if (match === null) return undefined
  const [, sign = '', ...numbers] = match
  return numbers.map((number) => `${sign}${number}`)
}

function addAll(sum: Sum, numbers: readonly string[], fields: readonly Unit[]): void {
  fields.forEach((unit, index) => add(sum, numbers[index] ?? '0', unit))
}

function readIsoPart(
  part: string,
  letters: Readonly<Record<string, Unit>>,
  sum: Sum,
  source: string,
): void {
  let consumed = 0
  for (const [text, number = '', letter = ''] of part.matchAll(/([+-]?\d*\.?\d+)([a-z])/gy)) {
    const unit = letters[letter]
    if (unit === undefined) throw invalid(source)
    add(sum, number, unit)
    consumed += text.length
  }
  if (consumed !== part.length) throw invalid(source)
}

/**
 * Adds a possibly fractional count. A fraction of a year becomes months, one of a month or week days
 * and time, one of a day time; in floating point, as PostgreSQL does.
 */
function add(sum: Sum, number: string, unit: Unit): void {
  const [whole = '', digits = ''] = number.split('.')
  const negative = number.startsWith('-')
  const count = integerOf(/\d/.test(whole) ? whole : '0')
  const fraction = Number(`0.${digits === '' ? '0' : digits}`) * (negative ? -1 : 1)
  const { part, factor, fractionDays } = unit
  if (part === 'micros') {
    sum.micros += count * BigInt(factor) + fractionMicros(fraction, factor)
    return
  }
  sum[part] += Number(count) * factor
  if (part === 'years') sum.months += roundHalfEven(fraction * factor * 12)
  else {
    const exact = fraction * (fractionDays ?? 0)
    const days = Math.trunc(exact)
    const rest = fractionDays === undefined ? fraction : exact - days
    sum.days += days
    sum.micros += fractionMicros(rest, Number(MICROS_PER_DAY))
  }
}

function fractionMicros(fraction: number, factor: number): bigint {
  const exact = fraction * factor
  const whole = Math.trunc(exact)
  const rest = exact - whole
  return BigInt(whole + (rest > 0.5 ? 1 : rest < -0.5 ? -1 : 0))
}

function invalid(source: string): QueryError {
  const message = `invalid input syntax for type interval: "${source}"`
  return new QueryError('INVALID_DATETIME_FORMAT', message)
}

function outOfRange(source: string): QueryError {
  const message = `interval field value out of range: "${source}"`
  return new QueryError('INTERVAL_OVERFLOW', message)
}
