// What most numerics of 16 bytes take: a float near one, and sums of those of 64 bits.
import { POWERS } from './limbs'

// The unscaled value's upper word.
@inline function upperOf(hi: i64): i64 {
  return (hi << 8) >> 8
}

// Powers of ten that floats have exactly, as so many scales.
const FLOAT_POWERS: usize = memory.data<f64>([
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
  1e19, 1e20, 1e21, 1e22,
])
const FLOAT_POWER_MAX: u64 = 22
// A bit and four roundings, of numbers above 2^63, and of two of them.
export const NEAR_ERROR: f64 = 1e-15

// A float near a numeric; NaN for one of more digits behind the point.
@inline export function nearFloat(lo: u64, hi: i64): f64 {
  const places = <u64>hi >> 56
  if (places > FLOAT_POWER_MAX) return NaN
  // Floats are quickly made of what has a sign. Of numbers of 64 bits below 0 the upper word would take all digits away.
  const upper = upperOf(hi)
  const isShort = upper == <i64>lo >> 63
  const long = <f64>upper * 18446744073709551616.0 + <f64><i64>(lo >> 1) * 2
  const whole = isShort ? <f64><i64>lo : long
  return whole / load<f64>(FLOAT_POWERS + (<usize>places << 3))
}

// What numbers of 64 bits are at most so that their sum is one, too.
const ADDEND_MAX: f64 = 4e18
const SHORT_SCALE_MAX: u64 = 18

// Sum of numerics of 64 bits, `addend` being the second's or its opposite, in locals; false: they are not of so many bits.
@inline export function sumShort(target: usize, aLow: u64, aHigh: i64, addend: u64, bHigh: i64, bLow: u64): bool {
  const aScale = <u64>aHigh >> 56
  const bScale = <u64>bHigh >> 56
  if (upperOf(aHigh) != <i64>aLow >> 63 || upperOf(bHigh) != <i64>bLow >> 63) return false
  if (aScale > SHORT_SCALE_MAX || bScale > SHORT_SCALE_MAX) return false
  const places = max(aScale, bScale)
  const aUnit = load<i64>(POWERS + (<usize>(places - aScale) << 4))
  const bUnit = load<i64>(POWERS + (<usize>(places - bScale) << 4))
  const a = <i64>aLow
  const b = <i64>addend
  if (abs(<f64>a * <f64>aUnit) > ADDEND_MAX || abs(<f64>b * <f64>bUnit) > ADDEND_MAX) return false
  const sum = a * aUnit + b * bUnit
  store<i64>(target, sum)
  store<i64>(target, ((sum >> 63) & 0x00ff_ffff_ffff_ffff) | (<i64>places << 56), 8)
  return true
}
