import { expect, test } from 'vitest'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import {
  absolute,
  addNumeric,
  divideNumeric,
  divisionScale,
  multiplyNumeric,
  negateNumeric,
  powerOfTen,
  quotientAt,
  sqrtAt,
} from '../../../src/data/types/numeric-arithmetic.ts'
import type { NumericValue } from '../../../src/data/types/scalar.ts'
import { isInlineNumeric } from '../../../src/data/types/wide-numeric.ts'
import { WORKSPACE_BYTES } from '../../../src/functions/inline.ts'
import { arena, call, conformance, heap, integers, pick, signed, space } from './bench.ts'
import {
  NUMERIC_SLOT_BYTES,
  WideNumerics,
  writeNumericSlot,
} from '../../../src/data/vectors/numeric-slots.ts'
import { addNumerics } from '../../../src/wasm/kernels/reference/wide-values.ts'
import { numericWords, randomNumeric } from './wide-values.ts'

/** A value near powers of ten and of ten thousand, where the number of digits changes, or anywhere. */
function randomExact(random: Random): NumericValue {
  const digits = pick(random, [1, 4, 5, 9, 10, 18, 19, 20, 30, 36, 38])
  const near = [powerOfTen(digits) - 1n, powerOfTen(digits), powerOfTen(digits - 1) + 1n]
  const drawn = signed(random, pick(random, [3, 14, 31, 32, 33, 63, 64, 65, 96, 119, 126]))
  const unscaled = random.next() < 0.3 ? pick(random, near) : drawn
  const scale = pick(random, [0, 0, 1, 2, 4, 10, 16, 30])
  return { unscaled: random.next() < 0.3 ? -unscaled : unscaled, scale }
}

type Given = readonly [low: bigint, high: bigint, places: number]

/** The value as two words and its places, or as a numeric where it can be one. */
function given(random: Random, value: NumericValue): Given {
  if (isInlineNumeric(value) && random.next() < 0.5) return [...slotWords(value), -1]
  return [BigInt.asIntN(64, value.unscaled), value.unscaled >> 64n, value.scale]
}

function slotWords(value: NumericValue): readonly [bigint, bigint] {
  const slot = space(NUMERIC_SLOT_BYTES)
  writeNumericSlot(heap, slot, value, () => new WideNumerics(arena))
  const [low = 0n, high = 0n] = integers(slot, 8, 2)
  return [low, high]
}

const shown = ({ unscaled, scale }: NumericValue): string => `${unscaled}e-${scale}`
const LIMIT = powerOfTen(38)
const isShort = ({ unscaled }: NumericValue): boolean => absolute(unscaled) < LIMIT

/** The kernel's answer where it has one, which it must have for results that fit. */
function expectResult(
  answer: number | bigint,
  work: number,
  expected: NumericValue,
  mustAnswer: boolean,
  label: string,
): void {
  const behind = heap.u8.slice(work + WORKSPACE_BYTES, work + WORKSPACE_BYTES + 64)
  expect(
    behind.every((byte) => byte === 0x5a),
    `workspace of ${label}`,
  ).toBe(true)
  if (Number(answer) !== 0) return expect(mustAnswer, `left: ${label}`).toBe(false)
  expect(integers(work, 8, 2), label).toEqual(slotWords(expected))
}

function randomPowerOfTen(random: Random): NumericValue {
  const power = powerOfTen(pick(random, [0, 1, 2, 3, 6, 9, 11, 20]))
  return { unscaled: pick(random, [power, -power]), scale: pick(random, [0, 1, 2, 5, 16]) }
}

conformance(['exactQuotient'], () => {
  test('quotients', () => {
    const random = seededRandom(1)
    for (let round = 0; round < 9_000; round++) {
      const left = randomExact(random)
      // By ten to a power quotients are found otherwise.
      const right = round % 3 === 0 ? randomPowerOfTen(random) : randomExact(random)
      const work = space(WORKSPACE_BYTES)
      const answer = call('exactQuotient', work, ...given(random, left), ...given(random, right))
      const label = `${shown(left)} / ${shown(right)}`
      if (right.unscaled === 0n) {
        expect(answer, label).toBe(2)
        continue
      }
      const expected = divideNumeric(left, right)
      const shift = expected.scale + right.scale - left.scale
      const must = [left, right].every(isShort) && isInlineNumeric(expected) && shift <= 140
      expectResult(answer, work, expected, must, label)
    }
  })
})

conformance(['exactSpread'], () => {
  test('variances and their roots', () => {
    const random = seededRandom(2)
    for (let round = 0; round < 4_000; round++) {
      const scale = pick(random, [0, 0, 1, 2, 6, 12])
      const bits = pick(random, [2, 8, 20, 31, 40, 55])
      const count = pick(random, [2, 3, 4, 10, 100])
      const spread = pick(random, [1n, 3n, 2n ** BigInt(bits)])
      const center = signed(random, bits)
      const values = Array.from({ length: count }, (): NumericValue => {
        return { unscaled: center + (signed(random, bits) % spread), scale }
      })
      const sum = values.reduce(addNumeric)
      const squares = values.map((value) => multiplyNumeric(value, value)).reduce(addNumeric)
      const n = { unscaled: BigInt(count), scale: 0 }
      const kind = pick(random, [0, 1, 2, 3])
      const rest = addNumeric(multiplyNumeric(n, squares), negateNumeric(multiplyNumeric(sum, sum)))
      const by = { unscaled: BigInt(count * ((kind & 1) === 0 ? count : count - 1)), scale: 0 }
      const places = divisionScale(rest, by)
      const variance = { unscaled: quotientAt(rest, by, places), scale: places }
      const expected =
        rest.unscaled === 0n
          ? { unscaled: 0n, scale: 0 }
          : (kind & 2) === 0
            ? variance
            : sqrtAt(variance, places)
      const work = space(WORKSPACE_BYTES)
      const sums = [...given(random, sum), ...given(random, squares)] as const
      const answer = call('exactSpread', work, ...sums, BigInt(count), kind)
      const label = `${kind}: ${count} values, ${shown(sum)}, ${shown(squares)}`
      const must = isShort(rest) && isInlineNumeric(expected) && places <= 60
      expectResult(answer, work, expected, must, label)
    }
  })
})

conformance(['numericAddSquareInto'], () => {
  test('sums of squares', () => {
    const random = seededRandom(3)
    for (let round = 0; round < 3_000; round++) {
      const [sum, value] = [randomNumeric(random), randomNumeric(random)]
      if (!isInlineNumeric(sum)) continue
      const slot = space(NUMERIC_SLOT_BYTES)
      writeNumericSlot(heap, slot, sum, () => new WideNumerics(arena))
      const left = call('numericAddSquareInto', slot, ...numericWords(value))
      const square = multiplyNumeric(value, value)
      const total = addNumerics(sum, square)
      const label = `${shown(sum)} + (${shown(value)})²`
      const fits = isInlineNumeric(square) && absolute(value.unscaled) < 2n ** 59n
      if (Number(left) !== 0) expect(fits && total !== undefined, label).toBe(false)
      else expect(integers(slot, 8, 2), label).toEqual(slotWords(total!))
    }
  })
})
