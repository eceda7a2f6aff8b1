import { expect, test } from 'vitest'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import * as reference from '../../../src/wasm/kernels/reference/wide-values.ts'
import {
  below,
  call,
  conformance,
  integers,
  kernels,
  pick,
  placeIntegers,
  placeText,
  randomText,
  signed,
  wide,
} from './bench.ts'

type Words = readonly [bigint, bigint]

export function randomNumeric(random: Random): reference.ReferenceNumeric {
  const unscaled = signed(random, pick(random, [7, 40, 64, 120]))
  // Zeros at the end must not matter.
  const zeros = pick(random, [0, 0, 1, 5])
  const longer = unscaled * 10n ** BigInt(zeros)
  const fits = BigInt.asIntN(120, longer) === longer
  const scale = pick(random, [0, 0, 1, 2, 10, 30]) + (fits ? zeros : 0)
  return { unscaled: fits ? longer : unscaled, scale }
}

export function numericWords({ unscaled, scale }: reference.ReferenceNumeric): Words {
  const bits = BigInt.asUintN(120, unscaled) | (BigInt(scale) << 120n)
  return [BigInt.asIntN(64, bits), BigInt.asIntN(64, bits >> 64n)]
}

export function randomInterval(random: Random): reference.ReferenceInterval {
  const [months, days] = [
    signed(random, pick(random, [7, 32])),
    signed(random, pick(random, [7, 32])),
  ]
  const micros =
    random.next() < 0.4 ? signed(random, 64) : BigInt(below(random, 3) * 86_400_000_000)
  return { months: Number(months), days: Number(days), micros }
}

export function intervalWords({ months, days, micros }: reference.ReferenceInterval): Words {
  return [(BigInt(days) << 32n) | BigInt.asUintN(32, BigInt(months)), micros]
}

function checkPairs<T>(
  seed: number,
  make: (random: Random) => T,
  check: (left: T, right: T) => void,
): void {
  const random = seededRandom(seed)
  for (let round = 0; round < 3_000; round++) {
    const left = make(random)
    check(left, random.next() < 0.2 ? left : make(random))
  }
}

const unsigned = (value: number | bigint): bigint => BigInt.asUintN(64, BigInt(value))

conformance(['numericOrder', 'numericHash', 'numericAddInto'], () => {
  test('numerics', () => {
    checkPairs(1, randomNumeric, (left, right) => {
      const [a, b] = [numericWords(left), numericWords(right)]
      const label = [left, right].map(({ unscaled, scale }) => `${unscaled}e-${scale}`).join()
      expect(call('numericOrder', ...a, ...b), label).toBe(reference.compareNumerics(left, right))
      const hash = unsigned(kernels.call('numericHash', ...a))
      expect(hash, label).toBe(reference.hashNumeric(left))
      const at = placeIntegers(a, 8)
      const overflows = call('numericAddInto', at, ...b)
      const sum = reference.addNumerics(left, right)
      expect(overflows, label).toBe(Number(sum === undefined))
      if (sum !== undefined) expect(integers(at, 8, 2), label).toEqual(numericWords(sum))
    })
  })
})

conformance(['intervalOrder', 'intervalHash', 'intervalAddInto'], () => {
  test('intervals', () => {
    checkPairs(2, randomInterval, (left, right) => {
      const [a, b] = [intervalWords(left), intervalWords(right)]
      const label = [left, right].map((value) => Object.values(value).join(' ')).join()
      expect(call('intervalOrder', ...a, ...b), label).toBe(reference.compareIntervals(left, right))
      const hash = unsigned(kernels.call('intervalHash', ...a))
      expect(hash, label).toBe(reference.hashInterval(left))
      const at = placeIntegers(a, 8)
      const overflows = call('intervalAddInto', at, ...b)
      const sum = reference.addIntervals(left, right)
      expect(overflows, label).toBe(Number(sum === undefined))
      if (sum !== undefined) expect(integers(at, 8, 2), label).toEqual(intervalWords(sum))
    })
  })
})

conformance(['textHash'], () => {
  test('texts', () => {
    const random = seededRandom(3)
    for (let round = 0; round < 2_000; round++) {
      const text = randomText(random, 8)
      const hash = unsigned(kernels.call('textHash', placeText(text)))
      expect(hash, text).toBe(reference.hashText(Buffer.from(text)))
    }
  })
})

conformance(['decimal_multiply_high'], () => {
  test('products', () => {
    const random = seededRandom(4)
    for (let round = 0; round < 5_000; round++) {
      const [a, b] = [signed(random, 1 + below(random, 127)), wide(random, below(random, 127))]
      const [x, y] = random.next() < 0.5 ? [a, b] : [-b, a]
      const words = [x, x >> 64n, y, y >> 64n].map((word) => BigInt.asIntN(64, word))
      const product = reference.multiplyDecimals(x, y)
      const expected = product === undefined ? -(2n ** 63n) : product >> 64n
      expect(kernels.call('decimal_multiply_high', ...words), `${x} * ${y}`).toBe(expected)
    }
  })
})
