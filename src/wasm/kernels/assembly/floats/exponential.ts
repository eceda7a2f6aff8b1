// e^x by a table of 2^(i/128): P. T. P. Tang, "Table-driven implementation of the exponential function in IEEE
// floating-point arithmetic", ACM TOMS 15 (1989). At most 0.51 of the last digit from the number itself.

import { sumRest } from './pairs'
import { LN2_128_HIGH, LN2_128_LOW, POWERS } from './tables'

// 128 / ln 2
const STEPS: f64 = 184.6649652337873

export function floatExp(x: f64): f64 {
  return exponential(x, 0)
}

// e^(x + rest), where the rest is what a float is less than; Infinity and 0 where no float is so large or small.
export function exponential(x: f64, rest: f64): f64 {
  if (!(abs(x) < 746)) return x > 0 ? Infinity : x < 0 ? 0 : NaN
  const step = nearest<f64>(x * STEPS)
  const whole = x - step * LN2_128_HIGH
  const part = step * LN2_128_LOW
  const near = whole - part
  const left = whole - near - part + rest
  const r = near + left
  const r2 = r * r
  const k = <i32>step
  const entry = POWERS + ((k & 127) << 4)
  const power = load<f64>(entry)
  const tail =
    (sumRest(near, left, r) + load<f64>(entry, 8)) +
    r2 * (0.5 + r * 0.16666666666666666 + r2 * (0.041666666666666664 + r * 0.008333333333333333))
  const change = power * (r + tail)
  const n = k >> 7
  if (n > -1020 && n < 1023) return scaled(power + change, n)
  return atTheEnds(power, change, n)
}

// A number from 1 to 2 times 2^n, of any float that has all digits.
// @ts-ignore: decorator
@inline
function scaled(x: f64, n: i32): f64 {
  return reinterpret<f64>(reinterpret<i64>(x) + ((<i64>n) << 52))
}

function atTheEnds(power: f64, change: f64, n: i32): f64 {
  if (n > 1024) return Infinity
  if (n >= 1023) return scaled(power + change, n - 2) * 4
  // Rounded once, to the digits that so small a float has: 1 has as many behind the point.
  const sum = power + change
  const down = scaled(1, n + 1022)
  const small = sum * down
  const rounded = 1 + small
  const left = sumRest(1, small, rounded) + sumRest(power, change, sum) * down
  return small >= 1 ? small * 2.2250738585072014e-308 : (rounded + left - 1) * 2.2250738585072014e-308
}
