// Numbers of two floats, the second of which is what the first leaves out (T. J. Dekker, "A floating-point technique for
// extending the available precision"): about 32 digits. Functions leave their result in `high` and `low`.

import { productRest } from '../floats/pairs'

export let high: f64 = 0
export let low: f64 = 0

// @ts-ignore: decorator
@inline
export function take(value: f64, rest: f64): void {
  high = value + rest
  low = rest - (high - value)
}

export function add(a: f64, aLow: f64, b: f64, bLow: f64): void {
  const sum = a + b
  const part = sum - a
  const rest = a - (sum - part) + (b - part)
  take(sum, rest + (aLow + bLow))
}

export function multiply(a: f64, aLow: f64, b: f64, bLow: f64): void {
  const product = a * b
  take(product, productRest(a, b, product) + (a * bLow + aLow * b))
}

export function divide(a: f64, aLow: f64, b: f64, bLow: f64): void {
  const quotient = a / b
  const product = quotient * b
  const rest = a - product - productRest(quotient, b, product) + aLow - quotient * bLow
  take(quotient, rest / b)
}

// A magnitude of 116 bits.
export function ofWords(lower: u64, upper: u64): void {
  add(<f64>upper * 18446744073709551616.0, 0, <f64>(lower >> 32) * 4294967296, 0)
  add(high, low, <f64>(lower & 0xffffffff), 0)
}

export function negate(): void {
  high = -high
  low = -low
}
