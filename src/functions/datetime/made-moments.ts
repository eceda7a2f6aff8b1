import { QueryError } from '../../base/errors.ts'
import { messageNumber } from '../../base/message-number.ts'
import {
  DATE_MAX,
  DATE_MIN,
  daysFromCivil,
  daysInMonth,
  MICROS_PER_DAY,
  TIMESTAMP_MAX,
  TIMESTAMP_MIN,
} from '../../data/types/calendar.ts'
import { roundHalfEven } from '../../data/types/round-half-even.ts'

/** A day as it is asked for; years before Christ are negative. */
export interface DateFields {
  readonly year: number
  readonly month: number
  readonly day: number
}

export interface TimeFields {
  readonly hour: number
  readonly minute: number
  readonly second: number
}

/** No year before Christ has so large a number. */
const YEAR_MIN = -2_147_483_648
// Months from and to which PostgreSQL counts days at all.
const FIRST = { year: -4713, month: 11 }
const LAST = { year: 5_874_898, month: 5 }

/** Days since 1970-01-01. Errors: DATETIME_OVERFLOW. */
export function makeDate(fields: DateFields): number {
  // PostgreSQL's errors tell the year as it counts it from here on.
  const shown = fields.year === YEAR_MIN ? fields : proleptic(fields)
  if (!isLegalDate(fields)) throw outOfRange('date field value', dateText(shown))
  const days = daysOf(fields)
  if (days < DATE_MIN || days > DATE_MAX) throw outOfRange('date', dateText(shown))
  return days
}

/** Microseconds since midnight. Errors: DATETIME_OVERFLOW. */
export function makeTime(fields: TimeFields): bigint {
  const micros = microsOf(fields)
  if (micros === undefined) throw outOfRange('time field value', timeText(fields))
  return micros
}

/** Microseconds since 1970-01-01. Errors: DATETIME_OVERFLOW. */
export function makeTimestamp(date: DateFields, time: TimeFields): bigint {
  if (!isLegalDate(date)) throw outOfRange('date field value', dateText(date))
  if (!isCounted(proleptic(date))) throw outOfRange('date', dateText(date))
  const moment = BigInt(daysOf(date)) * MICROS_PER_DAY + makeTime(time)
  if (moment >= TIMESTAMP_MIN && moment <= TIMESTAMP_MAX) return moment
  throw outOfRange('timestamp', `${dateText(date)} ${timeText(time)}`)
}

/** With the year 0 between those before and after Christ. */
function proleptic(fields: DateFields): DateFields {
  return fields.year < 0 ? { ...fields, year: fields.year + 1 } : fields
}

function isLegalDate(fields: DateFields): boolean {
  const { year, month, day } = fields
  if (year === 0 || year === YEAR_MIN || month < 1 || month > 12 || day < 1) return false
  return day <= daysInMonth(proleptic(fields).year, month)
}

function isCounted({ year, month }: DateFields): boolean {
  const isFromFirst = year > FIRST.year || (year === FIRST.year && month >= FIRST.month)
  return isFromFirst && (year < LAST.year || (year === LAST.year && month <= LAST.month))
}

function daysOf(fields: DateFields): number {
  const { year, month, day } = proleptic(fields)
  return daysFromCivil(year, month, day)
}

function microsOf({ hour, minute, second }: TimeFields): bigint | undefined {
  const isLegal =
    hour >= 0 && hour <= 24 && minute >= 0 && minute < 60 && second >= 0 && second <= 60
  if (!isLegal) return undefined
  const micros = BigInt(roundHalfEven(second * 1_000_000))
  const total = BigInt(hour) * 3_600_000_000n + BigInt(minute) * 60_000_000n + micros
  return total > MICROS_PER_DAY ? undefined : total
}

function outOfRange(what: string, shown: string): QueryError {
  return new QueryError('DATETIME_OVERFLOW', `${what} out of range: ${shown}`)
}

function dateText({ year, month, day }: DateFields): string {
  return `${year}-${twoDigits(month)}-${twoDigits(day)}`
}

function timeText({ hour, minute, second }: TimeFields): string {
  return `${hour}:${twoDigits(minute)}:${messageNumber(second).padStart(2, '0')}`
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
