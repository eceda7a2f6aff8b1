import { notSupported } from '../../base/errors.ts'
import { DATE_MAX, DATE_MIN, MICROS_PER_DAY, TIMESTAMP_MAX, TIMESTAMP_MIN } from './calendar.ts'
import { typeName, type DataType } from './data-type.ts'
import {
  clockMicros,
  dayOf,
  displacementOutOfRange,
  fieldOutOfRange,
  fractionMicros,
  fullYear,
  hourOf,
  invalidFormat,
  isLikeZone,
  monthOf,
  outOfRange,
  readZone,
  weekdays,
  type Fields,
} from './datetime-fields.ts'
import { isLabelled, readLabelled } from './labelled-datetime.ts'
import { isAbbreviation, zoneError } from './time-zones.ts'

/** Days since 1970-01-01. A time of day in the text is read and dropped, as PostgreSQL does. */
export function parseDate(source: string): number {
  const type: DataType = { kind: 'date' }
  const { days } = readFields(source, type)
  if (days === undefined) throw invalidFormat(source, type)
  if (days < DATE_MIN || days > DATE_MAX) throw outOfRange('date', source)
  return days
}

/** Microseconds since midnight; a zone is read and dropped. */
export function parseTime(source: string): bigint {
  const type: DataType = { kind: 'time' }
  const { micros } = readFields(source, type)
  if (micros === undefined) throw invalidFormat(source, type)
  return micros
}

/** A time of day somewhere. */
export interface ZonedTime {
  /** Since midnight there. */
  readonly micros: bigint
  /** East of Greenwich, in microseconds. */
  readonly zone: bigint
}

/** A time of day with its zone, UTC without one. */
export function parseZonedTime(source: string): ZonedTime {
  const type: DataType = { kind: 'timetz' }
  const { micros, zone = 0n } = readFields(source, type)
  if (micros === undefined) throw invalidFormat(source, type)
  return { micros, zone }
}

/** Microseconds since 1970-01-01; `timestamptz` counts the zone in (UTC without one), `timestamp` drops it. */
export function parseTimestamp(source: string, type: DataType): bigint {
  const { days, micros = 0n, zone = 0n } = readFields(source, type)
  if (days === undefined) throw invalidFormat(source, type)
  const local = BigInt(days) * MICROS_PER_DAY + micros
  const value = type.kind === 'timestamptz' ? local - zone : local
  if (value < TIMESTAMP_MIN || value > TIMESTAMP_MAX) throw outOfRange('timestamp', source)
  return value
}

const relativeWords = new Set(['now', 'today', 'tomorrow', 'yesterday', 'infinity', '-infinity'])

/** Behind any field of a moment, also its last digit: `0044-03-15 BC 10:00`. */
const eraWord = /(?<=[\s\d])(bc|ad)(?=\s|$)/

const timePattern =
  /^(0*\d{1,2}):(0*\d{1,2})(?::(0*\d{1,2})(?:\.(\d*))?)?\s*(?:(am|pm)(?![a-z]))?(?![\d:])/
function readFields(source: string, type: DataType): Fields {
  const fields: Fields = { days: undefined, micros: undefined, zone: undefined }
  let rest = source.trim().toLowerCase()
  if (relativeWords.has(rest)) throw notSupported(`${typeName(type)} '${rest}'`)
  const dated = type.kind !== 'time' && type.kind !== 'timetz'
  if (rest === 'epoch' && dated) return { days: 0, micros: 0n, zone: 0n }
  if (isLabelled(rest)) return readLabelled(rest, source, type)
  const era = eraWord.exec(rest)
  const bc = era?.[1] === 'bc'
  // A space in its place keeps what stands on both sides apart.
  if (era !== null) rest = rest.replace(eraWord, ' ').trim()
  rest = rest.replace(/\s+allballs$/, ' 00:00:00')
  const timeAt = rest.search(/(?:^|[\st])0*\d{1,2}:0*\d{1,2}/)
  let dateText = (timeAt < 0 ? rest : rest.slice(0, timeAt)).trim().replace(/\s+t$/, '')
  let tail = timeAt < 0 ? '' : rest.slice(timeAt).replace(/^[\st]+/, '')
  if (timeAt < 0) dateText = readTail(dateText, fields, source, type)
  if (tail !== '') tail = readTime(tail, fields, source, type)
  // The year may stand behind the time, as in `Fri Jun 07 08:09:10 2024`.
  const late = /^(\d{4,})(?:\s+|$)/.exec(tail)
  if (late !== null && dateText !== '') {
    dateText = `${dateText} ${late[1] ?? ''}`
    tail = tail.slice(late[0].length)
  }
  if (!dated && isWordy(dateText, rest.slice(timeAt))) throw invalidFormat(source, type)
  if (tail !== '') readZone(tail, fields, source, type)
  if (dateText !== '') readDateText(dateText, bc, fields, source, type)
  return fields
}

