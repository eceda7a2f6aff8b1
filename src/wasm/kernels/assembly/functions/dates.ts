// Dates and times to text and back; texts of years but 1 to 9999 are left to TypeScript.
import { civil, dateWeekday, daysOf, monthLength, timestampDate, timestampTime } from '../datetime'
import { putDate, putInterval, putTime, putTimestamp } from '../moment-text'
import { size, start, viewOf, written } from './views'

const MICROS_PER_SECOND: i64 = 1_000_000
const SECONDS_PER_DAY: i64 = 86_400

export function dateText(days: i32, target: usize): i64 {
  return written(target, putDate(days, target))
}

export function timeText(micros: i64, target: usize): i64 {
  return written(target, putTime(micros, target))
}

// A timestamp, with the zone behind it where there is one, which is UTC.
export function timestampText(micros: i64, hasZone: i32, target: usize): i64 {
  return written(target, putTimestamp(micros, hasZone != 0, false, target))
}

// An interval: months and days in one word, and microseconds.
export function intervalText(parts: i64, micros: i64, target: usize): i64 {
  return written(target, putInterval(parts, micros, target))
}

// Two digits, or a number above 99.
// @ts-ignore: decorator
@inline
function pairAt(at: usize): u32 {
  const tens = <u32>load<u8>(at) - 0x30
  const ones = <u32>load<u8>(at, 1) - 0x30
  return tens > 9 || ones > 9 ? 0xffff : tens * 10 + ones
}

// Days since 1970-01-01 of YYYY-MM-DD, or the smallest number for another text.
function daysAt(at: usize): i32 {
  const century = pairAt(at)
  const rest = pairAt(at + 2)
  const month = pairAt(at + 5)
  const day = pairAt(at + 8)
  if (century > 99 || rest > 99 || load<u8>(at, 4) != 0x2d || load<u8>(at, 7) != 0x2d) {
    return i32.MIN_VALUE
  }
  const year = <i64>(century * 100 + rest)
  if (year == 0 || month - 1 > 11 || day == 0) return i32.MIN_VALUE
  if (<i64>day > monthLength(year, month)) return i32.MIN_VALUE
  return <i32>daysOf(year, month, day)
}

// The date that a text of a date or timestamp says; the smallest number leaves it to TypeScript.
export function dateOfText(text: i64): i32 {
  if (size(text) == 10) return daysAt(start(text))
  const micros = timestampOfText(text)
  return micros == i64.MIN_VALUE ? i32.MIN_VALUE : timestampDate(micros)
}

// Microseconds of HH:MM:SS with up to six digits behind the point, from an address to another; -1 for another text.
function timeAt(p: usize, bytes: u32): i64 {
  if (bytes < 8 || bytes > 15 || bytes == 9 || load<u8>(p, 2) != 0x3a || load<u8>(p, 5) != 0x3a) return -1
  const hour = pairAt(p)
  const minute = pairAt(p + 3)
  const second = pairAt(p + 6)
  if (hour > 23 || minute > 59 || second > 59) return -1
  let fraction: i64 = 0
  if (bytes > 8) {
    if (load<u8>(p, 8) != 0x2e) return -1
    for (let at: u32 = 9; at < 15; at++) {
      const digit = at < bytes ? <u32>load<u8>(p + at) - 0x30 : 0
      if (digit > 9) return -1
      fraction = fraction * 10 + <i64>digit
    }
  }
  return <i64>(hour * 3_600 + minute * 60 + second) * MICROS_PER_SECOND + fraction
}

// The time of day that a text says; -1 leaves it to TypeScript.
export function timeOfText(text: i64): i64 {
  return timeAt(start(text), size(text))
}

// The timestamp of a date, or of a date and a time with up to six digits behind the point; the smallest
// number leaves the text to TypeScript.
export function timestampOfText(text: i64): i64 {
  const bytes = size(text)
  const p = start(text)
  if (bytes < 10) return i64.MIN_VALUE
  const days = daysAt(p)
  if (days == i32.MIN_VALUE) return i64.MIN_VALUE
  if (bytes == 10) return <i64>days * SECONDS_PER_DAY * MICROS_PER_SECOND
  if (bytes < 19 || load<u8>(p, 10) != 0x20) return i64.MIN_VALUE
  const time = timeAt(p + 11, bytes - 11)
  if (time < 0) return i64.MIN_VALUE
  return <i64>days * SECONDS_PER_DAY * MICROS_PER_SECOND + time
}

// The bytes of a date and a time to the second, of a zone, and the zone UTC as a timestamp's text has it, "+00".
const SECOND_BYTES: u32 = 19
const ZONE_BYTES: u32 = 3
const ZONE: u32 = 0x30302b

// The same with the zone UTC behind the time, or none, which is that zone.
export function zonedTimestampOfText(text: i64): i64 {
  const bytes = size(text)
  const end = start(text) + bytes - ZONE_BYTES
  if (bytes < SECOND_BYTES + ZONE_BYTES || <u32>load<u16>(end) != (ZONE & 0xffff) || load<u8>(end, 2) != 0x30) {
    return timestampOfText(text)
  }
  return timestampOfText(viewOf(start(text), bytes - ZONE_BYTES))
}

// Monday is 1, Sunday 7.
export function dateIsoWeekday(days: i32): i32 {
  const day = dateWeekday(days)
  return day == 0 ? 7 : day
}

// Years of a span, as 10 for decades, rounded down; the year 0 is 1 BC.
export function dateDecade(days: i32): i32 {
  const year = <i32>(civil(days) >> 9)
  return year >= 0 ? year / 10 : (year - 9) / 10
}

// Centuries or millennia: the first begins with the year 1, the one before it is -1.
export function dateAge(days: i32, years: i32): i32 {
  const year = <i32>(civil(days) >> 9)
  return year > 0 ? (year + years - 1) / years : -((years - year) / years)
}

// Time between two timestamps in months, days and time of the calendar, of one sign: an interval of 16
// bytes.
export function timestampAge(target: usize, later: i64, earlier: i64): void {
  const backwards = later < earlier
  const to = backwards ? earlier : later
  const from = backwards ? later : earlier
  const a = civil(timestampDate(from))
  const b = civil(timestampDate(to))
  let months = <i32>((b >> 9) - (a >> 9)) * 12 + <i32>((b >> 5) & 15) - <i32>((a >> 5) & 15)
  let days = <i32>(b & 31) - <i32>(a & 31)
  let micros = timestampTime(to) - timestampTime(from)
  if (micros < 0) {
    micros += SECONDS_PER_DAY * MICROS_PER_SECOND
    days--
  }
  if (days < 0) {
    days += <i32>monthLength(a >> 9, (a >> 5) & 15)
    months--
  }
  store<i32>(target, backwards ? -months : months)
  store<i32>(target, backwards ? -days : days, 4)
  store<i64>(target, backwards ? -micros : micros, 8)
}
