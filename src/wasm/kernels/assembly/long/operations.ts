// What is computed of numerics that sixteen bytes do not hold, or whose result they do not. Numbers and results lie where
// the batch's texts go: `longBytes` says how many bytes an operation takes at most, `longNumeric` does it.
import { ELSEWHERE } from '../functions/views'
import {
  bytesFor, countOf, DIGITS_SHIFT, endOf, isNegative, limbOf, limbsAtMost, placesOf, powerOf, putLimb, setNegative,
  setPlaces, settle, storedBytes, storeNumber, takeNumber, topOf,
} from './numbers'
import {
  dividendLimbs, divideNumbers, multiplyNumbers, quotientPlaces, restOfNumbers, rootLimbs,
  rootOfNumber, rootPlaces,
} from './products'
import { addNumbers, copyNumber, NEAREST, neededPlaces, roundNumber, sumLimbs, TRUNCATED } from './sums'

// The operations, as functions/long-operations.ts numbers them.
const SUM: i32 = 0
const DIFFERENCE: i32 = 1
const PRODUCT: i32 = 2
const QUOTIENT: i32 = 3
const REST: i32 = 4
const WHOLE_QUOTIENT: i32 = 5
const NEGATED: i32 = 6
const ABSOLUTE: i32 = 7
const SIGN_ALONE: i32 = 8
const TRIMMED: i32 = 9
const ROOT: i32 = 10
const POWER: i32 = 11
const FACTORIAL: i32 = 12
const LIMITED: i32 = 13
// Behind it the ways to round, of sums.ts.
const ROUNDED: i32 = 16
// Behind it 1 for a sample's, and 2 for a root.
const SPREAD: i32 = 20
const SPREAD_END: i32 = 24

const SAMPLE: i32 = 1
const ROOTED: i32 = 2

// Longer numbers are TypeScript's: a kernel cannot be cancelled.
export const LIMBS_MAX: i32 = 1_024
// Powers that are multiplied out.
const POWER_MAX: i64 = 64
const POWER_PLACES_MIN: i32 = 16
const POWER_PLACES_MAX: i32 = 1_000
const FACTORIAL_MAX: i64 = 1_000
// Digits behind the point, and before it, that numerics have.
export const PLACES_MAX: i32 = 16_383
export const WHOLE_DIGITS_MAX: i32 = 131_072

// Bytes that an operation takes at most; 0 leaves it to TypeScript. `extra` is a number of places, rows or factors.
export function longBytes(
  operation: i32, aLow: u64, aHigh: i64, aPlaces: i32, bLow: u64, bHigh: i64, bPlaces: i32, extra: i64,
): i32 {
  if (operation == FACTORIAL) return extra < 0 || extra > FACTORIAL_MAX ? 0 : 3 * bytesFor(LIMBS_MAX)
  // Places and powers reach further than the limbs that are there.
  const a = reachOf(aLow, aHigh, aPlaces)
  const reach = a + reachOf(bLow, bHigh, bPlaces) + placesReach(operation, extra) + 2
  if (reach > LIMBS_MAX) return 0
  let limbs = reach
  if (operation == POWER) {
    const factors = factorsOf(bLow, bHigh)
    if (factors < -POWER_MAX || factors > POWER_MAX || a * <i32>abs(factors) > LIMBS_MAX) return 0
    limbs = a * <i32>(abs(factors) + 1)
  } else if (operation != QUOTIENT && operation != WHOLE_QUOTIENT && operation != ROOT && operation < SPREAD) {
    return 6 * bytesFor(limbs) + storedBytes(limbs)
  }
  // A quotient has up to a thousand digits behind the point.
  limbs = 2 * limbs + 160
  return 10 * bytesFor(limbs) + storedBytes(limbs)
}

const NO_FACTORS: i64 = i64.MIN_VALUE

// The whole number, not too large, that a numeric is.
function factorsOf(lo: u64, hi: i64): i64 {
  const places = <u64>hi >> 56
  if (places > 18 || (hi << 8) >> 8 != <i64>lo >> 63) return NO_FACTORS
  const unit = <i64>powerOf(<i32>places)
  const whole = <i64>lo / unit
  return whole * unit == <i64>lo ? whole : NO_FACTORS
}

