import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { columnsOf } from '../../../src/io/formats/parquet/schema.ts'
import {
  ThriftError,
  type ThriftStruct,
  type ThriftValue,
} from '../../../src/io/formats/parquet/thrift.ts'

const struct = (fields: Readonly<Record<number, ThriftValue>>): ThriftStruct =>
  new Map(Object.entries(fields).map(([id, value]) => [Number(id), value]))

const root = struct({ 5: 1 })

test.each([
  [-2_147_483_648, 2],
  [2_147_483_647, 2],
  [10, -1],
  [10, 11],
  [0, 0],
])('decimal(%i, %i) is not supported', (precision, scale) => {
  for (const physical of [1, 2, 6, 7]) {
    const element = struct({ 1: physical, 2: 8, 6: 5, 7: scale, 8: precision })
    const [column] = columnsOf([root, element])
    expect(column).toMatchObject({ unsupported: `numbers of type decimal(${precision},${scale})` })
  }
})

test('the footer of a damaged file gives columns or is refused', () => {
  const integer = fc.oneof(fc.integer(), fc.integer({ min: -2, max: 40 }))
  const logical = fc
    .tuple(fc.integer({ min: 0, max: 16 }), integer, integer, fc.boolean())
    .map(([member, first, second, signed]) =>
      struct({ [member]: struct({ 1: first, 2: signed, 3: second }) }),
    )
  const element = fc
    .record({
      1: fc.integer({ min: 0, max: 8 }),
      2: integer,
      3: integer,
      6: integer,
      7: integer,
      8: integer,
      10: logical,
    })
    .map(struct)
  fc.assert(
    fc.property(fc.array(element, { minLength: 1, maxLength: 4 }), (elements) => {
      try {
        expect(columnsOf([root, ...elements])).toHaveLength(elements.length)
      } catch (error) {
        if (!(error instanceof ThriftError)) throw error
      }
    }),
  )
})
