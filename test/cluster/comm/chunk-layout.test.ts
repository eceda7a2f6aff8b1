import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../../src/base/world.ts'
import {
  allocateChunks,
  describeChunks,
  finishChunks,
  parseChunksHeader,
} from '../../../src/cluster/comm/chunk-layout.ts'
import { decodeMessage, encodeMessage } from '../../../src/cluster/comm/codec.ts'
import { Arena } from '../../../src/data/arenas/arena.ts'
import { Heap } from '../../../src/data/arenas/heap.ts'
import { vectorFromScalars } from '../../../src/data/vectors/from-scalars.ts'
import { scalarsOf } from '../../../src/data/vectors/to-scalars.ts'
import type { Chunk } from '../../../src/data/vectors/vector.ts'
import { chunkOfEverything } from '../../data/arrow/random-chunks.ts'

const from = new Heap(Heap.createMemory(1 << 26))
const to = new Heap(Heap.createMemory(1 << 26))

/** Sends chunks from one heap to another, as two processes would. */
function carried(chunks: readonly Chunk[]) {
  const { header, ranges } = describeChunks(from, chunks)
  const bytes = ranges.flatMap(({ start, bytes }) => [...from.u8.subarray(start, start + bytes)])
  const received = parseChunksHeader(decodeMessage(encodeMessage(header)))
  const allocated = allocateChunks(to, received)
  let at = 0
  for (const range of allocated.ranges) {
    to.u8.set(bytes.slice(at, at + range.bytes), range.start)
    at += range.bytes
  }
  expect(at).toBe(bytes.length)
  finishChunks(to, allocated)
  return allocated
}

describe('chunks on the way', () => {
  test('every type and layout arrives, NULLs included', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const arena = new Arena(from)
      const random = seededRandom(seed)
      const chunks = [0, 1, 70].map((rows) => chunkOfEverything(arena, random, rows).chunk)
      const { chunks: arrived, block } = carried(chunks)
      const values = (heap: Heap, all: readonly Chunk[]) =>
        all.map(({ rows, columns }) => ({
          rows,
          columns: columns.map((column) => [column.layout, column.type, scalarsOf(heap, column)]),
        }))
      expect(values(to, arrived), `seed ${seed}`).toEqual(values(from, chunks))
      to.free(block)
      arena.release()
    }
  })

  test('a dictionary that chunks share travels once and is shared again', () => {
    const arena = new Arena(from)
    const { chunk } = chunkOfEverything(arena, seededRandom(2), 50)
    const column = chunk.columns.find(({ dictionary }) => dictionary !== undefined)!
    const one: Chunk = { rows: 50, columns: [column], statistics: undefined }
    expect(describeChunks(from, [one, one]).header.dictionaries).toHaveLength(1)
    const { chunks } = carried([one, one])
    expect(chunks[0]!.columns[0]!.dictionary).toBe(chunks[1]!.columns[0]!.dictionary)
    arena.release()
  })

  test('statistics arrive, open bounds included', () => {
    const statistics = [
      { min: -(2n ** 70n), max: 5n, nullCount: 1, distinct: 2.5, ascending: true },
      { min: undefined, max: undefined, nullCount: 0, distinct: undefined, ascending: false },
    ]
    const { chunks } = carried([{ rows: 3, columns: [], statistics }])
    expect(chunks).toEqual([{ rows: 3, columns: [], statistics }])
  })
})

test('numerics that are not what was announced are refused', () => {
  const arena = new Arena(from)
  const type = { kind: 'numeric' } as const
  const values = [{ unscaled: 10n ** 60n + 1n, scale: 0 }, null, { unscaled: 7n, scale: 300 }]
  const column = vectorFromScalars(arena, type, values)
  const { header, ranges } = describeChunks(from, [
    { rows: 3, columns: [column], statistics: undefined },
  ])
  expect(ranges.map(({ bytes }) => bytes)).toEqual([1, 48, 47, 17])
  for (const [slot, bytes] of [
    [0, 48],
    [0, 15],
    [2, 16],
  ] as const) {
    const allocated = allocateChunks(to, header)
    const [, slots] = allocated.ranges
    to.u8.set(from.u8.subarray(column.values, column.values + 48), slots!.start)
    to.view.setUint32(slots!.start + 16 * slot + 4, bytes, true)
    expect(() => finishChunks(to, allocated)).toThrow('protocol violation')
    to.free(allocated.block)
  }
  arena.release()
})

describe('headers that cannot be', () => {
  const vector = {
    type: { kind: 'int4' },
    layout: 'i32',
    length: 2,
    hasValidity: false,
    textBytes: 0,
    wideBytes: 0,
    dictionary: -1,
  }
  const header = (change: object, bytes = 8, dictionaries: readonly object[] = []) => ({
    dictionaries,
    chunks: [{ rows: 2, columns: [{ ...vector, ...change }], statistics: undefined }],
    bytes,
  })
  const wrong: readonly (readonly [string, unknown])[] = [
    ['nothing', undefined],
    ['bytes that do not add up', header({}, 9)],
    ['a layout that does not exist', header({ layout: 'i24' })],
    ['a layout by inheritance', header({ layout: 'toString' })],
    ['a negative length', header({ length: -2 })],
    ['another length than the chunk', header({ length: 3 }, 12)],
    ['codes without a dictionary', header({ layout: 'dict32' })],
    ['a dictionary that is not there', header({ layout: 'dict32', dictionary: 1 }, 16, [vector])],
    ['a fraction', header({ length: 1.5 })],
    ['a decimal of 77 digits', header({ type: { kind: 'decimal', precision: 77, scale: 0 } })],
    ['more than memory', header({ length: 2 ** 31 + 1 }, 2 ** 33)],
  ]
  test.each(wrong)('%s', (_name, value) => {
    expect(() => parseChunksHeader(value)).toThrow('protocol violation')
  })

  test('the one that they were made from is fine', () => {
    expect(parseChunksHeader(header({})).bytes).toBe(8)
  })
})
