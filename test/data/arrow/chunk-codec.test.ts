import { afterEach, describe, expect, test } from 'vitest'
import { QueryError } from '../../../src/base/errors.ts'
import { seededRandom } from '../../../src/base/world.ts'
import { Arena } from '../../../src/data/arenas/arena.ts'
import { Heap } from '../../../src/data/arenas/heap.ts'
import { decodeChunk, encodeChunk } from '../../../src/data/arrow/chunk-codec.ts'
import { scalarsOf } from '../../../src/data/vectors/to-scalars.ts'
import type { Chunk } from '../../../src/data/vectors/vector.ts'
import { chunkOfEverything } from './random-chunks.ts'

const heap = new Heap(Heap.createMemory(1 << 28))
const arena = new Arena(heap)
afterEach(() => arena.release())

function shape(chunk: Chunk) {
  return chunk.columns.map(({ type, layout, length, dictionary }) => ({
    type,
    layout,
    length,
    distinct: dictionary?.length,
  }))
}

describe('a chunk survives encoding', () => {
  test.each([0, 1, 7, 8, 1000])('%d rows of every type and layout', (rows) => {
    for (let seed = 0; seed < 5; seed++) {
      const { chunk, columns } = chunkOfEverything(arena, seededRandom(seed), rows)
      const decoded = decodeChunk(arena, encodeChunk(heap, chunk))
      expect(shape(decoded)).toEqual(shape(chunk))
      expect(decoded.columns.map((column) => scalarsOf(heap, column))).toEqual(columns)
    }
  })

  test('statistics too, whole or not at all', () => {
    const { chunk } = chunkOfEverything(arena, seededRandom(1), 3)
    const statistics = chunk.columns.map((_, at) => ({
      min: at === 0 ? undefined : -(2n ** 100n) - BigInt(at),
      max: at === 1 ? undefined : 2n ** 100n,
      nullCount: at,
      distinct: at === 2 ? undefined : at * 1.5,
      ascending: at % 2 === 0,
    }))
    const withStatistics = { ...chunk, statistics }
    expect(decodeChunk(arena, encodeChunk(heap, withStatistics)).statistics).toEqual(statistics)
    expect(decodeChunk(arena, encodeChunk(heap, chunk)).statistics).toBeUndefined()
  })

  test('a chunk without columns keeps its rows', () => {
    const chunk = { rows: 12, columns: [], statistics: undefined }
    expect(decodeChunk(arena, encodeChunk(heap, chunk))).toEqual(chunk)
  })
})

test('damaged bytes are refused or give a chunk that can be read', () => {
  const { chunk } = chunkOfEverything(arena, seededRandom(3), 50)
  const good = encodeChunk(heap, chunk)
  const random = seededRandom(99)
  let refused = 0
  for (let round = 0; round < 3000; round++) {
    const bytes = good.slice(0, random.next() < 0.2 ? random.next() * good.length : good.length)
    const reach = random.next() < 0.7 ? 1600 : bytes.length
    for (let i = 0; i <= random.next() * 3; i++) {
      bytes[Math.floor(random.next() * reach)] = Math.floor(random.next() * 256)
    }
    const scratch = new Arena(heap)
    try {
      const decoded = decodeChunk(scratch, bytes)
      for (const column of decoded.columns) scalarsOf(heap, column)
    } catch (error) {
      expect(error, String(error)).toBeInstanceOf(QueryError)
      refused++
    } finally {
      scratch.release()
    }
  }
  expect(refused).toBeGreaterThan(500)
})