/** Whether a date before a time of day is none that DecodeTimeOnly passes over: it takes one field with separators. */
function isWordy(dateText: string, time: string): boolean {
  if (dateText === '') return false
  return (
    time.startsWith('t') ||
    !/^(?:j\d+|[a-z]+|(?:[a-z]+ )?[^\s]+([-/.])[^\s]+\1[^\s]+)$/.test(dateText)
  )
}

/** Goes without a zone, and a time of digits only, at the end of a text that has no colons. */
function readTail(text: string, fields: Fields, source: string, type: DataType): string {
  let rest = text
  const isAlone = type.kind === 'time' || type.kind === 'timetz'
  const zone = (isAlone ? zoneBehindDigits : zoneApart).exec(rest)
  const named = zone?.[1] ?? ''
  const before = rest.slice(0, zone?.index)
  const isBehindTime = !isAlone || bareTime.test(before)
  const isZone =
    /^[+-]|\//.test(named) || isAbbreviation(named) || (wholeDay.test(before) && isLikeZone(named))
  if (zone !== null && isBehindTime && isZone) {
    readZone(named, fields, source, type)
    rest = before
  }
  const packed = (isAlone ? bareTime : packedTime).exec(rest)
  if (packed === null) {
    if (isAlone && rest === 'allballs') fields.micros = 0n
    else if (isAlone) throw isUnknownZone(rest) ? zoneError(rest) : invalidFormat(source, type)
    return isAlone ? '' : rest
  }
  const [, date = '', hour, minute, second = '0', fraction = '', half] = packed
  const h = hourOf(Number(hour), half, source)
  const [m, s] = [Number(minute), Number(second)]
  fields.micros = clockMicros(h, m, s, fractionMicros(fraction), source)
  return date
}

const zoneApart = /\s+([+-]\d{1,2}(?::?\d{2})?|[a-z]+(?:[-/.][a-z/_+\-.:\d]*)?)$/
/** Behind a time that has no date a zone need not stand apart. */
const zoneBehindDigits = /(?<=\d|[ap]m)\s*([+-]\d{1,2}(?::?\d{2})?|[a-z]+(?:\/[a-z/_+\-\d]+)?)$/
const bareTime = /^()(\d{2})(\d{2})(\d{2})?(?:\.(\d*))?\s*(am|pm)?$/
const wholeDay = /^(?:\d{8}|\d{4,}-\d{1,2}-\d{1,2})(?:\s+\d{4,6})?$/

function isUnknownZone(word: string): boolean {
  return isLikeZone(word) && zoneError(word).code === 'INVALID_PARAMETER_VALUE'
}

/** A date and behind it a time as four or six digits: `20240310 112233`. */
const packedTime =
  /^(\d{8}|\d{4}-\d{1,2}-\d{1,2})(?:\s+|\s*t\s*)(\d{2})(\d{2})(\d{2})?(?:\.(\d*))?\s*(am|pm)?$/

function readDateText(
  dateText: string,
  bc: boolean,
  fields: Fields,
  source: string,
  type: DataType,
): void {
  const compact = /^(\d{4,})(\d{2})(\d{2})t(\d{2})(\d{2})(\d{2})?(.*)$/.exec(dateText)
  if (compact === null) {
    fields.days = readDate(dateText, bc, source, type)
    return
  }
  const [, year, month, day, hour = '0', minute = '0', second = '0', zone = ''] = compact
  fields.days = dayOf(Number(year), Number(month), Number(day), bc, source)
  fields.micros = clockMicros(Number(hour), Number(minute), Number(second), 0n, source)
  if (zone !== '') readZone(zone, fields, source, type)
}

