import {
  CompressionType,
  compressionRegistry,
  type DataType,
  Dictionary,
  Float64,
  Int32,
  Struct,
  Field,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  RecordBatchStreamWriter,
  Table,
  tableToIPC,
  Utf8,
  Vector,
  vectorFromArray,
} from 'apache-arrow'
import { describe, expect, test } from 'vitest'
import { QueryError } from '../../../src/base/errors.ts'
import { seededRandom } from '../../../src/base/world.ts'
import { Arena } from '../../../src/data/arenas/arena.ts'
import { writeIpcFile, writeIpcStream } from '../../../src/data/arrow/ipc.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import { scalarsOf } from '../../../src/data/vectors/column-scalars.ts'
import { decodeLz4Frame } from '../../../src/io/formats/arrow/lz4-frame.ts'
import { inspectLocation, openReader, planUnits } from '../../../src/io/open.ts'
import { chunkOfEverything } from '../../data/arrow/random-chunks.ts'
import { env, folder, heap, writeFile } from '../csv/read-csv.ts'

async function readColumns(bytes: Uint8Array, wanted?: readonly string[]): Promise<Scalar[][]> {
  const { path } = writeFile(bytes, 'arrow')
  const inspected = await inspectLocation(path, { allowedRoots: [folder], allowUrls: false })
  const positions = inspected.columns.map((_, at) => at)
  const columns =
    wanted?.map((name) => inspected.columns.findIndex((field) => field.name === name)) ?? positions
  const request = {
    source: inspected.source,
    tableColumns: inspected.columns,
    columns,
    columnBounds: [],
    predicates: [],
    predicateColumns: new Map(),
  }
  const before = heap.bytesInUse
  const reader = openReader(request, env)
  const arena = new Arena(heap)
  const found: Scalar[][] = columns.map(() => [])
  let rows = 0
  try {
    for (const unit of planUnits(request)) {
      for (const chunk of reader.read(unit, arena)) {
        rows += chunk.rows
        expect(chunk.rows).toBeLessThanOrEqual(131_072)
        chunk.columns.forEach((vector, at) => {
          for (const scalar of scalarsOf(heap, vector)) found[at]!.push(scalar)
        })
      }
    }
  } finally {
    reader.close()
    arena.release()
  }
  expect(heap.bytesInUse).toBe(before)
  expect(rows).toBe(inspected.statistics.rows)
  return found
}

describe('our own files', () => {
  test.each([writeIpcFile, writeIpcStream])('every type, two batches: %o', async (write) => {
    const arena = new Arena(heap)
    const pieces = [
      chunkOfEverything(arena, seededRandom(1), 100),
      chunkOfEverything(arena, seededRandom(2), 30),
    ]
    const schema = pieces[0]!.chunk.columns.map(({ type }, at) => ({
      name: `c${at}`,
      type,
      nullable: true,
    }))
    const bytes = write(
      heap,
      schema,
      pieces.map(({ chunk }) => chunk),
    )
    arena.release()
    const expected = schema.map((_, at) => pieces.flatMap(({ columns }) => columns[at]!))
    expect(await readColumns(bytes)).toEqual(expected)
    expect(await readColumns(bytes, ['c3', 'c0'])).toEqual([expected[3], expected[0]])
    expect(await readColumns(bytes, [])).toEqual([])
  })
})

describe('files of apache-arrow', () => {
  const words = ['warp', 'weft', null, 'heddle']
  const table = new Table({
    i: vectorFromArray([1, null, 3, 4], new Int32()),
    f: vectorFromArray([0.5, -1, null, 2], new Float64()),
    t: vectorFromArray(words),
  })
  const expected: Scalar[][] = [[1, null, 3, 4], [0.5, -1, null, 2], words]

  test.each(['file', 'stream'] as const)('%s', async (kind) => {
    expect(await readColumns(tableToIPC(table, kind))).toEqual(expected)
  })

  test('a dictionary that grows between batches', async () => {
    const more = new Table({
      i: vectorFromArray([5], new Int32()),
      f: vectorFromArray([5], new Float64()),
      t: vectorFromArray(['shuttle']),
    })
    const writer = new RecordBatchStreamWriter()
    writer.write(table.batches[0]!)
    writer.write(new RecordBatch(table.schema, more.batches[0]!.data))
    writer.finish()
    const bytes = writer.toUint8Array(true)
    expect((await readColumns(bytes)).map((column) => column.at(-1))).toEqual([5, 5, 'shuttle'])
  })

  test('batches of more rows than a chunk', async () => {
    const numbers = Array.from({ length: 300_000 }, (_, at) => at)
    const large = new Table({ n: vectorFromArray(numbers, new Int32()) })
    const [column] = await readColumns(tableToIPC(large))
    expect(column!.length).toBe(300_000)
    expect(column!.every((value, at) => value === at)).toBe(true)
  })
})

