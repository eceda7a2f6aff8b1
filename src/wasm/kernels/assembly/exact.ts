// Quotients, variances and roots of exact numbers with as many digits as PostgreSQL gives them (select_div_scale
// and numeric_stddev_internal in its numeric.c), as a numeric of 16 bytes at `work`, which is the
// caller's workspace. What does not fit is left to TypeScript. Long numbers are limbs of 32 bits, the lowest first.

import { unsignedHigh } from './decimal'

// Powers of ten up to 10^38, two words each.
const POWERS: usize = memory.data<u64>([
  0x1, 0x0, 0xa, 0x0, 0x64, 0x0, 0x3e8, 0x0, 0x2710, 0x0, 0x186a0, 0x0, 0xf4240, 0x0,
  0x989680, 0x0, 0x5f5e100, 0x0, 0x3b9aca00, 0x0, 0x2540be400, 0x0, 0x174876e800, 0x0,
  0xe8d4a51000, 0x0, 0x9184e72a000, 0x0, 0x5af3107a4000, 0x0, 0x38d7ea4c68000, 0x0,
  0x2386f26fc10000, 0x0, 0x16345785d8a0000, 0x0, 0xde0b6b3a7640000, 0x0, 0x8ac7230489e80000, 0x0,
  0x6bc75e2d63100000, 0x5, 0x35c9adc5dea00000, 0x36, 0x19e0c9bab2400000, 0x21e,
  0x2c7e14af6800000, 0x152d, 0x1bcecceda1000000, 0xd3c2, 0x161401484a000000, 0x84595,
  0xdcc80cd2e4000000, 0x52b7d2, 0x9fd0803ce8000000, 0x33b2e3c, 0x3e25026110000000, 0x204fce5e,
  0x6d7217caa0000000, 0x1431e0fae, 0x4674edea40000000, 0xc9f2c9cd0,
  0xc0914b2680000000, 0x7e37be2022, 0x85acef8100000000, 0x4ee2d6d415b,
  0x38c15b0a00000000, 0x314dc6448d93, 0x378d8e6400000000, 0x1ed09bead87c0,
  0x2b878fe800000000, 0x13426172c74d82, 0xb34b9f1000000000, 0xc097ce7bc90715,
  0xf436a000000000, 0x785ee10d5da46d9, 0x98a224000000000, 0x4b3b4ca85a86c47a,
])
const POWERS_MAX: i32 = 38

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
const LIMB_MASK: u64 = 0xffffffff

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
  return <f64>hi * 18446744073709551616.0 + <f64>lo
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

// ------------------------------------------------------------------ limbs
@inline function limb(at: usize, index: i32): u64 {
  return <u64>load<u32>(at + (<usize>index << 2))
}

@inline function setLimb(at: usize, index: i32, value: u64): void {
  store<u32>(at + (<usize>index << 2), <u32>value)
}

function lengthOf(at: usize, most: i32): i32 {
  let length = most
  while (length > 0 && limb(at, length - 1) == 0) length--
  return length
}

function setWide(at: usize, lo: u64, hi: u64): i32 {
  store<u64>(at, lo)
  store<u64>(at, hi, 8)
  return lengthOf(at, 4)
}

// Multiplies in place; gives the length.
function multiplySmall(at: usize, length: i32, factor: u64): i32 {
  let carry: u64 = 0
  for (let i = 0; i < length; i++) {
    const product = limb(at, i) * factor + carry
    setLimb(at, i, product)
    carry = product >> 32
  }
  if (carry == 0) return length
  setLimb(at, length, carry)
  return length + 1
}

function shiftDigits(at: usize, length: i32, digits: i32): i32 {
  let left = digits
  let limbs = length
  for (; left >= 9; left -= 9) limbs = multiplySmall(at, limbs, 1_000_000_000)
  return left == 0 ? limbs : multiplySmall(at, limbs, load<u64>(POWERS + (<usize>left << 4)))
}

// Adds the half of another number, rounded down; gives the length.
function addHalf(at: usize, length: i32, other: usize, otherLength: i32): i32 {
  const most = max(length, otherLength)
  for (let i = length; i <= most; i++) setLimb(at, i, 0)
  let carry: u64 = 0
  for (let i = 0; i <= most; i++) {
    let half: u64 = 0
    if (i < otherLength) {
      const above = i + 1 < otherLength ? limb(other, i + 1) : 0
      half = ((above << 31) | (limb(other, i) >> 1)) & LIMB_MASK
    }
    const sum = limb(at, i) + half + carry
    setLimb(at, i, sum)
    carry = sum >> 32
  }
  return lengthOf(at, most + 1)
}

function divideSmall(at: usize, length: i32, divisor: u64, quotient: usize): i32 {
  let rest: u64 = 0
  for (let i = length - 1; i >= 0; i--) {
    const part = (rest << 32) | limb(at, i)
    setLimb(quotient, i, part / divisor)
    rest = part % divisor
  }
  return lengthOf(quotient, length)
}

