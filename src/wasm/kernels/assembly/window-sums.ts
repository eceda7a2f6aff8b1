// Counts and sums of integers over the frames of rows that are listed in order: differences of what has come from
// the beginning on, which is exact modulo 2^64, whatever the order that threads take pieces of the list in.

import { lastMark, marksBetween, nextMark } from './window-marks'

// What is summed of each row, words: bytes of the value (0: rows are counted only), its offset, that of its upper half,
// of its validity and of a filter and its validity (-1: none), the addresses of the sums (an i64 a row and one more)
// and counts (a u32 each; 0: all rows count), those of the pieces' totals, and the rows of a piece as a power of two.
const BYTES: usize = 0
const OFFSET: usize = 4
const UPPER: usize = 8
const VALID: usize = 12
const FILTER: usize = 16
const FILTER_VALID: usize = 20
const SUMS: usize = 24
const COUNTS: usize = 28
const TOTALS: usize = 32
const SHIFT: usize = 36

// The total of a piece: an i64, the sum of magnitudes as a double, how many rows count.
const TOTAL_BYTES: usize = 24
const MAGNITUDE: usize = 8
const COUNTED: usize = 16

@inline function isSet(row: usize, offset: i32): bool {
  return offset < 0 || load<u8>(row + <usize>offset) != 0
}

// Writes what comes before each of the rows from..to - 1 in their piece, and adds them to its total.
export function windowSums(list: usize, from: u32, to: u32, column: usize): void {
  const bytes = load<u32>(column + BYTES)
  const offset = load<u32>(column + OFFSET)
  const upper = load<u32>(column + UPPER)
  const valid = load<i32>(column + VALID)
  const filter = load<i32>(column + FILTER)
  const filterValid = load<i32>(column + FILTER_VALID)
  const sums = <usize>load<u32>(column + SUMS)
  const counts = <usize>load<u32>(column + COUNTS)
  const total = <usize>load<u32>(column + TOTALS) + <usize>(from >> load<u32>(column + SHIFT)) * TOTAL_BYTES
  let sum = load<i64>(total)
  let magnitude = load<f64>(total + MAGNITUDE)
  let counted = load<u32>(total + COUNTED)
  for (let i = <usize>from; i < <usize>to; i++) {
    const row = <usize>load<u32>(list + (i << 2))
    if (bytes != 0) store<i64>(sums + (i << 3), sum)
    if (counts != 0) store<u32>(counts + (i << 2), counted)
    if (!isSet(row, valid)) continue
    if (filter >= 0 && (!isSet(row, filterValid) || load<u32>(row + <usize>filter) == 0)) continue
    counted++
    if (bytes == 0) continue
    const value = bytes == 4 ? <i64>load<i32>(row + offset) : load<i64>(row + offset)
    // What takes more than 64 bits is more than any sum may be.
    if (bytes == 16 && load<i64>(row + upper) != value >> 63) magnitude = Infinity
    sum += value
    magnitude += Math.abs(<f64>value)
  }
  store<i64>(total, sum)
  store<f64>(total + MAGNITUDE, magnitude)
  store<u32>(total + COUNTED, counted)
}

// Where frames begin and end, words: a kind of each and by how many rows it is moved.
const PARTITION: u32 = 0
const MOVED: u32 = 1
const PEERS: u32 = 2

// What is written of a row, words: its column as above, whether sums rather than counts, the offsets of the value, of
// its upper half and of its validity (-1: none).
const IS_SUM: usize = 4
const TO: usize = 8
const TO_UPPER: usize = 12
const TO_VALID: usize = 16

@inline function within(at: i64, start: u32, end: u32): u32 {
  return at < <i64>start ? start : at > <i64>end ? end : <u32>at
}

