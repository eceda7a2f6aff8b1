import { expect, test } from 'vitest'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import { formatDecimal } from '../../../src/data/types/format-values.ts'
import { addNumeric, multiplyNumeric } from '../../../src/data/types/numeric-arithmetic.ts'
import { parseNumeric } from '../../../src/data/types/parse-number.ts'
import type { NumericValue } from '../../../src/data/types/scalar.ts'
import { encodeWideNumeric, wideNumericHeader } from '../../../src/data/types/wide-numeric.ts'
import {
  NUMERIC_SLOT_BYTES,
  readNumericSlot,
  setWideSlot,
  wideBytesOf,
  WideNumerics,
  writeNumericSlot,
} from '../../../src/data/vectors/numeric-slots.ts'
import { arena, below, conformance, heap, kernels, pick, placeText, space } from './bench.ts'
import { randomLong } from './long-numerics.ts'
import { numericWords } from './wide-values.ts'

const OWN_PLACES = -1
const ROUNDS = 1_500
const textOf = ({ unscaled, scale }: NumericValue): string => formatDecimal(unscaled, scale)

/** A number's text in one of its many ways, or something like one. */
function randomSpelling(random: Random): string {
  const plain = textOf(randomLong(random))
  switch (below(random, 8)) {
    case 0:
      return `  ${plain}\t`
    case 1:
      return `${plain}e${below(random, 60) - 30}`
    case 2:
      return plain.replace(/^(-?)0\./, '$1.')
    case 3:
      return plain.startsWith('-') ? plain : `+00${plain}`
    case 4:
      return plain.includes('.') ? plain : `${plain}.`
    case 5:
      return pick(random, ['', '.', '-', '1e', '1..2', '1.2.3', 'NaN', '1 2', 'e5', '1e+', '0x1'])
    default:
      return plain
  }
}

/** What a text says, undefined where it is left to TypeScript. */
function longOfText(source: string): NumericValue | undefined {
  const view = placeText(source)
  const bytes = kernels.call('longTextBytes', view)
  const [slot, target] = [space(NUMERIC_SLOT_BYTES), space(bytes)]
  const own = kernels.call('longOfText', slot, target, view)
  expect(heap.u8[target + bytes], 'bytes behind').toBe(0x5a)
  return own === -1n ? undefined : readNumericSlot(heap, slot)
}

conformance(['longTextBytes', 'longOfText', 'numericTextBytes', 'numericText', 'longFloat'], () => {
  test('texts to numerics', () => {
    const random = seededRandom(41)
    for (let round = 0; round < ROUNDS; round++) {
      const source = randomSpelling(random)
      const found = longOfText(source)
      if (found === undefined) expect(source).not.toMatch(/^[+-]?\d+(\.\d+)?$/)
      else expect(found, source).toEqual(parseNumeric(source))
      arena.release()
    }
  })

  test('numerics to texts', () => {
    const random = seededRandom(42)
    for (let round = 0; round < ROUNDS; round++) {
      const value = randomLong(random)
      const words = numericWords(value)
      const bytes = kernels.call('numericTextBytes', ...words)
      const target = space(bytes)
      const view = kernels.call('numericText', ...words, target)
      const length = Number(view >> 32n)
      expect(length).toBeLessThanOrEqual(bytes)
      const found = Buffer.from(heap.u8.slice(target, target + length)).toString()
      expect(found).toBe(textOf(value))
      arena.release()
    }
  })

  test('the nearest floats', () => {
    const random = seededRandom(43)
    let made = 0
    for (let round = 0; round < 4 * ROUNDS; round++) {
      const value = randomLong(random)
      // Beside a float, and half way to the next one.
      const exact = BigInt(Math.floor(random.next() * 2 ** 53)) * 2n + BigInt(below(random, 2))
      const near = { unscaled: exact * 10n ** 30n + BigInt(below(random, 3) - 1), scale: 30 }
      // Up to the largest floats there are.
      const digits = BigInt(Math.floor(random.next() * 1e15)) + 1n
      const large = { unscaled: digits * 10n ** BigInt(250 + below(random, 45)), scale: 0 }
      for (const each of [value, near, large]) {
        const found = kernels.call('longFloat', space(64), ...numericWords(each), OWN_PLACES)
        if (Number.isNaN(found)) continue
        made++
        expect(found, textOf(each)).toBe(Number(textOf(each)) + 0)
      }
      arena.release()
    }
    expect(made).toBeGreaterThan(5 * ROUNDS)
  })
})

conformance(['longSumBytes', 'longSumInto', 'longHash'], () => {
  test.each([0, 1])('sums of numbers (0) or their squares (1): %i', (isSquare) => {
    const random = seededRandom(44 + isSquare)
    for (let round = 0; round < 60; round++) {
      const wide = new WideNumerics(arena)
      const sum = space(NUMERIC_SLOT_BYTES)
      let expected: NumericValue = { unscaled: 0n, scale: 0 }
      writeNumericSlot(heap, sum, expected, wide)
      for (let row = 0; row < 30; row++) {
        const addend = randomLong(random)
        expected = addNumeric(expected, isSquare === 1 ? multiplyNumeric(addend, addend) : addend)
        const words = numericWords(addend)
        const bytes = kernels.call('longSumBytes', sum, ...words, isSquare)
        const work = space(bytes)
        const room = wideBytesOf(heap.view, sum)
        const answer = kernels.call('longSumInto', sum, ...words, isSquare, work)
        expect(heap.u8[work + bytes], 'bytes behind').toBe(0x5a)
        expect(answer).not.toBe(-1n)
        if (answer !== 0n) {
          const [from, length] = [Number(answer & 0xffff_ffffn), Number(answer >> 32n)]
          expect(length).toBeGreaterThan(room)
          const kept = wide.allocate(length)
          heap.u8.copyWithin(kept, from, from + length)
          setWideSlot(heap.view, sum, kept, wideBytesOf(heap.view, sum))
        }
        expect(readNumericSlot(heap, sum), textOf(addend)).toEqual(expected)
        const own = wideBytesOf(heap.view, sum)
        if (own === 0) continue
        expect(own).toBeGreaterThanOrEqual(wideNumericHeader.bytes)
        const at = heap.view.getUint32(sum, true)
        // A sum has no hash before it is read.
        const read = space(own)
        heap.u8.copyWithin(read, at, at + own)
        kernels.call('longHash', (BigInt(own) << 32n) | BigInt(read))
        expect(heap.u8.slice(read, read + own)).toEqual(encodeWideNumeric(expected))
      }
      arena.release()
    }
  })
})
