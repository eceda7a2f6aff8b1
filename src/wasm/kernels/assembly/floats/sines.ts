// Sine, cosine and tangent: the angle less multiples of pi/2, in two floats, then the sine and cosine of the nearest
// i/128 from a table and those of the distance by their series. After S. Gal, B. Bachelis, "An accurate elementary
// mathematical library for the IEEE floating point standard", ACM TOMS 17 (1991). Sines are at most 0.51 of the last
// digit from the number itself, tangents 0.52.

import { unsignedHigh } from '../decimal'
import { productRest, sumRest } from './pairs'
import { HALF_PI, HALF_PI_1, HALF_PI_2, HALF_PI_3, HALF_PI_4, HALF_PI_REST, SINES, TURNS } from './tables'

// Multiples of pi/2 up to these have products with its first parts that are exact.
const MEDIUM_MAX: f64 = 1647099
// Angles so near to a multiple of pi/2 need more of its digits.
const NEAR: f64 = 0.000001
const QUARTER_PI: f64 = 0.7853981633974483

// What `reduced` found: the multiple of pi/2, of which the last two bits count, and what is left beside the float.
let quarters: i32 = 0
let rest: f64 = 0

export function floatSin(x: f64): f64 {
  if (!(abs(x) < Infinity)) return NaN
  // With its sign, which a sum with what is left would lose.
  if (x == 0) return x
  const r = reduced(x)
  return sineFrom(r, quarters)
}

export function floatCos(x: f64): f64 {
  if (!(abs(x) < Infinity)) return NaN
  const r = reduced(x)
  return sineFrom(r, quarters + 1)
}

// The angle less the nearest multiple of pi/2.
function reduced(x: f64): f64 {
  rest = 0
  quarters = 0
  const size = abs(x)
  if (size <= QUARTER_PI) return x
  if (size < MEDIUM_MAX) {
    const count = nearest<f64>(x * 0.6366197723675814)
    const whole = x - count * HALF_PI_1
    const part = count * HALF_PI_2
    const r = whole - part
    if (abs(r) > NEAR) {
      quarters = <i32>count
      const left = whole - r - part - count * HALF_PI_3
      const sum = r + left
      rest = sumRest(r, left, sum) - count * HALF_PI_4
      return sum
    }
  }
  const r = reducedExactly(size)
  if (x > 0) return r
  quarters = -quarters
  rest = -rest
  return -r
}

// Of any angle above pi/4, with the digits of 2/pi that count: M. Payne, R. Hanek, "Radian reduction for trigonometric
// functions", SIGNUM Newsletter 18 (1983).
function reducedExactly(x: f64): f64 {
  const bits = reinterpret<u64>(x)
  const mantissa = (bits & 0xfffffffffffff) | 0x10000000000000
  // x = mantissa 2^exponent: 192 bits of 2/pi from those on whose product is below 4 quarters.
  const exponent = <i32>(bits >> 52) - 1075
  const from = exponent - 2 + 64
  const at = TURNS + ((from >> 5) << 2)
  const shift = <u64>(from & 31)
  const limb2 = digits(at + 16, shift)
  const limb1 = digits(at + 8, shift)
  const product1 = mantissa * limb1
  const carry1 = unsignedHigh(mantissa, limb2)
  const middle = product1 + carry1
  const carry0 = unsignedHigh(mantissa, limb1) + (middle < carry1 ? 1 : 0)
  const top = mantissa * digits(at, shift) + carry0
  quarters = <i32>((top + 0x2000000000000000) >> 62)
  // What is behind the point, from -1/2 to 1/2.
  let major = (top << 2) | (middle >> 62)
  let minor = (middle << 2) | ((mantissa * limb2) >> 62)
  const isBelow = <i64>major < 0
  if (isBelow) {
    major = ~major + (minor == 0 ? 1 : 0)
    minor = 0 - minor
  }
  const zeros = clz<u64>(major)
  if (zeros > 0) {
    major = (major << zeros) | (minor >> (64 - zeros))
    minor <<= zeros
  }
  const scale = reinterpret<f64>((959 - zeros) << 52)
  const high = <f64>(major & 0xfffffffffffff800) * (isBelow ? -scale : scale)
  const low = (<f64>(major & 0x7ff) + <f64>minor * 5.421010862427522e-20) * (isBelow ? -scale : scale)
  const r = high * HALF_PI
  const left = productRest(high, HALF_PI, r) + (high * HALF_PI_REST + low * HALF_PI)
  const sum = r + left
  rest = sumRest(r, left, sum)
  return sum
}

