// Numbers of any length as kernels compute with them: limbs of eight decimal digits, the lowest first, aligned at the
// point, so that sums, products and cuts need no powers of ten. At an address lie
//   u32 count of limbs, i32 power of the lowest one (in limbs), u32 1 when negative, i32 digits behind the point that
//   are shown, and the limbs from LIMBS on.
// The highest limb is not 0. Behind a number there is room for one limb more.
import { unsignedHigh } from '../decimal'
import { LIMB_MASK, POWERS } from '../limbs'
import { K1, mix } from '../mix'
import { HEADER_BYTES, isWide } from '../numeric'

export const BASE: u64 = 100_000_000
// log2 of the digits of a limb.
export const DIGITS_SHIFT: i32 = 3
export const LIMB_DIGITS: i32 = 8
export const LIMBS: usize = 16
const WIDE_TAG: u64 = 255
const INLINE_SCALE_MAX: i32 = 254
// Numbers of so many digits may lie in sixteen bytes.
const INLINE_DIGITS_MAX: i32 = 36

@inline export function countOf(at: usize): i32 {
  return load<i32>(at)
}
@inline export function lowOf(at: usize): i32 {
  return load<i32>(at, 4)
}
@inline export function isNegative(at: usize): bool {
  return load<u32>(at, 8) != 0
}
@inline export function placesOf(at: usize): i32 {
  return load<i32>(at, 12)
}
@inline export function setNegative(at: usize, negative: bool): void {
  store<u32>(at, u32(negative), 8)
}
@inline export function setPlaces(at: usize, places: i32): void {
  store<i32>(at, places, 12)
}
@inline export function limbOf(at: usize, index: i32): u64 {
  return <u64>load<u32>(at + (<usize>index << 2), LIMBS)
}
@inline export function putLimb(at: usize, index: i32, value: u64): void {
  store<u32>(at + (<usize>index << 2), <u32>value, LIMBS)
}

// Bytes of a number of so many limbs, with room for more of them and what loads may read behind.
@inline export function bytesFor(limbs: i32): i32 {
  return (<i32>LIMBS + (limbs << 2) + 31) & ~15
}

// The address behind a number.
@inline export function endOf(at: usize): usize {
  return at + <usize>bytesFor(countOf(at))
}

// Stores what stands before the limbs, of which those at the top that are 0 are left out. A number of none is 0.
export function settle(at: usize, limbs: i32, lowest: i32, negative: bool, places: i32): void {
  let count = limbs
  while (count > 0 && limbOf(at, count - 1) == 0) count--
  store<i32>(at, count)
  store<i32>(at, count == 0 ? 0 : lowest, 4)
  setNegative(at, negative && count > 0)
  setPlaces(at, places)
}

// The power of the highest limb; below all others for 0.
@inline export function topOf(at: usize): i32 {
  return countOf(at) == 0 ? i32.MIN_VALUE : lowOf(at) + countOf(at) - 1
}

@inline export function powerOf(digits: i32): u64 {
  return load<u64>(POWERS + (<usize>digits << 4))
}

// How many digits a limb, which is not 0, has.
export function digitsOfLimb(limb: u64): i32 {
  const least = <i32>(((64 - clz(limb)) * 1233) >> 12)
  return least + i32(limb >= powerOf(least))
}

// Copies bytes, or fills with zeros, 16 at a time, as the instructions for that are calls: up to 15 more are read, and spoilt.
export function copyBlocks(to: usize, from: usize, bytes: usize): void {
  for (let done: usize = 0; done < bytes; done += 16) v128.store(to + done, v128.load(from + done))
}
export function clearBlocks(at: usize, bytes: usize): void {
  for (let done: usize = 0; done < bytes; done += 16) v128.store(at + done, i64x2.splat(0))
}

// ------------------------------------------------------------------ taking
// Limbs that a value has at most: a numeric (-1), or an exact value of so many places.
export function limbsAtMost(lo: u64, hi: i64, places: i32): i32 {
  if (places >= 0 || !isWide(hi)) return 7
  return (<i32>(lo >> 32) - <i32>HEADER_BYTES + 3) / 4 + 2
}

// Eight digits of four bytes of two each.
@inline function fourPairs(at: usize): u32 {
  const word = load<u32>(at)
  const halves = (word & 0x00ff_00ff) * 100 + ((word >> 8) & 0x00ff_00ff)
  return (halves & 0xffff) * 10_000 + (halves >> 16)
}

// Takes a numeric, or an exact value of so many places, to an address; gives the address behind it.
export function takeNumber(at: usize, lo: u64, hi: i64, places: i32): usize {
  if (places < 0 && isWide(hi)) takeOwnBytes(at, lo)
  else takeInline(at, lo, places < 0 ? (hi << 8) >> 8 : hi, places < 0 ? <i32>(<u64>hi >> 56) : places)
  return endOf(at)
}

