// Quotients, variances and roots of exact numbers with as many digits as PostgreSQL gives them (select_div_scale
// and numeric_stddev_internal in its numeric.c), as a numeric of 16 bytes at `work`, which is the
// caller's workspace. What does not fit is left to TypeScript.

import { unsignedHigh } from './decimal'
import { isWide } from './numeric'
import {
  addHalf, divide, lengthOf, limb, LIMB_MASK, multiplySmall, POWERS, setLimb, setWide, shiftDigits,
} from './limbs'
import { quickQuotient, quickRoot } from './quick-exact'

const POWERS_MAX: i32 = 38
// Powers of so many digits have one word.
const WORD_DIGITS: i32 = 19

const DONE: u32 = 0
const LEFT: u32 = 1
const BY_ZERO: u32 = 2

const SIGNIFICANT_DIGITS: i32 = 16
const SCALE_MAX: i32 = 254
// More digits than this are not shifted in: limbs have room for 128 bits and these.
const SHIFT_MAX: i32 = 140

// Where numbers lie in `work`, WORKSPACE_BYTES of functions/inline.ts.
const DIVIDEND: usize = 16
const DIVISOR: usize = 112
const QUOTIENT: usize = 144
const ROOT: usize = 240

// A magnitude, its scale and sign; globals of this instance, as functions return one value.
let low: u64 = 0
let high: u64 = 0
let scale: i32 = 0
let negative: bool = false
// The first digit in base 10000 of a magnitude, and its power.
let digit: u32 = 0
let weight: i32 = 0

// Takes a value: `places` digits behind the point, or -1 for a numeric, which tells itself. False: it has bytes
// of its own.
function take(lo: u64, hi: i64, places: i32): bool {
  let upper = hi
  scale = places
  if (places < 0) {
    scale = <i32>(<u64>hi >> 56)
    if (scale > SCALE_MAX) return false
    upper = (hi << 8) >> 8
  }
  negative = upper < 0
  low = negative ? 0 - lo : lo
  high = negative ? ~(<u64>upper) + u64(lo == 0) : <u64>upper
  return true
}

@inline function atLeast(power: i32): bool {
  const upper = load<u64>(POWERS + (<usize>power << 4), 8)
  if (high != upper) return high > upper
  return low >= load<u64>(POWERS + (<usize>power << 4))
}

// Decimal digits of the magnitude, which is not 0 and below 10^38.
function digitCount(): i32 {
  const bits = high == 0 ? 64 - <i32>clz(low) : 128 - <i32>clz(high)
  const least = (bits * 1233) >> 12
  return least + i32(atLeast(least))
}

@inline function asDouble(lo: u64, hi: u64): f64 {
  // Floats are quickly made of what has a sign; the last bit of the lower word does not count.
  return <f64><i64>hi * 18446744073709551616.0 + <f64><i64>(lo >> 1) * 2.0
}

// High word of the product of a power of ten and a small number.
@inline function productHigh(lo: u64, hi: u64, factor: u64): u64 {
  const lower = (lo & LIMB_MASK) * factor
  const upper = (lo >> 32) * factor + (lower >> 32)
  return hi * factor + (upper >> 32)
}

// Finds the first digit in base 10000 of the magnitude, and its power. False beyond 38 digits.
function lead(): bool {
  if (low == 0 && high == 0) {
    weight = 0
    digit = 0
    return true
  }
  if (atLeast(POWERS_MAX)) return false
  weight = (digitCount() - 1 - scale) >> 2
  const drop = scale + (weight << 2)
  if (drop < 0) {
    digit = <u32>low * <u32>load<u64>(POWERS + (<usize>(-drop) << 4))
    return true
  }
  const power = POWERS + (<usize>drop << 4)
  const lo = load<u64>(power)
  // The power is not above the number, so it has one word, too.
  if (high == 0) {
    digit = <u32>(low / lo)
    return true
  }
  const hi = load<u64>(power, 8)
  // An estimate that is off by one at most.
  let found = <u64>(asDouble(low, high) / asDouble(lo, hi))
  let productLow = lo * found
  let product = productHigh(lo, hi, found)
  if (product > high || (product == high && productLow > low)) found--
  else {
    const restLow = low - productLow
    const rest = high - product - u64(low < productLow)
    if (rest > hi || (rest == hi && restLow >= lo)) found++
  }
  digit = <u32>found
  return true
}

