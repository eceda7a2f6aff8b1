// Logarithms by a table of short inverses, whose products with a float are exact in two floats; after P. T. P. Tang,
// "Table-driven implementation of the logarithm function in IEEE floating-point arithmetic", ACM TOMS 16 (1990).
// At most 0.52 of the last digit from the number itself.

import { sumRest } from './pairs'
import { LN2_HIGH, LN2_LOW, LOGARITHMS } from './tables'

// The bits of 0.6875: mantissas are taken from there on.
const LOWEST: i64 = 0x3fe6000000000000
const TWO_52: f64 = 4503599627370496

// What `logarithm` found beside the float that it gives, and the sum of the terms of the series from the second on.
let low: f64 = 0

export function floatLn(x: f64): f64 {
  if (!(x > 0 && x < Infinity)) return outside(x)
  const high = logarithm(x, false)
  return high + low
}

function outside(x: f64): f64 {
  return x == 0 ? -Infinity : x > 0 ? x : NaN
}

// The rest of the last logarithm.
// @ts-ignore: decorator
@inline
export function logarithmRest(): f64 {
  return low
}

// The logarithm of a float above 0 as two floats: to 62 bits, to 68 if they shall be `many`.
// @ts-ignore: decorator
@inline
export function logarithm(x: f64, many: boolean): f64 {
  let bits = reinterpret<i64>(x)
  let k: i32 = 0
  if (bits < 0x10000000000000) {
    bits = reinterpret<i64>(x * TWO_52)
    k = -52
  }
  const above = bits - LOWEST
  k += <i32>(above >> 52)
  const entry = LOGARITHMS + <usize>((above >> 45) & 127) * 24
  const z = reinterpret<f64>(bits - (above & 0xfff0000000000000))
  const inverse = load<f64>(entry)
  // Of the mantissa's halves the products with the inverse are exact.
  const half = reinterpret<f64>(reinterpret<i64>(z) & 0xffffffff00000000)
  const major = half * inverse - 1
  const minor = (z - half) * inverse
  const r = major + minor
  const rRest = sumRest(major, minor, r)
  const count = <f64>k
  const base = count * LN2_HIGH + load<f64>(entry, 8)
  const high = base + r
  const r2 = r * r
  const series =
    r * r2 * (0.3333333333333333 - r * 0.25 +
    r2 * (0.2 - r * 0.16666666666666666 + r2 * (0.14285714285714285 - r * 0.125 + r2 * 0.1111111111111111)))
  const rest = sumRest(base, r, high) + (count * LN2_LOW + load<f64>(entry, 16) + rRest)
  if (!many) {
    low = rest + (series - 0.5 * r2)
    return high
  }
  // Half of the square in two parts: of the upper half of r it is exact.
  const upper = reinterpret<f64>(reinterpret<i64>(r) & 0xfffffffff8000000)
  const square = -0.5 * upper * upper
  const total = high + square
  const left = sumRest(high, square, total) + (rest + (series - (0.5 * (r - upper) * (r + upper) + r * rRest)))
  const near = total + left
  low = sumRest(total, left, near)
  return near
}

// The formula of fdlibm's e_log10.c (Copyright 1993 Sun Microsystems, Inc., free to use, copy, modify and
// distribute with this notice), which the C library of PostgreSQL has, with its rounding.
export function floatLog10(x: f64): f64 {
  if (!(x > 0 && x < Infinity)) return outside(x)
  let bits = reinterpret<i64>(x)
  let k: i32 = 0
  if (bits < 0x10000000000000) {
    bits = reinterpret<i64>(x * TWO_52)
    k = -52
  }
  k += <i32>(bits >> 52) - 1023
  const isBelow = k < 0 ? 1 : 0
  const mantissa = reinterpret<f64>((bits & 0xfffffffffffff) | ((<i64>(0x3ff - isBelow)) << 52))
  const count = <f64>(k + isBelow)
  return count * 3.69423907715893078616e-13 + 4.34294481903251816668e-1 * floatLn(mantissa) +
    count * 3.01029995663611771306e-1
}
