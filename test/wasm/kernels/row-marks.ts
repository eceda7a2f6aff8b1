import { expect, test } from 'vitest'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import * as reference from '../../../src/wasm/kernels/reference/row-marks.ts'
import {
  arena,
  below,
  bytesAt,
  call,
  conformance,
  place,
  placeBits,
  placeIntegers,
  space,
  wide,
} from './bench.ts'

const counts = [1, 15, 16, 17, 100, 512, 513, 1600]
const widths = [1, 2, 4, 8]

function someMarks(random: Random, count: number): boolean[] {
  return Array.from({ length: count }, () => random.next() < 0.8)
}

function placed(marks: readonly boolean[]): number {
  return place(marks.map(Number))
}

function marksAt(at: number, count: number): boolean[] {
  return [...bytesAt(at, count)].map((byte) => byte === 1)
}

function signed(random: Random, bytes: number): bigint {
  const bits = 1 + below(random, bytes * 8)
  return BigInt.asIntN(bytes * 8, BigInt.asIntN(bits, wide(random, bits)))
}

conformance(['marksWithin', 'marksOfNulls'], () => {
  test.each(widths)('integers of %i bytes', (bytes) => {
    const random = seededRandom(bytes)
    for (const count of counts) {
      for (let round = 0; round < 20; round++) {
        const [a, b] = [signed(random, bytes), signed(random, bytes)]
        const [low, high] = a < b ? [a, b] : [b, a]
        const near = [low, high, low - 1n, high + 1n].map((value) =>
          BigInt.asIntN(bytes * 8, value),
        )
        const values = Array.from(
          { length: count },
          () => near[below(random, 6)] ?? signed(random, bytes),
        )
        const before = someMarks(random, count)
        const marks = placed(before)
        call('marksWithin', placeIntegers(values, bytes), bytes, count, low, high, marks)
        const after = reference.within(before, values, low, high)
        expect(marksAt(marks, count), `${count} from ${low} to ${high}`).toEqual(after)
        const valid = someMarks(random, count)
        const keeps = round % 2
        call('marksOfNulls', marks, placed(before), placeBits(valid), count, keeps)
        const expected = reference.ofNulls(after, before, valid, keeps === 1)
        expect(marksAt(marks, count)).toEqual(expected)
      }
      arena.release()
    }
  })
})

conformance(['marksByCode'], () => {
  test.each([1, 2, 4])('codes of %i bytes', (bytes) => {
    const random = seededRandom(bytes)
    for (const count of counts) {
      const flags = someMarks(random, bytes === 1 ? 256 : 700)
      const codes = Array.from({ length: count }, () => below(random, flags.length))
      const before = someMarks(random, count)
      const marks = placed(before)
      call(
        'marksByCode',
        placeIntegers(codes.map(BigInt), bytes),
        bytes,
        count,
        placed(flags),
        marks,
      )
      expect(marksAt(marks, count)).toEqual(reference.byCode(before, codes, flags))
      arena.release()
    }
  })
})

conformance(['marksByRank'], () => {
  test.each(widths)('integers of %i bytes', (bytes) => {
    const random = seededRandom(bytes)
    for (const count of counts) {
      const first = signed(random, bytes)
      const span = BigInt(below(random, 300))
      const keys = new Set<bigint>()
      for (let i = 0; i < 100; i++) keys.add(first + BigInt(below(random, Number(span) + 1)))
      const words = Array.from({ length: Number(span / 64n) + 1 }, () => 0n)
      for (const key of keys) {
        const place = key - first
        const word = Number(place / 64n)
        words[word] = words[word]! | (1n << (place % 64n))
      }
      const ranks = placeIntegers(
        words.flatMap((word) => [word, wide(random, 32)]),
        8,
      )
      const values = Array.from({ length: count }, () =>
        random.next() < 0.7
          ? BigInt.asIntN(bytes * 8, first + BigInt(below(random, 400) - 50))
          : signed(random, bytes),
      )
      const before = someMarks(random, count)
      const marks = placed(before)
      call('marksByRank', placeIntegers(values, bytes), bytes, count, ranks, first, span, marks)
      expect(marksAt(marks, count)).toEqual(reference.byKeys(before, values, keys))
      arena.release()
    }
  })
})

conformance(['markedBlocks'], () => {
  test('blocks of 512 rows', () => {
    const random = seededRandom(1)
    for (const count of [...counts, 5_000]) {
      for (const share of [0, 0.001, 0.5]) {
        const marks = Array.from({ length: count }, () => random.next() < share)
        const blocks = Math.ceil(count / 512)
        const target = space(blocks)
        call('markedBlocks', placed(marks), count, target)
        expect(marksAt(target, blocks)).toEqual(reference.blocksOf(marks))
      }
      arena.release()
    }
  })
})
