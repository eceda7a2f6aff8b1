import { uuidOfBytes } from '../../../src/data/types/uuid.ts'
import { expect, test } from 'vitest'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import * as reference from '../../../src/wasm/kernels/reference/parquet.ts'
import {
  arena,
  below,
  bitsAt,
  bytesAt,
  call,
  conformance,
  integers,
  pick,
  place,
  placeBits,
  placeIntegers,
  randomText,
  signed,
  space,
  words,
} from './bench.ts'

const counts = [0, 1, 7, 8, 9, 100]

function randomBits(random: Random, count: number): boolean[] {
  const density = pick(random, [0, 0.5, 1])
  return Array.from({ length: count }, () => random.next() < density)
}

/** Texts by their offsets, from a base on. */
function textsAt(offsets: number, base: number, count: number): string[] {
  const ends = words(offsets, count + 1)
  return Array.from({ length: count }, (_, row) =>
    Buffer.from(bytesAt(base + ends[row]!, ends[row + 1]! - ends[row]!)).toString(),
  )
}

function offsetsOf(texts: readonly string[]): readonly number[] {
  return reference.offsetsOf(
    texts.map((text) => Buffer.byteLength(text)),
    0,
    Infinity,
  )!
}

conformance(['bitsSpread', 'parquetSpreadOffsets'], () => {
  test('values of rows that are not NULL', () => {
    const random = seededRandom(1)
    for (const count of counts.flatMap((each) => [each, each, each, each])) {
      const valid = randomBits(random, count)
      const packed = valid.filter(Boolean).map(() => random.next() < 0.5)
      const target = space(count)
      call('bitsSpread', placeBits(packed), placeBits(valid), count, target)
      expect(bitsAt(target, count)).toEqual(reference.spread(packed, valid, false))

      const texts = packed.map(() => randomText(random))
      const offsets = space(4 * count + 4)
      const source = placeIntegers(offsetsOf(texts), 4)
      call('parquetSpreadOffsets', source, placeBits(valid), count, offsets)
      expect(words(offsets, count + 1)).toEqual(offsetsOf(reference.spread(texts, valid, '')))
    }
  })
})

conformance(['parquetLengthsToOffsets', 'parquetFixedOffsets', 'parquetMoveOffsets'], () => {
  test('offsets', () => {
    const random = seededRandom(2)
    for (let round = 0; round < 500; round++) {
      const count = pick(random, counts)
      const lengths = Array.from({ length: count }, () => below(random, 50))
      const shape = below(random, 4)
      if (shape === 0 && count > 0) {
        lengths[below(random, count)] = pick(random, [-1, 2 ** 31 - 1, -(2 ** 31)])
      }
      const [base, bytesMax] = [below(random, 1_000), pick(random, [2 ** 31 - 1, 2_000])]
      const offsets = space(4 * count + 4)
      const sum = call(
        'parquetLengthsToOffsets',
        placeIntegers(lengths, 4),
        count,
        base,
        offsets,
        bytesMax,
      )
      const expected = reference.offsetsOf(lengths, base, bytesMax)
      expect(sum, lengths.join()).toBe(expected === undefined ? -1 : expected.at(-1)! - base)
      if (expected !== undefined) expect(words(offsets, count + 1)).toEqual(expected)

      const width = below(random, 40)
      call('parquetFixedOffsets', base, width, count, offsets)
      const fixed = reference.offsetsOf(
        lengths.map(() => width),
        base,
        Infinity,
      )!
      expect(words(offsets, count + 1)).toEqual(fixed)
      const moved = space(4 * count)
      call('parquetMoveOffsets', offsets, count, -base, moved)
      expect(words(moved, count)).toEqual(fixed.slice(0, count).map((offset) => offset - base))
    }
  })
})

conformance(['parquetFrontCodedBytes', 'parquetFrontCoded'], () => {
  test('texts that begin as the one before', () => {
    const random = seededRandom(3)
    for (let round = 0; round < 500; round++) {
      const suffixes = Array.from({ length: pick(random, counts) }, () =>
        'suffix'.slice(below(random, 7)),
      )
      let before = 0
      const prefixes = suffixes.map((suffix) => {
        const isWrong = random.next() < 0.005
        const prefix = isWrong ? pick(random, [-1, before + 1]) : below(random, before + 1)
        before = prefix + suffix.length
        return prefix
      })
      const bytesMax = pick(random, [2 ** 31 - 1, 500])
      const lengths = suffixes.map((suffix) => suffix.length)
      const list = [placeIntegers(prefixes, 4), placeIntegers(lengths, 4), suffixes.length] as const
      const total = call('parquetFrontCodedBytes', ...list, bytesMax)
      const expected = reference.frontCoded(prefixes, suffixes, bytesMax)
      expect(total, prefixes.join()).toBe(expected === undefined ? -1 : expected.join('').length)
      if (expected === undefined) continue
      const [offsets, base] = [space(4 * suffixes.length + 4), space(total + 8)]
      const source = place(Buffer.from(suffixes.join('')))
      const end = call('parquetFrontCoded', ...list, source, offsets, base, base + 8)
      expect(end - base).toBe(total + 8)
      expect(textsAt(offsets, base, suffixes.length)).toEqual(expected)
    }
  })
})