// Digits behind the point of a quotient.
@inline function quotientScale(
  weights: i32, first: u32, second: u32, scaleA: i32, scaleB: i32,
): i32 {
  const power = weights - i32(first <= second)
  return max(max(SIGNIFICANT_DIGITS - (power << 2), 0), max(scaleA, scaleB))
}

// ------------------------------------------------------------------ numbers of two words
// Multiplies the magnitude by a power of ten; false, and nothing done, where that leaves 127 bits.
function timesPower(digits: i32): bool {
  if (digits > WORD_DIGITS) {
    const lower = low
    const upper = high
    if (digits > 2 * WORD_DIGITS || !timesPower(WORD_DIGITS)) return false
    if (timesPower(digits - WORD_DIGITS)) return true
    low = lower
    high = upper
    return false
  }
  const factor = load<u64>(POWERS + (<usize>digits << 4))
  const carried = unsignedHigh(low, factor)
  const upper = high * factor + carried
  if (unsignedHigh(high, factor) != 0 || upper < carried || upper >> 63 != 0) return false
  low *= factor
  high = upper
  return true
}

// Divides the magnitude, with so many digits more, and rounds; false, and nothing done, where that takes more than
// two words.
function divideShort(divisor: u64, digits: i32): bool {
  if (divisor > LIMB_MASK || !timesPower(digits)) return false
  const half = divisor >> 1
  const lower = low + half
  const upper = high + u64(lower < half)
  high = upper / divisor
  if (upper == 0) {
    low = lower / divisor
    return true
  }
  const middle = ((upper - high * divisor) << 32) | (lower >> 32)
  const next = middle / divisor
  low = (next << 32) | ((((middle - next * divisor) << 32) | (lower & LIMB_MASK)) / divisor)
  return true
}

// What a step of long division left, which is below the divisor.
let rest: u64 = 0

// The next half of a word of a quotient by a divisor whose upper bit is set (Knuth, The Art of Computer Programming, volume
// 2, algorithm D).
@inline function nextHalf(lower: u64, divisor: u64): u64 {
  const first = divisor >> 32
  const second = divisor & LIMB_MASK
  let half = rest / first
  let left = rest - half * first
  // Twice at most.
  while (left <= LIMB_MASK && (half > LIMB_MASK || half * second > ((left << 32) | lower))) {
    half--
    left += first
  }
  rest = ((rest << 32) | lower) - half * divisor
  return half
}

function nextWord(lower: u64, divisor: u64): u64 {
  const upper = nextHalf(lower >> 32, divisor)
  return (upper << 32) | nextHalf(lower & LIMB_MASK, divisor)
}

// As divideShort does it, of divisors of a whole word and dividends of three.
function divideWord(divisor: u64, digits: i32): bool {
  const lowBefore = low
  const highBefore = high
  const least = max(digits - WORD_DIGITS, 0)
  if (!timesPower(least)) return false
  const factor = load<u64>(POWERS + (<usize>(digits - least) << 4))
  const carried = unsignedHigh(low, factor)
  const half = divisor >> 1
  const lower = low * factor + half
  const added = carried + u64(lower < half)
  const middle = high * factor + added
  const upper = unsignedHigh(high, factor) + u64(middle < added)
  if (upper >= divisor) {
    low = lowBefore
    high = highBefore
    return false
  }
  const shift = clz(divisor)
  const by = divisor << shift
  const first = (upper << shift) | ((middle >> 1) >> (63 - shift))
  const second = (middle << shift) | ((lower >> 1) >> (63 - shift))
  rest = first
  high = nextWord(second, by)
  low = nextWord(lower << shift, by)
  return true
}

// Writes a magnitude as a numeric; LEFT where it has more than 119 bits.
function finish(work: usize, at: usize, length: i32, places: i32, isNegative: bool): u32 {
  if (length > 4) return LEFT
  for (let i = length; i < 4; i++) setLimb(at, i, 0)
  return finishWords(work, load<u64>(at), load<u64>(at, 8), places, isNegative)
}

