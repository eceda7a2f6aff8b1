// The cube root with the bits of the C library that PostgreSQL has: another formula, the nearest float included, would
// differ in every third value. The steps and their numbers are those of glibc 2.36, sysdeps/ieee754/dbl-64/s_cbrt.c
// (a polynomial of degree 6, and one step of Halley's).

const TWO_54: f64 = 18014398509481984

export function floatCbrt(x: f64): f64 {
  const size = abs(x)
  if (!(size > 0 && size < Infinity)) return x
  const isSmall = size < 2.2250738585072014e-308
  const bits = reinterpret<i64>(isSmall ? size * TWO_54 : size)
  // size = m 2^exponent, m from 0.5 to 1
  const exponent = <i32>(bits >> 52) - 1022 - (isSmall ? 54 : 0)
  const m = reinterpret<f64>((bits & 0xfffffffffffff) | 0x3fe0000000000000)
  const u = 0.354895765043919860 + (1.50819193781584896 + (-2.11499494167371287 + (2.44693122563534430 +
    (-1.83469277483613086 + (0.784932344976639262 - 0.145263899385486377 * m) * m) * m) * m) * m) * m
  const cube = u * u * u
  const root = (u * (cube + 2 * m)) / (2 * cube + m) * thirdPower(exponent % 3)
  return copysign<f64>(reinterpret<f64>(reinterpret<i64>(root) + ((<i64>(exponent / 3)) << 52)), x)
}

// 2^(n/3)
function thirdPower(n: i32): f64 {
  if (n == 0) return 1
  if (n > 0) return n == 1 ? 1.2599210498948731648 : 1.5874010519681994748
  return n == -1 ? 1 / 1.2599210498948731648 : 1 / 1.5874010519681994748
}
