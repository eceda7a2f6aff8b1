// Intervals in 16 bytes: months, days and microseconds. Kernels give 1 for what they leave to TypeScript.
import { daysOf, monthLength } from '../datetime'

const MICROS_PER_DAY: i64 = 86_400_000_000
const SECONDS_PER_DAY: f64 = 86_400
const DAYS_PER_MONTH: i64 = 30

// @ts-ignore: decorator
@inline
function stored(target: usize, months: i64, days: i64, micros: i64): i32 {
  if (<i64>(<i32>months) != months || <i64>(<i32>days) != days) return 1
  // In one word, as code reads it: two halves would have to reach the cache first.
  store<i64>(target, (days << 32) | <i64>(<u32>months))
  store<i64>(target, micros, 8)
  return 0
}

// @ts-ignore: decorator
@inline
function scaled(part: f64, by: f64, divides: bool): f64 {
  return divides ? part / by : part * by
}

// @ts-ignore: decorator
@inline
function roundMicro(value: f64): f64 {
  return nearest(value * 1_000_000) / 1_000_000
}

// Whether it fits once it is cut to a whole number; NaN does not.
// @ts-ignore: decorator
@inline
function isInt32(value: f64): bool {
  return value >= -2_147_483_648 && value < 2_147_483_648
}

// Times a number (0) or divided by one (1): fractions of months and days spill down.
export function intervalScale(target: usize, first: i64, micros: i64, by: f64, divides: i32): i32 {
  const isQuotient = divides != 0
  if (isQuotient && by == 0) return 1
  const exactMonths = scaled(<f64>(<i32>first), by, isQuotient)
  const exactDays = scaled(<f64>(<i32>(first >> 32)), by, isQuotient)
  if (!isInt32(exactMonths) || !isInt32(exactDays)) return 1
  const months = trunc(exactMonths)
  const days = trunc(exactDays)
  const monthRest = roundMicro((exactMonths - months) * <f64>DAYS_PER_MONTH)
  const monthDays = trunc(monthRest)
  let seconds = roundMicro((exactDays - days + monthRest - monthDays) * SECONDS_PER_DAY)
  let whole: f64 = 0
  if (abs(seconds) >= SECONDS_PER_DAY) {
    whole = trunc(seconds / SECONDS_PER_DAY)
    seconds -= whole * SECONDS_PER_DAY
  }
  const exact = nearest(scaled(<f64>micros, by, isQuotient) + seconds * 1_000_000)
  if (!(abs(exact) < 9.2e18)) return 1
  return stored(target, <i64>months, <i64>(days + whole + monthDays), <i64>exact)
}

// Time over 24 hours becomes days (mode 0), days over 30 become months (1), or both with one sign for all
// three (2).
export function intervalJustify(target: usize, first: i64, micros: i64, mode: i32): i32 {
  let months = <i64>(<i32>first)
  let days = first >> 32
  let time = micros
  if (mode == 2 && ((days > 0 && time > 0) || (days < 0 && time < 0))) {
    months += days / DAYS_PER_MONTH
    days %= DAYS_PER_MONTH
  }
  if (mode != 1) {
    days += time / MICROS_PER_DAY
    time %= MICROS_PER_DAY
  }
  if (mode != 0) {
    months += days / DAYS_PER_MONTH
    days %= DAYS_PER_MONTH
    const borrows = mode == 2 && days == 0
    if (months > 0 && (days < 0 || (borrows && time < 0))) {
      days += DAYS_PER_MONTH
      months--
    } else if (months < 0 && (days > 0 || (borrows && time > 0))) {
      days -= DAYS_PER_MONTH
      months++
    }
  }
  if (mode != 1) {
    if (days > 0 && time < 0) {
      time += MICROS_PER_DAY
      days--
    } else if (days < 0 && time > 0) {
      time -= MICROS_PER_DAY
      days++
    }
  }
  return stored(target, months, days, time)
}

// A date; the smallest number leaves it to TypeScript, as years before Christ and wrong ones.
export function dateMake(year: i32, month: i32, day: i32): i32 {
  if (year < 1 || year > 9_999 || month < 1 || month > 12 || day < 1) return i32.MIN_VALUE
  if (<i64>day > monthLength(year, month)) return i32.MIN_VALUE
  return <i32>daysOf(year, month, day)
}

// A time of day in microseconds; -1 leaves it to TypeScript.
export function timeMake(hour: i32, minute: i32, second: f64): i64 {
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || !(second >= 0 && second < 60)) return -1
  const whole = <i64>(hour * 3_600 + minute * 60) * 1_000_000
  return whole + <i64>nearest(second * 1_000_000)
}

// A timestamp in microseconds; the smallest number leaves it to TypeScript.
export function timestampMake(year: i32, month: i32, day: i32, hour: i32, minute: i32, second: f64): i64 {
  const days = dateMake(year, month, day)
  const time = timeMake(hour, minute, second)
  if (days == i32.MIN_VALUE || time < 0) return i64.MIN_VALUE
  return <i64>days * MICROS_PER_DAY + time
}
