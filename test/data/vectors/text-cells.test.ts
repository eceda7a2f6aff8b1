import { expect, test } from 'vitest'
import { seededRandom } from '../../../src/base/world.ts'
import { Arena } from '../../../src/data/arenas/arena.ts'
import { Heap } from '../../../src/data/arenas/heap.ts'
import * as types from '../../../src/data/types/data-type.ts'
import type { DataType } from '../../../src/data/types/data-type.ts'
import { formatScalar } from '../../../src/data/types/format-scalar.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import { ByteWriter } from '../../../src/data/vectors/byte-writer.ts'
import type { Cells, CellWriter } from '../../../src/data/vectors/cells.ts'
import { vectorFromScalars } from '../../../src/data/vectors/from-scalars.ts'
import { textCells } from '../../../src/data/vectors/text-cells.ts'
import { encodeBinary } from '../../../src/data/binary/binary-values.ts'
import { binaryCells } from '../../../src/data/binary/binary-cells.ts'
import { chunkOfEverything } from '../arrow/random-chunks.ts'

const heap = new Heap(Heap.createMemory(16 * 1_048_576))

/** Every cell as it is written; null for NULL, which must write nothing. */
function written(write: CellWriter, rows: number): (string | null)[] {
  // A small buffer, so that growing is tried too.
  const out = new ByteWriter(8)
  return Array.from({ length: rows }, (_, row) => {
    const start = out.at
    if (write(out, row)) return Buffer.from(out.bytes.subarray(start, out.at)).toString('latin1')
    expect(out.at).toBe(start)
    return null
  })
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}

function expectedText(values: readonly Scalar[], type: DataType): (string | null)[] {
  return values.map((value) =>
    value === null ? null : latin1(Buffer.from(formatScalar(value, type), 'utf8')),
  )
}

function expectedBinary(values: readonly Scalar[], type: DataType): (string | null)[] {
  return values.map((value) => (value === null ? null : latin1(encodeBinary(value, type))))
}

test('cells of every type and layout are what a value at a time gives', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const arena = new Arena(heap)
    const { chunk, columns } = chunkOfEverything(arena, seededRandom(seed), 40)
    chunk.columns.forEach((vector, index) => {
      const { type } = vector
      const values = columns[index]!
      const stored: Cells = { kind: 'vector', heap, vector }
      const copied: Cells = { kind: 'scalars', type, values }
      for (const cells of [stored, copied]) {
        const what = `seed ${seed}, ${types.typeName(type)} as ${vector.layout}, ${cells.kind}`
        expect(written(textCells(cells), 40), what).toEqual(expectedText(values, type))
        expect(written(binaryCells(cells, type), 40), what).toEqual(expectedBinary(values, type))
      }
    })
    arena.release()
  }
})

const edges: readonly (readonly [DataType, readonly Scalar[]])[] = [
  [types.int2, [-32_768, 32_767, 0, -1, 9, 10]],
  [types.int4, [-2_147_483_648, 2_147_483_647, 999_999_999, 1_000_000_000, -1_000_000_001]],
  [
    types.int8,
    [
      -9_223_372_036_854_775_808n,
      9_223_372_036_854_775_807n,
      9_007_199_254_740_991n,
      9_007_199_254_740_992n,
      9_007_199_254_740_993n,
      -9_007_199_254_740_993n,
      4_294_967_296n,
      -4_294_967_297n,
      1_000_000_000_000_000_000n,
    ],
  ],
  [types.decimal(18, 15), [1n, -1n, 999_999_999_999_999_999n, 9_007_199_254_740_993n]],
  [types.decimal(18, 17), [1n, -123_456_789_012_345_678n]],
  [types.decimal(4, 2), [-5n, 5n, 100n, 0n, -9_999n]],
  [types.date, [0, -719_162, -719_163, -2_440_588, 2_932_896, 2_932_897, 2_145_042_905]],
  [types.time, [0n, 1n, 86_399_999_999n, 86_400_000_000n, 3_723_100_000n]],
  [
    types.timestamp,
    [0n, -1n, -1_000_000n, -62_135_596_800_000_001n, 253_402_300_800_000_000n, 1_500_000n],
  ],
  [types.timestamptz, [-210_866_803_200_000_000n, 9_223_372_036_854_775_806n]],
  [
    types.float8,
    [0.1, 1e-4, 9.9e-5, 1e15, 999_999_999_999_999.9, -1e14, 123_456.789, 999_999, 1e6, -0, 1e22],
  ],
  [types.float4, [Math.fround(0.1), 1e6, 999_999, 16_777_216, Math.fround(1e-4)]],
  [types.text, ['x'.repeat(24), 'x'.repeat(25), 'ü'.repeat(13), '']],
]

for (const [type, values] of edges) {
  test(`edges of ${types.typeName(type)}`, () => {
    const arena = new Arena(heap)
    const cells: Cells = { kind: 'vector', heap, vector: vectorFromScalars(arena, type, values) }
    expect(written(textCells(cells), values.length)).toEqual(expectedText(values, type))
    expect(written(binaryCells(cells, type), values.length)).toEqual(expectedBinary(values, type))
    arena.release()
  })
}

test('a row larger than a message can be is refused', () => {
  const out = new ByteWriter(8)
  expect(() => out.reserve(2 ** 30)).toThrow(/too large/)
})
