// Inverses of hyperbolic functions by the formulas of fdlibm (s_asinh.c, e_acosh.c, e_atanh.c, s_log1p.c: Copyright 1993
// Sun Microsystems, Inc., free to use, copy, modify and distribute with this notice), with the order of additions that
// the C library of PostgreSQL has.

import { floatLn } from './logarithm'

const LN2: f64 = 6.93147180559945286227e-01
const LN2_HIGH: f64 = 6.93147180369123816490e-01
const LN2_LOW: f64 = 1.90821492927058770002e-10
const TWO_28: f64 = 268435456
const BELOW_28: f64 = 3.725290298461914e-9

export function floatAsinh(x: f64): f64 {
  const size = abs(x)
  if (!(size < Infinity) || size < BELOW_28) return x
  let result: f64
  if (size > TWO_28) result = floatLn(size) + LN2
  else if (size > 2) result = floatLn(2 * size + 1 / (sqrt<f64>(size * size + 1) + size))
  else {
    const square = size * size
    result = logarithm1(size + square / (1 + sqrt<f64>(1 + square)))
  }
  return copysign<f64>(result, x)
}

// Of values below 1 there is none.
export function floatAcosh(x: f64): f64 {
  if (!(x < Infinity)) return x
  if (x < 1) return NaN
  if (x >= TWO_28) return floatLn(x) + LN2
  if (x > 2) return floatLn(2 * x - 1 / (x + sqrt<f64>(x * x - 1)))
  const above = x - 1
  return logarithm1(above + sqrt<f64>(2 * above + above * above))
}

export function floatAtanh(x: f64): f64 {
  const size = abs(x)
  if (!(size < 1)) return size == 1 ? copysign<f64>(Infinity, x) : NaN
  let result: f64
  if (size < 0.5) {
    if (size < BELOW_28) return x
    const twice = size + size
    result = 0.5 * logarithm1(twice + (twice * size) / (1 - size))
  } else result = 0.5 * logarithm1((size + size) / (1 - size))
  return copysign<f64>(result, x)
}

// @ts-ignore: decorator
@inline
function upperWord(x: f64): i32 {
  return <i32>(reinterpret<i64>(x) >> 32)
}

// The logarithm of 1 + x, for x from 0 on.
function logarithm1(x: f64): f64 {
  let k: i32 = 0
  let c: f64 = 0
  let f = x
  let upper: i32 = 1
  // By upper words: below the root of 2, less 1.
  if (upperWord(x) < 0x3fda827a) {
    if (x < 1.862645149230957e-9) return x < 5.551115123125783e-17 ? x : x - x * x * 0.5
  } else {
    let u = x
    if (upperWord(x) < 0x43400000) {
      u = 1 + x
      k = (upperWord(u) >> 20) - 1023
      c = (k > 0 ? 1 - (u - x) : x - (u - 1)) / u
    } else k = (upperWord(u) >> 20) - 1023
    upper = upperWord(u) & 0x000fffff
    const rest = reinterpret<i64>(u) & 0xffffffff
    if (upper < 0x6a09e) u = reinterpret<f64>((<i64>(upper | 0x3ff00000) << 32) | rest)
    else {
      k += 1
      u = reinterpret<f64>((<i64>(upper | 0x3fe00000) << 32) | rest)
      upper = (0x00100000 - upper) >> 2
    }
    f = u - 1
  }
  return seriesOf(f, upper, <f64>k, c)
}

// The logarithm of 2^k (1 + f), c being what is missing of it.
function seriesOf(f: f64, upper: i32, k: f64, c: f64): f64 {
  const half = 0.5 * f * f
  if (upper == 0) {
    if (f == 0) return k == 0 ? 0 : k * LN2_HIGH + (c + k * LN2_LOW)
    const rest = half * (1 - 0.66666666666666666 * f)
    return k == 0 ? f - rest : k * LN2_HIGH - (rest - (k * LN2_LOW + c) - f)
  }
  const s = f / (2 + f)
  const z = s * s
  const z2 = z * z
  const z4 = z2 * z2
  const z6 = z4 * z2
  const r1 = z * 6.666666666666735130e-01
  const r2 = 3.999999999940941908e-01 + z * 2.857142874366239149e-01
  const r3 = 2.222219843214978396e-01 + z * 1.818357216161805012e-01
  const r4 = 1.531383769920937332e-01 + z * 1.479819860511658591e-01
  const r = r1 + z2 * r2 + z4 * r3 + z6 * r4
  if (k == 0) return f - (half - s * (half + r))
  return k * LN2_HIGH - (half - (s * (half + r) + (k * LN2_LOW + c)) - f)
}