function finishWords(work: usize, lo: u64, hi: u64, places: i32, isNegative: bool): u32 {
  if (hi >> 55 != 0 || places > SCALE_MAX) return LEFT
  if (isNegative) {
    hi = ~hi + u64(lo == 0)
    lo = 0 - lo
  }
  store<u64>(work, lo)
  store<u64>(work, (hi & 0x00ff_ffff_ffff_ffff) | (<u64>places << 56), 8)
  return DONE
}

// The divisor that was taken last, which is mostly that of the next row, too: globals of this instance.
let knownLow: u64 = 0
let knownHigh: i64 = 0
let knownPlaces: i32 = -2
let byLow: u64 = 0
let byHigh: u64 = 0
let byScale: i32 = 0
let byDigit: u32 = 0
let byWeight: i32 = 0
let byNegative: bool = false

// Takes a divisor; LEFT or BY_ZERO where it is none.
function takeDivisor(lo: u64, hi: i64, places: i32): u32 {
  if (lo == knownLow && hi == knownHigh && places == knownPlaces) return DONE
  if (!take(lo, hi, places)) return LEFT
  if (low == 0 && high == 0) return BY_ZERO
  if (!lead()) return LEFT
  byLow = low
  byHigh = high
  byScale = scale
  byDigit = digit
  byWeight = weight
  byNegative = negative
  knownLow = lo
  knownHigh = hi
  knownPlaces = places
  return DONE
}

// A quotient of two exact values of so many places each (-1: numerics).
export function exactQuotient(
  work: usize, aLow: u64, aHigh: i64, aPlaces: i32, bLow: u64, bHigh: i64, bPlaces: i32,
): u32 {
  if (quickQuotient(work, aLow, aHigh, aPlaces, bLow, bHigh, bPlaces)) return DONE
  const taken = takeDivisor(bLow, bHigh, bPlaces)
  // NaN by 0 is NaN: what has bytes of its own is looked at elsewhere.
  if (taken != DONE) return aPlaces < 0 && isWide(aHigh) ? LEFT : taken
  const bNegative = byNegative
  const bLower = byLow
  const bUpper = byHigh
  if (!take(aLow, aHigh, aPlaces) || !lead()) return LEFT
  const places = quotientScale(weight - byWeight, digit, byDigit, scale, byScale)
  const shift = places + byScale - scale
  if (shift > SHIFT_MAX) return LEFT
  const isDivided = bUpper == 0 && (divideShort(bLower, shift) || divideWord(bLower, shift))
  if (isDivided) return finishWords(work, low, high, places, negative != bNegative)
  const by = work + DIVISOR
  const byLength = setWide(by, bLower, bUpper)
  const at = work + DIVIDEND
  let length = shiftDigits(at, setWide(at, low, high), shift)
  length = addHalf(at, length, by, byLength)
  const quotient = work + QUOTIENT
  length = divide(at, length, by, byLength, quotient)
  return finish(work, quotient, length, places, negative != bNegative)
}

const SAMPLE: u32 = 1
const ROOTED: u32 = 2

