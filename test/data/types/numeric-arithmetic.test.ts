import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  integerSqrt,
  leadingDigit,
  powerOfTen,
} from '../../../src/data/types/numeric-arithmetic.ts'

const zeros = (count: number): string => '0'.repeat(count)

/** Around powers of two and ten, where doubles round across them. */
const nearPowers = fc
  .tuple(fc.constantFrom(2n, 10n), fc.nat(400), fc.bigInt(-3n, 3n))
  .map(([base, exponent, beside]) => base ** BigInt(exponent) + beside)
const positive = fc
  .oneof(nearPowers, fc.bigInt(1n, 1n << 1_200n))
  .map((value) => (value < 1n ? 1n : value))

describe('numeric arithmetic', () => {
  test.each([0, 1, 511, 512, 2_000, 3])('10 ^ %i', (exponent) => {
    expect(powerOfTen(exponent).toString()).toBe(`1${zeros(exponent)}`)
  })

  test('a root is the largest whose square is not above', () => {
    fc.assert(
      fc.property(positive, fc.bigInt(-1n, 1n), (value, beside) => {
        for (const radicand of [value, value * value + beside]) {
          const root = integerSqrt(radicand)
          expect(root * root <= radicand && radicand < (root + 1n) * (root + 1n)).toBe(true)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('the first digit in base 10000 is what the text says', () => {
    fc.assert(
      fc.property(positive, fc.nat(50), fc.boolean(), (magnitude, scale, isNegative) => {
        const unscaled = isNegative ? -magnitude : magnitude
        const digits = magnitude.toString().padStart(scale + 1, '0')
        const point = digits.length - scale
        const whole = digits.slice(0, point)
        const aligned = zeros((4 - (whole.length % 4)) % 4) + whole
        const groups = `${aligned}${digits.slice(point)}${zeros(3)}`.match(/\d{4}/g) ?? []
        const first = groups.findIndex((group) => Number(group) > 0)
        const weight = aligned.length / 4 - 1 - first
        expect(leadingDigit({ unscaled, scale })).toEqual({ weight, digit: BigInt(groups[first]!) })
      }),
      { numRuns: 2_000 },
    )
  })
})
