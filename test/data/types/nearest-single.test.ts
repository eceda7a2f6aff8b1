import { expect, test } from 'vitest'
import { int8, numeric, text, type DataType } from '../../../src/data/types/data-type.ts'
import { nearestSingle } from '../../../src/data/types/nearest-single.ts'
import { castScalar } from '../../../src/functions/cast-scalar.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'

const MAX = 2 ** 128 - 2 ** 104
const TIE_BELOW_INFINITY = 340282356779733661637539395458142568448n

// Floats of 32 bits have 24 binary digits.
const cases: readonly (readonly [string, number])[] = [
  ['0', 0],
  ['-0', -0],
  ['0.1', Math.fround(0.1)],
  ['16777217', 16_777_216],
  ['16777217.0000000000000001', 16_777_218],
  ['16777219', 16_777_220],
  ['16777218.9999999999999999', 16_777_218],
  ['1.000000178813934326', 1 + 2 ** -23],
  ['1.0000001788139343262', 1 + 2 ** -22],
  ['-1.000000178813934326', -1 - 2 ** -23],
  ['1.000000178813934326e0', 1 + 2 ** -23],
  ['10000001788139343261e-19', 1 + 2 ** -23],
  ['7.00649232162408535e-46', 0],
  ['7.00649232162408536e-46', 2 ** -149],
  ['1e-400', 0],
  [String(TIE_BELOW_INFINITY), Infinity],
  [String(TIE_BELOW_INFINITY - 1n), MAX],
  [String(1n - TIE_BELOW_INFINITY), -MAX],
  ['1e39', Infinity],
  ['1e400', Infinity],
]

test.each(cases)('%s is nearest to %d', (source, expected) => {
  expect(nearestSingle(source)).toBe(expected)
})

const casts: readonly (readonly [string, Scalar, DataType, number])[] = [
  ['text', '1.000000178813934326', text, 1 + 2 ** -23],
  ['numeric', { unscaled: 1000000178813934326n, scale: 18 }, numeric, 1 + 2 ** -23],
  ['int8', 2n ** 60n + 2n ** 36n + 1n, int8, 2 ** 60 + 2 ** 37],
]

test.each(casts)('a cast of %s rounds once', (_, value, from, expected) => {
  expect(castScalar(value!, from, { kind: 'float4' })).toBe(expected)
})
