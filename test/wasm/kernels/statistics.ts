import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../../src/base/world.ts'
import {
  referenceBounds,
  referenceSum,
  referenceStatistics,
} from '../../../src/wasm/kernels/reference/statistics.ts'
import { gatherStatistics } from '../../../src/wasm/kernels/statistics.ts'
import { chunkOfEverything } from '../../data/arrow/random-chunks.ts'
import {
  arena,
  below,
  call,
  conformance,
  heap,
  integers,
  kernels,
  pick,
  placeBits,
  placeIntegers,
  signed,
  space,
  words,
  zeros,
} from './bench.ts'

conformance(['integerBounds', 'wideBounds'], () => {
  test.each([1, 2, 4, 8, 16])('integers of %i bytes', (bytes) => {
    const random = seededRandom(bytes)
    for (const count of [1, 2, 64, 65, 80, 500]) {
      for (let round = 0; round < 30; round++) {
        const nullShare = pick(random, [0, 0.3, 1])
        const any = Array.from({ length: count }, () => signed(random, 8 * bytes))
        const order = any.toSorted((a, b) => (a < b ? -1 : Number(a > b)))
        const values = round % 3 === 0 ? any : order
        if (round % 3 === 1) values[below(random, count)] = any[0]!
        const valid = values.map(() => random.next() >= nullShare)
        const validity = nullShare > 0 ? placeBits(valid) : 0
        const out = space(64)
        const at = placeIntegers(values, bytes)
        if (bytes === 16) call('wideBounds', at, count, validity, out)
        else call('integerBounds', at, bytes, count, validity, out)
        const half = bytes === 16 ? 16 : 8
        const [min, max] = integers(out, half, 2)
        const [known, ascends] = words(out + 2 * half, 2)
        const expected = referenceBounds(
          values.map((value, row) => (valid[row]! ? value : undefined)),
        )
        const found = { min, max, count: known, ascending: ascends === 1 }
        if (expected.count > 0) expect(found).toEqual(expected)
        else expect([known, ascends]).toEqual([0, 1])
      }
      arena.release()
    }
  })
})

conformance(['integerSum'], () => {
  test.each([1, 2, 4])('integers of %i bytes', (bytes) => {
    const random = seededRandom(bytes + 10)
    const least = -(1n << BigInt(8 * bytes - 1))
    for (const count of [0, 1, 2, 15, 16, 17, 100, 1_024, 5_000]) {
      const any = Array.from({ length: count }, () => signed(random, 8 * bytes))
      for (const values of [any, any.map(() => least), any.map(() => -1n - least)]) {
        const sum = kernels.call('integerSum', placeIntegers(values, bytes), bytes, count)
        expect(BigInt(sum)).toBe(referenceSum(values))
      }
    }
    arena.release()
  })
})

conformance(['sampleDistinct'], () => {
  test.each([1, 2, 4, 8, 16])('all rows of %i bytes', (bytes) => {
    const random = seededRandom(bytes + 20)
    for (const count of [1, 7, 300]) {
      for (let round = 0; round < 20; round++) {
        const bits = pick(random, [2, 8 * bytes])
        const values = Array.from({ length: count }, () => signed(random, bits))
        const valid = values.map(() => random.next() < 0.8)
        const mask = 1_023
        const at = placeIntegers(values, bytes)
        const args = [at, 0, bytes, count, placeBits(valid), 1, zeros(8 * mask + 8), mask] as const
        const found = BigInt(kernels.call('sampleDistinct', ...args))
        const known = values.filter((_, row) => valid[row])
        expect(found).toBe((BigInt(known.length) << 32n) | BigInt(new Set(known).size))
      }
      arena.release()
    }
  })
})

describe('gatherStatistics equals its reference', () => {
  test.each([0, 1, 7, 63, 64, 65, 1000])('%d rows of every type and layout', (rows) => {
    for (let seed = 0; seed < 20; seed++) {
      const { chunk } = chunkOfEverything(arena, seededRandom(seed), rows)
      for (const vector of chunk.columns) {
        const { distinct, ...exact } = referenceStatistics(heap, vector)
        const found = gatherStatistics(heap, kernels, vector)
        expect(found, `seed ${seed}, ${vector.layout}`).toMatchObject(exact)
        const coded = vector.dictionary?.length ?? Infinity
        const isCounted = coded <= vector.length - found.nullCount
        expect(found.distinct, vector.layout).toBe(isCounted ? coded : distinct)
      }
    }
  })
})