describe('compressed buffers', () => {
  /** A frame of one raw block. */
  function zstdFrame(data: Uint8Array): Uint8Array {
    const frame = new Uint8Array(16 + data.length)
    const view = new DataView(frame.buffer)
    view.setUint32(0, 0xfd2fb528, true)
    frame[4] = 0xe0
    view.setBigUint64(5, BigInt(data.length), true)
    const header = (data.length << 3) | 1
    frame.set([header & 255, (header >> 8) & 255, header >> 16], 13)
    frame.set(data, 16)
    return frame
  }

  /** A frame of one block of literals. */
  function lz4Frame(data: Uint8Array): Uint8Array {
    const lengths: number[] = []
    for (let rest = data.length - 15; rest >= 0; rest -= 255) lengths.push(Math.min(255, rest))
    const token = Math.min(15, data.length) << 4
    const block = [token, ...lengths, ...data]
    const size = [block.length & 255, (block.length >> 8) & 255, (block.length >> 16) & 255, 0]
    return Uint8Array.from([0x04, 0x22, 0x4d, 0x18, 0x40, 0x40, 0, ...size, ...block, 0, 0, 0, 0])
  }

  const table = new Table({
    i: vectorFromArray(
      Array.from({ length: 500 }, (_, at) => at),
      new Int32(),
    ),
    t: vectorFromArray(Array.from({ length: 500 }, (_, at) => `text ${at % 9}`)),
  })
  const codecs = [
    ['zstd', CompressionType.ZSTD, zstdFrame],
    ['lz4', CompressionType.LZ4_FRAME, lz4Frame],
  ] as const
  test.each(codecs)('%s', async (_, compressionType, encode) => {
    compressionRegistry.set(compressionType, { encode, decode: (data) => data })
    const writer = new RecordBatchFileWriter({ compressionType })
    writer.writeAll(table)
    const bytes = writer.toUint8Array(true)
    const [i, t] = await readColumns(bytes)
    expect(i).toEqual(Array.from({ length: 500 }, (_, at) => at))
    expect(t!.slice(0, 2)).toEqual(['text 0', 'text 1'])
  })

  test('LZ4 matches that overlap, stored blocks, and broken frames', () => {
    const head = [0x04, 0x22, 0x4d, 0x18, 0x40, 0x40, 0]
    // "ab", then nine bytes from two back, then a stored "c", then four bytes from three back.
    const matches = [7, 0, 0, 0, 0x25, 97, 98, 2, 0, 0x10, 120]
    const stored = [1, 0, 0, 0x80, 99]
    const last = [4, 0, 0, 0, 0x00, 3, 0, 0x00]
    const blocks = [...matches, ...stored, ...last]
    const frame = Uint8Array.from([...head, ...blocks, 0, 0, 0, 0])
    const text = new TextDecoder().decode(decodeLz4Frame(frame, 17))
    expect(text).toBe('abababababaxcaxca')
    for (let length = 0; length < frame.length; length++) {
      expect(() => decodeLz4Frame(frame.slice(0, length), 17)).toThrow(QueryError)
    }
    expect(() => decodeLz4Frame(frame, 16)).toThrow(QueryError)
  })
})

describe('files that cannot be read', () => {
  const good = tableToIPC(new Table({ i: vectorFromArray([1, 2], new Int32()) }), 'file')
  const struct = new Struct([new Field('item', new Int32())])
  const nested = tableToIPC(new Table({ l: vectorFromArray([{ item: 1 }], struct) }), 'file')
  const cases: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ['empty', new Uint8Array(0), /malformed Arrow data: the schema is wrong/],
    ['text', new TextEncoder().encode('hello, this is text'), /malformed Arrow data/],
    ['cut off', good.slice(0, 200), /malformed Arrow data/],
    ['nested', nested, /not supported: Arrow type Struct/],
  ]
  test.each(cases)('%s', async (_, bytes, message) => {
    await expect(readColumns(bytes)).rejects.toThrow(message)
  })
})

describe('text that is none', () => {
  const [utf8, coded] = [new Utf8(), new Dictionary(new Utf8(), new Int32())]
  const column = (values: readonly (string | null)[], type: DataType): Uint8Array =>
    tableToIPC(new Table({ t: vectorFromArray(values, type) }), 'file')
  const bytes = (offsets: readonly number[], data: readonly number[], nulls = 255): Uint8Array =>
    tableToIPC(
      new Table({
        t: new Vector([
          makeData({
            type: utf8,
            length: offsets.length - 1,
            nullCount: -1,
            nullBitmap: Uint8Array.of(nulls),
            valueOffsets: Int32Array.from(offsets),
            data: Uint8Array.from(data),
          }),
        ]),
      }),
      'file',
    )
  const plain = 'x'.repeat(40)
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    ['a NUL', column([plain, null, 'a\0b'], utf8), 'row 3 of a record batch'],
    ['a NUL in a dictionary', column([plain, 'b', 'a\0'], coded), 'value 3 of a dictionary'],
    ['no UTF-8', bytes([0, 1, 3], [97, 0xc3, 0x28]), 'row 2 of a record batch'],
    ['a character over two texts', bytes([0, 1, 2], [0xc3, 0xa9]), 'row 1 of a record batch'],
  ]

  test.each(cases)('%s', async (_, file, place) => {
    await expect(readColumns(file)).rejects.toMatchObject({
      code: 'INVALID_ENCODING',
      message: expect.stringContaining(place) as string,
      details: { column: 't' },
    })
  })

  test('what lies behind a NULL is not looked at', async () => {
    const file = bytes([0, 1, 3, 4], [97, 0xc3, 0x28, 98], 0b101)
    expect(await readColumns(file)).toEqual([['a', null, 'b']])
  })
})