conformance(['parquetGatherText', 'parquetGatherTextBytes', 'parquetCodesBelow'], () => {
  test.each([1, 2, 4])('codes of %i bytes', (codeBytes) => {
    const random = seededRandom(codeBytes)
    for (const count of counts) {
      const entries = Array.from({ length: 1 + below(random, 50) }, () => randomText(random, 9))
      const numbers = Array.from({ length: count }, () => below(random, entries.length))
      const expected = reference.gather(numbers, entries)
      const [codes, ends] = [
        placeIntegers(numbers, codeBytes),
        placeIntegers(offsetsOf(entries), 4),
      ]
      expect(call('parquetCodesBelow', codes, codeBytes, count, entries.length)).toBe(1)
      const most = Math.max(-1, ...numbers)
      expect(call('parquetCodesBelow', codes, codeBytes, count, most)).toBe(Number(count === 0))
      const bytes = call('parquetGatherTextBytes', codes, codeBytes, count, ends)
      expect(bytes).toBe(Buffer.byteLength(expected.join('')))
      const [offsets, target] = [space(4 * count + 4), space(bytes)]
      const source = [codes, codeBytes, count, ends, place(Buffer.from(entries.join('')))] as const
      const end = call('parquetGatherText', ...source, offsets, target, target, target + bytes)
      expect(end).toBe(target + bytes)
      expect(textsAt(offsets, target, count)).toEqual(expected)
      if (bytes > 0) {
        const room = [offsets, target, target, target + bytes - 1] as const
        expect(call('parquetGatherText', ...source, ...room)).toBe(0)
      }
    }
  })
})

conformance(['parquetUnsigned32', 'parquetUnsigned64', 'parquetWiden128'], () => {
  test('wider integers', () => {
    const random = seededRandom(5)
    for (const [kernel, from, to, isSigned] of [
      ['parquetUnsigned32', 4, 8, false],
      ['parquetUnsigned64', 8, 16, false],
      ['parquetWiden128', 4, 16, true],
      ['parquetWiden128', 8, 16, true],
    ] as const) {
      for (const count of counts) {
        const values = Array.from({ length: count }, () => signed(random, 8 * from))
        const [source, target] = [placeIntegers(values, from), space(to * count)]
        if (isSigned) call(kernel, source, from, count, target)
        else call(kernel, source, count, target)
        const expected = values.map((value) => (isSigned ? value : BigInt.asUintN(8 * from, value)))
        expect(integers(target, to, count, isSigned)).toEqual(expected)
      }
    }
  })
})

conformance(['parquetScaleUp', 'parquetWithin128'], () => {
  test('multiples, and whether values are within a limit', () => {
    const random = seededRandom(6)
    for (let round = 0; round < 1_000; round++) {
      const bits = pick(random, [7, 40, 64])
      const values = Array.from({ length: below(random, 8) }, () => signed(random, bits))
      const factor = pick(random, [1n, 10n, 1_000n, 1_000_000n, 10n ** 18n])
      const at = placeIntegers(values, 8)
      const fits = call('parquetScaleUp', at, values.length, factor)
      const expected = reference.scaleUp(values, factor)
      // The smallest number of 64 bits itself may be refused.
      const isEdge = expected?.includes(-(2n ** 63n)) === true
      if (!isEdge) expect(fits, `${values.join()} * ${factor}`).toBe(Number(expected !== undefined))
      if (fits === 1) expect(integers(at, 8, values.length)).toEqual(expected)

      const wide = values.map((value) => value * 2n ** BigInt(below(random, 64)))
      const limit = 10n ** BigInt(1 + below(random, 38)) - 1n
      const words = [BigInt.asIntN(64, limit), limit >> 64n]
      const within = call('parquetWithin128', placeIntegers(wide, 16), wide.length, ...words)
      const isWithin = wide.every((value) => value <= limit && value >= -limit)
      expect(within, `${wide.join()} within ${limit}`).toBe(Number(isWithin))
    }
  })
})

conformance(['parquetVariableDecimals'], () => {
  test('numbers of any length', () => {
    const random = seededRandom(7)
    for (let round = 0; round < 1_000; round++) {
      const numbers = Array.from({ length: below(random, 5) }, () => {
        const lead = pick(random, [0, 255, below(random, 256)])
        const length = below(random, 20)
        return Uint8Array.from({ length }, (_, i) => (i < length - 9 ? lead : below(random, 256)))
      })
      const lengths = numbers.map(({ length }) => length)
      const offsets = placeIntegers(reference.offsetsOf(lengths, 0, Infinity)!, 4)
      const values = numbers.map((bytes) => reference.bigEndian(bytes))
      for (const stored of [8, 16]) {
        const target = space(16 * numbers.length)
        const source = [place(Buffer.concat(numbers)), offsets, numbers.length] as const
        const fits = call('parquetVariableDecimals', ...source, target, stored)
        const expected = values.every((value) => BigInt.asIntN(8 * stored, value) === value)
        expect(fits, numbers.join(' ')).toBe(Number(expected))
        if (expected) expect(integers(target, stored, numbers.length)).toEqual(values)
      }
      if (round % 100 === 0) arena.release()
    }
  })
})

conformance(['parquetUuids'], () => {
  test('UUIDs', () => {
    const random = seededRandom(8)
    const bytes = Uint8Array.from({ length: 16 * 20 }, () => below(random, 256))
    const target = space(16 * 20)
    call('parquetUuids', place(bytes), 20, target)
    const found = Array.from({ length: 20 }, (_, row) => {
      const view = new DataView(bytesAt(target + 16 * row, 16).slice().buffer)
      return (view.getBigInt64(8, true) << 64n) | view.getBigUint64(0, true)
    })
    const expected = found.map((_, row) => uuidOfBytes(bytes, 16 * row))
    expect(found).toEqual(expected)
  })
})