// 64 bits of 2/pi from a bit on.
// @ts-ignore: decorator
@inline
function digits(at: usize, shift: u64): u64 {
  const two = (<u64>load<u32>(at) << 32) | <u64>load<u32>(at, 4)
  return (two << shift) | (<u64>load<u32>(at, 8) >> (32 - shift))
}

// What `sineOf` and `cosineOf` found beside the float that they give.
let low: f64 = 0

// The sine of an angle up to pi/4 and `rest`.
// @ts-ignore: decorator
@inline
function sineOf(r: f64, turned: f64): f64 {
  const size = abs(r)
  const count = nearest<f64>(size * 128)
  const entry = SINES + (<usize><i32>count << 5)
  const d = size - count * 0.0078125
  const d2 = d * d
  const dRest = r < 0 ? -turned : turned
  const sine = load<f64>(entry)
  const cosine = load<f64>(entry, 16)
  const high = sine + d
  const changes = d * d2 * (-0.16666666666666666 + d2 * (0.008333333333333333 - d2 * 0.0001984126984126984)) + dRest
  low = sumRest(sine, d, high) +
    (load<f64>(entry, 8) + (d * (cosine - 1) + cosine * changes + sine * (cosineChange(d2) - d * dRest)))
  if (r >= 0) return high
  low = -low
  return -high
}

// @ts-ignore: decorator
@inline
function cosineOf(r: f64, turned: f64): f64 {
  const size = abs(r)
  const count = nearest<f64>(size * 128)
  const entry = SINES + (<usize><i32>count << 5)
  const d = size - count * 0.0078125
  const d2 = d * d
  const dRest = r < 0 ? -turned : turned
  const sine = load<f64>(entry)
  const cosine = load<f64>(entry, 16)
  const changed = d + (d * d2 * (-0.16666666666666666 + d2 * (0.008333333333333333 - d2 * 0.0001984126984126984)) + dRest)
  low = load<f64>(entry, 24) + (cosine * (cosineChange(d2) - d * dRest) - sine * changed)
  return cosine
}

// The cosine of a distance less 1.
// @ts-ignore: decorator
@inline
function cosineChange(d2: f64): f64 {
  return d2 * (-0.5 + d2 * (0.041666666666666664 - d2 * 0.001388888888888889))
}

// The sine of so many quarters more than an angle.
function sineFrom(r: f64, turns: i32): f64 {
  const high = (turns & 1) == 0 ? sineOf(r, rest) : cosineOf(r, rest)
  return (turns & 2) == 0 ? high + low : -(high + low)
}

export function floatTan(x: f64): f64 {
  if (!(abs(x) < Infinity)) return NaN
  const r = reduced(x)
  if (r == 0) return x
  const isTurned = (quarters & 1) != 0
  const sine = sineOf(r, rest)
  const sineSum = sine + low
  const sineRest = sumRest(sine, low, sineSum)
  const cosine = cosineOf(r, rest)
  const cosineSum = cosine + low
  const cosineRest = sumRest(cosine, low, cosineSum)
  return isTurned
    ? -quotient(cosineSum, cosineRest, sineSum, sineRest)
    : quotient(sineSum, sineRest, cosineSum, cosineRest)
}

// The quotient of two numbers that are two floats each.
function quotient(a: f64, aRest: f64, b: f64, bRest: f64): f64 {
  const inverse = 1 / b
  const near = a * inverse
  const product = near * b
  return near + (a - product - productRest(near, b, product) + aRest - near * bRest) * inverse
}

export function floatCot(x: f64): f64 {
  return 1 / floatTan(x)
}
