import * as arrow from 'apache-arrow'
import { afterEach, describe, expect, test } from 'vitest'
import { QueryError } from '../../../src/base/errors.ts'
import { seededRandom } from '../../../src/base/world.ts'
import { Arena } from '../../../src/data/arenas/arena.ts'
import { Heap } from '../../../src/data/arenas/heap.ts'
import { fromArrowTable } from '../../../src/data/arrow/from-arrow.ts'
import {
  ipcStream,
  readIpcStream,
  writeIpcFile,
  writeIpcStream,
} from '../../../src/data/arrow/ipc.ts'
import { scalarBatches } from '../../../src/data/arrow/scalars-to-arrow.ts'
import { arrowTable, toArrowTable } from '../../../src/data/arrow/to-arrow.ts'
import { arrayOf, float8, int4, text } from '../../../src/data/types/data-type.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import type { Schema } from '../../../src/data/types/schema.ts'
import { vectorFromScalars } from '../../../src/data/vectors/from-scalars.ts'
import { scalarsOf } from '../../../src/data/vectors/column-scalars.ts'
import type { Chunk } from '../../../src/data/vectors/vector.ts'
import { chunkOfEverything } from './random-chunks.ts'

const heap = new Heap(Heap.createMemory(1 << 28))
const arena = new Arena(heap)
afterEach(() => arena.release())

function schemaOf(chunk: Chunk): Schema {
  return chunk.columns.map(({ type }, at) => ({ name: `c${at}`, type, nullable: true }))
}

function columnsOf(chunks: readonly Chunk[]): Scalar[][] {
  const width = chunks[0]?.columns.length ?? 0
  return Array.from({ length: width }, (_, at) =>
    chunks.flatMap((chunk) => scalarsOf(heap, chunk.columns[at]!)),
  )
}

describe('every type makes the round trip', () => {
  const writers = [writeIpcStream, writeIpcFile]
  test.each([0, 1, 9, 500])('%d rows in two chunks, as stream and file', (rows) => {
    for (let seed = 0; seed < 4; seed++) {
      const pieces = [0, 1].map((at) => chunkOfEverything(arena, seededRandom(seed + at), rows))
      const chunks = pieces.map(({ chunk }) => chunk)
      const schema = schemaOf(chunks[0]!)
      const expected = schema.map((_, at) => pieces.flatMap(({ columns }) => columns[at]!))
      for (const write of writers) {
        const back = readIpcStream(arena, write(heap, schema, chunks))
        expect(back.schema).toEqual(schema)
        expect(columnsOf(back.chunks)).toEqual(
          rows === 0 && back.chunks.length === 0 ? [] : expected,
        )
      }
    }
  })

  test.each([0, 1, 9, 500])('%d rows of scalars', (rows) => {
    const { chunk, columns } = chunkOfEverything(arena, seededRandom(rows), rows)
    const schema = schemaOf(chunk)
    const back = readIpcStream(arena, ipcStream(scalarBatches(schema, rows, columns)))
    expect(back.schema).toEqual(schema)
    const table = arrowTable(scalarBatches(schema, rows, columns))
    expect(table.numRows).toBe(rows)
    for (const { chunks } of [back, fromArrowTable(arena, table)]) {
      expect(columnsOf(chunks)).toEqual(chunks.length === 0 ? [] : columns)
      expect(chunks.reduce((sum, piece) => sum + piece.rows, 0)).toBe(rows)
    }
  })

  test('a table handed over is what it was, copied or not', () => {
    const { chunk, columns } = chunkOfEverything(arena, seededRandom(5), 100)
    for (const copy of [false, true]) {
      const table = toArrowTable(heap, schemaOf(chunk), [chunk], { copy })
      expect(columnsOf(fromArrowTable(arena, table).chunks)).toEqual(columns)
    }
  })

  test('copies outlive the chunks, shared dictionaries stay dictionaries', () => {
    const scratch = new Arena(heap)
    const { chunk, columns } = chunkOfEverything(scratch, seededRandom(6), 50)
    const table = toArrowTable(heap, schemaOf(chunk), [chunk], { copy: true })
    for (const vector of chunk.columns) heap.u8.fill(0xaa, vector.values, vector.values + 50)
    scratch.release()
    expect(columnsOf(fromArrowTable(arena, table).chunks)).toEqual(columns)
    expect(arrow.DataType.isDictionary(table.schema.fields.at(-1)!.type)).toBe(true)
  })

  test('users see plain values', () => {
    const schema = [int4, float8, text].map((type, at) => ({
      name: `c${at}`,
      type,
      nullable: true,
    }))
    const columns = [
      vectorFromScalars(arena, int4, [1, null]),
      vectorFromScalars(arena, float8, [0.5, -0]),
      vectorFromScalars(arena, text, ['ä', null]),
    ]
    const table = toArrowTable(heap, schema, [{ rows: 2, columns, statistics: undefined }])
    expect(table.toArray().map((row) => ({ ...row }))).toEqual([
      { c0: 1, c1: 0.5, c2: 'ä' },
      { c0: null, c1: -0, c2: null },
    ])
  })
})

