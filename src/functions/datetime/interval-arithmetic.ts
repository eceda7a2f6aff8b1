import { QueryError } from '../../base/errors.ts'
import {
  addMonths,
  DATE_MAX,
  DATE_MIN,
  MICROS_PER_DAY,
  splitMicros,
  TIMESTAMP_MAX,
  TIMESTAMP_MIN,
} from '../../data/types/calendar.ts'
import type { IntervalValue } from '../../data/types/scalar.ts'
import { divisionByZero } from '../../data/types/numeric-arithmetic.ts'
import { roundHalfEven } from '../../data/types/round-half-even.ts'

const INT32_MAX = 2_147_483_647
const DAYS_PER_MONTH = 30
const SECONDS_PER_DAY = 86_400

export function timestampOutOfRange(): QueryError {
  return new QueryError('DATETIME_OVERFLOW', 'timestamp out of range')
}

export function intervalOutOfRange(): QueryError {
  return new QueryError('DATETIME_OVERFLOW', 'interval out of range')
}

export function dateOutOfRange(): QueryError {
  return new QueryError('DATETIME_OVERFLOW', 'date out of range')
}

export function checkDate(days: number): number {
  if (days < DATE_MIN || days > DATE_MAX) throw dateOutOfRange()
  return days
}

export function checkTimestamp(micros: bigint): bigint {
  if (micros < TIMESTAMP_MIN || micros > TIMESTAMP_MAX) throw timestampOutOfRange()
  return micros
}

/** Months first (cutting the day to the month's length), then days, then time. */
export function addToTimestamp(micros: bigint, interval: IntervalValue): bigint {
  let moved = micros
  if (interval.months !== 0) {
    const { days, rest } = splitMicros(micros)
    moved = checkTimestamp(BigInt(addMonths(days, interval.months)) * MICROS_PER_DAY + rest)
  }
  if (interval.days !== 0) moved = checkTimestamp(moved + BigInt(interval.days) * MICROS_PER_DAY)
  return checkTimestamp(moved + interval.micros)
}

export function beyondTimestamps(): QueryError {
  return new QueryError('DATETIME_OVERFLOW', 'date out of range for timestamp')
}

export function dateToTimestamp(days: number): bigint {
  const micros = BigInt(days) * MICROS_PER_DAY
  if (micros > TIMESTAMP_MAX) throw beyondTimestamps()
  return micros
}

/** Checks that an interval's parts fit their fields. */
export function checkInterval(months: number, days: number, micros: bigint): IntervalValue {
  const fits = Math.abs(months) <= INT32_MAX + 1 && Math.abs(days) <= INT32_MAX + 1
  const inside = months !== INT32_MAX + 1 && days !== INT32_MAX + 1
  if (!fits || !inside || BigInt.asIntN(64, micros) !== micros) throw intervalOutOfRange()
  // Adding 0 turns a negative zero into 0.
  return { months: months + 0, days: days + 0, micros }
}

export function negateInterval({ months, days, micros }: IntervalValue): IntervalValue {
  return checkInterval(-months, -days, -micros)
}

export function addIntervals(left: IntervalValue, right: IntervalValue): IntervalValue {
  return checkInterval(
    left.months + right.months,
    left.days + right.days,
    left.micros + right.micros,
  )
}

export function subtractIntervals(left: IntervalValue, right: IntervalValue): IntervalValue {
  return checkInterval(
    left.months - right.months,
    left.days - right.days,
    left.micros - right.micros,
  )
}

/** Interval times a factor; fractions of months and days spill down, as interval_mul does. */
export function multiplyInterval(value: IntervalValue, factor: number): IntervalValue {
  return scaleInterval(value, (part) => part * factor)
}

/** Interval by a divisor, as interval_div does. Throws DIVISION_BY_ZERO. */
export function divideInterval(value: IntervalValue, divisor: number): IntervalValue {
  if (divisor === 0) throw divisionByZero()
  return scaleInterval(value, (part) => part / divisor)
}

