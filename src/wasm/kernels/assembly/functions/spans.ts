// An interval by a template of to_char, which comes as a program of bytes, see src/functions/datetime/to-char-inline.ts.
import { putDigits, putLast } from '../digits'
import { fractionOf, putHalf, putOrdinal, putRoman } from './moments'
import { put, size, start, written } from './views'

// What stands at a step of the program.
const LETTERS: u32 = 0
const NUMBER: u32 = 1
const HALF_OF_DAY: u32 = 3
// The number of a quarter, which intervals of whole years have none of.
const QUARTER: u32 = 19
const SECOND: i64 = 1_000_000

// A number of the program's table of fields; the months are those of all years.
function fieldOf(field: u32, months: i32, days: i32, micros: i64): i64 {
  const years = months / 12
  switch (field) {
    case 0: return micros / (3_600 * SECOND)
    case 1: return clockOf(micros)
    case 2: return (micros / (60 * SECOND)) % 60
    case 3: return (micros / SECOND) % 60
    case 6: return years
    case 7: return years % 1_000
    case 8: return years % 100
    case 9: return years % 10
    case 10: return months % 12
    case 11: return days
    case 12: return months * 30 + days
    case 17: return (months * 30 + days - 1) / 7 + 1
    case 15: return isoWeek(years, months % 12, days)
    case 16: return isoYear(years, months % 12, days)
    case 18: return (days - 1) / 7 + 1
    case QUARTER: return (months % 12 - 1) / 3 + 1
    case 20: return micros / SECOND
    case 21: return julianDay(years, months % 12, days)
    case 22: return years / 100
    case 23: return isoYear(years, months % 12, days) % 1_000
    case 24: return isoYear(years, months % 12, days) % 100
    case 25: return isoYear(years, months % 12, days) % 10
    case 26: return julianDay(years, months % 12, days) - firstMonday(isoYear(years, months % 12, days)) + 1
    case 33: return years / 1_000
    default: {
      const rest = <i32>(micros % SECOND)
      const digits = field == 4 ? 3 : field == 5 ? 6 : field - 26
      return rest < 0 ? -(<i64>fractionOf(<u32>-rest, digits)) : fractionOf(<u32>rest, digits)
    }
  }
}

// Days of the calendar of a year, month and day that are any integers, with sums of 32 bits: as PostgreSQL has them.
function julianDay(years: i32, months: i32, days: i32): i32 {
  const isLate = months > 2
  const year = years + (isLate ? 4_800 : 4_799)
  const month = months + (isLate ? 1 : 13)
  const century = year / 100
  return year * 365 - 32_167 + year / 4 - century + century / 4 + 7_834 * month / 256 + days
}

// The Monday of the first ISO week of a year.
function firstMonday(year: i32): i32 {
  const day = julianDay(year, 1, 4)
  const weekday = day % 7
  return day - (weekday < 0 ? weekday + 7 : weekday)
}

// Whether a day is in an ISO week of the year behind that of its interval.
// @ts-ignore: decorator
@inline
function isInNextYear(years: i32, day: i32): bool {
  const year = years - i32(day < firstMonday(years))
  return (day - firstMonday(year)) / 7 + 1 >= 52 && day >= firstMonday(years + 1)
}

function isoYear(years: i32, months: i32, days: i32): i32 {
  const day = julianDay(years, months, days)
  const year = years - i32(day < firstMonday(years))
  return isInNextYear(years, day) ? year + 1 : year
}

function isoWeek(years: i32, months: i32, days: i32): i32 {
  const day = julianDay(years, months, days)
  if (isInNextYear(years, day)) return (day - firstMonday(years + 1)) / 7 + 1
  return (day - firstMonday(years - i32(day < firstMonday(years)))) / 7 + 1
}

function clockOf(micros: i64): i64 {
  const hour = (micros / (3_600 * SECOND)) % 12
  return hour == 0 ? 12 : hour
}

// Whether a field is one character wider: hours of a clock go by those of the interval.
function isBelow(field: u32, value: i64, months: i32, micros: i64): bool {
  if (field == 1) return micros / (3_600 * SECOND) < 0
  const isOfYear = (field >= 6 && field <= 8) || field == 16 || field == 23 || field == 24
  return isOfYear ? months / 12 < 0 : value < 0
}

// Zeros in front up to so many characters, the sign one of them.
function putFilled(value: i64, width: u32, to: usize): usize {
  if (value < 0) store<u8>(to++, 45)
  const given = value < 0 ? width - 1 : width
  const number = value < 0 ? 0 - <u64>value : <u64>value
  const end = putDigits(number, to)
  return end - to < <usize>given ? putLast(<u32>number, given, to) : end
}

// Months from the end of the year where they are below 0; none in a year are twelve, in none are not shown.
function putMonths(at: usize, months: i32, form: u32, fill: u32): usize {
  if (months == 0) return at
  const rest = months % 12
  const month = rest == 0 ? (months > 0 ? 11 : 0) : rest > 0 ? rest - 1 : rest + 12
  return putRoman(at, <u32>month, form, fill)
}

// The text by a program.
export function intervalTemplate(span: i64, micros: i64, program: i64, target: usize): i64 {
  const months = <i32>span
  const days = <i32>(span >> 32)
  let p = start(program)
  const end = p + size(program)
  let at = target
  while (p < end) {
    const step = <u32>load<u8>(p)
    if (step == LETTERS) {
      const count = <u32>load<u8>(p, 1)
      at = put(at, p + 2, count)
      p += 2 + count
    } else if (step == NUMBER) {
      const field = <u32>load<u8>(p, 1)
      if (field == QUARTER && months % 12 == 0) {
        p += 4
        continue
      }
      const value = fieldOf(field, months, days, micros)
      // Those with the topmost bit grow with a sign, the others have room for it.
      const width = <u32>load<u8>(p, 2)
      const grows = (width & 128) != 0 && isBelow(field, value, months, micros)
      const from = at
      at = putFilled(value, (width & 127) + u32(grows), at)
      at = putOrdinal(from, at, <u32>load<u8>(p, 3))
      p += 4
    } else if (step == HALF_OF_DAY) {
      at = putHalf(at, (micros / (3_600 * SECOND)) % 24 >= 12, <u32>load<u8>(p, 1))
      p += 2
    } else {
      at = putMonths(at, months, <u32>load<u8>(p, 1), <u32>load<u8>(p, 2))
      p += 3
    }
  }
  return written(target, at)
}
