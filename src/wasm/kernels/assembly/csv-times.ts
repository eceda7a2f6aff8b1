// CSV, stage 2: dates and times. Arguments as in csv-fields.ts.
import { addOdd, beginColumn, endColumn, notDigits, nullsFirst, quoteBytes, takeNull } from './csv-fields'

const MICROS_PER_DAY: i64 = 86400000000
const ZEROS: u64 = 0x3030303030303030

// Days before a month and days of a month, by month, 16 entries a common and a leap year each.
const daysBefore = memory.data<u16>([
  0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 0, 0, 0, 0, 0, 31, 60, 91, 121, 152, 182,
  213, 244, 274, 305, 335, 0, 0, 0,
])
const monthDays = memory.data<u8>([
  0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0, 0, 0, 0, 31, 29, 31, 30, 31, 30, 31, 31, 30,
  31, 30, 31, 0, 0, 0,
])

// The digits of YYYY-MM-DD, first eight bytes in x, the others in d, without the hyphens.
@inline
function dateDigits(x: u64, d: u64): u64 {
  return (x & 0xffffffff) | ((x >> 8) & 0x0000ffff00000000) | (d << 48)
}

// 0 when the text has the form of a date.
@inline
function dateForm(x: u64, digits: u64): u64 {
  return ((x & 0xff0000ff00000000) ^ 0x2d00002d00000000) | notDigits(digits)
}

// Pairs of digits as numbers: century, year of it, month and day, 16 bits each.
@inline
function datePairs(digits: u64): u64 {
  return (((digits & 0x0f0f0f0f0f0f0f0f) * 2561) >> 8) & 0x00ff00ff00ff00ff
}

@inline
function yearOf(pairs: u64): u32 {
  return (<u32>pairs & 0xff) * 100 + (<u32>pairs >> 16)
}

// 16 in leap years, else 0; of years up to 9999.
@inline
function leapOf(year: u32): u32 {
  const century = (year * 5243) >> 19
  const isLeap = <u32>((year & 3) == 0) & (<u32>(century * 100 != year) | <u32>((century & 3) == 0))
  return isLeap << 4
}

@inline
function monthOf(pairs: u64): u32 {
  return <u32>(pairs >> 32) & 0xff
}

@inline
function dayOf(pairs: u64): u32 {
  return <u32>(pairs >> 48)
}

// Nonzero when there is no such day; month and day may be any number up to 165.
@inline
function noSuchDay(year: u32, slot: u32, month: u32, day: u32): u64 {
  const length = <u32>load<u8>(monthDays + slot)
  return <u64>(day - 1 >= length) | <u64>(month > 12) | <u64>(year == 0)
}

// Days since 1970-01-01.
@inline
function daysOf(year: u32, slot: u32, day: u32): i32 {
  const before = year - 1
  const century = (before * 5243) >> 19
  const days = before * 365 + (before >> 2) - century + (century >> 2)
  return <i32>(days + load<u16>(daysBefore + (slot << 1)) + day) - 719163
}

// YYYY-MM-DD at s; wrongDate tells whether it is one.
let wrongDate: u64 = 0
@inline
function dateAt(s: usize): i32 {
  const x = load<u64>(s)
  const digits = dateDigits(x, <u64>load<u16>(s, 8))
  const pairs = datePairs(digits)
  const year = yearOf(pairs)
  const month = monthOf(pairs)
  const day = dayOf(pairs)
  const slot = leapOf(year) + (month & 15)
  wrongDate = dateForm(x, digits) | noSuchDay(year, slot, month, day)
  return daysOf(year, slot, day)
}

export function csvDates(
  position: usize, stride: usize, rows: i32, to: usize, validity: usize, odd: usize, settings: usize,
): i32 {
  const slow = <u64>nullsFirst(settings)
  beginColumn(odd)
  for (let i = 0; i < rows; i++) {
    const s = <usize>load<u32>(position - 4) + 1
    const e = <usize>load<u32>(position)
    position += stride
    let value = dateAt(s)
    if ((slow | wrongDate | <u64>(e - s != 10)) != 0) {
      value = 0
      if (!takeNull(s, e, i, validity, settings)) {
        const quoted = quoteBytes(s, e, settings)
        value = dateAt(s + quoted)
        if (wrongDate != 0 || e - s != 10 + (quoted << 1)) {
          value = 0
          addOdd(i)
        }
      }
    }
    store<i32>(to, value)
    to += 4
  }
  return endColumn(odd)
}

