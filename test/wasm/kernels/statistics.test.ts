import { afterEach, describe, expect, test } from 'vitest'
import { assert } from '../../../src/base/assert.ts'
import { seededRandom } from '../../../src/base/world.ts'
import { Arena } from '../../../src/data/arenas/arena.ts'
import { Heap } from '../../../src/data/arenas/heap.ts'
import { decimal, int2, int4, int8 } from '../../../src/data/types/data-type.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import { vectorFromScalars } from '../../../src/data/vectors/from-scalars.ts'
import { scalarsOf } from '../../../src/data/vectors/column-scalars.ts'
import type { ColumnStatistics, Layout } from '../../../src/data/vectors/vector.ts'
import { loadKernels } from '../../../src/wasm/kernels/loader.ts'
import {
  convertLayout,
  isIntegerLayout,
  narrowestLayout,
} from '../../../src/wasm/kernels/narrow.ts'
import {
  estimateDistinct,
  gatherStatistics,
  mergeStatistics,
} from '../../../src/wasm/kernels/statistics.ts'

const heap = new Heap(Heap.createMemory(1 << 28))
const kernels = loadKernels(heap)
const arena = new Arena(heap)
afterEach(() => {
  arena.release()
  expect(heap.bytesInUse).toBe(0)
})

describe('gatherStatistics', () => {
  const orders: readonly (readonly [string, readonly Scalar[], boolean])[] = [
    ['equal values ascend', [1, 1, 1], true],
    ['NULLs aside', [1, null, 2, null, 3], true],
    ['a fall at the end', [...Array.from({ length: 200 }, (_, i) => i), 198], false],
    ['a fall at the beginning', [1, 0, ...Array.from({ length: 200 }, (_, i) => i)], false],
    ['negative numbers', [-3, -2, -1, 0], true],
  ]
  test.each(orders)('order: %s', (_, scalars, ascending) => {
    const vector = vectorFromScalars(arena, int4, scalars)
    expect(gatherStatistics(heap, kernels, vector).ascending).toBe(ascending)
  })
})

describe('the estimate of distinct values', () => {
  const cases = [
    { rows: 100_000, distinct: 3 },
    { rows: 100_000, distinct: 500 },
    { rows: 100_000, distinct: 5_000 },
    { rows: 100_000, distinct: 100_000 },
  ]
  test.each(cases)('$distinct of $rows', ({ rows, distinct }) => {
    const random = seededRandom(5)
    const scalars = Array.from({ length: rows }, (_, row) =>
      distinct === rows ? row * 7919 : Math.floor(random.next() * distinct) * 7919,
    )
    const estimate = gatherStatistics(
      heap,
      kernels,
      vectorFromScalars(arena, int4, scalars),
    ).distinct
    expect(estimate).toBeGreaterThan(distinct / 2)
    expect(estimate).toBeLessThan(distinct * 2)
  })

  test('never over the rows or the range', () => {
    expect(estimateDistinct(4096, 4096, 50_000)).toBe(50_000)
    expect(estimateDistinct(10, 10, 10)).toBe(10)
    expect(estimateDistinct(0, 0, 10)).toBe(0)
    const bytes = Array.from({ length: 70_000 }, (_, row) => row % 100)
    expect(gatherStatistics(heap, kernels, vectorFromScalars(arena, int2, bytes)).distinct).toBe(
      100,
    )
  })
})

describe('the narrowest layout', () => {
  const cases: readonly (readonly [string, readonly Scalar[], Layout])[] = [
    ['i8 bounds', [-128n, 127n], 'i8'],
    ['over i8', [-129n, 0n], 'i16'],
    ['over i16', [32_768n, 0n], 'i32'],
    ['over i32', [2n ** 31n, 0n], 'i64'],
    ['all NULL', [null, null], 'i8'],
    ['a NULL beside', [null, 5n, 40_000n], 'i32'],
  ]
  test.each(cases)('%s', (_, scalars, layout) => {
    for (const type of [int8, decimal(10, 2), decimal(38, 0)]) {
      const vector = vectorFromScalars(arena, type, scalars)
      const statistics = gatherStatistics(heap, kernels, vector)
      const { layout: widest } = vector
      assert(isIntegerLayout(widest), 'an integer')
      expect(narrowestLayout(statistics, widest)).toBe(layout)
      const narrowed = convertLayout(arena, kernels, vector, layout)
      expect(scalarsOf(heap, narrowed)).toEqual(scalars)
    }
  })
})

test('statistics of pieces put together', () => {
  const piece = (min: bigint, max: bigint, distinct: number): ColumnStatistics => ({
    min,
    max,
    nullCount: 1,
    distinct,
    ascending: true,
  })
  const apart = mergeStatistics(piece(1n, 10n, 10), piece(11n, 20n, 10))
  expect(apart).toEqual({ min: 1n, max: 20n, nullCount: 2, distinct: 20, ascending: true })
  const same = mergeStatistics(piece(1n, 10n, 10), piece(1n, 10n, 10))
  expect(same).toEqual({ min: 1n, max: 10n, nullCount: 2, distinct: 10, ascending: false })
})
