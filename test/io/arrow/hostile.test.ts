import { Int32, Table, tableToIPC, vectorFromArray } from 'apache-arrow'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  flatNumber,
  ipcMessage,
  type FlatField,
  type FlatTableSource,
} from '../../data/arrow/flatbuffer-writer.ts'
import { files, outcome } from '../read-location.ts'

let written = 0

function read(bytes: Uint8Array): ReturnType<typeof outcome> {
  const folder = files(`hostile-${written++}`, { 'a.arrows': bytes })
  return outcome(join(folder, 'a.arrows'))
}

const NONE = undefined
const V5 = flatNumber(4, 2)
const int32: FlatField = { table: [flatNumber(32, 4), flatNumber(1, 1)] }

/** A column of integers, unless told otherwise. */
function field(
  name: string,
  { type = 2, details = int32, children = [] as readonly FlatTableSource[] } = {},
): FlatTableSource {
  const nullable = flatNumber(1, 1)
  return [{ text: name }, nullable, flatNumber(type, 1), details, NONE, { tables: children }]
}

function schema(
  fields: readonly FlatTableSource[],
  { length = fields.length, endianness = 0, version = V5 } = {},
): Uint8Array {
  const table: FlatField = { table: [flatNumber(endianness, 2), { tables: fields, length }] }
  return ipcMessage([version, flatNumber(1, 1), table, flatNumber(0, 8)])
}

interface BatchLies {
  readonly rows?: number
  readonly nodes?: number
  readonly buffers?: number
  readonly place?: readonly [offset: number, bytes: number]
  readonly nullCount?: number
  readonly metadata?: FlatField
  readonly body?: number
}

const wide = (value: number): readonly number[] =>
  (flatNumber(value, 8) as { bytes: number[] }).bytes

/** A batch of one column of integers: 1, NULL. */
function batch(lies: BatchLies = {}): Uint8Array {
  const { rows = 2, nullCount = 1, place = [8, 8], body = 16 } = lies
  const node = [...wide(rows), ...wide(nullCount)]
  const buffers = [
    [...wide(0), ...wide(8)],
    [...wide(place[0]), ...wide(place[1])],
  ]
  const header: FlatField = {
    table: [
      flatNumber(rows, 8),
      { structs: [node], length: lies.nodes ?? 1 },
      { structs: buffers, length: lies.buffers ?? 2 },
    ],
  }
  return ipcMessage(
    [V5, flatNumber(3, 1), header, flatNumber(body, 8), lies.metadata],
    [1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0],
  )
}

const stream = (...messages: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(messages.flatMap((message) => [...message]))

test('what the writer writes is read', async () => {
  expect(await read(stream(schema([field('a')]), batch()))).toEqual({
    columns: 'a integer',
    rows: [[1], [null]],
  })
})

test.each([0, 2, -1, 1_000])(
  'NULLs are told by the bitmap, not by a count of %i',
  async (count) => {
    const found = await read(stream(schema([field('a')]), batch({ nullCount: count })))
    expect(found).toMatchObject({ rows: [[1], [null]] })
  },
)

describe('lengths that the message does not have are refused before a library believes them', () => {
  const huge = 2 ** 26
  const pairs = (key: string): FlatField => ({ tables: [[{ text: key }, { text: 'lz4' }]] })
  // Each level has two children, which are one: 2^40 fields in a few bytes.
  const doubled = Array.from({ length: 40 }).reduce<FlatTableSource>(
    (child) => field('s', { type: 13, details: { table: [] }, children: [child, child] }),
    field('a'),
  )
  const deep = Array.from({ length: 100 }).reduce<FlatTableSource>(
    (child) => field('s', { type: 13, details: { table: [] }, children: [child] }),
    field('a'),
  )
  const long = field('x'.repeat(100_000))
  const many = Array.from({ length: 20_000 }, () => long)
  const cases: Readonly<Record<string, Uint8Array>> = {
    'fields of a schema': schema([field('a')], { length: huge }),
    'fields referred to again and again': schema([doubled]),
    'fields nested too deeply': schema([deep]),
    'one long name for thousands of fields': schema(many),
    'nodes of a batch': stream(schema([field('a')]), batch({ nodes: huge })),
    'buffers of a batch': stream(schema([field('a')]), batch({ buffers: huge })),
    'rows of a batch': stream(schema([field('a')]), batch({ rows: 2 ** 40 })),
    'more rows than the buffers have': stream(schema([field('a')]), batch({ rows: 1_000_000 })),
    'a buffer behind the body': stream(schema([field('a')]), batch({ place: [1_000, 8] })),
    'a buffer longer than the body': stream(schema([field('a')]), batch({ place: [8, huge] })),
    'a negative length': stream(schema([field('a')]), batch({ place: [8, -8] })),
    'a body longer than the file': stream(schema([field('a')]), batch({ body: huge })),
    'bytes behind the last message': stream(schema([field('a')]), batch(), Uint8Array.of(1, 2, 3)),
  }
  test.each(Object.entries(cases))('%s', async (_, bytes) => {
    expect(await read(bytes)).toMatchObject({ code: 'BAD_FILE' })
  })

  const unsupported: Readonly<Record<string, Uint8Array>> = {
    'big-endian': schema([field('a')], { endianness: 1 }),
    'run-end encoded': schema([field('a', { type: 22, details: { table: [] } })]),
    'metadata version 3': schema([field('a')], { version: flatNumber(2, 2) }),
    'compressed as before format version 1.0': stream(
      schema([field('a')]),
      batch({ metadata: pairs('ARROW:experimental_compression') }),
    ),
    'Feather files of version 1': new TextEncoder().encode('FEA1............FEA1'),
  }
  test.each(Object.entries(unsupported))('%s: said to be unsupported', async (what, bytes) => {
    const message = expect.stringContaining(what) as string
    expect(await read(bytes)).toMatchObject({ code: 'FEATURE_NOT_SUPPORTED', message })
  })
})

test('a file has as many batches as its footer says', async () => {
  const table = new Table({ i: vectorFromArray([1, 2], new Int32()) })
  const good = tableToIPC(table, 'file')
  // An end of the stream in front of the batch: the footer still lists it.
  const cut = good.slice()
  cut.set([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0], 8)
  const folder = files('footer', { 'good.arrow': good, 'cut.arrow': cut })
  expect(await outcome(join(folder, 'good.arrow'))).toMatchObject({ rows: [[1], [2]] })
  expect(await outcome(join(folder, 'cut.arrow'))).toMatchObject({ code: 'BAD_FILE' })
})
