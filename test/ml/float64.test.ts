import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { exponentOf, timesPowerOfTwo, totalOfProducts } from '../../src/ml/float64.ts'

test.each([
  [3, 0, 3],
  [1, 1023, 2 ** 1023],
  [2 ** -1074, 2097, 2 ** 1023],
  [2 ** 1023, -2097, 2 ** -1074],
  [-1, 1024, Number.NEGATIVE_INFINITY],
  [1, -1100, 0],
  [0, 5000, 0],
])('%d * 2^%i', (value, exponent, expected) => {
  expect(timesPowerOfTwo(value, exponent)).toBe(expected)
})

test('an exponent takes a number to about 1', () => {
  expect(exponentOf(0)).toBeUndefined()
  for (const value of [1, -3, 1e300, 1e-300, Number.MAX_VALUE, Number.MIN_VALUE]) {
    const scaled = Math.abs(timesPowerOfTwo(value, -exponentOf(value)!))
    expect(scaled).toBeGreaterThanOrEqual(0.5)
    expect(scaled).toBeLessThanOrEqual(2)
  }
})

test('sums of products keep the digits that cancel', () => {
  const factor = fc.integer({ min: -(2 ** 40), max: 2 ** 40 })
  const pairs = fc.array(fc.tuple(factor, factor), { maxLength: 20 })
  fc.assert(
    fc.property(pairs, factor, (some, last) => {
      const all = [...some, ...some.map(([a, b]) => [-a, b] as const), [last, 1] as const]
      expect(totalOfProducts(all) + 0).toBe(last + 0)
    }),
  )
})
