// Values that are found among the sorted rows of groups: by their place, by how often they come, by what they would
// stand behind. Rows are listed group by group; `ends` says where each group's end, counted from `first`. `marks`
// has a byte a row, 0 where it equals the one before. A value goes to the row `target`, or where it says further
// on, at `lane` and the byte `mark`.
import { KEY_BYTES } from './sort'
import { orderWithin } from './sort-order'

// How a value is made of two rows that follow each other.
const LOWER: u32 = 0
const BETWEEN_FLOATS: u32 = 1
const BETWEEN_INTERVALS: u32 = 2

const INTEGER_LIMIT: f64 = 9223372036854775808.0

@inline function rowAt(list: usize, i: u32): usize {
  return <usize>load<u32>(list + (<usize>i << 2))
}

@inline function copyValue(bytes: u32, from: usize, to: usize): void {
  if (bytes == 4) store<u32>(to, load<u32>(from))
  else {
    store<u64>(to, load<u64>(from))
    if (bytes == 16) store<u64>(to, load<u64>(from, 8), 8)
  }
}

// An interval between two that differ in their time only; false where it takes more, or overflows.
function putBetween(low: usize, high: usize, part: f64, to: usize): bool {
  const parts = load<i64>(low)
  if (parts != load<i64>(high)) return false
  const from = load<i64>(low, 8)
  const way = load<i64>(high, 8) - from
  // The higher one is not before the lower.
  if (way < 0) return false
  const step = nearest(<f64>way * part)
  if (step >= INTEGER_LIMIT) return false
  store<i64>(to, parts)
  store<i64>(to, from + <i64>step, 8)
  return true
}

// Writes the values at so many fractions of each group's rows, `bytes` long at `offset` of a row, to targets that lie
// `targetBytes` apart; a fraction that is NaN, and a group without rows, give NULL. False where TypeScript has to
// make them.
export function pickFractions(
  how: u32, bytes: u32, offset: u32, list: usize, ends: usize, first: u32, groups: u32,
  fractions: usize, count: u32, target: usize, targetBytes: u32, lane: u32, mark: u32,
): bool {
  let start: u32 = 0
  for (let i: u32 = 0; i < groups; i++) {
    const end = load<u32>(ends + (<usize>i << 2)) - first
    const rows = end - start
    for (let j: u32 = 0; j < count; j++, target += targetBytes) {
      const fraction = load<f64>(fractions + (<usize>j << 3))
      const to = target + <usize>lane
      const isNone = rows == 0 || fraction != fraction
      store<u8>(target + <usize>mark, u8(!isNone))
      if (isNone) {
        memory.fill(to, 0, bytes)
        continue
      }
      if (how == LOWER) {
        const place = <u32>max<f64>(0, ceil(fraction * <f64>rows) - 1)
        copyValue(bytes, rowAt(list, start + place) + <usize>offset, to)
        continue
      }
      const place = fraction * <f64>(rows - 1)
      const floored = floor(place)
      const low = rowAt(list, start + <u32>floored) + <usize>offset
      if (floored == place) {
        copyValue(bytes, low, to)
        continue
      }
      const high = rowAt(list, start + <u32>floored + 1) + <usize>offset
      if (how == BETWEEN_INTERVALS) {
        if (!putBetween(low, high, place - floored, to)) return false
        continue
      }
      const from = load<f64>(low)
      store<f64>(to, from + (place - floored) * (load<f64>(high) - from))
    }
    start = end
  }
  return true
}

// Writes the value that most rows of each group have; of several, the first.
export function pickMode(
  bytes: u32, offset: u32, list: usize, marks: usize, ends: usize, first: u32, groups: u32, target: usize,
  targetBytes: u32, lane: u32, mark: u32,
): void {
  let start: u32 = 0
  for (let i: u32 = 0; i < groups; i++, target += targetBytes) {
    const end = load<u32>(ends + (<usize>i << 2)) - first
    store<u8>(target + <usize>mark, u8(end > start))
    let best = start
    let most: u32 = 0
    while (start < end) {
      const from = start++
      while (start < end && load<u8>(marks + <usize>start) == 0) start++
      if (start - from <= most) continue
      most = start - from
      best = from
    }
    if (most > 0) copyValue(bytes, rowAt(list, best) + <usize>offset, target + <usize>lane)
    else memory.fill(target + <usize>lane, 0, bytes)
  }
}

// Writes how many different rows of each group come before what is wanted, and one more. `keys` describes what rows
// are sorted by; behind these keys are as many of what is wanted, which rows have, too.
export function pickRank(
  keys: usize, keyCount: u32, list: usize, marks: usize, ends: usize, first: u32, groups: u32, target: usize,
  targetBytes: u32, lane: u32, mark: u32,
): void {
  const wanted = keys + <usize>keyCount * KEY_BYTES
  let start: u32 = 0
  for (let i: u32 = 0; i < groups; i++, target += targetBytes) {
    const end = load<u32>(ends + (<usize>i << 2)) - first
    let rank: i64 = 1
    for (let row = start; row < end; row++) {
      if (row > start && load<u8>(marks + <usize>row) == 0) continue
      if (orderWithin(keys, wanted, keyCount, rowAt(list, row)) >= 0) break
      rank++
    }
    store<i64>(target + <usize>lane, rank)
    store<u8>(target + <usize>mark, 1)
    start = end
  }
}
