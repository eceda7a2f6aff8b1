// Window functions over rows that are listed in order, with a mark each: 2 where a partition begins, 1 where another
// group of peers does. `state` is what is known at the row that comes next, words: where its partition begins and
// ends, where its peers begin and end, how many groups of peers come before.

import { nextMark } from './window-marks'

// What is told of a row; the numbers are those of exec/windows/fill-by-kernel.ts.
const ROW_NUMBER: u32 = 0
const RANK: u32 = 1
const DENSE_RANK: u32 = 2
const PERCENT_RANK: u32 = 3
const CUME_DIST: u32 = 4
const NTILE: u32 = 5

// The number of the part that a row is in, of a partition that is divided into so many; the first ones are larger.
@inline function partOf(at: u32, rows: u32, parts: u32): i32 {
  const size = rows / parts
  const larger = rows % parts
  const inLarger = larger * (size + 1)
  return <i32>(at < inLarger ? at / (size + 1) : larger + (at - inLarger) / size) + 1
}

// Writes what is told of the rows from..to - 1 to their field, and marks it as there. `parts`: of NTILE.
export function windowNumbers(
  what: u32, parts: u32, list: usize, marks: usize, count: u32, state: usize, from: u32, to: u32, offset: u32, valid: u32,
): void {
  let start = load<u32>(state)
  let end = load<u32>(state, 4)
  let peers = load<u32>(state, 8)
  let peersEnd = load<u32>(state, 12)
  let groups = load<u32>(state, 16)
  for (let i = from; i < to; i++) {
    const mark = <u32>load<u8>(marks + i)
    if (mark != 0) {
      peers = i
      groups++
      if (what == CUME_DIST) peersEnd = nextMark(marks, i + 1, count, 1)
      if (mark == 2) {
        start = i
        groups = 0
        if (what >= PERCENT_RANK) end = nextMark(marks, i + 1, count, 2)
      }
    }
    const row = <usize>load<u32>(list + (<usize>i << 2))
    const target = row + offset
    if (what == ROW_NUMBER) store<i64>(target, <i64>(i - start) + 1)
    else if (what == RANK) store<i64>(target, <i64>(peers - start) + 1)
    else if (what == DENSE_RANK) store<i64>(target, <i64>groups + 1)
    else if (what == NTILE) store<i32>(target, partOf(i - start, end - start, parts))
    else if (what == CUME_DIST) store<f64>(target, <f64>(peersEnd - start) / <f64>(end - start))
    else store<f64>(target, end - start == 1 ? 0 : <f64>(peers - start) / <f64>(end - start - 1))
    store<u8>(row + valid, 1)
  }
  store<u32>(state, start)
  store<u32>(state, end, 4)
  store<u32>(state, peers, 8)
  store<u32>(state, peersEnd, 12)
  store<u32>(state, groups, 16)
}

// Copies a field of so many bytes, 4, 8 or 16, of the row that comes `distance` before (behind where it is negative)
// to another field of the rows from..to - 1; NULL where the partition has no such row. `sourceValid`: -1 where the
// field is never NULL.
export function windowShift(
  distance: i32, list: usize, marks: usize, count: u32, state: usize, from: u32, to: u32,
  source: u32, bytes: u32, sourceValid: i32, offset: u32, valid: u32,
): void {
  let start = <i64>load<u32>(state)
  let end = <i64>load<u32>(state, 4)
  for (let i = from; i < to; i++) {
    if (load<u8>(marks + i) == 2) {
      start = i
      end = distance < 0 ? nextMark(marks, i + 1, count, 2) : count
    }
    const row = <usize>load<u32>(list + (<usize>i << 2))
    const target = row + offset
    const wanted = <i64>i - distance
    let isThere = wanted >= start && wanted < end
    if (isThere) {
      const other = <usize>load<u32>(list + (<usize>wanted << 2))
      isThere = sourceValid < 0 || load<u8>(other + <usize>sourceValid) != 0
      if (bytes == 4) store<u32>(target, load<u32>(other + source))
      else {
        store<u64>(target, load<u64>(other + source))
        if (bytes == 16) store<u64>(target, load<u64>(other + source, 8), 8)
      }
    } else {
      for (let at: u32 = 0; at < bytes; at += 4) store<u32>(target + at, 0)
    }
    store<u8>(row + valid, u8(isThere))
  }
  store<u32>(state, <u32>start)
  store<u32>(state, <u32>end, 4)
}
