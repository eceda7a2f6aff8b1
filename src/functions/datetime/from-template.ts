import { QueryError } from '../../base/errors.ts'
import { civilFromDays, daysFromCivil, daysInMonth, isLeapYear } from '../../data/types/calendar.ts'
import { datetimeError } from '../../data/types/datetime/errors.ts'
import { weekday } from './fields.ts'
import { readTemplate, type TemplateFields } from './template-fields.ts'

/* Texts by a template of to_date and to_timestamp: do_to_timestamp in PostgreSQL's formatting.c. */

/** A local time, and how far east of Greenwich where the text told that. */
export interface TemplateMoment {
  readonly days: number
  /** Since midnight. */
  readonly micros: number
  /** In seconds. */
  readonly zone: number | undefined
  /** Digits of the second's fraction that the template has; none where it has none. */
  readonly digits: number | undefined
}

const JULIAN_1970 = 2_440_588
const ZONE_HOURS_MAX = 15

/** Errors: INVALID_DATETIME_FORMAT, DATETIME_OVERFLOW, INVALID_TIME_ZONE_DISPLACEMENT. */
export function momentByTemplate(source: string, template: string): TemplateMoment {
  const fields = readTemplate(source, template)
  const [hour, minute, second] = clockOf(fields)
  const days = dayOf(fields, source)
  const fraction = fields.ms * 1_000 + fields.us
  const isWrong =
    hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 || fraction < 0
  if (isWrong || fraction > 999_999) throw datetimeError('field', source, 'timestamp')
  return {
    days,
    micros: ((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction,
    zone: zoneOf(fields, source),
    digits: fields.ff === 0 ? undefined : fields.ff,
  }
}

function zoneOf({ tzsign, tzh, tzm }: TemplateFields, source: string): number | undefined {
  if (tzsign === 0) return undefined
  const isWrong = tzh < 0 || tzh > ZONE_HOURS_MAX || tzm < 0 || tzm > 59
  if (isWrong) throw datetimeError('zone', source, 'timestamp')
  return tzsign * (tzh * 3_600 + tzm * 60)
}

function clockOf(fields: TemplateFields): readonly [number, number, number] {
  const { ssss, isTwelve, pm } = fields
  let [hour, minute, second] = [Math.trunc(ssss / 3_600), Math.trunc(ssss / 60) % 60, ssss % 60]
  if (fields.ss !== 0) second = fields.ss
  if (fields.mi !== 0) minute = fields.mi
  if (fields.hh !== 0) hour = fields.hh
  if (!isTwelve) return [hour, minute, second]
  if (hour < 1 || hour > 12) {
    const message = `hour "${hour}" is invalid for the 12-hour clock`
    const hint = 'Use the 24-hour clock, or give an hour between 1 and 12.'
    throw new QueryError('INVALID_DATETIME_FORMAT', message, { hint })
  }
  return [(hour % 12) + (pm === 0 ? 0 : 12), minute, second]
}

interface CalendarDay {
  year: number
  month: number
  day: number
}

function dayOf(fields: TemplateFields, source: string): number {
  const date: CalendarDay = { year: yearOf(fields) ?? 0, month: 1, day: 1 }
  let isChecked = yearOf(fields) !== undefined
  const take = (days: number): void => {
    Object.assign(date, civilFromDays(days))
    isChecked = true
  }
  let { ddd, dd } = fields
  if (fields.j !== 0) take(fields.j - JULIAN_1970)
  if (fields.ww !== 0) {
    if (fields.mode === 'iso') {
      const later = fields.d === 0 ? 0 : fields.d > 1 ? fields.d - 2 : 6
      take(isoWeekStart(date.year, fields.ww) + later)
    } else ddd = (fields.ww - 1) * 7 + 1
  }
  if (fields.w !== 0) dd = (fields.w - 1) * 7 + 1
  if (dd !== 0) date.day = dd
  if (fields.mm !== 0) date.month = fields.mm
  isChecked ||= dd !== 0 || fields.mm !== 0
  if (ddd !== 0 && (date.month <= 1 || date.day <= 1)) {
    if (date.year === 0 && fields.bc === 0) {
      const message = 'cannot calculate day of year without year information'
      throw new QueryError('INVALID_DATETIME_FORMAT', message)
    }
    if (fields.mode === 'iso') take(isoWeekStart(date.year, 1) - 1 + ddd)
    else takeDayOfYear(date, ddd)
    isChecked = true
  }
  const { year, month, day } = date
  const isWrong = month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)
  if (isChecked && isWrong) throw datetimeError('field', source, 'timestamp')
  return daysFromCivil(year, month, day)
}

/** A day of the year beyond its last is a month beyond December, which is refused later. */
function takeDayOfYear(date: CalendarDay, dayOfYear: number): void {
  const { year } = date
  const length = isLeapYear(year) ? 366 : 365
  const isBeyond = dayOfYear > length
  const found = civilFromDays(daysFromCivil(year, 1, 1) + Math.min(dayOfYear, length) - 1)
  if (date.month <= 1) date.month = isBeyond ? 13 : found.month
  if (date.day <= 1) date.day = isBeyond ? dayOfYear - length : found.day
}

/** Monday of a week of an ISO year, as days since 1970-01-01. */
function isoWeekStart(year: number, week: number): number {
  const fourth = daysFromCivil(year, 1, 4)
  return fourth - ((weekday(fourth) + 6) % 7) + (week - 1) * 7
}

/** The year as the calendar counts it, 1 BC being 0; undefined where there is none. */
function yearOf(fields: TemplateFields): number | undefined {
  const { year, yysz, bc } = fields
  const cc = bc === 0 ? fields.cc : -fields.cc
  if (year !== 0 && cc !== 0 && yysz <= 2) {
    const rest = year % 100
    if (rest === 0) return cc * 100 + (cc >= 0 ? 0 : 1)
    return cc >= 0 ? rest + (cc - 1) * 100 : (cc + 1) * 100 - rest + 1
  }
  if (year !== 0) {
    const signed = bc === 0 ? year : -year
    return signed < 0 ? signed + 1 : signed
  }
  if (cc === 0) return undefined
  return cc >= 0 ? (cc - 1) * 100 + 1 : cc * 100 + 1
}
