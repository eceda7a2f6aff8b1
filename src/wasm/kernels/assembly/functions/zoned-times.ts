// Times of day with a zone: a key of the moment and of the zone west of Greenwich (data/types/zoned-time.ts), PostgreSQL's text,
// the key's length. All of it in microseconds.
import { MICROS_PER_DAY } from '../datetime'
import { putInteger, putPair } from '../digits'
import { putTime } from '../moment-text'
import { ELSEWHERE, size, start, viewOf, written } from './views'

const SIGN: u64 = 0x8000000000000000
const KEY_BYTES: u32 = 16
const MICROS_PER_HOUR: u64 = 3_600_000_000
const MICROS_PER_MINUTE: u64 = 60_000_000
const MICROS_PER_SECOND: u64 = 1_000_000

// The moment by the clock in Greenwich, which may be of the day before or after.
export function zonedMoment(view: i64): i64 {
  return size(view) == 0 ? 0 : <i64>(bswap(load<u64>(start(view))) ^ SIGN)
}

// East of Greenwich.
// @ts-ignore: decorator
@inline
function zoneOf(view: i64): i64 {
  return -<i64>(bswap(load<u64>(start(view), KEY_BYTES / 2)) ^ SIGN)
}

function putPart(value: u64, to: usize): usize {
  store<u8>(to, 58)
  putPair(<u32>value, to + 1)
  return to + 3
}

// What it is by the clock of a zone, around the clock. Takes 64 bytes.
function put(clock: i64, zone: i64, target: usize): i64 {
  let micros = clock % MICROS_PER_DAY
  if (micros < 0) micros += MICROS_PER_DAY
  store<u64>(target, bswap(<u64>(micros - zone) ^ SIGN))
  store<u64>(target, bswap(<u64>-zone ^ SIGN), KEY_BYTES / 2)
  let to = putTime(micros, target + KEY_BYTES)
  store<u8>(to++, zone < 0 ? 45 : 43)
  const away = <u64>(zone < 0 ? -zone : zone)
  const hours = away / MICROS_PER_HOUR
  if (hours < 100) {
    putPair(<u32>hours, to)
    to += 2
  } else to = putInteger(<i64>hours, to)
  const minutes = (away % MICROS_PER_HOUR) / MICROS_PER_MINUTE
  const seconds = (away % MICROS_PER_MINUTE) / MICROS_PER_SECOND
  if (minutes != 0 || seconds != 0) to = putPart(minutes, to)
  if (seconds != 0) to = putPart(seconds, to)
  store<u32>(to, KEY_BYTES)
  return written(target, to + 4)
}

// So much later, its zone as it was; the sum of 64 bits wraps around, as PostgreSQL's does.
export function zonedMoved(view: i64, by: i64, target: usize): i64 {
  if (size(view) == 0) return viewOf(target, 0)
  const zone = zoneOf(view)
  return put(zonedMoment(view) + zone + by, zone, target)
}

// The same in the zone so many microseconds east of Greenwich that an interval says; one of months or days is left to TypeScript.
export function zonedTold(view: i64, parts: i64, micros: i64, target: usize): i64 {
  if (size(view) == 0) return viewOf(target, 0)
  if (parts != 0) return ELSEWHERE
  const zone = <i64><i32>(micros / <i64>MICROS_PER_SECOND) * <i64>MICROS_PER_SECOND
  return put(zonedMoment(view) + zone, zone, target)
}
