import { expect, test } from 'vitest'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import * as reference from '../../../src/wasm/kernels/reference/wide-values.ts'
import {
  encodeWideNumeric,
  INLINE_SCALE_MAX,
  isInlineNumeric,
} from '../../../src/data/types/wide-numeric.ts'
import {
  NUMERIC_SLOT_BYTES,
  WideNumerics,
  writeNumericSlot,
} from '../../../src/data/vectors/numeric-slots.ts'
import {
  arena,
  below,
  call,
  conformance,
  heap,
  integers,
  kernels,
  pick,
  placeIntegers,
  placeText,
  randomText,
  signed,
  space,
  wide,
} from './bench.ts'

type Words = readonly [bigint, bigint]

export function randomNumeric(random: Random): reference.ReferenceNumeric {
  const unscaled = signed(random, pick(random, [7, 40, 64, 120]))
  const scale = pick(random, [0, 0, 1, 2, 10, 30])
  // Zeros at the end must not matter.
  const zeros = pick(random, [0, 0, 1, 5])
  return { unscaled: unscaled * 10n ** BigInt(zeros), scale: scale + zeros }
}

/** Values that need bytes of their own among others, and the same values in either form. */
function randomWideNumeric(random: Random): reference.ReferenceNumeric {
  const { unscaled, scale } = randomNumeric(random)
  const zeros = pick(random, [0, 30, 250, 400])
  const longer = unscaled * 10n ** BigInt(zeros)
  switch (pick(random, [0, 1, 2, 3])) {
    case 0:
      return { unscaled: longer, scale: scale + zeros }
    case 1:
      return { unscaled: longer, scale }
    case 2:
      return { unscaled: longer + 1n, scale: scale + zeros }
    default:
      return { unscaled, scale: scale + zeros }
  }
}

export function numericWords({ unscaled, scale }: reference.ReferenceNumeric): Words {
  const slot = space(NUMERIC_SLOT_BYTES)
  writeNumericSlot(heap, slot, { unscaled, scale }, () => new WideNumerics(arena))
  const [low = 0n, high = 0n] = integers(slot, 8, 2)
  return [low, high]
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
      const fits = sum !== undefined && isInlineNumeric(left) && isInlineNumeric(right)
      expect(overflows, label).toBe(Number(!fits))
      if (fits) expect(integers(at, 8, 2), label).toEqual(numericWords(sum))
    })
  })
})

conformance(['numericOrder', 'numericHash', 'numericAddInto'], () => {
  test('numerics of any size', () => {
    checkPairs(5, randomWideNumeric, (left, right) => {
      const [a, b] = [numericWords(left), numericWords(right)]
      const label = [left, right].map(({ unscaled, scale }) => `${unscaled}e-${scale}`).join()
      const order = reference.compareNumerics(left, right)
      expect(call('numericOrder', ...a, ...b), label).toBe(order)
      const [x, y] = [a, b].map((words) => unsigned(kernels.call('numericHash', ...words)))
      if (order === 0) expect(x, label).toBe(y)
      const at = placeIntegers(a, 8)
      const sum = reference.addNumerics(left, right)
      const stays = isInlineNumeric(left) && isInlineNumeric(right)
      const fits = sum !== undefined && sum.scale <= INLINE_SCALE_MAX
      if (!stays) expect(call('numericAddInto', at, ...b), label).toBe(1)
      else expect(call('numericAddInto', at, ...b), label).toBe(Number(!fits))
    })
  })
})

conformance(['numericFromDecimal'], () => {
  test('decimals of 36 to 38 digits', () => {
    const random = seededRandom(6)
    for (let round = 0; round < 3_000; round++) {
      const zeros = 10n ** BigInt(pick(random, [0, 1, 2, 3, 17, 34]))
      const top = pick(random, [10n ** 36n, 10n ** 37n, 10n ** 38n])
      const drawn = BigInt.asUintN(128, signed(random, 128)) % (top - 1n)
      const unscaled = ((drawn > 2n ** 119n ? drawn : 2n ** 119n) / zeros) * zeros
      const value = unscaled < 2n ** 119n ? top - zeros : unscaled
      const scale = below(random, 39)
      const signedValue = random.next() < 0.5 ? value : -value
      const at = space(48)
      const args = [BigInt.asIntN(64, signedValue), signedValue >> 64n] as const
      const bytes = call('numericFromDecimal', at, ...args, scale)
      const expected = encodeWideNumeric({ unscaled: signedValue, scale })
      expect(heap.u8.slice(at, at + Number(bytes)), `${signedValue}e-${scale}`).toEqual(expected)
    }
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

conformance(['decimalMultiplyHigh'], () => {
  test('products', () => {
    const random = seededRandom(4)
    for (let round = 0; round < 5_000; round++) {
      const [a, b] = [signed(random, 1 + below(random, 127)), wide(random, below(random, 127))]
      const [x, y] = random.next() < 0.5 ? [a, b] : [-b, a]
      const word = (value: bigint): bigint => BigInt.asIntN(64, value)
      const words = [word(x), word(x >> 64n), word(y), word(y >> 64n)] as const
      const product = reference.multiplyDecimals(x, y)
      const expected = product === undefined ? -(2n ** 63n) : product >> 64n
      expect(kernels.call('decimalMultiplyHigh', ...words), `${x} * ${y}`).toBe(expected)
    }
  })
})
