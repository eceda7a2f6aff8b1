import { exponentOf, timesPowerOfTwo } from './float64.ts'

/** Ways to change slopes that change no prediction. */
export interface Freedom {
  /** By way, what it adds to each slope. */
  readonly change: readonly (readonly number[])[]
  /** A feature is 2^exponent of its own units. */
  readonly exponents: readonly number[]
  /** Of the features in the units of the slopes. */
  readonly sizes: readonly number[]
  /** A way's part of so small a share is rounding. */
  readonly least: number
}

/**
 * Of all slopes that predict the same, those of which the coefficients, in the features' own units,
 * have the least sum of squares: what lies in the ways to change them is taken off. (Golub & Van Loan,
 * Matrix Computations, section 5.5, with the null space made orthogonal by Gram-Schmidt, twice.)
 */
export function ofLeastNorm(slopes: readonly number[], freedom: Freedom): number[] {
  const result = [...slopes]
  const { exponents } = freedom
  const basis = orthonormal(
    freedom.change.map((way) => cleaned(way, freedom)),
    exponents,
  )
  const common = sharedExponent(slopes, exponents)
  for (const values of basis) {
    const own = result.map((value, i) => timesPowerOfTwo(value, -exponents[i]! - common))
    const share = dot(own, values)
    // In the slopes' units, so that what a way has no part of stays as it is.
    values.forEach((value, i) => {
      if (value !== 0) result[i]! -= timesPowerOfTwo(share * value, exponents[i]! + common)
    })
  }
  return result
}

function cleaned(way: readonly number[], { sizes, least }: Freedom): number[] {
  const largest = Math.max(...way.map((value, i) => Math.abs(value) * sizes[i]!))
  return way.map((value, i) => (Math.abs(value) * sizes[i]! > least * largest ? value : 0))
}

/** In own units, each of length 1. */
function orthonormal(
  ways: readonly (readonly number[])[],
  exponents: readonly number[],
): readonly (readonly number[])[] {
  const found: (readonly number[])[] = []
  for (const way of ways) {
    const common = sharedExponent(way, exponents)
    let values = way.map((value, i) => timesPowerOfTwo(value, -exponents[i]! - common))
    for (let pass = 0; pass < 2; pass++) {
      for (const before of found) {
        const share = dot(values, before)
        values = values.map((value, i) => value - share * before[i]!)
      }
      const length = Math.sqrt(dot(values, values))
      if (!(length > 0)) break
      values = values.map((value) => value / length)
    }
    found.push(values)
  }
  return found
}

/** What takes the largest of values, in own units, to about 1. */
function sharedExponent(values: readonly number[], exponents: readonly number[]): number {
  const all = values.map((value, i) => (exponentOf(value) ?? -Infinity) - exponents[i]!)
  const largest = Math.max(...all)
  return Number.isFinite(largest) ? largest : 0
}

function dot(left: readonly number[], right: readonly number[]): number {
  return left.reduce((sum, value, i) => sum + value * right[i]!, 0)
}
