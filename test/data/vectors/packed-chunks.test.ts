import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { packChunks, unpackChunks } from '../../../src/data/vectors/packed-chunks.ts'
import type { DataType } from '../../../src/data/types/data-type.ts'
import {
  address,
  layoutBytes,
  type Chunk,
  type ColumnStatistics,
  type Layout,
  type Vector,
} from '../../../src/data/vectors/vector.ts'

const types: readonly DataType[] = [
  { kind: 'int4' },
  { kind: 'text' },
  { kind: 'decimal', precision: 15, scale: 2 },
  { kind: 'decimal', precision: 15, scale: 3 },
]
const place = fc.integer({ min: 0, max: 2 ** 26 - 1 }).map((line) => address(line * 64))
const vector = (dictionary: fc.Arbitrary<Vector | undefined>): fc.Arbitrary<Vector> =>
  fc.record({
    type: fc.constantFrom(...types).map((type) => ({ ...type })),
    layout: fc.constantFrom(...(Object.keys(layoutBytes) as Layout[])),
    length: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    validity: place,
    values: place,
    offsets: place,
    dictionary,
  })
// Few places, so that dictionaries are met again and differ in one field only.
const dictionary = fc.record({
  type: fc.constantFrom<DataType>({ kind: 'text' }, { kind: 'bytea' }),
  layout: fc.constant<Layout>('utf8'),
  length: fc.constantFrom(0, 3),
  validity: fc.constantFrom(address(0), address(64)),
  values: fc.constantFrom(address(0), address(64)),
  offsets: fc.constantFrom(address(0), address(128)),
  dictionary: fc.constant(undefined),
})
const statistics = fc.record<ColumnStatistics>({
  min: fc.option(fc.bigInt(), { nil: undefined }),
  max: fc.option(fc.bigInt(), { nil: undefined }),
  nullCount: fc.nat(),
  distinct: fc.option(fc.nat(), { nil: undefined }),
  ascending: fc.boolean(),
})
const chunk: fc.Arbitrary<Chunk> = fc.record({
  rows: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  columns: fc.array(vector(fc.option(dictionary, { nil: undefined })), { maxLength: 4 }),
  statistics: fc.option(fc.array(statistics, { maxLength: 4 }), { nil: undefined }),
})

test('descriptions of chunks come to another thread as they were', () => {
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 6 }), (chunks) => {
      expect(unpackChunks(structuredClone(packChunks(chunks)))).toEqual(chunks)
    }),
  )
})

test('what the chunks of a table share is sent once', () => {
  const shared = (): Vector => ({
    type: { kind: 'text' },
    layout: 'utf8',
    length: 2,
    validity: address(0),
    values: address(64),
    offsets: address(128),
    dictionary: undefined,
  })
  const column = (at: number): Vector => ({
    ...shared(),
    layout: 'dict8',
    values: address(at),
    dictionary: shared(),
  })
  const chunks = [192, 256, 320].map((at) => ({
    rows: 2,
    columns: [column(at)],
    statistics: undefined,
  }))
  const { types: sent, dictionaries } = packChunks(chunks)
  expect({ types: sent.length, dictionaries: dictionaries.length }).toEqual({
    types: 1,
    dictionaries: 1,
  })
})
