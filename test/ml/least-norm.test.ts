import { expect, test } from 'vitest'
import { ofLeastNorm } from '../../src/ml/least-norm.ts'

interface Case {
  readonly slopes: readonly number[]
  readonly change: readonly (readonly number[])[]
  readonly exponents: readonly number[]
  readonly expected: readonly number[]
}

const cases: readonly Case[] = [
  { slopes: [2, 0], change: [[1, -1]], exponents: [0, 0], expected: [1, 1] },
  // The second feature is the double of the first: [a, b] with a + 2 b = 5.
  { slopes: [5, 0], change: [[2, -1]], exponents: [0, 0], expected: [1, 2] },
  // The same, with the second in units of 2.
  { slopes: [5, 0], change: [[1, -1]], exponents: [0, 1], expected: [1, 4] },
  {
    slopes: [3, 0, 0],
    change: [
      [1, -1, 0],
      [1, 0, -1],
    ],
    exponents: [900, 900, 900],
    expected: [1, 1, 1],
  },
  // A way has no part of a feature of another size, but for rounding.
  { slopes: [2, 0, 7], change: [[1, -1, 1e-17]], exponents: [0, 0, -990], expected: [1, 1, 7] },
]

test.each(cases)('$slopes in $exponents without $change', (one) => {
  const { slopes, exponents, expected } = one
  const sizes = slopes.map(() => 1)
  const found = ofLeastNorm(slopes, { change: one.change, exponents, sizes, least: 1e-13 })
  found.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 12))
})