// Writes the count or sum of the frame of each of the rows from..to - 1. `state` as in window-values.ts; the totals of
// pieces are what comes before each, and those of the end.
export function windowDifferences(
  frame: usize, told: usize, list: usize, marks: usize, count: u32, state: usize, from: u32, to: u32,
): void {
  const startKind = load<u32>(frame)
  const startStep = <i64>load<i32>(frame, 4)
  const endKind = load<u32>(frame, 8)
  const endStep = <i64>load<i32>(frame, 12) + 1
  const column = <usize>load<u32>(told)
  const isSum = load<u32>(told + IS_SUM) != 0
  const target = <usize>load<u32>(told + TO)
  const upper = load<i32>(told + TO_UPPER)
  const valid = load<i32>(told + TO_VALID)
  const sums = <usize>load<u32>(column + SUMS)
  const counts = <usize>load<u32>(column + COUNTS)
  const totals = <usize>load<u32>(column + TOTALS)
  const shift = load<u32>(column + SHIFT)
  let start = load<u32>(state)
  let end = load<u32>(state, 4)
  let peers = load<u32>(state, 8)
  let peersEnd = load<u32>(state, 12)
  for (let i = from; i < to; i++) {
    const mark = <u32>load<u8>(marks + i)
    if (mark != 0) {
      peers = i
      if (endKind == PEERS) peersEnd = nextMark(marks, i + 1, count, 1)
      if (mark == 2) {
        start = i
        end = nextMark(marks, i + 1, count, 2)
      }
    }
    const first = startKind == PARTITION ? start : startKind == PEERS ? peers : within(<i64>i + startStep, start, end)
    const behind = endKind == PARTITION ? end : endKind == PEERS ? peersEnd : within(<i64>i + endStep, start, end)
    let fed: u32 = 0
    let value: i64 = 0
    if (first < behind) {
      const before = totals + <usize>(first >> shift) * TOTAL_BYTES
      const after = totals + <usize>(behind >> shift) * TOTAL_BYTES
      if (counts == 0) fed = behind - first
      else {
        fed = load<u32>(counts + (<usize>behind << 2)) + load<u32>(after + COUNTED)
        fed -= load<u32>(counts + (<usize>first << 2)) + load<u32>(before + COUNTED)
      }
      if (!isSum) value = <i64>fed
      else {
        value = load<i64>(sums + (<usize>behind << 3)) + load<i64>(after)
        value -= load<i64>(sums + (<usize>first << 3)) + load<i64>(before)
      }
    }
    const row = <usize>load<u32>(list + (<usize>i << 2))
    store<i64>(row + target, value)
    if (upper >= 0) store<i64>(row + <usize>upper, value >> 63)
    if (valid >= 0) store<u8>(row + <usize>valid, u8(fed != 0))
  }
  store<u32>(state, start)
  store<u32>(state, end, 4)
  store<u32>(state, peers, 8)
  store<u32>(state, peersEnd, 12)
}

// What marks tell beyond a list that is one partition of peers: looking for it takes as long as there is none of it.
const PARTITIONS: u32 = 1
const GROUPS: u32 = 2
const NUMBERED: u32 = 4

// Writes what is known at a row of the list, of its marks alone: see window-values.ts. `told`: what is read of it; groups
// of peers are counted only where they are numbered.
export function windowState(marks: usize, at: u32, count: u32, state: usize, told: u32): void {
  memory.fill(state, 0, 20)
  const start = at > 0 && (told & PARTITIONS) != 0 ? lastMark(marks, at - 1, 2) : 0
  store<u32>(state, start)
  store<u32>(state, at > 0 && (told & PARTITIONS) != 0 ? nextMark(marks, at, count, 2) : count, 4)
  store<u32>(state, count, 12)
  if (at == 0 || (told & GROUPS) == 0) return
  store<u32>(state, lastMark(marks, at - 1, 1), 8)
  store<u32>(state, nextMark(marks, at, count, 1), 12)
  if (told & NUMBERED) store<u32>(state, marksBetween(marks, start + 1, at), 16)
}
