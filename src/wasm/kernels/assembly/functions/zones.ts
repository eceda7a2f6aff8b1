// Time zones as tables of their offsets (src/functions/datetime/zone-table.ts): how many there are, where those begin that come
// again every 400 years (-1: none do) and whether they come before, too, as integers of 32 bits; the moments at which they start
// and the offsets east of Greenwich, in microseconds. What was found last is kept for the rows that come next.
import { ELSEWHERE, start, written } from './views'
import { putZoned } from '../moment-text'

const HEAD_BYTES: usize = 16
const DAY_MICROS: i64 = 86_400_000_000
const CYCLE_MICROS: i64 = 12_622_780_800_000_000

// @ts-ignore: decorator
@inline
function countOf(table: usize): u32 {
  return load<u32>(table)
}

// @ts-ignore: decorator
@inline
function startAt(table: usize, index: u32): i64 {
  return load<i64>(table + HEAD_BYTES + (<usize>index << 3))
}

// @ts-ignore: decorator
@inline
function offsetAt(table: usize, index: u32): i64 {
  return load<i64>(table + HEAD_BYTES + (<usize>(countOf(table) + index) << 3))
}

// How much later a moment within the table is at which all is the same: a multiple of 400 years.
function cyclesOf(micros: i64, table: usize): i64 {
  const first = load<i32>(table, 4)
  if (first < 0) return 0
  const begin = startAt(table, <u32>first)
  if (micros >= begin + CYCLE_MICROS) return ((micros - begin) / CYCLE_MICROS) * CYCLE_MICROS
  if (micros >= begin || load<u32>(table, 8) == 0) return 0
  return -((begin - micros + CYCLE_MICROS - 1) / CYCLE_MICROS) * CYCLE_MICROS
}

// The last start that is not after a moment.
function indexAt(micros: i64, table: usize): u32 {
  let low: u32 = 0
  let high = countOf(table)
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (startAt(table, middle) <= micros) low = middle
    else high = middle
  }
  return low
}

function keep(kept: usize, from: i64, to: i64, offset: i64): i64 {
  store<i64>(kept, from)
  store<i64>(kept, to, 8)
  store<i64>(kept, offset, 16)
  return offset
}

// The offset at a moment. `kept`: from when to when it was found to be what.
export function zoneOffset(micros: i64, view: i64, kept: usize): i64 {
  if (micros >= load<i64>(kept) && micros < load<i64>(kept, 8)) return load<i64>(kept, 16)
  const table = start(view)
  const later = cyclesOf(micros, table)
  const index = indexAt(micros - later, table)
  const offset = offsetAt(table, index)
  if (later != 0) return offset
  const next = index + 1 < countOf(table) ? startAt(table, index + 1) : i64.MAX_VALUE
  return keep(kept, startAt(table, index), next, offset)
}

// The offset when a zone's clocks show so many microseconds since 1970-01-01 00:00. A time that they pass over is told by the
// clock before, one that they show twice by the clock after.
export function zoneClockOffset(local: i64, view: i64, kept: usize): i64 {
  if (local >= load<i64>(kept) && local < load<i64>(kept, 8)) return load<i64>(kept, 16)
  const table = start(view)
  const later = cyclesOf(local, table)
  const shown = local - later
  const index = indexAt(shown - DAY_MICROS, table)
  const before = offsetAt(table, index)
  const isLast = index + 1 >= countOf(table)
  if (isLast) {
    if (load<i32>(table, 4) < 0) return keep(kept, startAt(table, index) + DAY_MICROS, i64.MAX_VALUE, before)
    const moment = shown - before
    return offsetAt(table, indexAt(moment - cyclesOf(moment, table), table))
  }
  const boundary = startAt(table, index + 1)
  const after = offsetAt(table, index + 1)
  const early = shown - before
  const late = shown - after
  if (early < boundary && late < boundary) {
    if (later != 0) return before
    const from = index == 0 ? i64.MIN_VALUE : startAt(table, index) + DAY_MICROS
    return keep(kept, from, boundary + min(before, after), before)
  }
  if (early > boundary && late >= boundary) return after
  return early > late ? before : after
}

// The text of a moment by a zone's clock, with the offset behind it.
export function zoneText(micros: i64, view: i64, kept: usize, target: usize): i64 {
  const offset = zoneOffset(micros, view, kept)
  const local = micros + offset
  // Beyond 64 bits.
  if ((offset > 0) != (local > micros) && offset != 0) return ELSEWHERE
  return written(target, putZoned(local, offset, target))
}
