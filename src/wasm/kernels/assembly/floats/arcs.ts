// Arc functions: a table of the values at i/128 and of the series around each. At most 0.51 of the last digit from the
// number itself.

import { ARCSINES, ARCTANGENTS } from './arc-tables'
import { productRest, sumRest } from './pairs'
import { HALF_PI, HALF_PI_REST } from './tables'

const ENTRY_BYTES: usize = 80

// What `arc` found beside the float that it gives.
let low: f64 = 0

// The value of a table's function for a number from 0 to 1 and the rest of it.
// @ts-ignore: decorator
@inline
function arc(table: usize, x: f64, rest: f64): f64 {
  const count = nearest<f64>(x * 128)
  const entry = table + <usize><i32>count * ENTRY_BYTES
  const d = x - count * 0.0078125
  const d2 = d * d
  const slope = load<f64>(entry, 16)
  const second = d * (load<f64>(entry, 24) + d * load<f64>(entry, 32) +
    d2 * (load<f64>(entry, 40) + d * load<f64>(entry, 48) +
    d2 * (load<f64>(entry, 56) + d * load<f64>(entry, 64) + d2 * load<f64>(entry, 72))))
  const value = load<f64>(entry)
  const high = value + d
  low = sumRest(value, d, high) + (load<f64>(entry, 8) + (d * slope + (d * second + rest * (1 + slope + second))))
  return high
}

// Twice the arc sine of the root of (1 - x) / 2, for x from 1/2 to 1: the arc cosine.
// @ts-ignore: decorator
@inline
function fromRoot(x: f64): f64 {
  const square = (1 - x) * 0.5
  const root = sqrt(square)
  const product = root * root
  const rest = root == 0 ? 0 : (square - product - productRest(root, root, product)) / (root + root)
  const high = 2 * arc(ARCSINES, root, rest)
  low *= 2
  return high
}

export function floatAsin(x: f64): f64 {
  const size = abs(x)
  if (!(size <= 1)) return NaN
  if (size <= 0.5) {
    const high = arc(ARCSINES, size, 0)
    return copysign<f64>(high + low, x)
  }
  const twice = fromRoot(size)
  const high = HALF_PI - twice
  return copysign<f64>(high + (sumRest(HALF_PI, -twice, high) + (HALF_PI_REST - low)), x)
}

export function floatAcos(x: f64): f64 {
  const size = abs(x)
  if (!(size <= 1)) return NaN
  if (size <= 0.5) {
    const high = arc(ARCSINES, size, 0)
    const sign = x < 0 ? 1.0 : -1.0
    const sum = HALF_PI + sign * high
    return sum + (sumRest(HALF_PI, sign * high, sum) + (HALF_PI_REST + sign * low))
  }
  const twice = fromRoot(size)
  if (x > 0) return twice + low
  const sum = 2 * HALF_PI - twice
  return sum + (sumRest(2 * HALF_PI, -twice, sum) + (2 * HALF_PI_REST - low))
}

export function floatAtan(x: f64): f64 {
  const size = abs(x)
  if (!(size > 1)) return copysign<f64>(arc(ARCTANGENTS, size, 0) + low, x)
  if (size > 1e17) return copysign<f64>(HALF_PI, x)
  const inverse = 1 / size
  const product = inverse * size
  const part = arc(ARCTANGENTS, inverse, (1 - product - productRest(inverse, size, product)) * inverse)
  const high = HALF_PI - part
  return copysign<f64>(high + (sumRest(HALF_PI, -part, high) + (HALF_PI_REST - low)), x)
}

// Beyond these quotients an angle is a multiple of pi/2, or the quotient.
const FAR: f64 = 1e18
const HUGE: f64 = 1e290
const TINY: f64 = 1e-200
const TWO_500: f64 = 3.273390607896142e150

// The angle of a point; NaN where a coordinate is not finite.
export function floatAtan2(y: f64, x: f64): f64 {
  const up = abs(y)
  const aside = abs(x)
  if (!(up < Infinity && aside < Infinity)) return NaN
  // Of two zeros the sign of x tells, too.
  if (up == 0 && aside == 0) return copysign<f64>(reinterpret<i64>(x) < 0 ? 2 * HALF_PI : 0, y)
  if (up > aside * FAR) return copysign<f64>(HALF_PI, y)
  if (aside > up * FAR) return copysign<f64>(x < 0 ? 2 * HALF_PI : up / aside, y)
  return copysign<f64>(angle(up, aside, x < 0), y)
}

// The angle of a point above the axis; of points that lie left, their distance aside is given.
function angle(y: f64, x: f64, isLeft: boolean): f64 {
  const isSteep = y > x
  const longer = isSteep ? y : x
  const scale = longer > HUGE ? 1 / TWO_500 : longer < TINY ? TWO_500 : 1
  const long = longer * scale
  const short = (isSteep ? x : y) * scale
  const inverse = 1 / long
  const slope = short * inverse
  const product = slope * long
  const part = arc(ARCTANGENTS, slope, (short - product - productRest(slope, long, product)) * inverse)
  if (!isSteep && !isLeft) return part + low
  const turns = isSteep ? 1.0 : 2.0
  const sign = isSteep && isLeft ? 1.0 : -1.0
  const base = turns * HALF_PI
  const high = base + sign * part
  return high + (sumRest(base, sign * part, high) + (turns * HALF_PI_REST + sign * low))
}
