import { QueryError } from '../../base/errors.ts'
import { MICROS_PER_SECOND } from '../../data/types/calendar.ts'
import type { IntervalValue } from '../../data/types/scalar.ts'
import { TextBuilder } from '../text/characters.ts'
import { templateParts, withOrdinal, type FieldPart } from './to-char.ts'

/** The fields of an interval, each with its own sign. */
interface Span {
  readonly years: number
  readonly months: number
  readonly days: number
  readonly hours: number
  readonly minutes: number
  readonly seconds: number
  readonly micros: number
}

/** A number with the digits that it is filled up to unless FM is given; `isFixed`: with FM, too. */
interface Shown {
  readonly value: number
  readonly digits: number
  readonly isFixed?: true
}

/** A field's number or text; empty where it has nothing to show. */
type Renderer = (span: Span) => Shown | string

/** Filled up to so many digits, and with the sign of the field to one character more. */
const signed = (value: number, digits: number, sign = value): Shown => ({
  value,
  digits: sign < 0 ? digits + 1 : digits,
})

/** Filled up to so many characters, the sign one of them. */
const plain = (value: number, digits: number): Shown => ({ value, digits })

const romans = 'I II III IV V VI VII VIII IX X XI XII'.split(' ')
const HOURS_ON_CLOCK = 12

/** Months from the end of the year where they are below 0; none in a year are twelve, in none are not shown. */
function roman({ years, months }: Span): string {
  if (months === 0 && years === 0) return ''
  if (months === 0) return years > 0 ? 'XII' : 'I'
  return romans[months > 0 ? months - 1 : months + 12] ?? ''
}

const clock = ({ hours }: Span): Shown =>
  signed(hours % HOURS_ON_CLOCK === 0 ? HOURS_ON_CLOCK : hours % HOURS_ON_CLOCK, 2, hours)

const isLate = ({ hours }: Span): boolean => hours % 24 >= HOURS_ON_CLOCK

/** About how many days it spans, in 32 bits. */
const daysOf = ({ years, months, days }: Span): number => ((years * 12 + months) * 30 + days) | 0

function fraction(digits: number): Renderer {
  return ({ micros }) => ({
    value: Math.trunc(micros / 10 ** (6 - digits)),
    digits,
    isFixed: true,
  })
}

/** Years, or their last digits; the sign that counts is that of the interval's own year. */
function year(digits: number, of: (span: Span) => number): Renderer {
  return (span) => signed(digits === 4 ? of(span) : of(span) % 10 ** digits, digits, span.years)
}

/** The last digit of a year is never filled up. */
const lastDigit =
  (of: (span: Span) => number): Renderer =>
  (span) =>
    plain(of(span) % 10, 1)

/** As PostgreSQL has it: the sign of thousands and of what is behind them. */
function grouped({ years }: Span): string {
  const thousands = Math.trunc(years / 1_000)
  return `${thousands},${zeroFilled(years - thousands * 1_000, 3)}`
}

function half(early: string, late: string): Renderer {
  return (span) => (isLate(span) ? late : early)
}

/** Days of the calendar of a year, month and day that are any integers, with PostgreSQL's sums of 32 bits. */
function julianDay(years: number, months: number, days: number): number {
  const [year, month] =
    months > 2 ? [(years + 4_800) | 0, months + 1] : [(years + 4_799) | 0, months + 13]
  const century = Math.trunc(year / 100)
  let julian = (Math.imul(year, 365) - 32_167) | 0
  julian = (julian + Math.trunc(year / 4) - century + Math.trunc(century / 4)) | 0
  return (julian + Math.trunc((7_834 * month) / 256) + days) | 0
}

const dayOf = ({ years, months, days }: Span): number => julianDay(years, months, days)

/** The Monday of the first ISO week of a year. */
function firstMonday(year: number): number {
  const day = julianDay(year, 1, 4)
  const weekday = day % 7
  return (day - (weekday < 0 ? weekday + 7 : weekday)) | 0
}

function isoWeekOf(span: Span): { readonly year: number; readonly week: number } {
  const day = dayOf(span)
  const year = day < firstMonday(span.years) ? span.years - 1 : span.years
  const week = Math.trunc(((day - firstMonday(year)) | 0) / 7) + 1
  // Always of the year after that of the interval.
  const next = firstMonday(span.years + 1)
  if (week < 52 || day < next) return { year, week }
  return { year: year + 1, week: Math.trunc(((day - next) | 0) / 7) + 1 }
}

