// Sums of long numbers, their order, and what is cut off them.
import {
  BASE, bytesFor, clearBlocks, copyBlocks, countOf, DIGITS_SHIFT, isNegative, limbOf, LIMBS, lowOf, placesOf, powerOf, putLimb, setNegative,
  setPlaces, settle, topOf,
} from './numbers'

export function copyNumber(target: usize, at: usize): void {
  copyBlocks(target, at, LIMBS + (<usize>countOf(at) << 2))
}

export function orderMagnitudes(a: usize, b: usize): i32 {
  const top = topOf(a)
  const other = topOf(b)
  if (top != other) return top < other ? -1 : 1
  const aLow = lowOf(a)
  const bLow = lowOf(b)
  const lowest = min(aLow, bLow)
  for (let power = top; power >= lowest; power--) {
    const x = power >= aLow ? limbOf(a, power - aLow) : 0
    const y = power >= bLow ? limbOf(b, power - bLow) : 0
    if (x != y) return x < y ? -1 : 1
  }
  return 0
}

// Limbs of a sum at most.
export function sumLimbs(a: usize, b: usize): i32 {
  if (countOf(a) == 0) return countOf(b)
  if (countOf(b) == 0) return countOf(a)
  return max(topOf(a), topOf(b)) - min(lowOf(a), lowOf(b)) + 2
}

// The number with its limbs down to another power, all zeros.
function spread(target: usize, at: usize, lowest: i32, limbs: i32): void {
  // From below to above, as each part spoils some of the next.
  const first = target + LIMBS
  const below = <usize>(lowOf(at) - lowest) << 2
  const bytes = <usize>countOf(at) << 2
  clearBlocks(first, below)
  copyBlocks(first + below, at + LIMBS, bytes)
  clearBlocks(first + below + bytes, (<usize>(limbs + 1) << 2) - below - bytes)
}

// The sum of two numbers, or their difference.
export function addNumbers(target: usize, a: usize, b: usize, isDifference: bool): void {
  const places = max(placesOf(a), placesOf(b))
  const turned = isNegative(b) != isDifference
  if (countOf(b) == 0) {
    copyNumber(target, a)
    setPlaces(target, places)
    return
  }
  if (countOf(a) == 0) {
    copyNumber(target, b)
    setNegative(target, turned)
    setPlaces(target, places)
    return
  }
  const lowest = min(lowOf(a), lowOf(b))
  const limbs = max(topOf(a), topOf(b)) - lowest + 1
  if (isNegative(a) == turned) {
    spread(target, a, lowest, limbs)
    addInto(target, b, lowOf(b) - lowest)
    settle(target, limbs + 1, lowest, turned, places)
    return
  }
  const order = orderMagnitudes(a, b)
  spread(target, order < 0 ? b : a, lowest, limbs)
  const lesser = order < 0 ? a : b
  subtractFrom(target, lesser, lowOf(lesser) - lowest)
  settle(target, limbs, lowest, order < 0 ? turned : isNegative(a), places)
}

function addInto(target: usize, by: usize, shift: i32): void {
  const count = countOf(by)
  let carry: u32 = 0
  let at = target + (<usize>shift << 2)
  let from = by
  for (let i = 0; i < count; i++, at += 4, from += 4) {
    const sum = load<u32>(at, LIMBS) + load<u32>(from, LIMBS) + carry
    carry = u32(sum >= <u32>BASE)
    store<u32>(at, sum - (<u32>BASE & (0 - carry)), LIMBS)
  }
  for (; carry != 0; at += 4) {
    const sum = load<u32>(at, LIMBS) + 1
    carry = u32(sum == <u32>BASE)
    store<u32>(at, carry != 0 ? 0 : sum, LIMBS)
  }
}

function subtractFrom(target: usize, by: usize, shift: i32): void {
  const count = countOf(by)
  let borrow: u32 = 0
  let at = target + (<usize>shift << 2)
  let from = by
  for (let i = 0; i < count; i++, at += 4, from += 4) {
    const rest = load<u32>(at, LIMBS) - load<u32>(from, LIMBS) - borrow
    borrow = rest >> 31
    store<u32>(at, rest + (<u32>BASE & (0 - borrow)), LIMBS)
  }
  for (; borrow != 0; at += 4) {
    const limb = load<u32>(at, LIMBS)
    borrow = u32(limb == 0)
    store<u32>(at, borrow != 0 ? <u32>BASE - 1 : limb - 1, LIMBS)
  }
}

// Ways to round, as functions/math/inline.ts numbers them.
export const NEAREST: i32 = 0
export const TRUNCATED: i32 = 1
export const DOWN: i32 = 2
export const UP: i32 = 3

// Rounds a number in place to so many digits behind the point, before it when negative.
export function roundNumber(at: usize, places: i32, mode: i32): void {
  const shown = max(places, 0)
  const power = -places >> DIGITS_SHIFT
  const lowest = lowOf(at)
  const negative = isNegative(at)
  let count = countOf(at)
  const index = power - lowest
  const cut = powerOf(-places & 7)
  if (count == 0 || index < 0 || (index == 0 && limbOf(at, 0) % cut == 0)) return setPlaces(at, shown)
  const grows = mode == NEAREST ? isHalf(at, index, count, cut) : mode == (negative ? DOWN : UP) && isCut(at, index, count, cut)
  if (index >= count) {
    // Nothing is left but what rounding makes.
    if (!grows) return settle(at, 0, 0, false, shown)
    putLimb(at, 0, cut)
    return settle(at, 1, power, negative, shown)
  }
  const limb = limbOf(at, index)
  // What is cut off leaves, so that the lowest limb is at the place.
  if (index > 0) memory.copy(at + LIMBS, at + LIMBS + (<usize>index << 2), <usize>(count - index) << 2)
  count -= index
  putLimb(at, count, 0)
  putLimb(at, 0, limb - limb % cut)
  if (grows) {
    let carry = cut
    for (let i = 0; carry != 0; i++) {
      const sum = limbOf(at, i) + carry
      carry = u64(sum >= BASE)
      putLimb(at, i, carry != 0 ? sum - BASE : sum)
    }
  }
  settle(at, count + 1, power, negative, shown)
}

// Whether what is cut off is a half or more.
function isHalf(at: usize, index: i32, count: i32, cut: u64): bool {
  if (index > count) return false
  if (cut == 1) return limbOf(at, index - 1) >= BASE / 2
  return index < count && (limbOf(at, index) % cut) << 1 >= cut
}

// Whether anything is cut off.
function isCut(at: usize, index: i32, count: i32, cut: u64): bool {
  if (index >= count || limbOf(at, index) % cut != 0) return true
  for (let i = index - 1; i >= 0; i--) if (limbOf(at, i) != 0) return true
  return false
}

// Digits behind the point that the value needs.
export function neededPlaces(at: usize): i32 {
  const count = countOf(at)
  let index = 0
  while (index < count && limbOf(at, index) == 0) index++
  if (index == count) return 0
  let power = (lowOf(at) + index) << DIGITS_SHIFT
  for (let limb = limbOf(at, index); limb % 10 == 0; limb /= 10) power++
  return max(0, -power)
}

// Room that a number of so many limbs takes for what rounds it.
export function roundedBytes(limbs: i32): i32 {
  return bytesFor(limbs + 2)
}