function scaleInterval(value: IntervalValue, scale: (part: number) => number): IntervalValue {
  const exactMonths = scale(value.months)
  const exactDays = scale(value.days)
  if (!isInt32(exactMonths) || !isInt32(exactDays)) throw intervalOutOfRange()
  const months = Math.trunc(exactMonths)
  let days = Math.trunc(exactDays)
  const monthRest = roundMicro((exactMonths - months) * DAYS_PER_MONTH)
  let seconds = roundMicro((exactDays - days + monthRest - Math.trunc(monthRest)) * SECONDS_PER_DAY)
  if (Math.abs(seconds) >= SECONDS_PER_DAY) {
    const whole = Math.trunc(seconds / SECONDS_PER_DAY)
    days += whole
    seconds -= whole * SECONDS_PER_DAY
  }
  days += Math.trunc(monthRest)
  const micros = roundHalfEven(scale(Number(value.micros)) + seconds * 1_000_000)
  if (!Number.isFinite(micros) || Math.abs(micros) >= 2 ** 63) throw intervalOutOfRange()
  return checkInterval(months, days, BigInt(micros))
}

/** Whether it fits once it is cut to a whole number; NaN does not. */
function isInt32(value: number): boolean {
  return value >= -INT32_MAX - 1 && value < INT32_MAX + 1
}

function roundMicro(value: number): number {
  return roundHalfEven(value * 1_000_000) / 1_000_000
}

/** The difference of two timestamps, whole days apart from time. */
export function subtractTimestamps(left: bigint, right: bigint): IntervalValue {
  const micros = left - right
  if (BigInt.asIntN(64, micros) !== micros) throw intervalOutOfRange()
  return justifyHours({ months: 0, days: 0, micros })
}

/** Time over 24 hours becomes days, both of one sign. */
export function justifyHours({ months, days, micros }: IntervalValue): IntervalValue {
  const whole = micros / MICROS_PER_DAY
  let newDays = days + Number(whole)
  let rest = micros - whole * MICROS_PER_DAY
  if (newDays > 0 && rest < 0n) {
    rest += MICROS_PER_DAY
    newDays--
  } else if (newDays < 0 && rest > 0n) {
    rest -= MICROS_PER_DAY
    newDays++
  }
  return checkInterval(months, newDays, rest)
}

/** Days over 30 become months, both of one sign. */
export function justifyDays({ months, days, micros }: IntervalValue): IntervalValue {
  const whole = Math.trunc(days / DAYS_PER_MONTH)
  let newMonths = months + whole
  let rest = days - whole * DAYS_PER_MONTH
  if (newMonths > 0 && rest < 0) {
    rest += DAYS_PER_MONTH
    newMonths--
  } else if (newMonths < 0 && rest > 0) {
    rest -= DAYS_PER_MONTH
    newMonths++
  }
  return checkInterval(newMonths, rest, micros)
}

/** Both at once, with one sign for all three parts (interval_justify_interval). */
export function justifyInterval(value: IntervalValue): IntervalValue {
  let { months, days, micros } = value
  if ((days > 0 && micros > 0n) || (days < 0 && micros < 0n)) {
    const whole = Math.trunc(days / DAYS_PER_MONTH)
    months += whole
    days -= whole * DAYS_PER_MONTH
  }
  const wholeDays = micros / MICROS_PER_DAY
  micros -= wholeDays * MICROS_PER_DAY
  days += Number(wholeDays)
  const wholeMonths = Math.trunc(days / DAYS_PER_MONTH)
  days -= wholeMonths * DAYS_PER_MONTH
  months += wholeMonths
  if (months > 0 && (days < 0 || (days === 0 && micros < 0n))) {
    days += DAYS_PER_MONTH
    months--
  } else if (months < 0 && (days > 0 || (days === 0 && micros > 0n))) {
    days -= DAYS_PER_MONTH
    months++
  }
  if (days > 0 && micros < 0n) {
    micros += MICROS_PER_DAY
    days--
  } else if (days < 0 && micros > 0n) {
    micros -= MICROS_PER_DAY
    days++
  }
  return checkInterval(months, days, micros)
}
