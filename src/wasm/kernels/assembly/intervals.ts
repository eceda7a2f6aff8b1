// Intervals as rows hold them: a word of months and days, and one of microseconds.
import { MICROS_PER_DAY } from './datetime'
import { K1, mix } from './mix'

// Days of the parts, months having 30 of them.
@inline export function intervalDays(parts: i64): i64 {
  return <i64><i32>parts * 30 + (parts >> 32)
}
// Intervals compare by their length: whole days, then the rest of a day.
@inline function wholeDays(parts: i64, micros: i64): i64 {
  return intervalDays(parts) + floorDays(micros)
}
@inline function floorDays(micros: i64): i64 {
  const days = micros / MICROS_PER_DAY
  return days - i64(micros < days * MICROS_PER_DAY)
}
@inline function dayRest(micros: i64): i64 {
  return micros - floorDays(micros) * MICROS_PER_DAY
}
export function intervalHash(parts: i64, micros: i64): u64 {
  return mix(<u64>wholeDays(parts, micros), <u64>dayRest(micros) + K1)
}
export function intervalOrder(aParts: i64, aMicros: i64, bParts: i64, bMicros: i64): i32 {
  const a = wholeDays(aParts, aMicros)
  const b = wholeDays(bParts, bMicros)
  if (a != b) return a < b ? -1 : 1
  const x = dayRest(aMicros)
  const y = dayRest(bMicros)
  return x < y ? -1 : i32(x > y)
}

// Whether the length in microseconds surely fits 64 bits, and that length.
const SPAN_DAYS_MAX: i64 = 50_000_000
@inline export function fitsSpan(parts: i64, micros: i64): bool {
  const days = intervalDays(parts)
  const most = SPAN_DAYS_MAX * MICROS_PER_DAY
  return days <= SPAN_DAYS_MAX && days >= -SPAN_DAYS_MAX && micros <= most && micros >= -most
}
@inline export function intervalSpan(parts: i64, micros: i64): i64 {
  return intervalDays(parts) * MICROS_PER_DAY + micros
}

// Adds an interval to the one at an address; 1 when a part overflows.
export function intervalAddInto(address: usize, parts: i64, micros: i64): i32 {
  const months = <i64>load<i32>(address) + <i64><i32>parts
  const days = <i64>load<i32>(address, 4) + (parts >> 32)
  const before = load<i64>(address, 8)
  const total = before + micros
  if (<i64><i32>months != months || <i64><i32>days != days) return 1
  if (((before ^ total) & (micros ^ total)) < 0) return 1
  store<i32>(address, <i32>months)
  store<i32>(address, <i32>days, 4)
  store<i64>(address, total, 8)
  return 0
}
