import { QueryError } from '../../../src/base/errors.ts'
import { finishSteps, type Steps } from '../../../src/base/steps.ts'
import { afterEach, expect, test } from 'vitest'
import { seededRandom } from '../../../src/base/world.ts'
import { Arena } from '../../../src/data/arenas/arena.ts'
import { Heap } from '../../../src/data/arenas/heap.ts'
import { int4, int8, text } from '../../../src/data/types/data-type.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import type { Schema } from '../../../src/data/types/schema.ts'
import { vectorFromScalars } from '../../../src/data/vectors/from-scalars.ts'
import type { Chunk } from '../../../src/data/vectors/vector.ts'
import { scalarsOf } from '../../../src/data/vectors/column-scalars.ts'
import { loadKernels } from '../../../src/wasm/kernels/loader.ts'
import {
  createTableBuilder,
  TABLE_CHUNK_ROWS,
  type BuiltTable,
} from '../../../src/wasm/kernels/table-builder.ts'
import { chunkOfEverything } from '../../data/arrow/random-chunks.ts'

const heap = new Heap(Heap.createMemory(1 << 30))
const kernels = loadKernels(heap)
const arena = new Arena(heap)
afterEach(() => {
  arena.release()
  expect(heap.bytesInUse).toBe(0)
})

const textSchema: Schema = [{ name: 'a', type: text, nullable: true }]

function columnOf(table: BuiltTable, index: number): readonly Scalar[] {
  return table.chunks.flatMap((chunk) => scalarsOf(heap, chunk.columns[index]!))
}

test('pieces of every type and layout keep their values', () => {
  const pieces = [3, 1000, 7, 0, 250].map((rows, seed) =>
    chunkOfEverything(arena, seededRandom(seed), rows),
  )
  const schema: Schema = pieces[0]!.chunk.columns.map(({ type }, at) => ({
    name: `c${at}`,
    type,
    nullable: true,
  }))
  const target = new Arena(heap)
  const builder = createTableBuilder(target, kernels, schema, 1_260)
  for (const { chunk } of pieces) finishSteps(builder.append(chunk))
  const table = finishSteps(builder.finish())
  expect(table.rows).toBe(1260)
  schema.forEach((_, at) => {
    expect(columnOf(table, at)).toEqual(pieces.flatMap(({ columns }) => columns[at]!))
  })
  target.release()
})

test('chunks are cut, narrowed, coded, and share a dictionary', () => {
  const rows = TABLE_CHUNK_ROWS * 2 + 1001
  const words = Array.from({ length: 300 }, (_, at) => `word ${at}`)
  const schema = [int8, int4, text, text].map((type, at) => ({
    name: `c${at}`,
    type,
    nullable: true,
  }))
  const expected: Scalar[][] = [[], [], [], []]
  const builder = createTableBuilder(arena, kernels, schema, rows)
  for (let from = 0; from < rows; from += 50_001) {
    const count = Math.min(50_001, rows - from)
    const at = Array.from({ length: count }, (_, row) => from + row)
    const piece: Scalar[][] = [
      at.map((row) => BigInt(row)),
      at.map((row) => (row % 10 === 0 ? null : row % 100)),
      at.map((row) =>
        row % 7 === 0 ? null : words[row < TABLE_CHUNK_ROWS ? row % 5 : row % 300]!,
      ),
      at.map((row) => `unique ${row}`),
    ]
    piece.forEach((scalars, column) => expected[column]!.push(...scalars))
    const scratch = new Arena(heap)
    const columns = piece.map((scalars, column) =>
      vectorFromScalars(scratch, schema[column]!.type, scalars),
    )
    finishSteps(builder.append({ rows: count, columns, statistics: undefined }))
    scratch.release()
  }
  const table = finishSteps(builder.finish())
  expect(table.chunks.map((chunk) => chunk.rows)).toEqual([
    TABLE_CHUNK_ROWS,
    TABLE_CHUNK_ROWS,
    1001,
  ])
  expected.forEach((scalars, column) => expect(columnOf(table, column)).toEqual(scalars))
  const layouts = table.chunks.map((chunk) => chunk.columns.map(({ layout }) => layout))
  expect(layouts).toEqual([
    ['i32', 'i8', 'dict8', 'utf8'],
    ['i32', 'i8', 'dict16', 'utf8'],
    ['i32', 'i8', 'dict16', 'utf8'],
  ])
  const dictionaries = new Set(table.chunks.map((chunk) => chunk.columns[2]!.dictionary))
  expect(dictionaries.size).toBe(1)
  expect(table.statistics[0]).toEqual({
    min: 0n,
    max: BigInt(rows - 1),
    nullCount: 0,
    distinct: rows,
    ascending: true,
  })
  expect(table.statistics[1]).toMatchObject({ min: 1n, max: 99n, ascending: false })
  expect(table.statistics[2]!.distinct).toBe(300)
})

test('an empty table has no chunks', () => {
  const builder = createTableBuilder(arena, kernels, textSchema, 10)
  const { rows, chunks, statistics } = finishSteps(builder.finish())
  expect({ rows, chunks, nulls: statistics.map(({ nullCount }) => nullCount) }).toEqual({
    rows: 0,
    chunks: [],
    nulls: [0],
  })
})

test('wherever memory runs out, nothing of a table stays', () => {
  const texts = Array.from({ length: 300 }, (_, at) => (at % 9 === 0 ? null : `text ${at % 20}`))
  const [words, numbers] = [
    vectorFromScalars(arena, text, texts),
    vectorFromScalars(
      arena,
      int8,
      texts.map((word) => (word === null ? null : 5n)),
    ),
  ]
  const piece = { rows: 300, columns: [words, numbers, words], statistics: undefined }
  const schema = [text, int8, text].map((type, at) => ({ name: `c${at}`, type, nullable: true }))
  // Pieces that are coded already, from a row on that is within a byte of bits.
  const coded = finishSteps(buildOf(arena, schema, [piece])).chunks
  const before = heap.bytesInUse
  const allocate = heap.allocate.bind(heap)
  let refused = 0
  for (let isDone = false; !isDone; refused++) {
    const target = new Arena(heap)
    let calls = 0
    heap.allocate = (bytes, purpose) => {
      if (calls++ === refused) throw new QueryError('OUT_OF_MEMORY', 'out of memory')
      return allocate(bytes, purpose)
    }
    try {
      finishSteps(buildOf(target, schema, [{ ...piece, rows: 3 }, ...coded, piece]))
      isDone = true
    } catch (error) {
      expect(error).toMatchObject({ code: 'OUT_OF_MEMORY' })
    }
    heap.allocate = allocate
    target.release()
    expect(heap.bytesInUse).toBe(before)
  }
  expect(refused).toBeGreaterThan(20)
})

/** A table of pieces, as a statement builds one. */
function* buildOf(target: Arena, schema: Schema, pieces: readonly Chunk[]): Steps<BuiltTable> {
  const rows = pieces.reduce((sum, piece) => sum + piece.rows, 0)
  const builder = createTableBuilder(target, kernels, schema, rows)
  try {
    for (const piece of pieces) yield* builder.append(piece)
    return yield* builder.finish()
  } catch (error) {
    builder.cancel()
    throw error
  }
}

test('a cancelled builder gives its memory back', () => {
  const builder = createTableBuilder(arena, kernels, textSchema, 10)
  const columns = [vectorFromScalars(arena, text, ['x', null])]
  finishSteps(builder.append({ rows: 2, columns, statistics: undefined }))
  builder.cancel()
})
