// x^y as e^(y log x), with the logarithm in two floats.

import { exponential } from './exponential'
import { logarithm, logarithmRest } from './logarithm'
import { productRest } from './pairs'

// No power of another number than 1 to an exponent beyond is a float.
const EXPONENT_MAX: f64 = 18446744073709551616.0
// No other exponent makes so small a change.
const EXPONENT_MIN: f64 = 1e-300

// Powers of finite floats; NaN where there is none, and of what is not finite.
export function floatPower(x: f64, y: f64): f64 {
  if (!(abs(x) < Infinity && abs(y) < Infinity)) return NaN
  if (y == 0 || x == 1) return 1
  if (x == 0) return y < 0 ? Infinity : 0
  if (abs(y) < EXPONENT_MIN) return x > 0 ? 1 : NaN
  const isWhole = floor(y) == y
  if (x < 0 && !isWhole) return NaN
  const isOdd = x < 0 && abs(y) < 9007199254740992 && ((<i64>y) & 1) == 1
  const size = powerOf(abs(x), y)
  return isOdd ? -size : size
}

function powerOf(x: f64, y: f64): f64 {
  if (x == 1) return 1
  if (abs(y) > EXPONENT_MAX) return x > 1 == y > 0 ? Infinity : 0
  const high = logarithm(x, true)
  const low = logarithmRest()
  const product = y * high
  if (abs(product) > 746) return product > 0 ? Infinity : 0
  return exponential(product, productRest(y, high, product) + y * low)
}
