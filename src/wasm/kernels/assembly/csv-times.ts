// CSV, stage 2: dates and times. Arguments as in csv-fields.ts.
import { clearBit, digits8, isNull, notDigits } from './csv-fields'

const MICROS_PER_DAY: i64 = 86400000000
const ZEROS: u64 = 0x3030303030303030

// Days since 1970-01-01 of a civil date of the years 1 to 9999 (H. Hinnant, days_from_civil).
@inline
function civilDays(year: i32, month: i32, day: i32): i32 {
  const y = <u32>(year - <i32>(month <= 2))
  const era = y / 400
  const yearOfEra = y - era * 400
  const m = <u32>(month + (month > 2 ? -3 : 9))
  const dayOfYear = (153 * m + 2) / 5 + <u32>day - 1
  return <i32>(era * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear) - 719468
}

// YYYY-MM-DD at s. What is returned is meaningless when `wrongDate` is not 0.
let wrongDate: u64 = 0
@inline
function dateAt(s: usize): i32 {
  const x = load<u64>(s)
  const d = <u64>load<u16>(s, 8)
  let wrong = (x & 0xff0000ff00000000) ^ 0x2d00002d00000000
  wrong |= notDigits((x & 0x00ffff00ffffffff) | 0x3000003000000000)
  wrong |= notDigits(d | 0x3030303030300000)
  const year = <u32>digits8((x << 32) | 0x30303030)
  const month = (<u32>(x >> 40) & 15) * 10 + (<u32>(x >> 48) & 15)
  const day = (<u32>d & 15) * 10 + (<u32>(d >> 8) & 15)
  const leap = <u32>((year & 3) == 0 && (year % 100 != 0 || year % 400 == 0))
  const monthDays: u32 = month == 2 ? 28 + leap : 30 | (month ^ (month >> 3))
  wrong |= <u64>(month - 1 > 11) | <u64>(day - 1 > 30) | <u64>(day > monthDays) | <u64>(year == 0)
  wrongDate = wrong
  return civilDays(year, month, day)
}

export function csvDate(
  position: usize,
  stride: usize,
  rows: i32,
  to: usize,
  validity: usize,
  odd: usize,
  settings: usize,
): i32 {
  const quote = load<u32>(settings)
  let nulls = 0
  let list = odd + 4
  for (let i = 0; i < rows; i++) {
    const s = <usize>load<u32>(position - 4) + 1
    const e = <usize>load<u32>(position)
    position += stride
    let value = dateAt(s)
    if ((wrongDate | <u64>(e - s != 10)) != 0) {
      value = 0
      if (isNull(s, e, settings)) {
        nulls++
        clearBit(validity, i)
      } else {
        let fits = e - s == 12 && <u32>load<u8>(s) == quote && <u32>load<u8>(s, 11) == quote
        if (fits) {
          value = dateAt(s + 1)
          fits = wrongDate == 0
        }
        if (!fits) {
          value = 0
          store<u32>(list, i)
          list += 4
        }
      }
    }
    store<i32>(to, value)
    to += 4
  }
  store<u32>(odd, nulls)
  return <i32>((list - odd - 4) >> 2)
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
export function csvTime(
  position: usize,
  stride: usize,
  rows: i32,
  to: usize,
  validity: usize,
  odd: usize,
  settings: usize,
  form: i32,
): i32 {
  const quote = load<u32>(settings)
  let nulls = 0
  let list = odd + 4
  for (let i = 0; i < rows; i++) {
    let s = <usize>load<u32>(position - 4) + 1
    let e = <usize>load<u32>(position)
    position += stride
    let value: i64 = 0
    if (isNull(s, e, settings)) {
      nulls++
      clearBit(validity, i)
    } else {
      const quoted = <usize>(<u32>load<u8>(s) == quote && e - s > 1)
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
        store<u32>(list, i)
        list += 4
      }
    }
    store<i64>(to, value)
    to += 8
  }
  store<u32>(odd, nulls)
  return <i32>((list - odd - 4) >> 2)
}
