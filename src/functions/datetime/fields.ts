import { present } from '../../base/assert.ts'
import { notSupported, QueryError } from '../../base/errors.ts'
import {
  civilFromDays,
  daysFromCivil,
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  splitMicros,
} from '../../data/types/calendar.ts'
import { typeName, type DataType, type TypeKind } from '../../data/types/data-type.ts'
import { divideNumeric } from '../../data/types/numeric-arithmetic.ts'
import { zonedTimeOf } from '../../data/types/zoned-time.ts'
import type { IntervalValue, NumericValue, Scalar } from '../../data/types/scalar.ts'

const aliases: Readonly<Record<string, string>> = {
  years: 'year',
  yr: 'year',
  yrs: 'year',
  y: 'year',
  months: 'month',
  mon: 'month',
  mons: 'month',
  days: 'day',
  d: 'day',
  hours: 'hour',
  hr: 'hour',
  hrs: 'hour',
  h: 'hour',
  minutes: 'minute',
  min: 'minute',
  mins: 'minute',
  m: 'minute',
  seconds: 'second',
  sec: 'second',
  secs: 'second',
  s: 'second',
  weeks: 'week',
  w: 'week',
  qtr: 'quarter',
  decades: 'decade',
  centuries: 'century',
  c: 'century',
  millennia: 'millennium',
  mil: 'millennium',
  millenniums: 'millennium',
  millisecond: 'milliseconds',
  msec: 'milliseconds',
  msecs: 'milliseconds',
  ms: 'milliseconds',
  microsecond: 'microseconds',
  usec: 'microseconds',
  usecs: 'microseconds',
  us: 'microseconds',
}

/** The canonical name of a field, as `year` for `YEARS`. */
export function fieldName(field: string): string {
  const lowered = field.toLowerCase().trim()
  return aliases[lowered] ?? lowered
}

/**
 * EXTRACT(field FROM value) of a date, time, timestamp or interval, with the digits that PostgreSQL
 * gives each field. Throws INVALID_PARAMETER_VALUE for unknown fields and FEATURE_NOT_SUPPORTED for
 * those that the type does not have.
 */
export function extractField(field: string, value: Scalar, type: DataType): NumericValue {
  const name = fieldName(field)
  return present(fieldReaders[type.kind], `a field of ${type.kind}`)(name, value, type, field)
}

type FieldReader = (name: string, value: Scalar, type: DataType, field: string) => NumericValue

const fieldOfMoment: FieldReader = (name, value, type, field) =>
  fieldOfTimestamp(name, value as bigint, type, field)

const fieldReaders: Readonly<Partial<Record<TypeKind, FieldReader>>> = {
  date: (name, value, type, field) => fieldOfDate(name, value as number, type, field),
  time: (name, value, type, field) => fieldOfTime(name, value as bigint, type, field),
  timetz: fieldOfZonedTime,
  timestamp: fieldOfMoment,
  timestamptz: fieldOfMoment,
  interval: (name, value, type, field) =>
    fieldOfInterval(name, value as IntervalValue, type, field),
}

/** Years before Christ count from -1 down: there is no year 0. */
export function displayYear(year: number): number {
  return year > 0 ? year : year - 1
}

/** Year and number of the ISO week, which belongs to the year of its Thursday. */
export function isoWeek(days: number): { readonly year: number; readonly week: number } {
  const thursday = days + 3 - ((weekday(days) + 6) % 7)
  const { year } = civilFromDays(thursday)
  return { year, week: Math.floor((thursday - daysFromCivil(year, 1, 1)) / 7) + 1 }
}

/** 0 is Sunday. */
export function weekday(days: number): number {
  return (((days + 4) % 7) + 7) % 7
}

export function dayOfYear(days: number): number {
  return days - daysFromCivil(civilFromDays(days).year, 1, 1) + 1
}

function whole(value: number | bigint): NumericValue {
  return { unscaled: BigInt(value), scale: 0 }
}

function micros(value: bigint, scale: number): NumericValue {
  return { unscaled: value, scale }
}

function unknownField(field: string, type: DataType): QueryError {
  const known = knownFields.has(fieldName(field))
  if (known) {
    const message = `unit "${field.toLowerCase()}" not supported for type ${typeName(type)}`
    return new QueryError('FEATURE_NOT_SUPPORTED', message)
  }
  const message = `unit "${field.toLowerCase()}" not recognized for type ${typeName(type)}`
  return new QueryError('INVALID_PARAMETER_VALUE', message)
}

const knownFields = new Set(
  (
    'microseconds milliseconds second minute hour day week month quarter year decade century ' +
    'millennium dow isodow doy isoyear julian epoch timezone timezone_hour timezone_minute'
  ).split(' '),
)