let wrongTime: u64 = 0
let timeEnd: usize = 0

// HH:MM:SS with up to six digits of a fraction, at s; sets timeEnd behind it.
function timeAt(s: usize, e: usize): i64 {
  wrongTime = 1
  timeEnd = s
  if (e - s < 8) return 0
  const x = load<u64>(s)
  let wrong = (x & 0x0000ff0000ff0000) ^ 0x00003a00003a0000
  wrong |= notDigits((x & 0xffff00ffff00ffff) | 0x0000300000300000)
  const hour = (<u32>x & 15) * 10 + (<u32>(x >> 8) & 15)
  const minute = (<u32>(x >> 24) & 15) * 10 + (<u32>(x >> 32) & 15)
  const second = (<u32>(x >> 48) & 15) * 10 + (<u32>(x >> 56) & 15)
  wrong |= <u64>(hour > 23) | <u64>(minute > 59) | <u64>(second > 59)
  let micros = (<i64>hour * 3600 + minute * 60 + second) * 1000000
  s += 8
  if (s < e && load<u8>(s) == 46) {
    s++
    let unit: i64 = 100000
    const first = s
    while (s < e && <u32>load<u8>(s) - 48 < 10) {
      micros += unit * (<i64>load<u8>(s) - 48)
      unit /= 10
      s++
    }
    wrong |= <u64>(s - first > 6)
  }
  timeEnd = s
  wrongTime = wrong
  return micros
}

// A date, then perhaps a blank or T and a time; with `zoned` a closing Z or +00.
function timestampAt(s: usize, e: usize, zoned: bool): i64 {
  wrongTime = 1
  if (e - s < 10) return 0
  const days = dateAt(s)
  const badDate = wrongDate
  if (badDate != 0) return 0
  s += 10
  let micros: i64 = 0
  if (s < e) {
    const c = load<u8>(s)
    if (c != 32 && c != 84) return 0
    micros = timeAt(s + 1, e)
    s = timeEnd
    if (wrongTime != 0) return 0
    if (zoned) {
      if (s + 1 == e && load<u8>(s) == 90) s = e
      else if (s + 3 == e && load<u8>(s) == 43 && load<u16>(s, 1) == 0x3030) s = e
      else if (s + 6 == e && load<u8>(s) == 43 && load<u8>(s, 3) == 58) {
        if (load<u16>(s, 1) == 0x3030 && load<u16>(s, 4) == 0x3030) s = e
      } else s = 0
    }
  } else if (zoned) {
    // The session's zone decides: not for this parser.
    return 0
  }
  wrongTime = <u64>(s != e)
  return <i64>days * MICROS_PER_DAY + micros
}

/** form 0: time, 1: timestamp, 2: timestamptz in UTC. Microseconds, 64 bits. */
export function csvTimes(
  position: usize, stride: usize, rows: i32, to: usize, validity: usize, odd: usize, settings: usize,
  form: i32,
): i32 {
  beginColumn(odd)
  for (let i = 0; i < rows; i++) {
    let s = <usize>load<u32>(position - 4) + 1
    let e = <usize>load<u32>(position)
    position += stride
    let value: i64 = 0
    if (!takeNull(s, e, i, validity, settings)) {
      const quoted = quoteBytes(s, e, settings)
      s += quoted
      e -= quoted
      if (form == 0) {
        value = timeAt(s, e)
        wrongTime |= <u64>(timeEnd != e)
      } else {
        value = timestampAt(s, e, form == 2)
      }
      if (wrongTime != 0) {
        value = 0
        addOdd(i)
      }
    }
    store<i64>(to, value)
    to += 8
  }
  return endColumn(odd)
}
