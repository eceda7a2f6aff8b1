// Products, quotients and roots of long numbers.
import {
  BASE, countOf, DIGITS_SHIFT, isNegative, limbOf, LIMBS, lowOf, placesOf, putLimb, settle, topOf,
} from './numbers'
import { NEAREST, roundNumber } from './sums'

const SIGNIFICANT_DIGITS: i32 = 16
const PLACES_MAX: i32 = 1_000

// The product, column by column: a thousand products of limbs have a sum of 64 bits. `reversed`: room for the second factor's limbs.
export function multiplyNumbers(target: usize, a: usize, b: usize, reversed: usize): void {
  const aCount = countOf(a)
  const bCount = countOf(b)
  const places = placesOf(a) + placesOf(b)
  if (aCount == 0 || bCount == 0) return settle(target, 0, 0, false, places)
  for (let i = 0; i < bCount; i++) store<u32>(reversed + (<usize>i << 2), <u32>limbOf(b, bCount - 1 - i))
  let carry: u64 = 0
  const limbs = aCount + bCount
  for (let column = 0; column < limbs - 1; column++) {
    const first = max(0, column - bCount + 1)
    const terms = min(column, aCount - 1) - first + 1
    const x = a + LIMBS + (<usize>first << 2)
    const y = reversed + (<usize>(bCount - 1 - column + first) << 2)
    const sum = carry + dot(x, y, terms)
    carry = sum / BASE
    putLimb(target, column, sum - carry * BASE)
  }
  putLimb(target, limbs - 1, carry)
  settle(target, limbs, lowOf(a) + lowOf(b), isNegative(a) != isNegative(b), places)
}

// The sum of the products of so many limbs each.
function dot(x: usize, y: usize, terms: i32): u64 {
  let sum: u64 = 0
  let left = terms
  if (left >= 8) {
    let even = i64x2.splat(0)
    let odd = i64x2.splat(0)
    for (; left >= 4; left -= 4, x += 16, y += 16) {
      const u = v128.load(x)
      const v = v128.load(y)
      even = i64x2.add(even, i64x2.extmul_low_i32x4_u(u, v))
      odd = i64x2.add(odd, i64x2.extmul_high_i32x4_u(u, v))
    }
    even = i64x2.add(even, odd)
    sum = i64x2.extract_lane(even, 0) + i64x2.extract_lane(even, 1)
  }
  for (; left > 0; left--, x += 4, y += 4) sum += <u64>load<u32>(x) * <u64>load<u32>(y)
  return sum
}

// ------------------------------------------------------------------ quotients
@inline function at32(at: usize, index: i32): u64 {
  return <u64>load<u32>(at + (<usize>index << 2))
}
@inline function set32(at: usize, index: i32, value: u64): void {
  store<u32>(at + (<usize>index << 2), <u32>value)
}

function multiplyLimbs(at: usize, count: i32, factor: u64): u64 {
  let carry: u64 = 0
  for (let i = 0; i < count; i++) {
    const product = at32(at, i) * factor + carry
    carry = product / BASE
    set32(at, i, product - carry * BASE)
  }
  return carry
}

function divideLimbs(at: usize, count: i32, by: u64, quotient: usize): u64 {
  let rest: u64 = 0
  for (let i = count - 1; i >= 0; i--) {
    const part = rest * BASE + at32(at, i)
    const whole = part / by
    set32(quotient, i, whole)
    rest = part - whole * by
  }
  return rest
}

// What dividend and divisor were multiplied by; a global of this instance.
let unit: u64 = 1

// The quotient of limbs, cut off, of so many minus `byCount` plus 1 limbs (D. Knuth, The Art of Computer Programming 2, 4.3.1,
// algorithm D). What it leaves, times `unit`, stays where the dividend was; behind that there is room for one limb.
function divideAll(at: usize, count: i32, by: usize, byCount: i32, quotient: usize): void {
  unit = 1
  if (byCount == 1) {
    const rest = divideLimbs(at, count, at32(by, 0), quotient)
    memory.fill(at, 0, <usize>count << 2)
    set32(at, 0, rest)
    return
  }
  unit = BASE / (at32(by, byCount - 1) + 1)
  set32(at, count, multiplyLimbs(at, count, unit))
  multiplyLimbs(by, byCount, unit)
  const top = at32(by, byCount - 1)
  const next = at32(by, byCount - 2)
  for (let j = count - byCount; j >= 0; j--) {
    const upper = at32(at, j + byCount) * BASE + at32(at, j + byCount - 1)
    const below = at32(at, j + byCount - 2)
    let guess = upper / top
    let rest = upper - guess * top
    while (guess >= BASE || guess * next > rest * BASE + below) {
      guess--
      rest += top
      if (rest >= BASE) break
    }
    if (guess != 0 && subtractProduct(at + (<usize>j << 2), by, byCount, guess)) {
      guess--
      addBack(at + (<usize>j << 2), by, byCount)
    }
    set32(quotient, j, guess)
  }
}

