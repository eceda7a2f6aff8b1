// An interval by a template of to_char, which comes as a program of bytes, see src/functions/datetime/to-char-inline.ts.
import { putDigits, putLast } from '../digits'
import { fractionOf, putOrdinal } from './moments'
import { put, size, start, written } from './views'

// What stands at a step of the program.
const LETTERS: u32 = 0
const NUMBER: u32 = 1
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
    case 18: return (days - 1) / 7 + 1
    case 20: return micros / SECOND
    case 22: return years / 100
    default: {
      const rest = <i32>(micros % SECOND)
      const digits = field == 4 ? 3 : field == 5 ? 6 : field - 26
      return rest < 0 ? -(<i64>fractionOf(<u32>-rest, digits)) : fractionOf(<u32>rest, digits)
    }
  }
}

function clockOf(micros: i64): i64 {
  const hour = (micros / (3_600 * SECOND)) % 12
  return hour == 0 ? 12 : hour
}

// Whether a field is one character wider: hours of a clock go by those of the interval.
function isBelow(field: u32, value: i64, months: i32, micros: i64): bool {
  if (field == 1) return micros / (3_600 * SECOND) < 0
  return field >= 6 && field <= 8 ? months / 12 < 0 : value < 0
}

// Zeros in front up to so many characters, the sign one of them.
function putFilled(value: i64, width: u32, to: usize): usize {
  if (value < 0) store<u8>(to++, 45)
  const given = value < 0 ? width - 1 : width
  const number = value < 0 ? 0 - <u64>value : <u64>value
  const end = putDigits(number, to)
  return end - to < <usize>given ? putLast(<u32>number, given, to) : end
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
      const value = fieldOf(field, months, days, micros)
      // Those with the topmost bit grow with a sign, the others have room for it.
      const width = <u32>load<u8>(p, 2)
      const grows = (width & 128) != 0 && isBelow(field, value, months, micros)
      const from = at
      at = putFilled(value, (width & 127) + u32(grows), at)
      at = putOrdinal(from, at, <u32>load<u8>(p, 3))
      p += 4
    } else {
      const lower: u8 = load<u8>(p, 1) == 0 ? 0 : 0x20
      store<u8>(at, <u8>((micros / (3_600 * SECOND)) % 24 >= 12 ? 0x50 : 0x41) | lower)
      store<u8>(at, 0x4d | lower, 1)
      at += 2
      p += 2
    }
  }
  return written(target, at)
}