function readTime(tail: string, fields: Fields, source: string, type: DataType): string {
  const match = timePattern.exec(tail)
  if (match === null) throw invalidFormat(source, type)
  const [whole, hourText, minuteText, secondText = '0', fraction = '', half] = match
  const hour = hourOf(Number(hourText), half, source)
  const micros = fractionMicros(fraction)
  fields.micros = clockMicros(hour, Number(minuteText), Number(secondText), micros, source)
  return tail.slice(whole.length).trim()
}

const DAYS_OF_YEAR_MAX = 366

function readDate(dateText: string, bc: boolean, source: string, type: DataType): number {
  const iso = /^(\d{3,})-(\d{1,2})-(\d{1,2})$/.exec(dateText)
  if (iso !== null) return dayOf(Number(iso[1]), Number(iso[2]), Number(iso[3]), bc, source)
  const slashed = /^(\d{3,})[/.](\d{1,2})[/.](\d{1,2})$/.exec(dateText)
  if (slashed !== null) {
    return dayOf(Number(slashed[1]), Number(slashed[2]), Number(slashed[3]), bc, source)
  }
  const american = /^(\d{1,2})[-/.](\d{1,2})[-/.](\d+)$/.exec(dateText)
  if (american !== null) {
    const year = fullYear(american[3] ?? '', bc)
    return dayOf(year, Number(american[1]), Number(american[2]), bc, source)
  }
  const packed = /^(\d{2,})(\d{2})(\d{2})$/.exec(dateText)
  if (packed !== null) {
    return dayOf(fullYear(packed[1] ?? '', bc), Number(packed[2]), Number(packed[3]), bc, source)
  }
  const dayOfYear = /^(\d{3,})(?:[-/.]|\s+)(\d{3})$/.exec(dateText)
  if (dayOfYear !== null) {
    const days = Number(dayOfYear[2])
    if (days < 1 || days > DAYS_OF_YEAR_MAX) throw invalidFormat(source, type)
    // Day 366 of a year that has none is the first of the next, as in PostgreSQL.
    return dayOf(Number(dayOfYear[1]), 1, 1, bc, source) + days - 1
  }
  const julian = /^j(\d+)$/.exec(dateText)
  if (julian !== null) return Number(julian[1]) - 2_440_588
  checkLoneNumber(dateText, source)
  return readWords(dateText, bc, source, type)
}

const ZONE_HOURS_MAX = 15
const MINUTES_MAX = 59

/** A number alone is no date, but is read as one's month, or as a zone: what is wrong with these is said first. */
function checkLoneNumber(dateText: string, source: string): void {
  if (/^\d{1,2}$/.test(dateText)) {
    const month = Number(dateText)
    if (month < 1 || month > 12) throw fieldOutOfRange(source, true)
  }
  const digits = /^[+-](\d+)$/.exec(dateText)?.[1]
  if (digits === undefined) return
  const [hours, minutes] =
    digits.length > 2
      ? [Number(digits.slice(0, -2)), Number(digits.slice(-2))]
      : [Number(digits), 0]
  if (hours > ZONE_HOURS_MAX || minutes > MINUTES_MAX) throw displacementOutOfRange(source)
}

/** A number that stands alone in front of a word. */
const loneInFront = /(?:^|[\s,])\d{1,2}[\s,]+[a-z]/
const DAY_MAX = 31

/** Forms with the month's name: `January 8, 1999`, `8-Jan-1999`, `1999 Jan 8`, weekday ignored. */
function readWords(dateText: string, bc: boolean, source: string, type: DataType): number {
  const words = dateText.split(/[\s,\-/.]+/).filter((word) => word !== '' && !weekdays.test(word))
  const month = words.findIndex((word) => monthOf(word) > 0)
  const numbers = words.filter((_, index) => index !== month)
  const [first = '', second = ''] = numbers
  const legal = month >= 0 && numbers.length === 2 && numbers.every((word) => /^\d+$/.test(word))
  if (!legal) throw invalidFormat(source, type)
  const yearFirst = first.length > 2
  const year = fullYear(yearFirst ? first : second, bc)
  const day = Number(yearFirst ? second : first)
  // Such a number is a month until the month's name comes, which then takes it for the day if it may be one.
  const isMonth = !yearFirst && month === 1 && loneInFront.test(dateText)
  if (isMonth && (day < 1 || day > DAY_MAX)) throw invalidFormat(source, type)
  return dayOf(year, monthOf(words[month] ?? ''), day, bc, source)
}
