import { describe, expect, test } from 'vitest'
import { int8, text } from '../../src/data/types/data-type.ts'
import { scalarAt } from '../../src/data/vectors/to-scalars.ts'
import type { FileEntry } from '../../src/plan/catalog/catalog.ts'
import { PartitionVectors } from '../../src/io/scan/partition-columns.ts'
import { environment } from './parquet/reading.ts'

const fileWith = (value: string | null): FileEntry => ({
  path: `/p=${value}/x.parquet`,
  location: `/p=${value}/x.parquet`,
  bytes: 0,
  modifiedMs: 0,
  partitionValues: [value],
  parts: [],
})

describe('the constant of a partition column', () => {
  const env = environment()
  const cases = [
    [int8, '5', 5n],
    [int8, '-129', -129n],
    [int8, '70000', 70_000n],
    [int8, '123456789012345678', 123_456_789_012_345_678n],
    [int8, null, null],
    [text, 'north', 'north'],
    [text, '', ''],
    [text, null, null],
  ] as const
  test.each(cases)('%o %s is there for every row of chunks that grow', (type, value, expected) => {
    const vectors = new PartitionVectors(env)
    for (const rows of [1, 1_000, 1_025, 3, 131_072]) {
      const vector = vectors.vector(fileOf(value), 0, type, rows)
      expect(vector.length).toBe(rows)
      const wrong = Array.from({ length: rows }, (_, row) => row).filter(
        (row) => scalarAt(env.heap, vector, row) !== expected,
      )
      expect(wrong).toEqual([])
    }
    vectors.free()
  })

  test('another file has another one', () => {
    const vectors = new PartitionVectors(env)
    const [one, two] = [fileWith('1'), fileWith('2')]
    expect(scalarAt(env.heap, vectors.vector(one, 0, int8, 2_000), 1_999)).toBe(1n)
    expect(scalarAt(env.heap, vectors.vector(two, 0, int8, 10), 9)).toBe(2n)
    expect(scalarAt(env.heap, vectors.vector(one, 0, int8, 2_000), 1_999)).toBe(1n)
    vectors.free()
  })

  const files = new Map<string | null, FileEntry>()
  /** The same file each time. */
  function fileOf(value: string | null): FileEntry {
    const file = files.get(value) ?? fileWith(value)
    files.set(value, file)
    return file
  }
})
