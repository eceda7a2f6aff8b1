// A timestamp by a template of to_char, which comes as a program of bytes, see
// src/functions/datetime/to-char-inline.ts.
import { civil, dateDayOfYear, dateIsoWeek, dateIsoYear, dateWeekday } from '../datetime'
import { timestampDate, timestampTime } from '../datetime'
import { digitCount, putLast, putPair } from '../digits'
import { dateIsoWeekday } from './dates'
import { ELSEWHERE, put, size, start, written } from './views'

// Names of nine letters, filled up with spaces.
const MONTHS: usize = memory.data<u8>([
  0x4a, 0x61, 0x6e, 0x75, 0x61, 0x72, 0x79, 0x20, 0x20, 0x46, 0x65, 0x62, 0x72, 0x75, 0x61, 0x72, 0x79, 0x20,
  0x4d, 0x61, 0x72, 0x63, 0x68, 0x20, 0x20, 0x20, 0x20, 0x41, 0x70, 0x72, 0x69, 0x6c, 0x20, 0x20, 0x20, 0x20,
  0x4d, 0x61, 0x79, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x4a, 0x75, 0x6e, 0x65, 0x20, 0x20, 0x20, 0x20, 0x20,
  0x4a, 0x75, 0x6c, 0x79, 0x20, 0x20, 0x20, 0x20, 0x20, 0x41, 0x75, 0x67, 0x75, 0x73, 0x74, 0x20, 0x20, 0x20,
  0x53, 0x65, 0x70, 0x74, 0x65, 0x6d, 0x62, 0x65, 0x72, 0x4f, 0x63, 0x74, 0x6f, 0x62, 0x65, 0x72, 0x20, 0x20,
  0x4e, 0x6f, 0x76, 0x65, 0x6d, 0x62, 0x65, 0x72, 0x20, 0x44, 0x65, 0x63, 0x65, 0x6d, 0x62, 0x65, 0x72, 0x20,
])
const DAYS: usize = memory.data<u8>([
  0x53, 0x75, 0x6e, 0x64, 0x61, 0x79, 0x20, 0x20, 0x20, 0x4d, 0x6f, 0x6e, 0x64, 0x61, 0x79, 0x20, 0x20, 0x20,
  0x54, 0x75, 0x65, 0x73, 0x64, 0x61, 0x79, 0x20, 0x20, 0x57, 0x65, 0x64, 0x6e, 0x65, 0x73, 0x64, 0x61, 0x79,
  0x54, 0x68, 0x75, 0x72, 0x73, 0x64, 0x61, 0x79, 0x20, 0x46, 0x72, 0x69, 0x64, 0x61, 0x79, 0x20, 0x20, 0x20,
  0x53, 0x61, 0x74, 0x75, 0x72, 0x64, 0x61, 0x79, 0x20,
])
// The months as Roman numerals, of four letters with spaces.
const ROMANS: usize = memory.data<u8>([
  0x49, 0x20, 0x20, 0x20, 0x49, 0x49, 0x20, 0x20, 0x49, 0x49, 0x49, 0x20, 0x49, 0x56, 0x20, 0x20,
  0x56, 0x20, 0x20, 0x20, 0x56, 0x49, 0x20, 0x20, 0x56, 0x49, 0x49, 0x20, 0x56, 0x49, 0x49, 0x49,
  0x49, 0x58, 0x20, 0x20, 0x58, 0x20, 0x20, 0x20, 0x58, 0x49, 0x20, 0x20, 0x58, 0x49, 0x49, 0x20,
])
const ROMAN_BYTES: u32 = 4
const NAME_BYTES: u32 = 9
const SPACE: u8 = 0x20
const MICROS_PER_SECOND: f64 = 1_000_000
const HALF_A_DAY: i64 = 43_200_000_000

const JULIAN_EPOCH: i32 = 2_440_588
const TH: u16 = 0x6874
const ST: u16 = 0x7473
const ND: u16 = 0x646e
const RD: u16 = 0x6472

// What stands at a step of the program.
const LETTERS: u32 = 0
const NUMBER: u32 = 1
const NAME: u32 = 2
const HALF_OF_DAY: u32 = 3

