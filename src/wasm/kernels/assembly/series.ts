// Series of integers and moments: as rows that repeat one row, and as columns.
import { MICROS_PER_DAY, timestampAddMonths } from './datetime'

// Writes so many rows, each a copy of `row` with an integer one step further: at `value`, of 8 bytes if `wide`,
// else of 4, and marked by a byte at `valid`. `position`: where the number of the row goes, of which the first
// is `number`, or -1; its mark is at `positionValid`.
export function repeatRow(
  row: usize, target: usize, rowBytes: u32, rows: u32, value: u32, wide: bool, valid: u32, first: i64, step: i64,
  position: i32, positionValid: u32, number: i64,
): void {
  let next = first
  const end = target + <usize>rows * rowBytes
  for (let to = target; to < end; to += rowBytes) {
    for (let at: u32 = 0; at < rowBytes; at += 8) store<u64>(to + at, load<u64>(row + at))
    if (wide) store<i64>(to + value, next)
    else store<i32>(to + value, <i32>next)
    store<u8>(to + valid, 1)
    next += step
    if (position < 0) continue
    store<i64>(to + <usize>position, number++)
    store<u8>(to + positionValid, 1)
  }
}

// Writes integers one step apart, of 8 bytes if `wide`, else of 4.
export function seriesIntegers(target: usize, wide: bool, rows: u32, first: i64, step: i64): void {
  let next = first
  if (wide) {
    const end = target + (<usize>rows << 3)
    for (; target < end; target += 8, next += step) store<i64>(target, next)
    return
  }
  const end = target + (<usize>rows << 2)
  for (; target < end; target += 4, next += step) store<i32>(target, <i32>next)
}

const FIRST_MOMENT: i64 = -2440588 * MICROS_PER_DAY
const LAST_MOMENT: i64 = 9223372036854775806

@inline function isMoment(micros: i64): bool {
  return micros >= FIRST_MOMENT && micros <= LAST_MOMENT
}

// Both i64.MIN_VALUE where that leaves 64 bits.
const DAYS_MAX: i32 = 106751990
@inline function addMicros(micros: i64, more: i64): i64 {
  const moved = micros + more
  return ((micros ^ moved) & (more ^ moved)) < 0 ? i64.MIN_VALUE : moved
}
@inline function addDays(micros: i64, days: i32): i64 {
  if (days > DAYS_MAX || days < -DAYS_MAX) return i64.MIN_VALUE
  return addMicros(micros, <i64>days * MICROS_PER_DAY)
}

// Writes moments as far as `last`, each the one before and an interval, at most so many; gives how many there are.
// `state`: the next moment, and a word that becomes 1 where there is none, 2 where it would be out of range.
export function seriesMoments(
  target: usize, rows: u32, state: usize, last: i64, months: i32, days: i32, micros: i64, up: bool,
): u32 {
  let next = load<i64>(state)
  let count: u32 = 0
  for (; count < rows; count++, target += 8) {
    if (up ? next > last : next < last) {
      store<u32>(state, 1, 8)
      break
    }
    store<i64>(target, next)
    let moved = months == 0 ? next : timestampAddMonths(next, months)
    if (isMoment(moved) && days != 0) moved = addDays(moved, days)
    if (isMoment(moved)) moved = addMicros(moved, micros)
    if (!isMoment(moved)) {
      store<u32>(state, 2, 8)
      count++
      break
    }
    next = moved
  }
  store<i64>(state, next)
  return count
}
