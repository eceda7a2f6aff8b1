import { notSupported, QueryError } from '../../base/errors.ts'
import {
  daysFromCivil,
  daysInMonth,
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
} from './calendar.ts'
import { typeName, type DataType } from './data-type.ts'
import { isAbbreviation, zoneError, zoneHours } from './time-zones.ts'
import { roundHalfEven } from './round-half-even.ts'

/* What the readers of dates and times of day share: the words and fields, and their errors. */

/** What a text says, field by field. */
export interface Fields {
  days: number | undefined
  /** Microseconds since midnight; up to and including 24:00. */
  micros: bigint | undefined
  /** East of Greenwich, in microseconds. */
  zone: bigint | undefined
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const monthNames = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
]
export const weekdays = /^(?:sun|mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?)(?:day)?$/
const zonePattern = /^\s*([+-])(\d{1,2})(?::?(\d{2}))?(?::?(\d{2}))?(?!\d)/

/** The hour of 24 by that of a half of the day, or of none. */
export function hourOf(hour: number, half: string | undefined, source: string): number {
  if (half === undefined) return hour
  if (hour > 12) throw fieldOutOfRange(source)
  return (hour % 12) + (half === 'pm' ? 12 : 0)
}

export function clockMicros(
  hour: number,
  minute: number,
  second: number,
  fraction: bigint,
  source: string,
): bigint {
  const micros =
    BigInt(hour) * MICROS_PER_HOUR +
    BigInt(minute) * MICROS_PER_MINUTE +
    BigInt(second) * 1_000_000n +
    fraction
  const wrong = hour > 24 || minute > 59 || second > 60 || micros > MICROS_PER_DAY
  if (wrong) throw fieldOutOfRange(source)
  return micros
}

/** Digits behind the point of seconds, as microseconds: what they are as a float rounded, as in PostgreSQL. */
export function fractionMicros(digits: string): bigint {
  return BigInt(roundHalfEven(Number(`0.${digits}0`) * 1_000_000))
}

export function readZone(tail: string, fields: Fields, source: string, type: DataType): void {
  const hoursEast = zoneHours.get(tail)
  if (hoursEast !== undefined) {
    fields.zone = BigInt(hoursEast * Number(MICROS_PER_HOUR))
    return
  }
  const match = zonePattern.exec(tail)
  if (match === null || match[0].length !== tail.length) {
    if (/^[a-z_]+\/[a-z_/+\-0-9]+$/.test(tail) || isLikeZone(tail)) {
      throw zoneError(tail)
    }
    if (isAbbreviation(tail)) throw notSupported(`time zone ${tail}`)
    throw invalidFormat(source, type)
  }
  const [, sign, hours, minutes = '0', seconds = '0'] = match
  if (
    /^\s*[+-]\d{5,}$/.test(tail) ||
    Number(hours) > 15 ||
    Number(minutes) > 59 ||
    Number(seconds) > 59
  ) {
    throw displacementOutOfRange(source)
  }
  const micros =
    BigInt(hours ?? 0) * MICROS_PER_HOUR +
    BigInt(minutes) * MICROS_PER_MINUTE +
    BigInt(seconds) * 1_000_000n
  fields.zone = sign === '-' ? -micros : micros
}

export function displacementOutOfRange(source: string): QueryError {
  const message = `time zone displacement out of range: "${source}"`
  return new QueryError('INVALID_TIME_ZONE_DISPLACEMENT', message)
}

/** A word that PostgreSQL takes for a zone where there is a date already: letters and marks that stand in zones' names. */
const punctuated = /^[a-z]+[-/.][-+/_.:a-z\d]*$/
/** With a digit or a plus first it is one unless the letters are a word of dates. */
const numbered = /^([a-z]+)[+\d][-+/_.:a-z\d]*$/
const dateWords: ReadonlySet<string> = new Set(
  (
    'ad allballs am at bc d dow doy dst epoch h infinity isodow isoyear j jd julian m mm now on pm s t today ' +
    'tomorrow y yesterday'
  ).split(' '),
)

export function isLikeZone(word: string): boolean {
  if (punctuated.test(word)) return true
  const letters = numbered.exec(word)?.[1]
  if (letters === undefined || dateWords.has(letters)) return false
  return monthOf(letters) === 0 && !weekdays.test(letters)
}

export function monthOf(word: string): number {
  const short = months.indexOf(word === 'sept' ? 'sep' : word)
  return (short >= 0 ? short : monthNames.indexOf(word)) + 1
}

// Two digits mean 1970 to 2069.
export function fullYear(digits: string, bc: boolean): number {
  const year = Number(digits)
  if (digits.length > 2 || bc) return year
  return year < 70 ? year + 2_000 : year + 1_900
}

export function dayOf(
  year: number,
  month: number,
  day: number,
  bc: boolean,
  source: string,
): number {
  const proleptic = bc ? 1 - year : year
  const wrong = year === 0 || month < 1 || month > 12 || day < 1
  if (wrong || day > daysInMonth(proleptic, month)) throw fieldOutOfRange(source, month > 12)
  if (year > 10_000_000) throw outOfRange('date', source)
  return daysFromCivil(proleptic, month, day)
}

export function invalidFormat(source: string, type: DataType): QueryError {
  // Messages call a type without time zone by its short name.
  const name = typeName(type).replace(' without time zone', '')
  const message = `invalid input syntax for type ${name}: "${source}"`
  return new QueryError('INVALID_DATETIME_FORMAT', message)
}

export function fieldOutOfRange(source: string, order = false): QueryError {
  const message = `date/time field value out of range: "${source}"`
  const hint = { hint: 'Perhaps you need a different "datestyle" setting.' }
  return new QueryError('DATETIME_OVERFLOW', message, order ? hint : {})
}

export function outOfRange(what: string, source: string): QueryError {
  return new QueryError('DATETIME_OVERFLOW', `${what} out of range: "${source}"`)
}
