// Numbers of 320 bits behind the point, of which tables of floats are made and tested.

const BITS = 320n
export const ONE = 1n << BITS

export const times = (left: bigint, right: bigint): bigint => (left * right) >> BITS
export const over = (left: bigint, right: bigint): bigint => (left << BITS) / right
export const ratio = (numerator: number, denominator: number): bigint =>
  over(BigInt(numerator), BigInt(denominator))

export function root(value: bigint): bigint {
  const square = value << BITS
  let guess = 1n << BigInt((square.toString(2).length >> 1) + 1)
  for (;;) {
    const next = (guess + square / guess) >> 1n
    if (next >= guess) return guess
    guess = next
  }
}

/** The value of a float, exactly where it has no bits further behind. */
export function ofFloat(value: number): bigint {
  let [mantissa, shift] = [value, 0n]
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2
    shift++
  }
  return (BigInt(mantissa) << BITS) >> shift
}

/** The float that is nearest; of those so small that they have fewer bits, one of two. */
export function nearest(value: bigint): number {
  const size = value < 0n ? -value : value
  // Number() rounds to nearest, ties to even.
  const excess = BigInt(Math.max(0, size.toString(2).length - 100))
  const sticky = size & ((1n << excess) - 1n) ? 1n : 0n
  const near = Number((size >> excess) | sticky) * 2 ** Number(excess - BITS)
  return value < 0n ? -near : near
}

/** Adds the terms of a series until one is nothing. */
function summed(first: bigint, next: (term: bigint, index: bigint) => bigint): bigint {
  let [sum, term, index] = [0n, first, 1n]
  while (term !== 0n && term !== -1n) {
    sum += term
    term = next(term, index++)
  }
  return sum
}

/** The sum of x^k / k over odd k, with turning signs or without: arc tangents of x or i x. */
function oddSeries(x: bigint, sign: bigint): bigint {
  const square = sign * times(x, x)
  let sum = 0n
  let power = x
  for (let odd = 1n; power !== 0n && power !== -1n; odd += 2n) {
    sum += power / odd
    power = times(power, square)
  }
  return sum
}

export function arctangent(x: bigint): bigint {
  if (x < 0n) return -arctangent(-x)
  if (x > ONE) return HALF_PI - arctangent(over(ONE, x))
  if (x > ONE >> 4n) return 2n * arctangent(over(x, ONE + root(ONE + times(x, x))))
  return oddSeries(x, -1n)
}

const tangentOf = (denominator: number): bigint => oddSeries(ratio(1, denominator), -1n)
/** By Machin's formula. */
export const HALF_PI = 2n * (4n * tangentOf(5) - tangentOf(239))
export const LN2 = 2n * oddSeries(ratio(1, 3), 1n)

export function arcsine(x: bigint): bigint {
  if (x === ONE) return HALF_PI
  if (x === -ONE) return -HALF_PI
  return arctangent(over(x, root(ONE - times(x, x))))
}

export const sine = (x: bigint): bigint =>
  summed(x, (term, k) => -times(times(term, x), x) / (2n * k * (2n * k + 1n)))

export const cosine = (x: bigint): bigint =>
  summed(ONE, (term, k) => -times(times(term, x), x) / ((2n * k - 1n) * 2n * k))

/** e^x for x of few units. */
export const exponential = (x: bigint): bigint => summed(ONE, (term, k) => times(term, x) / k)

export function logarithm(x: bigint): bigint {
  const doublings = BigInt(x.toString(2).length) - 1n - BITS
  const mantissa = doublings >= 0n ? x >> doublings : x << -doublings
  return doublings * LN2 + 2n * oddSeries(over(mantissa - ONE, mantissa + ONE), 1n)
}
