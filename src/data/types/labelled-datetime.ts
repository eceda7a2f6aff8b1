import { daysFromCivil, MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE } from './calendar.ts'
import type { DataType } from './data-type.ts'
import {
  clockMicros,
  dayOf,
  fieldOutOfRange,
  fractionMicros,
  fullYear,
  invalidFormat,
  isLikeZone,
  monthOf,
  readZone,
  weekdays,
  type Fields,
} from './datetime-fields.ts'
import { isAbbreviation } from './time-zones.ts'

/*
 * Dates and times of day whose numbers have labels, as ISO 8601 once had them: `y2000m1d1`, `h04mm05s06.7`, `J2451187`.
 * Numbers without one may stand beside them. See ParseDateTime, DecodeDateTime, DecodeTimeOnly and DecodeNumber in
 * PostgreSQL's datetime.c.
 */

type Label = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'julian' | 'time'

const labels: ReadonlyMap<string, Label> = new Map([
  ['y', 'year'],
  ['m', 'month'],
  ['d', 'day'],
  ['h', 'hour'],
  ['mm', 'minute'],
  ['s', 'second'],
  ['j', 'julian'],
  ['jd', 'julian'],
  ['julian', 'julian'],
  ['t', 'time'],
])

const labelBeforeNumber = /(?:^|[\s,\d])(?:y|mm?|d|h|s|jd?|julian)\s*\d|^t\s*\d/

/**
 * Whether a text in small letters has a number with a label. Not so where another word has a number behind it: the
 * name of a zone goes on there.
 */
export function isLabelled(text: string): boolean {
  if (!labelBeforeNumber.test(text)) return false
  return [...text.matchAll(/([a-z]+)[\d+]/g)].every(([, word = '']) => !isLikeZone(`${word}1`))
}

const token =
  /[\s,]*(?:(\d+):(\d+)(?::(\d+)(?:\.(\d*))?)?(?![\d:])|(\d+)(?:\.(\d*))?(?![-/:.]?\d)|([+-]\d{1,2}(?::?\d{2}){0,2})(?!\d)|([a-z]+(?:\/[a-z_/]+)?))/gy

const INT4_MAX = 2_147_483_647
const JULIAN_1970 = 2_440_588
/** A second's fraction is a field of its own: a time of day that stands alone needs it. */
const timeFields = ['hour', 'minute', 'second', 'fraction'] as const
const dateFields = ['year', 'month', 'day'] as const

type Field = (typeof timeFields)[number] | (typeof dateFields)[number] | 'zone' | 'half' | 'era'

/** What is known of a text that is read from left to right. */
class Reading {
  readonly given = new Set<Field>()
  readonly source: string
  readonly type: DataType
  year = 0
  month = 0
  day = 0
  hour = 0
  minute = 0
  second = 0
  fraction = 0n
  /** Instead of a month and a day, or of all of the date. */
  dayOfYear: number | undefined
  julian: number | undefined
  zone: bigint | undefined
  half: string | undefined
  isBc = false
  hasShortYear = false
  hasNamedMonth = false
  label: Label | undefined

  constructor(source: string, type: DataType) {
    this.source = source
    this.type = type
  }

  get isTimeOnly(): boolean {
    return this.type.kind === 'time' || this.type.kind === 'timetz'
  }

  /** Each field may be given once. */
  give(...fields: readonly Field[]): void {
    if (fields.some((field) => this.given.has(field))) throw this.invalid()
    for (const field of fields) this.given.add(field)
  }

  has(fields: readonly Field[]): boolean {
    return fields.every((field) => this.given.has(field))
  }

  hasAny(fields: readonly Field[]): boolean {
    return fields.some((field) => this.given.has(field))
  }

  invalid(): Error {
    return invalidFormat(this.source, this.type)
  }
}

/** Reads such a text, which is in small letters. Throws INVALID_DATETIME_FORMAT and DATETIME_OVERFLOW. */
export function readLabelled(text: string, source: string, type: DataType): Fields {
  const reading = new Reading(source, type)
  const matches = [...text.matchAll(token)]
  const length = matches.reduce((sum, [whole]) => sum + whole.length, 0)
  if (!/^[\s,]*$/.test(text.slice(length))) throw reading.invalid()
  matches.forEach((match, index) => {
    const [, hours, , , , digits, fraction, zone, word] = match
    if (hours !== undefined) readClock(reading, match)
    else if (digits !== undefined) readNumber(reading, digits, fraction)
    else if (zone !== undefined) takeZone(reading, zone)
    else readWord(reading, word ?? '', matches[index + 1])
  })
  return finished(reading)
}

