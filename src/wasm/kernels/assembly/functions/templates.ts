// Texts read by templates, which come as programs (see functions/datetime/from-template-inline.ts and
// functions/math/to-number-inline.ts). Only texts that begin with just what the template has are read here.
import { daysOf, MICROS_PER_DAY, monthLength } from '../datetime'
import { size, start } from './views'

// The answer for a text that is left to TypeScript.
const UNREAD: i64 = i64.MIN_VALUE

// Steps of a program of moments, each followed by a byte: the letter, or 1 for a number that may have fewer digits.
const END: u8 = 0
const LETTER: u8 = 1
const YEAR: u8 = 2
const MONTH: u8 = 3
const DAY: u8 = 4
const HOUR: u8 = 5
const MINUTE: u8 = 6
const SECOND: u8 = 7
const MILLIS: u8 = 8
const MICROS: u8 = 9
const MONTH_NAME: u8 = 10

const MONTHS: usize = memory.data<u8>([
  0x6a, 0x61, 0x6e, 0x66, 0x65, 0x62, 0x6d, 0x61, 0x72, 0x61, 0x70, 0x72, 0x6d, 0x61, 0x79, 0x6a, 0x75, 0x6e,
  0x6a, 0x75, 0x6c, 0x61, 0x75, 0x67, 0x73, 0x65, 0x70, 0x6f, 0x63, 0x74, 0x6e, 0x6f, 0x76, 0x64, 0x65, 0x63,
])

@inline function digitAt(at: usize): u32 {
  return <u32>load<u8>(at) - 0x30
}

// How many digits a number has.
@inline function widthOf(step: u8): u32 {
  return step == YEAR ? 4 : step == MILLIS ? 3 : step == MICROS ? 6 : 2
}

// The month of a name of three letters; 0 where there is none.
function monthNamed(at: usize): i64 {
  for (let month: u32 = 0; month < 12; month++) {
    const name = MONTHS + <usize>(month * 3)
    const isIt =
      (load<u8>(at) | 0x20) == load<u8>(name) &&
      (load<u8>(at, 1) | 0x20) == load<u8>(name, 1) &&
      (load<u8>(at, 2) | 0x20) == load<u8>(name, 2)
    if (isIt) return <i64>month + 1
  }
  return 0
}

// The local time that a text has by a template, in microseconds since 1970-01-01; UNREAD for what is left to TypeScript.
export function momentOfTemplate(text: i64, program: i64): i64 {
  let at = start(text)
  const end = at + <usize>size(text)
  let year: i64 = 0
  let month: i64 = 1
  let day: i64 = 1
  let micros: i64 = 0
  for (let step = start(program); ; step += 2) {
    const kind = load<u8>(step)
    if (kind == END) break
    if (kind == LETTER) {
      if (at == end || load<u8>(at) != load<u8>(step, 1)) return UNREAD
      at++
      continue
    }
    if (kind == MONTH_NAME) {
      if (end - at < 3) return UNREAD
      month = monthNamed(at)
      if (month == 0) return UNREAD
      at += 3
      continue
    }
    const width = widthOf(kind)
    let value: i64 = 0
    let digits: u32 = 0
    for (; digits < width && at < end; digits++, at++) {
      const digit = digitAt(at)
      if (digit > 9) break
      value = value * 10 + <i64>digit
    }
    const isOpen = load<u8>(step, 1) != 0
    if (digits == 0 || (digits < width && !isOpen)) return UNREAD
    if (isOpen && at < end && digitAt(at) <= 9) return UNREAD
    if (kind == YEAR) year = value
    else if (kind == MONTH) month = value
    else if (kind == DAY) day = value
    else if (kind == HOUR) {
      if (value > 23) return UNREAD
      micros += value * 3_600_000_000
    } else if (kind == MILLIS) micros += value * 1_000
    else if (kind == MICROS) micros += value
    else {
      if (value > 59) return UNREAD
      micros += value * (kind == MINUTE ? 60_000_000 : 1_000_000)
    }
  }
  // What stands behind the last part is not looked at, unless it may be digits of it.
  if (at < end && digitAt(at) <= 9) return UNREAD
  if (year == 0 || month < 1 || month > 12 || day < 1) return UNREAD
  if (day > 28 && day > monthLength(year, month)) return UNREAD
  return daysOf(year, month, day) * MICROS_PER_DAY + micros
}

// Steps of a program of numbers, behind the places before and behind the point and whether there is one.
const PLACE: u8 = 1
const POINT: u8 = 2
const COMMA: u8 = 3
const DIGITS_MAX: u32 = 15

// The number that a text is in a template: its digits, and in the low eight bits how many of them stand behind the
// point; UNREAD for what is left to TypeScript. After NUM_processor in PostgreSQL's formatting.c.
export function numberOfTemplate(text: i64, program: i64): i64 {
  let at = start(text)
  const end = at + <usize>size(text)
  const first = start(program)
  const post = <u32>load<u8>(first, 1)
  const hasPoint = load<u8>(first, 2) != 0
  let unscaled: i64 = 0
  let sign: i64 = 0
  let digits: u32 = 0
  let places: u32 = 0
  let isBehind = false
  for (let step = first + 3; at < end; step++) {
    const kind = load<u8>(step)
    if (kind == END) break
    if (kind == COMMA) {
      if (load<u8>(at) == 0x2c) at++
      continue
    }
    if (load<u8>(at) == 0x20 && ++at == end) break
    let byte = load<u8>(at)
    if (sign == 0 && kind == PLACE && digits == 0 && (byte == 0x2b || byte == 0x2d)) {
      sign = byte == 0x2d ? -1 : 1
      if (++at == end) break
      byte = load<u8>(at)
    }
    let isRead = false
    if (<u32>byte - 0x30 <= 9) {
      if (isBehind && places == post) {
        at++
        continue
      }
      if (++digits > DIGITS_MAX) return UNREAD
      unscaled = unscaled * 10 + <i64>(<u32>byte - 0x30)
      places += u32(isBehind)
      isRead = true
    } else if (hasPoint && !isBehind && byte == 0x2e) {
      isBehind = true
      isRead = true
    }
    if (sign == 0 && digits > 0 && !isRead && (byte == 0x2b || byte == 0x2d)) sign = byte == 0x2d ? -1 : 1
    at++
  }
  if (digits == 0) return UNREAD
  // What has more digits before the point than there are places is refused.
  let limit: i64 = 1
  for (let left = <u32>load<u8>(first) + places; left > 0 && limit <= unscaled; left--) limit *= 10
  if (limit <= unscaled) return UNREAD
  return ((sign < 0 ? -unscaled : unscaled) << 8) | <i64>places
}