describe('tables of others', () => {
  const cases: readonly (readonly [string, arrow.Vector, string, readonly Scalar[]])[] = [
    ['int8', arrow.vectorFromArray([1, null, -3], new arrow.Int8()), 'int2', [1, null, -3]],
    ['uint8', arrow.vectorFromArray([255, 0], new arrow.Uint8()), 'int2', [255, 0]],
    ['uint32', arrow.vectorFromArray([4294967295], new arrow.Uint32()), 'int8', [4294967295n]],
    [
      'uint64',
      arrow.vectorFromArray([2n ** 64n - 1n], new arrow.Uint64()),
      'decimal',
      [2n ** 64n - 1n],
    ],
    ['float16', arrow.vectorFromArray([1.5, null], new arrow.Float16()), 'float4', [1.5, null]],
    [
      'seconds',
      arrow.vectorFromArray([1.5e12], new arrow.TimestampSecond()),
      'timestamp',
      [1500000000000000n],
    ],
    [
      'nanoseconds',
      arrow.vectorFromArray([1], new arrow.TimestampNanosecond('UTC')),
      'timestamptz',
      [1000n],
    ],
    [
      'date ms',
      arrow.vectorFromArray([new Date(86400000 * 3)], new arrow.DateMillisecond()),
      'date',
      [3],
    ],
    ['dictionary', arrow.vectorFromArray(['a', 'b', null, 'a']), 'text', ['a', 'b', null, 'a']],
    [
      'large text',
      arrow.vectorFromArray(['a', null, 'ü'], new arrow.LargeUtf8()),
      'text',
      ['a', null, 'ü'],
    ],
    [
      'binary',
      arrow.vectorFromArray([new Uint8Array([1])], new arrow.Binary()),
      'bytea',
      [new Uint8Array([1])],
    ],
    [
      'duration',
      arrow.vectorFromArray([5n], new arrow.DurationMillisecond()),
      'interval',
      [{ months: 0, days: 0, micros: 5000n }],
    ],
  ]
  test.each(cases)('%s', (_, vector, kind, expected) => {
    const table = new arrow.Table({ v: vector })
    for (const source of [table, arrow.tableFromIPC(arrow.tableToIPC(table))]) {
      const { schema, chunks } = fromArrowTable(arena, source)
      expect(schema[0]!.type.kind).toBe(kind)
      expect(columnsOf(chunks)[0]).toEqual(expected)
    }
  })

  test('slices', () => {
    const numbers = Array.from({ length: 40 }, (_, at) => (at % 3 === 0 ? null : at))
    const table = new arrow.Table({
      n: arrow.vectorFromArray(numbers, new arrow.Int32()),
      b: arrow.vectorFromArray(
        numbers.map((n) => (n === null ? null : n % 2 === 0)),
        new arrow.Bool(),
      ),
      t: arrow.vectorFromArray(
        numbers.map((n) => (n === null ? null : `t${n}`)),
        new arrow.Utf8(),
      ),
    }).slice(5, 30)
    const [n, b, t] = columnsOf(fromArrowTable(arena, table).chunks)
    expect(n).toEqual(numbers.slice(5, 30))
    expect(b).toEqual(
      numbers.slice(5, 30).map((value) => (value === null ? null : value % 2 === 0)),
    )
    expect(t).toEqual(numbers.slice(5, 30).map((value) => (value === null ? null : `t${value}`)))
  })

  const item = new arrow.Field('item', new arrow.Int32(), true)
  const list = new arrow.List(item)
  const fixed = new arrow.FixedSizeList(2, item)
  const large = new arrow.LargeList(item)
  const nested = new arrow.List(new arrow.Field('item', list, true))

  test.each([
    ['lists', list, [[1, null], null, [], [3]], ['{1,NULL}', null, '{}', '{3}']],
    ['lists of two', fixed, [[1, 2], null, [3, null]], ['{1,2}', null, '{3,NULL}']],
    ['lists with long offsets', large, [[1, null], null, [], [3]], ['{1,NULL}', null, '{}', '{3}']],
    ['lists of lists', nested, [[[1], [2]], null, []], ['{{1},{2}}', null, '{}']],
  ])('%s are arrays', (_, type, values, expected) => {
    const table = new arrow.Table({ l: arrow.vectorFromArray(values as never, type) })
    const { schema, chunks } = fromArrowTable(arena, table)
    expect(schema[0]?.type).toEqual(arrayOf({ kind: 'int4' }))
    expect(scalarsOf(heap, chunks[0]!.columns[0]!)).toEqual(expected)
  })

  test('lists of unlike lists are refused', () => {
    const table = new arrow.Table({ l: arrow.vectorFromArray([[[1], [2, 3]]] as never, nested) })
    expect(() => fromArrowTable(arena, table)).toThrow(/matching dimensions/)
  })

  test('other nested types are refused', () => {
    const struct = new arrow.Struct([item])
    const table = new arrow.Table({ s: arrow.vectorFromArray([{ item: 1 }], struct) })
    expect(() => fromArrowTable(arena, table)).toThrow(/not supported: Arrow type Struct/)
  })
})

