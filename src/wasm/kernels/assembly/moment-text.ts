// Dates and times as text, of any year.
import { civil, MICROS_PER_DAY, timestampDate } from './datetime'
import { digitCount, putDigits, putInteger, putLast, putPair } from './digits'

// A year has four digits at least; 1 BC is 0 here.
function putDay(days: i32, to: usize): usize {
  const packed = civil(days)
  const year = <i32>(packed >> 9)
  const shown = <u32>(year > 0 ? year : 1 - year)
  if (shown < 10000) {
    putPair(shown / 100, to)
    putPair(shown % 100, to + 2)
    to += 4
  } else to = putLast(shown, digitCount(shown), to)
  store<u8>(to, 45)
  putPair(<u32>(packed >> 5) & 15, to + 1)
  store<u8>(to, 45, 3)
  putPair(<u32>packed & 31, to + 4)
  return to + 6
}

// 0001-01-01
const FIRST_DAY: i32 = -719162
@inline export function isBefore(days: i32): bool {
  return days < FIRST_DAY
}

@inline function putBefore(days: i32, to: usize): usize {
  if (!isBefore(days)) return to
  // " BC"
  store<u16>(to, 0x4220)
  store<u8>(to, 0x43, 2)
  return to + 3
}

const HOUR_MICROS: u64 = 3_600_000_000
const MINUTE_MICROS: u32 = 60_000_000
const SECOND_MICROS: u32 = 1_000_000

// Hours of two digits at least, minutes, seconds, and what there is of a fraction.
function putClock(micros: u64, to: usize): usize {
  const hours = micros / HOUR_MICROS
  let rest = <u32>(micros - hours * HOUR_MICROS)
  if (hours < 100) {
    putPair(<u32>hours, to)
    to += 2
  } else to = putDigits(hours, to)
  const minutes = rest / MINUTE_MICROS
  rest -= minutes * MINUTE_MICROS
  const seconds = rest / SECOND_MICROS
  rest -= seconds * SECOND_MICROS
  store<u8>(to, 58)
  putPair(minutes, to + 1)
  store<u8>(to, 58, 3)
  putPair(seconds, to + 4)
  to += 6
  if (rest == 0) return to
  store<u8>(to, 46)
  putPair(rest / 10000, to + 1)
  putPair((rest / 100) % 100, to + 3)
  putPair(rest % 100, to + 5)
  to += 7
  while (load<u8>(to - 1) == 48) to--
  return to
}

export function putTime(micros: i64, to: usize): usize {
  return putClock(<u64>micros, to)
}

export function putDate(days: i32, to: usize): usize {
  return putBefore(days, putDay(days, to))
}

// With its zone, which is UTC, where there is one.
export function putTimestamp(micros: i64, zoned: bool, isJson: bool, to: usize): usize {
  const days = timestampDate(micros)
  to = putDay(days, to)
  store<u8>(to, isJson ? 84 : 32)
  to = putClock(<u64>(micros - <i64>days * MICROS_PER_DAY), to + 1)
  if (zoned) {
    // "+00", ":00"
    store<u32>(to, 0x30302b)
    to += 3
    if (isJson) {
      store<u32>(to, 0x30303a)
      to += 3
    }
  }
  return putBefore(days, to)
}

// By the clock of a zone so many microseconds east of Greenwich, which stands behind it.
export function putZoned(local: i64, offset: i64, to: usize): usize {
  const days = timestampDate(local)
  to = putDay(days, to)
  store<u8>(to, 32)
  to = putClock(<u64>(local - <i64>days * MICROS_PER_DAY), to + 1)
  store<u8>(to, offset < 0 ? 45 : 43)
  const seconds = <u32>((offset < 0 ? -offset : offset) / SECOND_MICROS)
  putPair(seconds / 3_600, to + 1)
  to += 3
  const minutes = (seconds / 60) % 60
  const rest = seconds % 60
  if (minutes != 0 || rest != 0) {
    store<u8>(to, 58)
    putPair(minutes, to + 1)
    to += 3
  }
  if (rest != 0) {
    store<u8>(to, 58)
    putPair(rest, to + 1)
    to += 3
  }
  return putBefore(days, to)
}

export const INTERVAL_BYTES: u32 = 72

// The bytes of a unit with the blank in front, and how many these are.
const YEAR: u64 = 0x7261657920
const MON: u64 = 0x6e6f6d20
const DAY: u64 = 0x79616420

// A part that is not 0, with its unit; behind a negative one a positive one has a sign.
function putPart(count: i64, unit: u64, bytes: usize, isBehind: bool, hasMinus: bool, to: usize): usize {
  if (isBehind) store<u8>(to++, 32)
  if (hasMinus && count > 0) store<u8>(to++, 43)
  to = putInteger(count, to)
  store<u64>(to, unit)
  to += bytes
  if (count != 1) store<u8>(to++, 115)
  return to
}

// An interval: months and days in one word, and microseconds.
export function putInterval(parts: i64, micros: i64, to: usize): usize {
  const start = to
  const months = <i32>parts
  const years = months / 12
  const rest = months - years * 12
  const days = <i32>(parts >> 32)
  let hasMinus = false
  if (years != 0) {
    to = putPart(years, YEAR, 5, false, false, to)
    hasMinus = years < 0
  }
  if (rest != 0) {
    to = putPart(rest, MON, 4, to > start, hasMinus, to)
    hasMinus = rest < 0
  }
  if (days != 0) {
    to = putPart(days, DAY, 4, to > start, hasMinus, to)
    hasMinus = days < 0
  }
  if (micros == 0 && to > start) return to
  if (to > start) store<u8>(to++, 32)
  if (micros < 0) store<u8>(to++, 45)
  else if (hasMinus) store<u8>(to++, 43)
  return putClock(<u64>(micros < 0 ? -micros : micros), to)
}