// Subtracts a product from as many limbs; what is to be subtracted from those behind.
// @ts-ignore: decorator
@inline
function subtractLimbs(at: usize, by: usize, count: i32, factor: u64): u64 {
  let carry: u64 = 0
  for (let i = 0; i < count; i++) {
    const product = factor * at32(by, i) + carry
    carry = product / BASE
    const rest = at32(at, i) - (product - carry * BASE)
    const borrow = rest >> 63
    set32(at, i, rest + (BASE & (0 - borrow)))
    carry += borrow
  }
  return carry
}

// Subtracts a product; whether that went below 0.
function subtractProduct(at: usize, by: usize, count: i32, factor: u64): bool {
  const carry = subtractLimbs(at, by, count, factor)
  const last = at32(at, count) - carry
  const borrow = last >> 63
  set32(at, count, last + (BASE & (0 - borrow)))
  return borrow != 0
}

function addBack(at: usize, by: usize, count: i32): void {
  let carry: u64 = 0
  for (let i = 0; i < count; i++) {
    const sum = at32(at, i) + at32(by, i) + carry
    carry = u64(sum >= BASE)
    set32(at, i, sum - (BASE & (0 - carry)))
  }
  const last = at32(at, count) + carry
  set32(at, count, last >= BASE ? last - BASE : last)
}

// Limbs that the dividend has for a quotient of so many places.
export function dividendLimbs(a: usize, b: usize, places: i32): i32 {
  const lowest = (-places - 1) >> DIGITS_SHIFT
  return max(countOf(a) + lowOf(a) - lowOf(b) - lowest, 0)
}

// The quotient of two numbers, the second not 0, at so many places, rounded or cut off. `work`: room for both, the
// dividend of dividendLimbs.
export function divideNumbers(target: usize, a: usize, b: usize, places: i32, mode: i32, work: usize): void {
  const lowest = (-places - 1) >> DIGITS_SHIFT
  const shift = lowOf(a) - lowOf(b) - lowest
  const count = countOf(a) + shift
  const byCount = countOf(b)
  const negative = isNegative(a) != isNegative(b)
  if (countOf(a) == 0 || count < byCount) return settle(target, 0, 0, false, places)
  const dividend = work
  if (shift >= 0) {
    memory.fill(dividend, 0, <usize>shift << 2)
    memory.copy(dividend + (<usize>shift << 2), a + LIMBS, <usize>countOf(a) << 2)
  } else memory.copy(dividend, a + LIMBS - (<usize>shift << 2), <usize>count << 2)
  const divisor = dividend + (<usize>(count + 4) << 2)
  memory.copy(divisor, b + LIMBS, <usize>byCount << 2)
  divideAll(dividend, count, divisor, byCount, target + LIMBS)
  settle(target, count - byCount + 1, lowest, negative, places)
  roundNumber(target, places, mode)
}

// What the division by a number that is not 0 leaves, with the sign of the dividend.
export function restOfNumbers(target: usize, a: usize, b: usize, work: usize): void {
  const places = max(placesOf(a), placesOf(b))
  const lowest = min(lowOf(a), lowOf(b))
  const count = countOf(a) == 0 ? 0 : topOf(a) - lowest + 1
  const byCount = countOf(b)
  const rest = target + LIMBS
  memory.fill(rest, 0, <usize>(count + 1) << 2)
  if (count > 0) memory.copy(rest + (<usize>(lowOf(a) - lowest) << 2), a + LIMBS, <usize>countOf(a) << 2)
  // What the dividend has below the divisor's limbs stays as it is.
  const below = lowOf(b) - lowest
  if (count - below >= byCount) {
    const divided = rest + (<usize>below << 2)
    memory.copy(work, b + LIMBS, <usize>byCount << 2)
    divideAll(divided, count - below, work, byCount, work + (<usize>(byCount + 4) << 2))
    if (unit != 1) divideLimbs(divided, count - below + 1, unit, divided)
  }
  settle(target, count, lowest, isNegative(a), places)
}

// Digits behind the point of a quotient (select_div_scale in PostgreSQL's numeric.c, which computes in base 10000).
export function quotientPlaces(a: usize, b: usize): i32 {
  let weight = weightOf(a) - weightOf(b)
  if (firstDigit(a) <= firstDigit(b)) weight--
  const places = max(max(SIGNIFICANT_DIGITS - weight * 4, 0), max(placesOf(a), placesOf(b)))
  return min(places, PLACES_MAX)
}

// The power of the first digit in base 10000, and that digit; 0 for 0.
export function weightOf(at: usize): i32 {
  const count = countOf(at)
  return count == 0 ? 0 : (topOf(at) << 1) + i32(limbOf(at, count - 1) >= 10_000)
}

function firstDigit(at: usize): u64 {
  const count = countOf(at)
  if (count == 0) return 0
  const limb = limbOf(at, count - 1)
  return limb >= 10_000 ? limb / 10_000 : limb
}

// ------------------------------------------------------------------ roots
// Digits behind the point of a root (numeric_sqrt).
export function rootPlaces(at: usize): i32 {
  const digits = (weightOf(at) + 1) * 4
  // Halves go towards 0, as C's quotients.
  const half = digits / 2 - 1
  return min(max(max(SIGNIFICANT_DIGITS - half, placesOf(at)), 0), PLACES_MAX)
}