function takeOwnBytes(at: usize, view: u64): void {
  const from = <usize>(view & LIMB_MASK)
  const bytes = <i32>(view >> 32) - <i32>HEADER_BYTES
  const places = <i32>load<u16>(from)
  const power = load<i32>(from, 4)
  if (bytes == 0) return settle(at, 0, 0, false, places)
  const first = (power & 7) + 1
  const digits = bytes << 1
  const count = digits > first ? 1 + ((digits - first + 7) >> DIGITS_SHIFT) : 1
  let source = from + HEADER_BYTES
  const end = source + <usize>bytes
  let limb: u64 = 0
  for (let left = first; left > 1; left -= 2) {
    limb = limb * 100 + (source < end ? <u64>load<u8>(source) : 0)
    source++
  }
  let index = count - 1
  if ((first & 1) == 0) {
    putLimb(at, index--, limb)
    for (; index > 0; index--, source += 4) putLimb(at, index, <u64>fourPairs(source))
    if (index == 0) putLimb(at, 0, lastPairs(source, end))
  } else {
    putLimb(at, index--, limb * 10 + (source < end ? <u64>load<u8>(source) / 10 : 0))
    // The first digit of the byte is taken.
    for (; index > 0; index--, source += 4) {
      putLimb(at, index, <u64>((fourPairs(source) % 10_000_000) * 10 + <u32>load<u8>(source, 4) / 10))
    }
    if (index == 0) {
      const next = source + 4 < end ? <u64>load<u8>(source, 4) / 10 : 0
      putLimb(at, 0, (lastPairs(source, end) % 10_000_000) * 10 + next)
    }
  }
  settle(at, count, (power >> DIGITS_SHIFT) - count + 1, load<u8>(from, 2) != 0, places)
}

// Four bytes, of which those behind the end are 0.
function lastPairs(from: usize, end: usize): u64 {
  let limb: u64 = 0
  for (let at = from; at < from + 4; at++) limb = limb * 100 + (at < end ? <u64>load<u8>(at) : 0)
  return limb
}

// Two words under work; globals of this instance, as functions return one value.
let low: u64 = 0
let high: u64 = 0

// Divides them by a number of 27 bits; gives what is left.
function divideWords(by: u64): u64 {
  if (high == 0) {
    const whole = low / by
    const left = low - whole * by
    low = whole
    return left
  }
  const upper = high / by
  const middle = ((high - upper * by) << 32) | (low >> 32)
  const next = middle / by
  const lower = ((middle - next * by) << 32) | (low & LIMB_MASK)
  const last = lower / by
  high = upper
  low = (next << 32) | last
  return lower - last * by
}

function takeInline(at: usize, lo: u64, hi: i64, places: i32): void {
  const negative = hi < 0
  low = negative ? 0 - lo : lo
  high = negative ? ~(<u64>hi) + u64(lo == 0) : <u64>hi
  const odd = places & 7
  let count = 0
  if (odd != 0) putLimb(at, count++, divideWords(powerOf(odd)) * powerOf(LIMB_DIGITS - odd))
  while ((low | high) != 0) putLimb(at, count++, divideWords(BASE))
  settle(at, count, -((places + 7) >> DIGITS_SHIFT), negative, places)
}

// ------------------------------------------------------------------ storing
// Bytes that a number's own take at most.
@inline export function storedBytes(limbs: i32): i32 {
  return <i32>HEADER_BYTES + (limbs << 2) + 16
}

// The number times ten to so many places, in `low` and `high`: it has 36 digits at most, and none behind them.
function fold(at: usize, places: i32): void {
  low = 0
  high = 0
  const lowest = lowOf(at)
  for (let power = topOf(at); (power << DIGITS_SHIFT) + 7 >= -places; power--) {
    const limb = power >= lowest ? limbOf(at, power - lowest) : 0
    const beyond = -places - (power << DIGITS_SHIFT)
    if (beyond <= 0) foldIn(BASE, limb)
    else foldIn(powerOf(LIMB_DIGITS - beyond), limb / powerOf(beyond))
  }
}

@inline function foldIn(factor: u64, limb: u64): void {
  const upper = high * factor + unsignedHigh(low, factor)
  const lower = low * factor
  low = lower + limb
  high = upper + u64(low < lower)
}

// Stores a number as a numeric: 16 bytes at `slot`, and those of its own, if it needs any, at `target`. Gives the view of
// these, or 0. The number's limbs are within its places.
export function storeNumber(slot: usize, target: usize, at: usize): i64 {
  const view = storeUnhashed(slot, target, at)
  if (view != 0) longHash(<u64>view)
  return view
}