// Variance (of a sample, for bit 0 of `kind`) or its root (bit 1) from the sum, the sum of squares and the count
// of exact values, of which there are enough.
export function exactSpread(
  work: usize, sumLow: u64, sumHigh: i64, sumPlaces: i32, squaresLow: u64, squaresHigh: i64,
  squaresPlaces: i32, count: u64, kind: u32,
): u32 {
  if (count > LIMB_MASK || !take(squaresLow, squaresHigh, squaresPlaces) || negative) return LEFT
  const places = scale
  const lower = low
  const upper = high
  if (!take(sumLow, sumHigh, sumPlaces) || (scale << 1) != places) return LEFT
  if (!takeDeviation(work, lower, upper, count)) return LEFT
  if (low == 0 && high == 0) return finishWords(work, 0, 0, 0, false)
  const dividendLow = low
  const dividendHigh = high
  const divisor = count * (kind & SAMPLE ? count - 1 : count)
  scale = places
  if (!lead()) return LEFT
  const aWeight = weight
  const aDigit = digit
  low = divisor
  high = 0
  scale = 0
  lead()
  const wanted = quotientScale(aWeight - weight, aDigit, digit, places, 0)
  if (wanted - places > SHIFT_MAX) return LEFT
  low = dividendLow
  high = dividendHigh
  const quotient = work + QUOTIENT
  if (divideShort(divisor, wanted - places) || divideWord(divisor, wanted - places)) {
    if (!(kind & ROOTED)) return finishWords(work, low, high, wanted, false)
    const length = setWide(quotient, low, high)
    if (length == 0 || !timesPower(wanted) || high >> 62 != 0) return root(work, length, wanted)
    return finishWords(work, shortRoot(low, high), 0, wanted, false)
  }
  const at = work + DIVIDEND
  const by = work + DIVISOR
  const byLength = setWide(by, divisor, 0)
  let long = shiftDigits(at, setWide(at, low, high), wanted - places)
  long = addHalf(at, long, by, byLength)
  long = divide(at, long, by, byLength, quotient)
  if (!(kind & ROOTED)) return finish(work, quotient, long, wanted, false)
  return root(work, long, wanted)
}

// Makes the sum, which is taken, the count times the sum of squares without its square, or 0 where that is less;
// false where it has more than two words.
function takeDeviation(work: usize, squaresLow: u64, squaresHigh: u64, count: u64): bool {
  if (high == 0 && squaresHigh <= LIMB_MASK) {
    const lower = squaresLow * count
    const upper = squaresHigh * count + unsignedHigh(squaresLow, count)
    const squareLow = low * low
    const square = unsignedHigh(low, low)
    const isLess = upper < square || (upper == square && lower < squareLow)
    low = isLess ? 0 : lower - squareLow
    high = isLess ? 0 : upper - square - u64(lower < squareLow)
    return true
  }
  const at = work + DIVIDEND
  const length = multiplySmall(at, setWide(at, squaresLow, squaresHigh), count)
  const isMore = subtractSquare(at, length, work + QUOTIENT)
  if (isMore && lengthOf(at, 8) > 4) return false
  low = isMore ? load<u64>(at) : 0
  high = isMore ? load<u64>(at, 8) : 0
  return true
}

// Takes the square of the magnitude away from a number of six limbs at most; false where nothing is left.
function subtractSquare(at: usize, length: i32, square: usize): bool {
  for (let i = length; i < 8; i++) setLimb(at, i, 0)
  memory.fill(square, 0, 32)
  const factor = square + 32
  const limbs = setWide(factor, low, high)
  for (let i = 0; i < limbs; i++) {
    let carry: u64 = 0
    for (let j = 0; j < limbs; j++) {
      const product = limb(factor, i) * limb(factor, j) + limb(square, i + j) + carry
      setLimb(square, i + j, product)
      carry = product >> 32
    }
    setLimb(square, i + limbs, carry)
  }
  let borrow: u64 = 0
  for (let i = 0; i < 8; i++) {
    const difference = limb(at, i) - limb(square, i) - borrow
    setLimb(at, i, difference)
    borrow = difference >> 63
  }
  return borrow == 0 && lengthOf(at, 8) > 0
}

// Limbs have room for so many more digits.
const ROOT_PLACES_MAX: i32 = 60