// A number of the program's table of fields; `date` is that of the days, `micros` are those since midnight.
function fieldOf(field: u32, days: i32, date: i64, micros: i64): u32 {
  const year = <u32>(date >> 9)
  const month = <u32>((date >> 5) & 15)
  const day = <u32>(date & 31)
  // A float is divided quicker, and exactly: a day has few microseconds.
  const seconds = <u32>(<f64>micros / MICROS_PER_SECOND)
  switch (field) {
    case 0: return seconds / 3_600
    case 1: return ((seconds / 3_600 + 11) % 12) + 1
    case 2: return (seconds / 60) % 60
    case 3: return seconds % 60
    case 4: return (<u32>micros - seconds * 1_000_000) / 1_000
    case 5: return <u32>micros - seconds * 1_000_000
    case 6: return year
    case 7: return year % 1_000
    case 8: return year % 100
    case 9: return year % 10
    case 10: return month
    case 11: return day
    case 12: return <u32>dateDayOfYear(days)
    case 13: return <u32>dateWeekday(days) + 1
    case 14: return <u32>dateIsoWeekday(days)
    case 15: return <u32>dateIsoWeek(days)
    case 16: return <u32>dateIsoYear(days)
    case 17: return (<u32>dateDayOfYear(days) - 1) / 7 + 1
    case 18: return (day - 1) / 7 + 1
    case 19: return (month + 2) / 3
    case 20: return seconds
    case 21: return <u32>(days + JULIAN_EPOCH)
    case 22: return (year + 99) / 100
    case 23: return <u32>dateIsoYear(days) % 1_000
    case 24: return <u32>dateIsoYear(days) % 100
    case 25: return <u32>dateIsoYear(days) % 10
    case 26: return (<u32>dateIsoWeek(days) - 1) * 7 + <u32>dateIsoWeekday(days)
    case 33: return year / 1_000
    default: return fractionOf(<u32>micros - seconds * 1_000_000, field - 26)
  }
}

// The first digits of a second's fraction, of which there are six.
export function fractionOf(micros: u32, digits: u32): u32 {
  for (; digits < 6; digits++) micros /= 10
  return micros
}

// What stands behind a number as the first, second: its last digits say. In capitals (1), in small letters (2).
export function putOrdinal(from: usize, at: usize, suffix: u32): usize {
  if (suffix == 0) return at
  const isTeen = at - from > 1 && load<u8>(at - 2) == 0x31
  return putOrdinalLetters(<u32>load<u8>(at - 1) - 48, isTeen, suffix, at)
}

// The same by the last digit, and by whether there is a one before it.
export function putOrdinalLetters(last: u32, isTeen: bool, suffix: u32, at: usize): usize {
  const letters: u16 = isTeen || last > 3 || last == 0 ? TH : last == 1 ? ST : last == 2 ? ND : RD
  store<u16>(at, suffix == 1 ? letters & 0xdfdf : letters)
  return at + 2
}

// AM or PM: in capitals (0) or small letters (1), with points behind the letters (2 and 3).
export function putHalf(at: usize, isLate: bool, form: u32): usize {
  const lower: u32 = (form & 1) << 5
  const half: u32 = (isLate ? 0x50 : 0x41) | lower
  const meridiem: u32 = 0x4d | lower
  const isDotted = form > 1
  store<u32>(at, isDotted ? half | 0x2e00 | (meridiem << 16) | 0x2e000000 : half | (meridiem << 8))
  return at + (isDotted ? 4 : 2)
}

// A month from 0 on as a Roman numeral, in capitals (0) or in small letters (2), filled up with spaces or not.
export function putRoman(at: usize, month: u32, form: u32, fill: u32): usize {
  return putName(at, ROMANS + month * ROMAN_BYTES, ROMAN_BYTES, form, fill)
}

// A name's first letters, in capitals (0), with one (1) or none (2), filled up with spaces or not.
function putName(at: usize, name: usize, letters: u32, form: u32, fill: u32): usize {
  let count: u32 = 0
  while (count < letters && load<u8>(name + count) != SPACE) {
    const letter = load<u8>(name + count)
    store<u8>(at + count, form == 2 ? letter | 0x20 : form == 0 ? letter & 0xdf : letter)
    count++
  }
  if (fill != 0) while (count < letters) store<u8>(at + count++, SPACE)
  return at + count
}

// A number of so many digits or more.
@inline function putNumber(value: u32, digits: u32, at: usize): usize {
  if (digits != 2 || value >= 100) return putLast(value, max(digitCount(value), digits), at)
  putPair(value, at)
  return at + 2
}

// The text by a program, for the years 1 to 9999.
export function momentText(micros: i64, program: i64, target: usize): i64 {
  const days = timestampDate(micros)
  const clock = timestampTime(micros)
  const date = civil(days)
  const year = date >> 9
  if (year < 2 || year > 9_998) return ELSEWHERE
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
      const from = at
      at = putNumber(fieldOf(<u32>load<u8>(p, 1), days, date, clock), <u32>load<u8>(p, 2), at)
      at = putOrdinal(from, at, <u32>load<u8>(p, 3))
      p += 4
    } else if (step == NAME) {
      const isMonth = load<u8>(p, 1) == 0
      const index = isMonth ? (<u32>(date >> 5) & 15) - 1 : <u32>dateWeekday(days)
      const name = (isMonth ? MONTHS : DAYS) + index * NAME_BYTES
      at = putName(at, name, <u32>load<u8>(p, 2), <u32>load<u8>(p, 3), <u32>load<u8>(p, 4))
      p += 5
    } else if (step == HALF_OF_DAY) {
      at = putHalf(at, clock >= HALF_A_DAY, <u32>load<u8>(p, 1))
      p += 2
    } else {
      at = putRoman(at, (<u32>(date >> 5) & 15) - 1, <u32>load<u8>(p, 1), <u32>load<u8>(p, 2))
      p += 3
    }
  }
  return written(target, at)
}