/** Where the bodies of a stream's messages lie: their buffers, not their metadata. */
function bodies(stream: Uint8Array): { readonly start: number; readonly end: number }[] {
  const view = new DataView(stream.buffer, stream.byteOffset)
  const found: { start: number; end: number }[] = []
  for (let at = 0; view.getUint32(at + 4, true) > 0;) {
    const start = at + 8 + view.getUint32(at + 4, true)
    const { bodyLength } = arrow.Message.decode(stream.subarray(at + 8, start))
    if (bodyLength > 0) found.push({ start, end: start + bodyLength })
    at = start + bodyLength
  }
  return found
}

test('damaged buffers are refused or give chunks that can be read', () => {
  const { chunk } = chunkOfEverything(arena, seededRandom(8), 40)
  const good = writeIpcStream(heap, schemaOf(chunk), [chunk])
  const regions = bodies(good)
  const random = seededRandom(77)
  for (let round = 0; round < 400; round++) {
    const bytes = good.slice()
    for (let i = 0; i <= random.next() * 20; i++) {
      const { start, end } = regions[Math.floor(random.next() * regions.length)]!
      bytes[start + Math.floor(random.next() * (end - start))] = Math.floor(random.next() * 256)
    }
    const scratch = new Arena(heap)
    try {
      columnsOf(readIpcStream(scratch, bytes).chunks)
    } catch (error) {
      expect(error, String((error as Error).stack)).toBeInstanceOf(QueryError)
    } finally {
      scratch.release()
    }
  }
})

test('a stream that is cut off is refused or gives whole batches', () => {
  const { chunk } = chunkOfEverything(arena, seededRandom(9), 40)
  const good = writeIpcStream(heap, schemaOf(chunk), [chunk, chunk])
  for (let length = 0; length < good.length; length += 97) {
    try {
      columnsOf(readIpcStream(arena, good.slice(0, length)).chunks)
    } catch (error) {
      expect(error, String((error as Error).stack)).toBeInstanceOf(QueryError)
    }
  }
})
