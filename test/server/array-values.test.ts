import { expect, test } from 'vitest'
import { arrayOf, type DataType, type ElementType } from '../../src/data/types/data-type.ts'
import { encodeBinary } from '../../src/data/binary/binary-values.ts'
import { decodeParameter } from '../../src/server/pgwire/parameters.ts'

const of = (kind: 'int4' | 'text' | 'numeric' | 'uuid' | 'bool'): DataType =>
  arrayOf({ kind } as ElementType)
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
const decoded = (type: DataType, bytes: string): unknown =>
  decodeParameter(hex(bytes), { format: 1 }, { type, declaredOid: 0 }, 0)

/** Bytes of array_send in PostgreSQL 15, and the text of the array. */
const values: readonly (readonly [DataType, string, string])[] = [
  [
    of('int4'),
    '00000001 00000000 00000017 00000002 00000001 00000004 00000001 00000004 00000002',
    '{1,2}',
  ],
  [
    of('int4'),
    '00000001 00000001 00000017 00000002 00000001 00000004 00000001 ffffffff',
    '{1,NULL}',
  ],
  [of('int4'), '00000000 00000000 00000017', '{}'],
  [
    of('int4'),
    '00000002 00000000 00000017 00000001 00000001 00000002 00000000 00000004 00000001 ' +
      '00000004 00000002',
    '[1:1][0:1]={{1,2}}',
  ],
  [
    of('text'),
    '00000001 00000000 00000019 00000002 00000001 00000003 612c62 00000000',
    '{"a,b",""}',
  ],
  [
    of('numeric'),
    '00000001 00000000 000006a4 00000001 00000001 0000000a 00010000000000010001',
    '{1.0}',
  ],
  [
    of('uuid'),
    '00000001 00000000 00000b86 00000001 00000001 00000010 a0eebc999c0b4ef8bb6d6bb9bd380a11',
    '{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}',
  ],
]

test.each(values)('%j in binary: %s is %s', (type, bytes, text) => {
  expect(decoded(type, bytes)).toBe(text)
  expect(encodeBinary(text, type).toString('hex')).toBe(bytes.replaceAll(' ', ''))
})

/** What PostgreSQL 15 says of arrays that lie. */
const refused: readonly (readonly [string, string, string])[] = [
  ['00', '08P01', 'insufficient data left in message'],
  [
    '00000001 00000000 00000019 00000001 00000001 00000001 61',
    '42804',
    'binary data has array element type 25 (text) instead of expected 23 (integer)',
  ],
  [
    '00000007 00000000 00000017',
    '54000',
    'number of array dimensions (7) exceeds the maximum allowed (6)',
  ],
  ['ffffffff 00000000 00000017', '22P03', 'invalid number of dimensions: -1'],
  ['00000001 00000002 00000017 00000001 00000001 00000004 00000001', '22P03', 'array flags'],
  ['00000001 00000000 00000017 7fffffff 00000001', '54000', 'array size exceeds the maximum'],
  ['00000001 00000000 00000017 00ffffff 00000001', '08P01', 'insufficient data'],
  ['00000001 00000000 00000017 ffffffff 00000001', '54000', 'array size exceeds the maximum'],
  [
    '00000001 00000000 00000017 00000001 7fffffff 00000004 00000001',
    '54000',
    'array lower bound is too large: 2147483647',
  ],
  ['00000001 00000000 00000017 00000001 00000001 00000003 000001', '08P01', 'insufficient data'],
  [
    '00000001 00000000 00000017 00000001 00000001 00000005 0000000102',
    '22P03',
    'improper binary format in array element 1',
  ],
  [
    '00000001 00000000 00000017 00000001 00000001 00000004 00000001 00',
    '22P03',
    'incorrect binary data format in bind parameter 1',
  ],
  ['00000001 00000000 00000017 00000001 00000001 fffffffe', '22P03', 'insufficient data left'],
  [
    '00000003 00000000 00000017 00010000 00000001 00010000 00000001 00010000 00000001',
    '54000',
    'array size exceeds the maximum',
  ],
]

test.each(refused)('%s is refused', (bytes, code, said) => {
  let found: unknown
  try {
    decoded(of('int4'), bytes)
  } catch (error) {
    found = error
  }
  expect(found).toMatchObject({ name: 'QueryError', message: expect.stringContaining(said) })
  expect((found as { sqlState: string }).sqlState).toBe(code)
})
