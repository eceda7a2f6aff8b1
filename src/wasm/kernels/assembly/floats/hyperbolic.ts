// Hyperbolic functions by the formulas of fdlibm (e_sinh.c, e_cosh.c, s_tanh.c, s_expm1.c: Copyright 1993 Sun
// Microsystems, Inc., free to use, copy, modify and distribute with this notice), with the order of additions that the
// C library of PostgreSQL has: these are up to two of the last digit off, and off alike.

import { floatExp } from './exponential'

// From here on the smaller of e^x and e^-x is nothing beside the other.
const FAR: f64 = 22
// Half of ln 2, as the formulas compare it: by its upper word.
const HALF_LN2: f64 = 0.3465735912322998
// The logarithm of the largest float, by its upper word, and where half of e^x is no float.
const LARGEST: f64 = 709.7822265625
const OVERFLOWS: f64 = 710.4758600739439

export function floatSinh(x: f64): f64 {
  const size = abs(x)
  const half = x < 0 ? -0.5 : 0.5
  if (!(size < FAR)) return size < Infinity ? half * 2 * halfExponential(size) : x
  if (size < 3.725290298461914e-9) return x
  const t = exponentialLess1(size)
  return size < 1 ? half * (2 * t - (t * t) / (t + 1)) : half * (t + t / (t + 1))
}

export function floatCosh(x: f64): f64 {
  const size = abs(x)
  if (!(size < FAR)) return size < Infinity ? halfExponential(size) : size
  if (size >= HALF_LN2) {
    const t = floatExp(size)
    return 0.5 * t + 0.5 / t
  }
  if (size < 2.7755575615628914e-17) return 1
  const t = exponentialLess1(size)
  const sum = 1 + t
  return 1 + (t * t) / (sum + sum)
}

// Half of e^x for x from 22 on.
function halfExponential(x: f64): f64 {
  if (x < LARGEST) return 0.5 * floatExp(x)
  if (x > OVERFLOWS) return Infinity
  const root = floatExp(0.5 * x)
  return 0.5 * root * root
}

export function floatTanh(x: f64): f64 {
  const size = abs(x)
  if (!(size < FAR)) return x != x ? x : copysign<f64>(1, x)
  if (size < 2.7755575615628914e-17) return x
  let z: f64
  if (size >= 1) {
    z = 1 - 2 / (exponentialLess1(2 * size) + 2)
  } else {
    const t = exponentialLess1(-2 * size)
    z = -t / (t + 2)
  }
  return x < 0 ? -z : z
}

const LN2_HIGH: f64 = 6.93147180369123816490e-01
const LN2_LOW: f64 = 1.90821492927058770002e-10

// e^x - 1 for x from -2 to 44.
function exponentialLess1(given: f64): f64 {
  const size = abs(given)
  let x = given
  let c: f64 = 0
  let k: i32 = 0
  if (size >= HALF_LN2) {
    // By upper words: below 1.5 ln 2
    k = size < 1.0397205352783203 ? (x < 0 ? -1 : 1) : <i32>(1.44269504088896338700 * x + (x < 0 ? -0.5 : 0.5))
    const high = x - <f64>k * LN2_HIGH
    const low = <f64>k * LN2_LOW
    x = high - low
    c = high - x - low
  } else if (size < 5.551115123125783e-17) return x
  const half = 0.5 * x
  const square = x * half
  const square2 = square * square
  const r1 = 1 + square * -3.33333333333331316428e-02
  const r2 = 1.58730158725481460165e-03 + square * -7.93650757867487942473e-05
  const r3 = 4.00821782732936239552e-06 + square * -2.01099218183624371326e-07
  const r = r1 + square2 * r2 + square2 * square2 * r3
  const t = 3 - r * half
  const e = square * ((r - t) / (6 - x * t))
  if (k == 0) return x - (x * e - square)
  return less1(x, x * (e - c) - c - square, k)
}

// 2^k e^x - 1, where x - e is e^x - 1.
function less1(x: f64, e: f64, k: i32): f64 {
  if (k == -1) return 0.5 * (x - e) - 0.5
  if (k == 1) return x < -0.25 ? -2 * (e - (x + 0.5)) : 1 + 2 * (x - e)
  if (k <= -2 || k > 56) return scaled(1 - (e - x), k) - 1
  const small = reinterpret<f64>((<i64>(0x3ff - k)) << 52)
  if (k < 20) return scaled(1 - small - (e - x), k)
  return scaled(x - (e + small) + 1, k)
}

// @ts-ignore: decorator
@inline
function scaled(x: f64, k: i32): f64 {
  return reinterpret<f64>(reinterpret<i64>(x) + ((<i64>k) << 52))
}