function takeZone(reading: Reading, zone: string): void {
  if (reading.label !== undefined) throw reading.invalid()
  reading.give('zone')
  const fields: Fields = { days: undefined, micros: undefined, zone: undefined }
  readZone(zone, fields, reading.source, reading.type)
  reading.zone = fields.zone
}

function readWord(reading: Reading, word: string, next: RegExpMatchArray | undefined): void {
  const label = labels.get(word)
  const month = monthOf(word)
  if (label === 'time') {
    const isBehindDate = reading.isTimeOnly || reading.has(dateFields)
    if (!isBehindDate || (next?.[1] ?? next?.[5]) === undefined) throw reading.invalid()
    reading.label = label
  } else if (label !== undefined) reading.label = label
  else if (month > 0) readMonth(reading, month)
  else if (word === 'am' || word === 'pm') {
    reading.give('half')
    reading.half = word
  } else if (word === 'bc' || word === 'ad') {
    reading.give('era')
    reading.isBc = word === 'bc'
  } else if (isAbbreviation(word) || word.includes('/')) takeZone(reading, word)
  else if (!weekdays.test(word) && word !== 'at' && word !== 'on') throw reading.invalid()
}

/** A month by its name: a number that was taken for one was the day. */
function readMonth(reading: Reading, month: number): void {
  const wasDay = reading.given.has('month') && !reading.hasNamedMonth && !reading.given.has('day')
  if (wasDay) {
    reading.give('day')
    reading.day = reading.month
  } else reading.give('month')
  reading.month = month
  reading.hasNamedMonth = true
}

function readClock(reading: Reading, match: RegExpMatchArray): void {
  const [, hours, minutes, seconds = '0', fraction = ''] = match
  if (reading.label !== undefined && reading.label !== 'time') throw reading.invalid()
  reading.label = undefined
  const clock = [Number(hours), Number(minutes), Number(seconds)] as const
  clockMicros(...clock, fractionMicros(fraction), reading.source)
  takeTime(reading, clock, fraction)
}

type Clock = readonly [hour: number, minute: number, second: number]

function takeTime(reading: Reading, [hour, minute, second]: Clock, digits: string): void {
  reading.give(...timeFields)
  Object.assign(reading, { hour, minute, second, fraction: fractionMicros(digits) })
}

function readNumber(reading: Reading, digits: string, fraction: string | undefined): void {
  const { label } = reading
  reading.label = undefined
  if (label === 'time') return readRun(reading, digits, fraction, true)
  if (label !== undefined) return readLabelledNumber(reading, label, digits, fraction)
  const isLong = digits.length >= 6 && !(reading.hasAny(dateFields) && reading.hasAny(timeFields))
  const isFraction = fraction !== undefined && digits.length > 2 && reading.hasAny(dateFields)
  if (isLong || isFraction) return readRun(reading, digits, fraction, reading.has(dateFields))
  if (fraction !== undefined) throw reading.invalid()
  readBareNumber(reading, digits)
}

function readLabelledNumber(
  reading: Reading,
  label: Exclude<Label, 'time'>,
  digits: string,
  fraction: string | undefined,
): void {
  const value = Number(digits)
  if (value > INT4_MAX) throw fieldOutOfRange(reading.source)
  const isWhole = label !== 'second' && label !== 'julian'
  if (fraction !== undefined && (isWhole || fraction === '')) throw reading.invalid()
  if (label === 'julian') {
    reading.give(...dateFields)
    reading.julian = value
    if (fraction === undefined) return
    const part = Math.trunc(Number(`0.${fraction}`) * Number(MICROS_PER_DAY))
    const second = Math.floor(part / 1_000_000)
    takeTime(
      reading,
      [Math.floor(second / 3_600), Math.floor(second / 60) % 60, second % 60],
      String(part % 1_000_000).padStart(6, '0'),
    )
    return
  }
  // Behind a month and an hour, m stands for minutes.
  const isMinute = label === 'month' && reading.has(['month', 'hour'])
  const field = isMinute ? 'minute' : label
  reading.give(field)
  reading[field] = value
  if (fraction === undefined) return
  reading.give('fraction')
  reading.fraction = fractionMicros(fraction)
}