// The root of the quotient of so many limbs and places, rounded, with as many places.
function root(work: usize, length: i32, places: i32): u32 {
  if (places > ROOT_PLACES_MAX) return LEFT
  const radicand = work + QUOTIENT
  const limbs = shiftDigits(radicand, length, places)
  // The root of a longer one does not fit.
  if (limbs > 7) return LEFT
  if (limbs == 0) return finish(work, radicand, 0, places, false)
  for (let i = limbs; i < 4; i++) setLimb(radicand, i, 0)
  if (limbs <= 4 && load<u64>(radicand, 8) >> 62 == 0) {
    rootLow = shortRoot(load<u64>(radicand), load<u64>(radicand, 8))
    return finish(work, radicand, setWide(radicand, rootLow, 0), places, false)
  }
  let estimate: f64 = 0
  for (let i = limbs - 1; i >= 0; i--) estimate = estimate * 4294967296.0 + <f64>limb(radicand, i)
  setRoot(work, sqrt(estimate))
  // From any number the first step leads to the root or above it, the others go down.
  step(work, limbs)
  let lo: u64 = 0
  let hi: u64 = 0
  do {
    lo = rootLow
    hi = rootHigh
    step(work, limbs)
  } while (rootHigh < hi || (rootHigh == hi && rootLow < lo))
  rootLow = lo
  rootHigh = hi
  const at = work + DIVIDEND
  memory.copy(at, radicand, <usize>limbs << 2)
  low = rootLow
  high = rootHigh
  subtractSquare(at, limbs, work + ROOT)
  // The rest is above the root: the next number is nearer.
  const restLow = load<u64>(at)
  const rest = load<u64>(at, 8)
  const isAbove = lengthOf(at, 8) > 4 || rest > rootHigh || (rest == rootHigh && restLow > rootLow)
  if (isAbove) {
    rootLow++
    rootHigh += u64(rootLow == 0)
  }
  const result = work + QUOTIENT
  return finish(work, result, setWide(result, rootLow, rootHigh), places, false)
}

// The root of a number below 2^126, rounded: that of a double is off by a thousand at most, which one step of
// Newton's mends but for one.
function shortRoot(lo: u64, hi: u64): u64 {
  let found = <u64><i64>sqrt(asDouble(lo, hi))
  let restLow = lo - found * found
  let rest = <i64>(hi - unsignedHigh(found, found) - u64(restLow > lo))
  const way = (<f64>rest * 18446744073709551616.0 + <f64>restLow) / (2.0 * <f64>found)
  found += <u64><i64>way
  restLow = lo - found * found
  rest = <i64>(hi - unsignedHigh(found, found) - u64(restLow > lo))
  while (rest < 0) {
    found--
    const sum = restLow + 2 * found + 1
    rest += i64(sum < restLow)
    restLow = sum
  }
  while (rest > 0 || restLow > 2 * found) {
    rest -= i64(restLow < 2 * found + 1)
    restLow -= 2 * found + 1
    found++
  }
  return found + u64(restLow > found)
}

// The square root of a numeric, which is not below 0, with the digits that sqrt_var gives it.
export function numericRoot(work: usize, lo: u64, hi: i64): u32 {
  if (quickRoot(work, lo, hi)) return DONE
  if (!take(lo, hi, -1) || negative || !lead()) return LEFT
  const places = max(max(SIGNIFICANT_DIGITS - (weight << 1) - 1, scale), 0)
  if (places > ROOT_PLACES_MAX) return LEFT
  const more = places - scale
  const radicand = work + QUOTIENT
  const length = setWide(radicand, low, high)
  if (length == 0) return finishWords(work, 0, 0, places, false)
  if (timesPower(more) && timesPower(places) && high >> 62 == 0) {
    return finishWords(work, shortRoot(low, high), 0, places, false)
  }
  return root(work, shiftDigits(radicand, length, more), places)
}

let rootLow: u64 = 0
let rootHigh: u64 = 0

function setRoot(work: usize, value: f64): void {
  const upper = floor(value / 18446744073709551616.0)
  rootHigh = <u64>upper
  rootLow = max(<u64>(value - upper * 18446744073709551616.0), u64(rootHigh == 0))
}

// One step of Newton's: the mean of the number and of the radicand by it.
function step(work: usize, limbs: i32): void {
  const at = work + DIVIDEND
  memory.copy(at, work + QUOTIENT, <usize>limbs << 2)
  const by = work + DIVISOR
  const byLength = setWide(by, rootLow, rootHigh)
  const quotient = work + ROOT
  memory.fill(quotient, 0, 16)
  divide(at, limbs, by, byLength, quotient)
  const lo = load<u64>(quotient)
  const sum = rootLow + lo
  const upper = rootHigh + load<u64>(quotient, 8) + u64(sum < lo)
  rootLow = (sum >> 1) | (upper << 63)
  rootHigh = upper >> 1
}