/** Fields of the calendar day; undefined for others. */
function calendarField(name: string, days: number): number | undefined {
  const { year, month, day } = civilFromDays(days)
  const shown = displayYear(year)
  switch (name) {
    case 'day':
      return day
    case 'month':
      return month
    case 'quarter':
      return Math.floor((month - 1) / 3) + 1
    case 'year':
      return shown
    case 'week':
      return isoWeek(days).week
    case 'isoyear':
      return displayYear(isoWeek(days).year)
    case 'decade':
      return Math.floor(year / 10)
    case 'century':
      return year > 0 ? Math.floor((year + 99) / 100) : -Math.floor((99 - (year - 1)) / 100)
    case 'millennium':
      return year > 0 ? Math.floor((year + 999) / 1_000) : -Math.floor((999 - (year - 1)) / 1_000)
    case 'dow':
      return weekday(days)
    case 'isodow':
      return weekday(days) === 0 ? 7 : weekday(days)
    case 'doy':
      return dayOfYear(days)
    default:
      return undefined
  }
}

/** Fields of the time of day; undefined for others. */
function clockField(name: string, clock: bigint): NumericValue | undefined {
  const seconds = clock % MICROS_PER_MINUTE
  switch (name) {
    case 'microseconds':
      return whole(seconds)
    case 'milliseconds':
      return micros(seconds, 3)
    case 'second':
      return micros(seconds, 6)
    case 'minute':
      return whole((clock / MICROS_PER_MINUTE) % 60n)
    case 'hour':
      return whole(clock / MICROS_PER_HOUR)
    default:
      return undefined
  }
}

function fieldOfDate(name: string, days: number, type: DataType, field: string): NumericValue {
  const value = calendarField(name, days)
  if (value !== undefined) return whole(value)
  if (name === 'julian') return whole(days + 2_440_588)
  if (name === 'epoch') return whole(BigInt(days) * 86_400n)
  throw unknownField(field, type)
}

function fieldOfTime(name: string, clock: bigint, type: DataType, field: string): NumericValue {
  const value = clockField(name, clock)
  if (value !== undefined) return value
  if (name === 'epoch') return micros(clock, 6)
  throw unknownField(field, type)
}

function fieldOfZonedTime(
  name: string,
  value: Scalar,
  type: DataType,
  field: string,
): NumericValue {
  const { micros: clock, zone } = zonedTimeOf(value)
  const known = clockField(name, clock)
  if (known !== undefined) return known
  switch (name) {
    case 'epoch':
      return micros(clock - zone, 6)
    case 'timezone':
      return whole(zone / MICROS_PER_SECOND)
    case 'timezone_hour':
      return whole(zone / MICROS_PER_HOUR)
    case 'timezone_minute':
      return whole((zone / MICROS_PER_MINUTE) % 60n)
    default:
      throw unknownField(field, type)
  }
}

function fieldOfTimestamp(
  name: string,
  value: bigint,
  type: DataType,
  field: string,
): NumericValue {
  const { days, rest } = splitMicros(value)
  const calendar = calendarField(name, days)
  if (calendar !== undefined) return whole(calendar)
  const clock = clockField(name, rest)
  if (clock !== undefined) return clock
  if (name === 'epoch') return micros(value, 6)
  if (name === 'julian') return julian(days, rest)
  if (name.startsWith('timezone')) {
    if (type.kind === 'timestamptz') return whole(0)
    throw unknownField(field, type)
  }
  throw unknownField(field, type)
}

function julian(days: number, rest: bigint): NumericValue {
  const day = BigInt(days + 2_440_588)
  const part = divideNumeric({ unscaled: rest, scale: 0 }, { unscaled: MICROS_PER_DAY, scale: 0 })
  return { unscaled: day * 10n ** BigInt(part.scale) + part.unscaled, scale: part.scale }
}

function fieldOfInterval(
  name: string,
  value: IntervalValue,
  type: DataType,
  field: string,
): NumericValue {
  const clock = clockField(name, value.micros)
  if (clock !== undefined) return clock
  const years = Math.trunc(value.months / 12)
  const months = value.months % 12
  switch (name) {
    case 'day':
      return whole(value.days)
    case 'month':
      return whole(months)
    case 'quarter':
      return whole(Math.trunc(months / 3) + 1)
    case 'year':
      return whole(years)
    case 'decade':
      return whole(Math.trunc(years / 10))
    case 'century':
      return whole(Math.trunc(years / 100))
    case 'millennium':
      return whole(Math.trunc(years / 1_000))
    case 'epoch':
      return micros(epochOfInterval(value), 6)
    default:
      if (name.startsWith('timezone')) throw notSupported(`unit "${name}" of an interval`)
      throw unknownField(field, type)
  }
}

// A year counts 365.25 days, a month beyond whole years 30.
function epochOfInterval({ months, days, micros: clock }: IntervalValue): bigint {
  const years = BigInt(Math.trunc(months / 12))
  const quarterDays = years * 1_461n + BigInt(months % 12) * 120n + BigInt(days) * 4n
  return quarterDays * 21_600n * MICROS_PER_SECOND + clock
}