// Limbs of a root of so many places.
export function rootLimbs(at: usize, places: i32): i32 {
  if (countOf(at) == 0) return 0
  return max((topOf(at) >> 1) - ((-places - 1) >> DIGITS_SHIFT) + 1, 0)
}

// The square root of a number, which is not below 0, rounded to so many places: limb by limb, as on paper. `work`: room for
// three times the root's limbs and some more.
export function rootOfNumber(target: usize, at: usize, places: i32, work: usize): void {
  const limbs = rootLimbs(at, places)
  if (limbs == 0) return settle(target, 0, 0, false, places)
  const lowest = (topOf(at) >> 1) - limbs + 1
  // The radicand in pairs of limbs.
  const radicand = work
  const count = limbs << 1
  const shift = lowOf(at) - (lowest << 1)
  memory.fill(radicand, 0, <usize>(count + 2) << 2)
  if (shift >= 0) memory.copy(radicand + (<usize>shift << 2), at + LIMBS, <usize>countOf(at) << 2)
  else memory.copy(radicand, at + LIMBS - (<usize>shift << 2), <usize>(countOf(at) + shift) << 2)
  const scaling = BASE / (rootOfPair(radicand, count) + 1)
  multiplyLimbs(radicand, count, scaling)
  multiplyLimbs(radicand, count, scaling)
  const twice = radicand + (<usize>(count + 4) << 2)
  const root = target + LIMBS
  // The first limb.
  let limb = rootOfPair(radicand, count)
  const rest = at32(radicand, count - 1) * BASE + at32(radicand, count - 2) - limb * limb
  set32(radicand, count - 1, rest / BASE)
  set32(radicand, count - 2, rest % BASE)
  set32(root, limbs - 1, limb)
  // Twice the root so far, with the next limb below it, lies at the end of its room: it grows downwards.
  set32(twice, limbs, limb << 1)
  for (let index = limbs - 2; index >= 0; index--) {
    const known = limbs - 1 - index
    limb = nextRootLimb(radicand + (<usize>(index << 1) << 2), twice + (<usize>(index + 1) << 2), known)
    set32(root, index, limb)
  }
  divideLimbs(root, limbs, scaling, root)
  settle(target, limbs, lowest, false, places)
  roundNumber(target, places, NEAREST)
}

// The root, cut off, of the two highest limbs.
function rootOfPair(at: usize, count: i32): u64 {
  const pair = at32(at, count - 1) * BASE + at32(at, count - 2)
  let root = <u64>sqrt(<f64>pair)
  while (root * root > pair) root--
  while ((root + 1) * (root + 1) <= pair) root++
  return root
}

// One more limb: the largest one for which (twice * BASE + limb) * limb is not above the rest, which is subtracted. `twice`
// is the place below twice the root, which has so many limbs; the highest may be two times BASE.
function nextRootLimb(rest: usize, twice: usize, known: i32): u64 {
  const top = at32(twice, known)
  // Two new limbs of the rest, and above them what was left, which may have a limb more than the root.
  const upper = (at32(rest, known + 2) * BASE + at32(rest, known + 1)) * BASE + at32(rest, known)
  let limb = min(upper / top, BASE - 1)
  set32(twice, 0, limb)
  // The estimate is too high by some at most.
  let borrow = subtractSteps(rest, twice, known + 1, limb)
  while (borrow) {
    limb--
    // What was subtracted is (twice * BASE + limb + 1) * (limb + 1): less by twice * BASE + 2 * limb + 1.
    set32(twice, 0, 0)
    borrow = !addSteps(rest, twice, known + 1, 2 * limb + 1)
  }
  const double = limb << 1
  const carried = u64(double >= BASE)
  set32(twice, 0, double - (BASE & (0 - carried)))
  let at = 1
  for (let carry = carried; carry != 0; at++) {
    const sum = at32(twice, at) + 1
    const isOver = sum >= BASE && at < known
    set32(twice, at, isOver ? sum - BASE : sum)
    carry = u64(isOver)
  }
  return limb
}

// Subtracts a product from limbs and two more behind, of which the first then has all; whether that went below 0.
function subtractSteps(at: usize, by: usize, count: i32, factor: u64): bool {
  const carry = subtractLimbs(at, by, count, factor)
  const last = <i64>(at32(at, count + 1) * BASE + at32(at, count)) - <i64>carry
  set32(at, count + 1, 0)
  store<i32>(at + (<usize>count << 2), <i32>last)
  return last < 0
}

// Adds limbs and a number; whether what was below 0 no longer is.
function addSteps(at: usize, by: usize, count: i32, more: u64): bool {
  let carry = more
  for (let i = 0; i < count; i++) {
    const sum = at32(at, i) + at32(by, i) + carry
    carry = sum / BASE
    set32(at, i, sum - carry * BASE)
  }
  const last = load<i32>(at + (<usize>count << 2)) + <i32>carry
  store<i32>(at + (<usize>count << 2), last)
  return last >= 0
}