const isoYear = (span: Span): number => isoWeekOf(span).year
const ownYear = ({ years }: Span): number => years

const fields: Readonly<Record<string, Renderer>> = {
  HH24: ({ hours }) => signed(hours, 2),
  HH12: clock,
  HH: clock,
  MI: ({ minutes }) => signed(minutes, 2),
  SS: ({ seconds }) => signed(seconds, 2),
  SSSS: ({ hours, minutes, seconds }) => plain(hours * 3_600 + minutes * 60 + seconds, 1),
  SSSSS: ({ hours, minutes, seconds }) => plain(hours * 3_600 + minutes * 60 + seconds, 1),
  MS: fraction(3),
  US: fraction(6),
  FF1: fraction(1),
  FF2: fraction(2),
  FF3: fraction(3),
  FF4: fraction(4),
  FF5: fraction(5),
  FF6: fraction(6),
  'A.M.': half('A.M.', 'P.M.'),
  'P.M.': half('A.M.', 'P.M.'),
  'a.m.': half('a.m.', 'p.m.'),
  'p.m.': half('a.m.', 'p.m.'),
  AM: half('AM', 'PM'),
  PM: half('AM', 'PM'),
  am: half('am', 'pm'),
  pm: half('am', 'pm'),
  MM: ({ months }) => signed(months, 2),
  DDD: (span) => plain(daysOf(span), 3),
  IDDD: (span) => plain((dayOf(span) - firstMonday(isoYear(span)) + 1) | 0, 3),
  DD: ({ days }) => plain(days, 2),
  WW: (span) => plain(Math.trunc(((daysOf(span) - 1) | 0) / 7) + 1, 2),
  W: ({ days }) => plain(Math.trunc(((days - 1) | 0) / 7) + 1, 1),
  IW: (span) => plain(isoWeekOf(span).week, 2),
  Q: ({ months }) => (months === 0 ? '' : plain(Math.trunc((months - 1) / 3) + 1, 1)),
  CC: ({ years }) => signed(Math.trunc(years / 100), 2),
  'Y,YYY': grouped,
  YYYY: year(4, ownYear),
  YYY: year(3, ownYear),
  YY: year(2, ownYear),
  Y: lastDigit(ownYear),
  IYYY: year(4, isoYear),
  IYY: year(3, isoYear),
  IY: year(2, isoYear),
  I: lastDigit(isoYear),
  RM: roman,
  rm: (span) => roman(span).toLowerCase(),
  J: (span) => plain(dayOf(span), 1),
  FX: () => '',
}

/** An interval in a template of to_char. Throws INVALID_DATETIME_FORMAT for fields that only a moment has. */
export function formatIntervalBy(value: IntervalValue, template: string): string {
  const span = spanOf(value)
  const result = new TextBuilder()
  for (const part of templateParts(template)) {
    if (part.kind === 'letters') result.add(part.letters)
    else result.add(shown(span, part))
  }
  return result.finish()
}

function shown(span: Span, { name, fill, suffix }: FieldPart): string {
  const render = fields[name]
  if (render === undefined) throw invalidField()
  const rendered = render(span)
  if (typeof rendered !== 'string') {
    const { value, digits, isFixed } = rendered
    const isFilled = fill || isFixed === true
    return withOrdinal(isFilled ? zeroFilled(value, digits) : String(value), suffix)
  }
  if (name === 'Y,YYY') return withOrdinal(rendered, suffix)
  return /^rm$/i.test(name) && fill && rendered !== '' ? rendered.padEnd(4) : rendered
}

/** A number with zeros in front up to so many characters, the sign one of them. */
function zeroFilled(value: number, width: number): string {
  const digits = String(Math.abs(value))
  return value < 0 ? `-${digits.padStart(width - 1, '0')}` : digits.padStart(width, '0')
}

function spanOf({ months, days, micros }: IntervalValue): Span {
  const seconds = Number(micros / MICROS_PER_SECOND)
  return {
    years: Math.trunc(months / 12),
    months: months % 12,
    days,
    hours: Math.trunc(seconds / 3_600),
    minutes: Math.trunc(seconds / 60) % 60,
    seconds: seconds % 60,
    micros: Number(micros % MICROS_PER_SECOND),
  }
}

function invalidField(): QueryError {
  return new QueryError(
    'INVALID_DATETIME_FORMAT',
    'invalid format specification for an interval value',
    { hint: 'Intervals are not tied to specific calendar dates.' },
  )
}