/** Digits that run together: a date, or behind one a time of day. */
function readRun(
  reading: Reading,
  digits: string,
  fraction: string | undefined,
  isBehindDate: boolean,
): void {
  if (fraction === undefined && !isBehindDate) {
    if (digits.length < 6) throw reading.invalid()
    reading.give(...dateFields)
    reading.year = Number(digits.slice(0, -4))
    reading.month = Number(digits.slice(-4, -2))
    reading.day = Number(digits.slice(-2))
    reading.hasShortYear = digits.length === 6
    return
  }
  if (digits.length !== 6 && digits.length !== 4) throw reading.invalid()
  const [hour, minute, second] = [0, 2, 4].map((at) => Number(digits.slice(at, at + 2)))
  takeTime(reading, [hour ?? 0, minute ?? 0, second ?? 0], fraction ?? '')
}

/** A number by itself: what is missing in the order of month, day and year. */
function readBareNumber(reading: Reading, digits: string): void {
  const value = Number(digits)
  const [hasYear, hasMonth, hasDay] = dateFields.map((field) => reading.given.has(field))
  const isDayOfYear = digits.length === 3 && hasYear === true && hasMonth !== true && !hasDay
  if (isDayOfYear && value >= 1 && value <= 366) {
    reading.give('month', 'day')
    reading.dayOfYear = value
    return
  }
  if (reading.has(dateFields)) return readRun(reading, digits, undefined, true)
  let field: 'year' | 'month' | 'day' | undefined
  if (hasYear === true) field = hasDay === true ? undefined : hasMonth === true ? 'day' : 'month'
  else if (hasMonth === true) {
    const isYear = hasDay === true || (reading.hasNamedMonth && digits.length >= 3)
    field = isYear ? 'year' : 'day'
  } else field = hasDay === true || digits.length < 3 ? 'month' : 'year'
  if (field === undefined) throw reading.invalid()
  reading.give(field)
  reading[field] = value
  if (field === 'year') reading.hasShortYear = digits.length <= 2
}

function finished(reading: Reading): Fields {
  const { source, zone, half, minute, second, fraction } = reading
  let { hour } = reading
  const year = yearOf(reading)
  checkDate(reading, year)
  if (half !== undefined) {
    if (hour > 12) throw fieldOutOfRange(source)
    hour = (hour % 12) + (half === 'pm' ? 12 : 0)
  }
  if (reading.isTimeOnly) {
    const micros = clockMicros(hour, minute, second, fraction, source)
    if (!reading.has(timeFields)) throw reading.invalid()
    return { days: undefined, micros, zone }
  }
  if (!reading.has(dateFields)) throw reading.invalid()
  // Numbers with labels may be more than there are in an hour or a day.
  const micros =
    BigInt(hour) * MICROS_PER_HOUR +
    BigInt(minute) * MICROS_PER_MINUTE +
    BigInt(second) * 1_000_000n +
    fraction
  return { days: dateOf(reading, year), micros, zone }
}

function yearOf({ year, hasShortYear, isBc }: Reading): number {
  return hasShortYear ? fullYear(String(year), isBc) : year
}

/** What is given of a date is looked at before what is missing. */
function checkDate(reading: Reading, year: number): void {
  const { source, given, month, day } = reading
  if (reading.julian !== undefined) return
  if (given.has('year') && year === 0) throw fieldOutOfRange(source)
  if (reading.dayOfYear !== undefined) return
  if (given.has('month') && (month < 1 || month > 12)) throw fieldOutOfRange(source, month > 12)
  if (given.has('day') && (day < 1 || day > 31)) throw fieldOutOfRange(source)
  if (reading.has(dateFields)) dayOf(year, month, day, reading.isBc, source)
}

function dateOf({ source, isBc, julian, dayOfYear, month, day }: Reading, year: number): number {
  if (julian !== undefined) return julian - JULIAN_1970
  if (dayOfYear === undefined) return dayOf(year, month, day, isBc, source)
  return daysFromCivil(isBc ? 1 - year : year, 1, 1) + dayOfYear - 1
}
