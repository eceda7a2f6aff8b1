// Numerics of any length of texts, and the floats nearest to them.
import { unsignedHigh } from '../decimal'
import { ELSEWHERE, size, start } from '../functions/views'
import { HEADER_BYTES, isWide } from '../numeric'
import { POWER_MIN, POWERS } from '../powers-of-ten'
import {
  bytesFor, countOf, digitsOfLimb, DIGITS_SHIFT, limbOf, LIMB_DIGITS, powerOf, putLimb, settle, storedBytes, storeNumber,
  takeNumber, topOf,
} from './numbers'
import { PLACES_MAX } from './operations'

// Longer texts are TypeScript's: a kernel cannot be cancelled.
const TEXT_MAX: u32 = 8_192
const EXPONENT_MAX: i32 = 4_096

@inline function isBlank(byte: u32): bool {
  return byte == 0x20 || byte - 9 < 5
}

// Bytes that reading a text takes at most; 0 leaves it to TypeScript.
export function longTextBytes(text: i64): i32 {
  const bytes = size(text)
  if (bytes > TEXT_MAX) return 0
  const limbs = (<i32>bytes >> DIGITS_SHIFT) + 4
  return bytesFor(limbs) + storedBytes(limbs)
}

// What a text says: where its digits begin and end, and its point, which is behind them where there is none; globals of this
// instance, as functions return one value.
let first: usize = 0
let last: usize = 0
let point: usize = 0
let minus: bool = false
let exponent: i32 = 0

// Finds them; false for what is no number, or one that is said otherwise.
function parse(text: i64): bool {
  let at = start(text)
  let end = at + size(text)
  while (at < end && isBlank(<u32>load<u8>(at))) at++
  while (at < end && isBlank(<u32>load<u8>(end - 1))) end--
  if (at == end) return false
  minus = load<u8>(at) == 0x2d
  if (minus || load<u8>(at) == 0x2b) at++
  first = at
  point = 0
  for (; at < end; at++) {
    const byte = <u32>load<u8>(at)
    if (byte - 0x30 < 10) continue
    if (byte != 0x2e || point != 0) break
    point = at
  }
  last = at
  if (point == 0) point = last
  // A digit at least, beside the point.
  if (last - first <= usize(point != last)) return false
  exponent = 0
  return at == end || parseExponent(at, end)
}

function parseExponent(from: usize, end: usize): bool {
  let at = from
  if ((load<u8>(at++) | 0x20) != 0x65 || at == end) return false
  const isBelow = load<u8>(at) == 0x2d
  if (isBelow || load<u8>(at) == 0x2b) at++
  if (at == end || end - at > 5) return false
  for (; at < end; at++) {
    const digit = <u32>load<u8>(at) - 0x30
    if (digit > 9) return false
    exponent = exponent * 10 + <i32>digit
  }
  if (exponent > EXPONENT_MAX) return false
  if (isBelow) exponent = -exponent
  return true
}

// The numeric that a text says, in 16 bytes at `slot` and bytes of its own at `target`, where `longTextBytes` are free. Gives the
// view of these, 0 where there are none, or ELSEWHERE.
export function longOfText(slot: usize, target: usize, text: i64): i64 {
  if (!parse(text)) return ELSEWHERE
  const places = max(0, (point == last ? 0 : <i32>(last - point) - 1) - exponent)
  if (places > PLACES_MAX) return ELSEWHERE
  let at = first
  while (at < last && (load<u8>(at) == 0x30 || at == point)) at++
  if (at == last) settle(target, 0, 0, false, places)
  else {
    const whole = at < point ? <i32>(point - at) - 1 : -<i32>(at - point)
    const power = whole + exponent
    const digits = <i32>(last - at) - i32(at < point && point < last)
    const leading = (power & 7) + 1
    const count = digits > leading ? 1 + ((digits - leading + 7) >> DIGITS_SHIFT) : 1
    let left = leading
    let limb: u64 = 0
    for (let index = count - 1; index >= 0; ) {
      if (at == point && point < last) at++
      if (left == LIMB_DIGITS && at + 8 <= last && (point < at || point >= at + 8)) {
        putLimb(target, index--, eightOf(at))
        at += 8
        continue
      }
      limb = limb * 10 + (at < last ? <u64>(load<u8>(at) & 15) : 0)
      at++
      if (--left == 0) {
        putLimb(target, index--, limb)
        limb = 0
        left = LIMB_DIGITS
      }
    }
    settle(target, count, (power >> DIGITS_SHIFT) - count + 1, minus, places)
  }
  const own = target + <usize>bytesFor(countOf(target))
  const view = storeNumber(slot, own, target)
  if (view == 0) return 0
  const bytes = <usize>(view >>> 32)
  memory.copy(target, own, bytes)
  const moved = (<i64>bytes << 32) | <i64>(<u32>target)
  store<i64>(slot, moved)
  return moved
}