@inline function shiftLeft(at: usize, length: i32, bits: u64): void {
  if (bits == 0) return
  let carry: u64 = 0
  for (let i = 0; i < length; i++) {
    const wide = (limb(at, i) << bits) | carry
    setLimb(at, i, wide)
    carry = wide >> 32
  }
}

// The quotient, rounded down (D. Knuth, The Art of Computer Programming 2, 4.3.1, algorithm D); gives its length.
// Both operands are lost.
function divide(at: usize, length: i32, by: usize, byLength: i32, quotient: usize): i32 {
  if (length < byLength) return 0
  if (byLength == 1) return divideSmall(at, length, limb(by, 0), quotient)
  const bits = <u64>clz<u32>(<u32>limb(by, byLength - 1))
  shiftLeft(by, byLength, bits)
  setLimb(at, length, 0)
  shiftLeft(at, length + 1, bits)
  const top = limb(by, byLength - 1)
  const next = limb(by, byLength - 2)
  for (let j = length - byLength; j >= 0; j--) {
    const upper = (limb(at, j + byLength) << 32) | limb(at, j + byLength - 1)
    const below = limb(at, j + byLength - 2)
    let guess = upper / top
    let rest = upper % top
    while (guess > LIMB_MASK || guess * next > ((rest << 32) | below)) {
      guess--
      rest += top
      if (rest > LIMB_MASK) break
    }
    let carry: u64 = 0
    let borrow: u64 = 0
    for (let i = 0; i < byLength; i++) {
      const product = guess * limb(by, i) + carry
      carry = product >> 32
      const difference = limb(at, i + j) - (product & LIMB_MASK) - borrow
      setLimb(at, i + j, difference)
      borrow = difference >> 63
    }
    const last = limb(at, j + byLength) - carry - borrow
    setLimb(at, j + byLength, last)
    if (last >> 63) {
      guess--
      carry = 0
      for (let i = 0; i < byLength; i++) {
        const sum = limb(at, i + j) + limb(by, i) + carry
        setLimb(at, i + j, sum)
        carry = sum >> 32
      }
      setLimb(at, j + byLength, limb(at, j + byLength) + carry)
    }
    setLimb(quotient, j, guess)
  }
  return lengthOf(quotient, length - byLength + 1)
}

// Writes a magnitude as a numeric; LEFT where it has more than 119 bits.
function finish(work: usize, at: usize, length: i32, places: i32, isNegative: bool): u32 {
  if (length > 4 || places > SCALE_MAX) return LEFT
  for (let i = length; i < 4; i++) setLimb(at, i, 0)
  let lo = load<u64>(at)
  let hi = load<u64>(at, 8)
  if (hi >> 55 != 0) return LEFT
  if (isNegative) {
    hi = ~hi + u64(lo == 0)
    lo = 0 - lo
  }
  store<u64>(work, lo)
  store<u64>(work, (hi & 0x00ff_ffff_ffff_ffff) | (<u64>places << 56), 8)
  return DONE
}

// A quotient of two exact values of so many places each (-1: numerics).
export function exactQuotient(
  work: usize, aLow: u64, aHigh: i64, aPlaces: i32, bLow: u64, bHigh: i64, bPlaces: i32,
): u32 {
  if (!take(bLow, bHigh, bPlaces)) return LEFT
  if (low == 0 && high == 0) return BY_ZERO
  if (!lead()) return LEFT
  const bDigit = digit
  const bWeight = weight
  const bScale = scale
  const bNegative = negative
  const by = work + DIVISOR
  const byLength = setWide(by, low, high)
  if (!take(aLow, aHigh, aPlaces) || !lead()) return LEFT
  const places = quotientScale(weight - bWeight, digit, bDigit, scale, bScale)
  const shift = places + bScale - scale
  if (shift > SHIFT_MAX) return LEFT
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
  const at = work + DIVIDEND
  const places = scale
  const length = multiplySmall(at, setWide(at, low, high), count)
  if (!take(sumLow, sumHigh, sumPlaces) || (scale << 1) != places) return LEFT
  if (!subtractSquare(at, length, work + QUOTIENT)) {
    store<u64>(work, 0)
    store<u64>(work, 0, 8)
    return DONE
  }
  if (lengthOf(at, 8) > 4) return LEFT
  low = load<u64>(at)
  high = load<u64>(at, 8)
  scale = places
  if (!lead()) return LEFT
  const aWeight = weight
  const aDigit = digit
  low = count * (kind & SAMPLE ? count - 1 : count)
  high = 0
  scale = 0
  lead()
  const by = work + DIVISOR
  const byLength = setWide(by, low, 0)
  const wanted = quotientScale(aWeight - weight, aDigit, digit, places, 0)
  if (wanted - places > SHIFT_MAX) return LEFT
  let long = shiftDigits(at, lengthOf(at, 4), wanted - places)
  long = addHalf(at, long, by, byLength)
  const quotient = work + QUOTIENT
  long = divide(at, long, by, byLength, quotient)
  if (!(kind & ROOTED)) return finish(work, quotient, long, wanted, false)
  return root(work, long, wanted)
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
  let found = <u64>sqrt(asDouble(lo, hi))
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