// The same with a hash of 0, for what is changed before anyone compares it.
export function storeUnhashed(slot: usize, target: usize, at: usize): i64 {
  const places = placesOf(at)
  const count = countOf(at)
  const negative = isNegative(at)
  const top = topOf(at)
  const first = count == 0 ? 0 : digitsOfLimb(limbOf(at, count - 1))
  const power = count == 0 ? 0 : (top << DIGITS_SHIFT) + first - 1
  if (places <= INLINE_SCALE_MAX && (count == 0 || power + 1 + places <= INLINE_DIGITS_MAX)) {
    if (count == 0) {
      low = 0
      high = 0
    } else fold(at, places)
    if (high >> 55 == 0) {
      const lower = negative ? 0 - low : low
      const upper = negative ? ~high + u64(low == 0) : high
      store<u64>(slot, lower)
      store<u64>(slot, (upper & 0x00ff_ffff_ffff_ffff) | (<u64>places << 56), 8)
      return 0
    }
  }
  store<u64>(target, <u64>places)
  store<u8>(target, u8(negative), 2)
  store<i32>(target, power, 4)
  const bytes = putDigits(target + HEADER_BYTES, at, first)
  store<u64>(target, 0, 8)
  const view = (<i64>(bytes + <i32>HEADER_BYTES) << 32) | <i64>(<u32>target)
  store<i64>(slot, view)
  store<u64>(slot, WIDE_TAG << 56, 8)
  return view
}

@inline function putFourPairs(to: usize, limb: u32): void {
  const upper = limb / 10_000
  const lower = limb - upper * 10_000
  const a = upper / 100
  const c = lower / 100
  store<u32>(to, a | ((upper - a * 100) << 8) | (c << 16) | ((lower - c * 100) << 24))
}

// Writes the digits two a byte from the first one on, of which the highest limb has so many; gives how many bytes there
// are without zeros at the end.
function putDigits(to: usize, at: usize, first: i32): i32 {
  const count = countOf(at)
  if (count == 0) return 0
  let index = count - 1
  let target = to
  // The highest limb's digits, and of an odd number of them the last one, which waits for the next.
  const highest = limbOf(at, index)
  let waiting: u32 = 0
  let pairs = first >> 1
  const isOdd = (first & 1) != 0
  let shown = highest
  if (isOdd) {
    shown = highest / 10
    waiting = <u32>(highest - shown * 10)
  }
  for (let pair = pairs - 1; pair >= 0; pair--) {
    const rest = shown / 100
    store<u8>(target + <usize>pair, <u8>(shown - rest * 100))
    shown = rest
  }
  target += <usize>pairs
  index--
  if (isOdd) {
    for (; index >= 0; index--, target += 4) {
      const limb = <u32>limbOf(at, index)
      const most = limb / 10
      putFourPairs(target, waiting * 10_000_000 + most)
      waiting = limb - most * 10
    }
    store<u8>(target++, <u8>(waiting * 10))
  } else for (; index >= 0; index--, target += 4) putFourPairs(target, <u32>limbOf(at, index))
  while (target > to && load<u8>(target - 1) == 0) target--
  return <i32>(target - to)
}

// The hash that equal values share (data/types/wide-numeric.ts): that of an inline value where there may be an equal one. Of a
// numeric's own bytes.
function hashOf(from: usize, bytes: i32): u64 {
  if (bytes == 0) return mix(0, mix(0, K1))
  const power = load<i32>(from, 4)
  const negative = load<u8>(from, 2) != 0
  const pairs = from + HEADER_BYTES
  const last = <u32>load<u8>(pairs + <usize>(bytes - 1))
  const isOdd = last % 10 == 0
  const digits = (bytes << 1) - i32(isOdd)
  const lowest = power - digits + 1
  const places = max(0, -lowest)
  if (digits + max(0, lowest) <= INLINE_DIGITS_MAX && places <= INLINE_SCALE_MAX) {
    low = 0
    high = 0
    for (let index = 0; index < bytes - 1; index++) foldIn(100, <u64>load<u8>(pairs + <usize>index))
    if (isOdd) foldIn(10, <u64>(last / 10))
    else foldIn(100, <u64>last)
    for (let zeros = max(0, lowest); zeros > 0; zeros--) foldIn(10, 0)
    return mix(low ^ (<u64>places << 32), mix(high, u64(negative) + K1))
  }
  let one = <u32>power
  let two: u32 = negative ? 1 : 2
  let at = pairs
  const end = pairs + <usize>bytes
  for (; at + 4 <= end; at += 4) {
    const a = <u32>load<u8>(at)
    const b = <u32>load<u8>(at, 1)
    const c = <u32>load<u8>(at, 2)
    const d = <u32>load<u8>(at, 3)
    one = ((((((((one ^ a) * 0x01000193) ^ b) * 0x01000193) ^ c) * 0x01000193) ^ d) * 0x01000193)
    two = two * 923_521 + (a * 29_791 + b * 961 + c * 31 + d)
  }
  for (; at < end; at++) {
    const pair = <u32>load<u8>(at)
    one = (one ^ pair) * 0x01000193
    two = two * 31 + pair
  }
  return mix(<u64>one, <u64>two)
}

// Puts the hash of a numeric of bytes of its own that was stored without.
export function longHash(view: u64): void {
  const from = <usize>(view & LIMB_MASK)
  if (load<u64>(from, 8) == 0) store<u64>(from, hashOf(from, <i32>(view >> 32) - <i32>HEADER_BYTES), 8)
}
