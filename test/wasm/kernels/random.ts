import { expect, test } from 'vitest'
import { seededRandom } from '../../../src/base/world.ts'
import { UUID_BOUNDS } from '../../../src/data/types/uuid.ts'
import { floatsOfSeeds, uuidOfRandom } from '../../../src/wasm/kernels/reference/random.ts'
import { call, conformance, heap, placeIntegers, signed, zeros } from './bench.ts'

const counts = [0, 1, 2, 1_024]

conformance(['randomFloats'], () => {
  test.each(counts)('%i floats', (count) => {
    const random = seededRandom(count)
    for (const [first, second] of [
      [0n, 1n],
      [-1n, -1n],
      [signed(random, 64), signed(random, 64)],
    ] as const) {
      const target = zeros(8 * count)
      call('randomFloats', target, count, first, second)
      const made = Array.from({ length: count }, (_, at) =>
        heap.view.getFloat64(target + 8 * at, true),
      )
      expect(made).toEqual(floatsOfSeeds(count, first, second))
    }
  })
})

conformance(['randomUuids'], () => {
  test.each(counts)('%i uuids', (count) => {
    const random = seededRandom(count)
    const words = Array.from({ length: 2 * count }, () => signed(random, 64))
    const target = placeIntegers(words, 8)
    call('randomUuids', target, count)
    for (let at = 0; at < count; at++) {
      const [low, high] = [0, 8].map((more) => heap.view.getBigInt64(target + 16 * at + more, true))
      const value = (high! << 64n) | BigInt.asUintN(64, low!)
      expect((value - UUID_BOUNDS.min).toString(16).padStart(32, '0')).toBe(
        uuidOfRandom(words[2 * at]!, words[2 * at + 1]!),
      )
    }
  })
})
