// Dates and times as text, of any year.
import { civil, timestampDate, timestampTime } from './datetime'
import { digitCount, putLast, putPair } from './digits'

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

export function putTime(micros: i64, to: usize): usize {
  const seconds = <u32>(micros / 1000000)
  let rest = <u32>(micros - <i64>seconds * 1000000)
  putPair(seconds / 3600, to)
  store<u8>(to, 58, 2)
  putPair((seconds / 60) % 60, to + 3)
  store<u8>(to, 58, 5)
  putPair(seconds % 60, to + 6)
  to += 8
  if (rest == 0) return to
  store<u8>(to, 46)
  putPair(rest / 10000, to + 1)
  putPair((rest / 100) % 100, to + 3)
  putPair(rest % 100, to + 5)
  to += 7
  while (load<u8>(to - 1) == 48) to--
  return to
}

export function putDate(days: i32, to: usize): usize {
  return putBefore(days, putDay(days, to))
}

// With its zone, which is UTC, where there is one.
export function putTimestamp(micros: i64, zoned: bool, isJson: bool, to: usize): usize {
  const days = timestampDate(micros)
  to = putDay(days, to)
  store<u8>(to, isJson ? 84 : 32)
  to = putTime(timestampTime(micros), to + 1)
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
