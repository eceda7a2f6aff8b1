import { describe, expect, test } from 'vitest'
import { integerOf } from '../../../src/data/types/long-digits.ts'
import { nearestSingle } from '../../../src/data/types/nearest-single.ts'

describe('integerOf', () => {
  const cases: readonly (readonly [string, bigint])[] = [
    ['0', 0n],
    ['-7', -7n],
    ['+7', 7n],
    ['9223372036854775807', 2n ** 63n - 1n],
    [`-${'0'.repeat(1_000)}42`, -42n],
    ['0'.repeat(1_000), 0n],
    [`+${'0'.repeat(60)}${'9'.repeat(40)}`, 10n ** 40n - 1n],
  ]
  test.each(cases)('%s', (text, expected) => {
    expect(integerOf(text)).toBe(expected)
  })

  test('of more digits than anything holds reads no more of them than that', () => {
    expect(integerOf('9'.repeat(50_000_000))).toBeGreaterThanOrEqual(10n ** 39n)
    expect(integerOf(`-${'1'.repeat(50_000_000)}`)).toBeLessThanOrEqual(-(10n ** 39n))
  })
})

describe('the nearest float of 32 bits to millions of digits', () => {
  // The tie between 1 and the float above it, and what decides it behind any digit that is kept.
  const tie = '1.000000059604644775390625'
  const next = 1 + 2 ** -23
  const cases: readonly (readonly [string, number])[] = [
    [`${tie}${'0'.repeat(3_000_000)}`, 1],
    [`${tie}${'0'.repeat(3_000_000)}1`, next],
    [`-${tie}${'0'.repeat(3_000_000)}1`, -next],
    [`${'0'.repeat(3_000_000)}${tie}`, 1],
    [`0.${'0'.repeat(2_000)}${tie.replace('.', '')}${'0'.repeat(2_000)}1e2001`, next],
    [`16777217${'0'.repeat(2_000)}e-2000`, 16_777_216],
    [`16777217${'0'.repeat(2_000)}1e-2001`, 16_777_218],
  ]
  test.each(cases)('%#', (text, expected) => {
    expect(nearestSingle(text)).toBe(expected)
  })
})
