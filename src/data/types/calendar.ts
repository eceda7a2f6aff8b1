/** The proleptic Gregorian calendar; year 0 is 1 BC. */

export interface CivilDate {
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  /** 1 to 31. */
  readonly day: number
}

export const MICROS_PER_SECOND = 1_000_000n
export const MICROS_PER_MINUTE = 60_000_000n
export const MICROS_PER_HOUR = 3_600_000_000n
export const MICROS_PER_DAY = 86_400_000_000n

/** PostgreSQL's first and last date, 4714-11-24 BC and 5874897-12-31, as days since 1970-01-01. */
export const DATE_MIN = -2_440_588
export const DATE_MAX = 2_145_042_905

/** First and last timestamp in microseconds since 1970-01-01; the last is where 64 bits end. */
export const TIMESTAMP_MIN = BigInt(DATE_MIN) * MICROS_PER_DAY
export const TIMESTAMP_MAX = 9_223_372_036_854_775_806n

/** Days since 1970-01-01 (H. Hinnant, days_from_civil). Days past the month's end carry over. */
export function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

/** Year, month and day of days since 1970-01-01 (H. Hinnant, civil_from_days). */
export function civilFromDays(days: number): CivilDate {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1_460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  )
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day }
}

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

const monthLengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

export function daysInMonth(year: number, month: number): number {
  return month === 2 && isLeapYear(year) ? 29 : (monthLengths[month - 1] ?? 0)
}

/** Splits microseconds into days (rounded down) and microseconds of the day. */
export function splitMicros(micros: bigint): { readonly days: number; readonly rest: bigint } {
  let days = micros / MICROS_PER_DAY
  if (micros < days * MICROS_PER_DAY) days--
  return { days: Number(days), rest: micros - days * MICROS_PER_DAY }
}

/** A date moved by whole months, the day cut to the length of the month it lands in. */
export function addMonths(days: number, months: number): number {
  const { year, month, day } = civilFromDays(days)
  const total = year * 12 + (month - 1) + months
  const newYear = Math.floor(total / 12)
  const newMonth = total - newYear * 12 + 1
  return daysFromCivil(newYear, newMonth, Math.min(day, daysInMonth(newYear, newMonth)))
}
