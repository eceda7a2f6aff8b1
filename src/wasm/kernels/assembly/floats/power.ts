// x^y as e^(y log x), with the logarithm in two floats.

import { exponential } from './exponential'
import { logarithm, logarithmRest } from './logarithm'

// No power of another number than 1 to an exponent beyond is a float.
const EXPONENT_MAX: f64 = 18446744073709551616.0
// No other exponent makes so small a change.
const EXPONENT_MIN: f64 = 1e-300

// Powers of finite floats; NaN where there is none, and of what is not finite.
export function floatPower(x: f64, y: f64): f64 {
  const isUsual = x > 0 && x < Infinity && abs(y) < EXPONENT_MAX && abs(y) > EXPONENT_MIN
  return isUsual ? powerOf(x, y) : unusual(x, y)
}

function unusual(x: f64, y: f64): f64 {
  if (!(abs(x) < Infinity && abs(y) < Infinity)) return NaN
  if (y == 0 || x == 1) return 1
  const isOdd = floor(y) == y && abs(y) < 9007199254740992 && ((<i64>y) & 1) == 1
  if (x == 0) {
    const size: f64 = y < 0 ? Infinity : 0
    return isOdd ? copysign(size, x) : size
  }
  if (x < 0 && floor(y) != y) return NaN
  const size = sizeOf(abs(x), y)
  return isOdd && x < 0 ? -size : size
}

function sizeOf(x: f64, y: f64): f64 {
  if (x == 1 || abs(y) <= EXPONENT_MIN) return 1
  if (abs(y) >= EXPONENT_MAX) return x > 1 == y > 0 ? Infinity : 0
  return powerOf(x, y)
}

// Of upper halves the product is exact.
// @ts-ignore: decorator
@inline
function upperHalf(x: f64): f64 {
  return reinterpret<f64>(reinterpret<i64>(x) & 0xfffffffff8000000)
}

function powerOf(x: f64, y: f64): f64 {
  const high = logarithm(x, true)
  const upper = upperHalf(high)
  const lower = high - upper + logarithmRest()
  const upperY = upperHalf(y)
  return exponential(upperY * upper, (y - upperY) * upper + y * lower)
}