// Limbs between a number's ends and the point, both ways.
export function reachOf(lo: u64, hi: i64, places: i32): i32 {
  if (places >= 0 || <u64>hi >> 56 != 255) return 7 + ((places >= 0 ? places : <i32>(<u64>hi >> 56)) >> DIGITS_SHIFT)
  const from = <usize>(lo & 0xffffffff)
  return limbsAtMost(lo, hi, places) + ((abs(load<i32>(from, 4)) + <i32>load<u16>(from)) >> DIGITS_SHIFT) + 2
}

@inline function placesReach(operation: i32, extra: i64): i32 {
  if (operation < LIMITED || operation >= SPREAD) return 0
  if (operation == LIMITED) extra = (extra << 32) >> 32
  return <i32>(min(abs(extra), <i64>PLACES_MAX) >> DIGITS_SHIFT) + 2
}

// Does an operation: the numeric goes to `slot`, and its own bytes, if it needs any, to `target`. Gives the view of these, 0
// where there are none, or ELSEWHERE.
export function longNumeric(
  slot: usize, target: usize, operation: i32, aLow: u64, aHigh: i64, aPlaces: i32, bLow: u64, bHigh: i64, bPlaces: i32,
  extra: i64,
): i64 {
  const a = target
  if (operation == FACTORIAL) return stored(slot, target, factorial(a, extra))
  const b = takeNumber(a, aLow, aHigh, aPlaces)
  let result = takeNumber(b, bLow, bHigh, bPlaces)
  if (operation >= SPREAD) result = operation < SPREAD_END ? spreadOf(a, b, extra, operation - SPREAD, result) : 0
  else if (operation >= ROUNDED) {
    copyNumber(result, a)
    const places = <i32>max(min(extra, <i64>PLACES_MAX), -<i64>WHOLE_DIGITS_MAX - 1)
    roundNumber(result, places, operation - ROUNDED)
  } else if (operation <= DIFFERENCE) addNumbers(result, a, b, operation == DIFFERENCE)
  else if (operation == PRODUCT) {
    if (placesOf(a) + placesOf(b) > PLACES_MAX) return ELSEWHERE
    multiplyNumbers(result, a, b, result + <usize>bytesFor(countOf(a) + countOf(b) + 1))
  } else if (operation <= WHOLE_QUOTIENT) {
    if (countOf(b) == 0) return ELSEWHERE
    quotientOf(result, a, b, operation)
  } else if (operation == POWER) result = powerOfNumber(a, result, factorsOf(bLow, bHigh))
  else if (operation == ROOT) {
    if (isNegative(a)) return ELSEWHERE
    const places = rootPlaces(a)
    rootOfNumber(result, a, places, result + <usize>bytesFor(rootLimbs(a, places) + 2))
  } else if (operation == LIMITED) {
    copyNumber(result, a)
    // Digits in all and behind the point, as one number.
    const places = <i32>(extra << 32 >> 32)
    roundNumber(result, places, NEAREST)
    if (wholeDigits(result) > <i32>(extra >> 32) - places) return ELSEWHERE
  } else {
    copyNumber(result, a)
    if (operation == NEGATED) setNegative(result, !isNegative(a) && countOf(a) > 0)
    else if (operation == ABSOLUTE) setNegative(result, false)
    else if (operation == TRIMMED) setPlaces(result, neededPlaces(a))
    else if (operation == SIGN_ALONE) signOf(result)
  }
  return result == 0 ? ELSEWHERE : stored(slot, target, result)
}

function signOf(at: usize): void {
  const negative = isNegative(at)
  const some = countOf(at) > 0
  putLimb(at, 0, 1)
  settle(at, i32(some), 0, negative, 0)
}

// Digits before the point; below 0 for zeros behind it.
export function wholeDigits(at: usize): i32 {
  if (countOf(at) == 0) return i32.MIN_VALUE
  let digits = topOf(at) << DIGITS_SHIFT
  for (let limb = limbOf(at, countOf(at) - 1); limb > 0; limb /= 10) digits++
  return digits
}

