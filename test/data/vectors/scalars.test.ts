import { describe, expect, test } from 'vitest'
import { Arena } from '../../../src/data/arenas/arena.ts'
import { Heap } from '../../../src/data/arenas/heap.ts'
import * as types from '../../../src/data/types/data-type.ts'
import type { DataType } from '../../../src/data/types/data-type.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import { vectorFromScalars } from '../../../src/data/vectors/from-scalars.ts'
import { scalarsOf } from '../../../src/data/vectors/column-scalars.ts'
import { scalarAt } from '../../../src/data/vectors/to-scalars.ts'
import { address } from '../../../src/data/vectors/vector.ts'

const cases: readonly (readonly [string, DataType, readonly Scalar[]])[] = [
  ['bool', types.bool, [true, false, null, true, false, false, true, true, true, null]],
  ['int2', types.int2, [-32_768, 0, null, 32_767]],
  ['int4', types.int4, [-2_147_483_648, 2_147_483_647, null]],
  ['int8', types.int8, [-(2n ** 63n), 2n ** 63n - 1n, null, 0n]],
  ['float4', types.float4, [Math.fround(0.1), -0, NaN, null]],
  ['float8', types.float8, [0.1, -0, Infinity, NaN, null]],
  ['decimal of 64 bits', types.decimal(15, 2), [-123_456n, null, 99n]],
  ['decimal of 128 bits', types.decimal(38, 4), [-(10n ** 37n), 10n ** 37n, -1n, null]],
  [
    'numeric',
    types.numeric,
    [{ unscaled: -15n, scale: 1 }, null, { unscaled: 10n ** 35n, scale: 30 }],
  ],
  [
    'numeric of many digits',
    types.numeric,
    [
      { unscaled: 10n ** 131_071n, scale: 0 },
      null,
      { unscaled: -(10n ** 400n) - 1n, scale: 400 },
      { unscaled: 0n, scale: 16_383 },
      { unscaled: 1n, scale: 255 },
      { unscaled: -(2n ** 119n), scale: 3 },
      { unscaled: 2n ** 119n - 1n, scale: 254 },
      { unscaled: 70n, scale: 16_383 },
    ],
  ],
  ['date', types.date, [-719_528, 0, null, 20_000]],
  ['timestamp', types.timestamp, [-1n, 1_700_000_000_000_000n, null]],
  ['interval', types.interval, [{ months: -1, days: 2, micros: -3n }, null]],
  ['text', types.text, ['', 'naïve', null, '日本', 'x'.repeat(100)]],
  ['bytea', types.bytea, [new Uint8Array([0, 255]), null, new Uint8Array(0)]],
  ['uuid', types.uuid, [-(2n ** 127n), null, 2n ** 127n - 1n, 0n]],
  ['no rows', types.text, []],
]

describe('scalars and vectors', () => {
  for (const [name, type, values] of cases) {
    test(`${name} survives the round trip`, () => {
      const heap = new Heap(Heap.createMemory(1 << 22))
      const vector = vectorFromScalars(new Arena(heap), type, values)
      expect(scalarsOf(heap, vector)).toEqual(values)
      expect(values.map((_, row) => scalarAt(heap, vector, row))).toEqual(values)
    })
  }

  test('dictionary codes read as their values, NULLs stay NULL', () => {
    const heap = new Heap(Heap.createMemory(1 << 22))
    const arena = new Arena(heap)
    const dictionary = vectorFromScalars(arena, types.text, ['a', 'b'])
    const values = arena.allocate(3)
    heap.u8.set([1, 0, 1], values)
    const validity = arena.allocate(1)
    heap.u8[validity] = 0b101
    const offsets = address(0)
    const vector = {
      type: types.text,
      layout: 'dict8',
      length: 3,
      validity,
      values,
      offsets,
      dictionary,
    } as const
    expect(scalarsOf(heap, vector)).toEqual(['b', null, 'b'])
  })
})