// Eight digits side by side, two, four and eight at a time.
@inline function eightOf(at: usize): u64 {
  let word = load<u64>(at) & 0x0f0f_0f0f_0f0f_0f0f
  word = (word * 10 + (word >> 8)) & 0x00ff_00ff_00ff_00ff
  word = (word * 100 + (word >> 16)) & 0x0000_ffff_0000_ffff
  return (word * 10_000 + (word >> 32)) & 0xffff_ffff
}

// ------------------------------------------------------------------ floats
const DIGITS_TAKEN: i32 = 19
const POWER_MAX: i32 = 290

// The float nearest to a numeric (-1), or an exact value of so many places, by its first digits: D. Lemire, "Number parsing at a
// gigabyte per second" (2021). `work` is room for a number of 16 bytes. NaN leaves it to TypeScript: it may lie between two floats.
export function longFloat(work: usize, lo: u64, hi: i64, places: i32): f64 {
  let digits: u64 = 0
  let power: i32 = 0
  let isCut = false
  let negative = false
  if (places < 0 && isWide(hi)) {
    const from = <usize>(lo & 0xffffffff)
    const bytes = <i32>(lo >> 32) - <i32>HEADER_BYTES
    if (bytes == 0) return 0
    negative = load<u8>(from, 2) != 0
    power = load<i32>(from, 4) - DIGITS_TAKEN + 1
    for (let pair = 0; pair < 9; pair++) digits = digits * 100 + pairOf(from, pair, bytes)
    const tenth = pairOf(from, 9, bytes)
    digits = digits * 10 + tenth / 10
    isCut = bytes > 10 || tenth % 10 != 0
  } else {
    takeNumber(work, lo, hi, places)
    const count = countOf(work)
    if (count == 0) return 0
    negative = load<u32>(work, 8) != 0
    digits = limbOf(work, count - 1)
    power = topOf(work) << DIGITS_SHIFT
    let wanted = DIGITS_TAKEN - digitsOfLimb(digits)
    let index = count - 2
    for (; wanted > 0; index--) {
      const limb = index >= 0 ? limbOf(work, index) : 0
      const taken = min(wanted, LIMB_DIGITS)
      digits = digits * powerOf(taken) + limb / powerOf(LIMB_DIGITS - taken)
      isCut = isCut || limb % powerOf(LIMB_DIGITS - taken) != 0
      power -= taken
      wanted -= taken
    }
    for (; index >= 0; index--) isCut = isCut || limbOf(work, index) != 0
  }
  const size = nearest19(digits, power, isCut)
  return negative ? -size : size
}

@inline function pairOf(from: usize, pair: i32, bytes: i32): u64 {
  return pair < bytes ? <u64>load<u8>(from + HEADER_BYTES + <usize>pair) : 0
}

// The float nearest to 19 digits times a power of ten, or to somewhat more; NaN where that does not say.
function nearest19(digits: u64, power: i32, isCut: bool): f64 {
  if (power < POWER_MIN || power > POWER_MAX) return NaN
  const zeros = clz(digits)
  const factor = POWERS + (<usize>(power - POWER_MIN) << 4)
  const scaled = digits << zeros
  let upper = unsignedHigh(scaled, load<u64>(factor, 8))
  let lower = scaled * load<u64>(factor, 8)
  const carried = unsignedHigh(scaled, load<u64>(factor))
  lower += carried
  upper += u64(lower < carried)
  let exponent = ((power * 217_706) >> 16) - <i32>zeros + 1
  if (upper >> 63 == 0) {
    upper = (upper << 1) | (lower >> 63)
    exponent--
  }
  // The power of ten is rounded up; of digits that are cut, the next number may be as near.
  const more: u64 = isCut ? 40 : 4
  const half: u64 = 0x400
  if (upper > 0xffff_ffff_ffff_f000) return NaN
  const found = (upper - 4 + half) >> 11
  if (found != (upper + more + half) >> 11) return NaN
  const shift = exponent + 11
  if (shift < -1_000 || shift > 970) return NaN
  return <f64><i64>found * reinterpret<f64>(<u64>(shift + 1_023) << 52)
}
