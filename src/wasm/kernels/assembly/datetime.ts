// The proleptic Gregorian calendar on days and microseconds since 1970-01-01: days near ours by few multiplications
// (C. Neri and L. Schneider 2023, "Euclidean affine functions and their application to calendar algorithms", section
// 5), all others as H. Hinnant has them ("chrono-Compatible Low-Level Date Algorithms"). Dates are packed as
// year << 9 | month << 5 | day.

export const MICROS_PER_DAY: i64 = 86400000000

// @ts-ignore: decorator
@inline
function floorDiv(a: i64, b: i64): i64 {
  const quotient = a / b
  return quotient - i64(a % b < 0)
}

// Eras of 400 years that are added, so that all that is near is positive: days of less than 1.4 million years.
const NEAR_ERAS: u32 = 3_500
const DAYS_PER_ERA: u32 = 146_097
// From 0000-03-01 to 1970-01-01.
const EPOCH_DAYS: u32 = 719_468
const NEAR_DAYS: i32 = 511_000_000

export function civil(days: i32): i64 {
  if (days <= -NEAR_DAYS || days >= NEAR_DAYS) return distantCivil(days)
  const near = <u32>days + EPOCH_DAYS + NEAR_ERAS * DAYS_PER_ERA
  const centuryQuarters: u32 = (near << 2) | 3
  const century = centuryQuarters / DAYS_PER_ERA
  const yearQuarters = (centuryQuarters - century * DAYS_PER_ERA) | 3
  const product = <u64>yearQuarters * 2_939_745
  const dayOfYear: u32 = (<u32>product / 2_939_745) >> 2
  const months: u32 = dayOfYear * 2_141 + 197_913
  // March is the first month of the years that are counted here.
  const isNext = dayOfYear >= 306
  const year = <i64>(century * 100 + <u32>(product >> 32) + u32(isNext)) - <i64>NEAR_ERAS * 400
  const month = (months >> 16) - (isNext ? 12 : 0)
  return (year << 9) | <i64>((month << 5) | ((months & 0xffff) / 2_141 + 1))
}

function distantCivil(days: i32): i64 {
  const shifted = <i64>days + 719468
  const era = floorDiv(shifted, 146097)
  const dayOfEra = <u32>(shifted - era * 146097)
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  const shiftedMonth = (5 * dayOfYear + 2) / 153
  const day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  const year = <i64>yearOfEra + era * 400 + i64(month <= 2)
  return (year << 9) | (<i64>month << 5) | <i64>day
}

export function daysOf(year: i64, month: i64, day: i64): i64 {
  if (year <= -1_000_000 || year >= 1_000_000) return distantDaysOf(year, month, day)
  const shifted = <u32>year + NEAR_ERAS * 400 - u32(month <= 2)
  const century = shifted / 100
  const firstDay: u32 = shifted * 365 + (shifted >> 2) - century + (century >> 2)
  const months: u32 = month > 2 ? <u32>month - 3 : <u32>month + 9
  const days = <i32>(firstDay - NEAR_ERAS * DAYS_PER_ERA - EPOCH_DAYS + (months * 153 + 2) / 5)
  return <i64>days + day - 1
}

function distantDaysOf(year: i64, month: i64, day: i64): i64 {
  const shifted = month <= 2 ? year - 1 : year
  const era = floorDiv(shifted, 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
  return era * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468
}

export function monthLength(year: i64, month: i64): i64 {
  if (month == 2) {
    const leap = (year & 3) == 0 && (year % 100 != 0 || year % 400 == 0)
    return 28 + i64(leap)
  }
  return 30 + ((month + (month >> 3)) & 1)
}

// year, with 1 BC as -1 (there is no year 0)
export function dateYear(days: i32): i32 {
  const year = <i32>(civil(days) >> 9)
  return year > 0 ? year : year - 1
}

export function dateMonth(days: i32): i32 {
  return <i32>((civil(days) >> 5) & 15)
}

export function dateDay(days: i32): i32 {
  return <i32>(civil(days) & 31)
}

export function dateDayOfYear(days: i32): i32 {
  return <i32>(<i64>days - daysOf(civil(days) >> 9, 1, 1)) + 1
}

// 0 is Sunday
export function dateWeekday(days: i32): i32 {
  // 2 ** 31 days more are two weekdays more.
  return <i32>((<u32>(days ^ i32.MIN_VALUE) % 7 + 2) % 7)
}

// Thursday of the ISO week
function isoThursday(days: i32): i64 {
  const weekday = dateWeekday(days)
  return <i64>days + 4 - <i64>(weekday == 0 ? 7 : weekday)
}

export function dateIsoWeek(days: i32): i32 {
  const thursday = isoThursday(days)
  return <i32>(<u32>(thursday - daysOf(civil(<i32>thursday) >> 9, 1, 1)) / 7) + 1
}

export function dateIsoYear(days: i32): i32 {
  const year = <i32>(civil(<i32>isoThursday(days)) >> 9)
  return year > 0 ? year : year - 1
}

// Start of the month (unit 0), quarter (1), year (2) or ISO week (3), decade (4), century (5) or millennium (6).
export function dateTruncate(days: i32, unit: i32): i32 {
  if (unit == 3) return <i32>(isoThursday(days) - 3)
  const packed = civil(days)
  const year = packed >> 9
  const month = (packed >> 5) & 15
  if (unit == 0) return days + 1 - <i32>(packed & 31)
  if (unit == 4) return <i32>daysOf(floorDiv(year, 10) * 10, 1, 1)
  if (unit > 4) {
    const years: i64 = unit == 5 ? 100 : 1_000
    return <i32>daysOf(floorDiv(year - 1, years) * years + 1, 1, 1)
  }
  return <i32>daysOf(year, unit == 2 ? 1 : month - ((month - 1) % 3), 1)
}

// A day in units of 2 ** 13 microseconds.
const UNITS_PER_DAY: f64 = 10_546_875

// Floor division of a timestamp into days. Integers of 64 bits are divided slowly. What is divided here has 51 bits, so
// that it is exact as a float, and a quotient that is not whole is further from the next one than rounding takes it.
@inline export function timestampDate(micros: i64): i32 {
  return <i32>floor(<f64>(micros >> 13) / UNITS_PER_DAY)
}

// Microseconds since midnight.
export function timestampTime(micros: i64): i64 {
  return micros - <i64>timestampDate(micros) * MICROS_PER_DAY
}

// i64.MIN_VALUE beyond 64 bits.
export function timestampAddMonths(micros: i64, months: i32): i64 {
  const days = timestampDate(micros)
  const packed = civil(days)
  const total = (packed >> 9) * 12 + ((packed >> 5) & 15) - 1 + <i64>months
  const year = floorDiv(total, 12)
  const month = total - year * 12 + 1
  const moved = daysOf(year, month, min(packed & 31, monthLength(year, month)))
  if (moved > 106751990 || moved < -106751990) return i64.MIN_VALUE
  return moved * MICROS_PER_DAY + timestampTime(micros)
}