function stored(slot: usize, target: usize, result: usize): i64 {
  if (result == 0 || wholeDigits(result) > WHOLE_DIGITS_MAX || placesOf(result) > PLACES_MAX) return ELSEWHERE
  // What a number is made of lies before it, and there is room for its bytes behind it.
  const own = storeNumber(slot, endOf(result), result)
  if (own == 0) return 0
  const bytes = <usize>(own >>> 32)
  memory.copy(target, endOf(result), bytes)
  const view = (<i64>bytes << 32) | <i64>(<u32>target)
  store<i64>(slot, view)
  return view
}

function quotientOf(target: usize, a: usize, b: usize, operation: i32): void {
  if (operation == REST) return restOfNumbers(target, a, b, target + <usize>bytesFor(sumLimbs(a, b) + 2))
  const places = operation == QUOTIENT ? quotientPlaces(a, b) : 0
  const work = target + <usize>bytesFor(dividendLimbs(a, b, places) + 2)
  divideNumbers(target, a, b, places, operation == QUOTIENT ? NEAREST : TRUNCATED, work)
}

// A number to a whole power, with the digits behind the point of PostgreSQL's power_var_int; 0 for what raises.
function powerOfNumber(a: usize, from: usize, power: i64): usize {
  if (countOf(a) == 0 && power < 0) return 0
  const places = min(max(POWER_PLACES_MIN, placesOf(a)), POWER_PLACES_MAX)
  let result = from
  putLimb(result, 0, 1)
  settle(result, 1, 0, false, 0)
  for (let times = abs(power); times > 0; times--) {
    const next = endOf(result)
    const limbs = countOf(result) + countOf(a)
    multiplyNumbers(next, result, a, next + <usize>bytesFor(limbs + 1))
    memory.copy(result, next, <usize>bytesFor(countOf(next)))
  }
  if (power >= 0) {
    roundNumber(result, places, NEAREST)
    return result
  }
  const one = endOf(result)
  putLimb(one, 0, 1)
  settle(one, 1, 0, false, 0)
  const quotient = endOf(one)
  divideNumbers(quotient, one, result, places, NEAREST, quotient + <usize>bytesFor(dividendLimbs(one, result, places) + 2))
  return quotient
}

function factorial(at: usize, count: i64): usize {
  putLimb(at, 0, 1)
  settle(at, 1, 0, false, 0)
  for (let factor: i64 = 2; factor <= count; factor++) {
    let carry: u64 = 0
    const limbs = countOf(at)
    for (let i = 0; i < limbs; i++) {
      const product = limbOf(at, i) * <u64>factor + carry
      carry = product / 100_000_000
      putLimb(at, i, product - carry * 100_000_000)
    }
    putLimb(at, limbs, carry)
    settle(at, limbs + 1, 0, false, 0)
  }
  return at
}

// Variance or deviation from sum, sum of squares and count of numbers (numeric_stddev_internal in PostgreSQL's numeric.c).
function spreadOf(sum: usize, squares: usize, count: i64, kind: i32, from: usize): usize {
  const rows = from
  const times = takeNumber(rows, count, 0, 0)
  const scaled = times
  multiplyNumbers(scaled, squares, rows, scaled + <usize>bytesFor(countOf(squares) + countOf(rows) + 1))
  const square = endOf(scaled)
  multiplyNumbers(square, sum, sum, square + <usize>bytesFor(2 * countOf(sum) + 1))
  const deviation = endOf(square)
  addNumbers(deviation, scaled, square, true)
  if (isNegative(deviation) || countOf(deviation) == 0) {
    settle(deviation, 0, 0, false, 0)
    return deviation
  }
  const divisor = endOf(deviation)
  const other = takeNumber(divisor, kind & SAMPLE ? count - 1 : count, 0, 0)
  const product = other
  multiplyNumbers(product, rows, divisor, product + <usize>bytesFor(countOf(rows) + countOf(divisor) + 1))
  const quotient = endOf(product)
  const places = quotientPlaces(deviation, product)
  divideNumbers(quotient, deviation, product, places, NEAREST, quotient + <usize>bytesFor(dividendLimbs(deviation, product, places) + 2))
  if (!(kind & ROOTED)) return quotient
  const root = endOf(quotient)
  rootOfNumber(root, quotient, places, root + <usize>bytesFor(rootLimbs(quotient, places) + 2))
  return root
}
