import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../src/base/world.ts'
import * as types from '../../src/data/types/data-type.ts'
import type { DataType } from '../../src/data/types/data-type.ts'
import type { Scalar } from '../../src/data/types/scalar.ts'
import { encodeBinary } from '../../src/data/binary/binary-values.ts'
import { decodeParameter } from '../../src/server/pgwire/parameters.ts'
import { errorResponse, rowDescription } from '../../src/server/pgwire/backend-messages.ts'
import { decodeMessage, decodeStartup } from '../../src/server/pgwire/frontend-messages.ts'
import { QueryError } from '../../src/base/errors.ts'

/** PostgreSQL 15's own binary output. */
const encodings: readonly (readonly [DataType, NonNullable<Scalar>, string])[] = [
  [types.bool, true, '01'],
  [types.int2, 1, '0001'],
  [types.int8, 1n, '0000000000000001'],
  [types.float4, 1.5, '3fc00000'],
  [types.float8, 1e300, '7e37e43c8800759c'],
  [types.numeric, { unscaled: 0n, scale: 0 }, '0000000000000000'],
  [types.numeric, { unscaled: 15n, scale: 1 }, '000200000000000100011388'],
  [types.decimal(10, 3), -12_345_678n, '0003000140000003000109291a7c'],
  [types.numeric, { unscaled: 10n ** 20n, scale: 0 }, '00010005000000000001'],
  [types.bytea, new Uint8Array([0xde, 0xad]), 'dead'],
  [types.date, 18_262, '00001c89'],
  [types.timestamp, 1_577_836_800_000_000n, '00023e0786c26000'],
  [
    types.interval,
    { months: 14, days: 3, micros: 14_706_700_000n },
    '000000036c966ee0000000030000000e',
  ],
]

describe('binary values', () => {
  for (const [type, value, hex] of encodings) {
    test(`${types.typeName(type)} ${hex}`, () => {
      expect(encodeBinary(value, type).toString('hex')).toBe(hex)
      expect(
        decodeParameter(Buffer.from(hex, 'hex'), { format: 1 }, { type, declaredOid: 0 }, 0),
      ).toEqual(value)
    })
  }

  test('a value of the wrong size is refused', () => {
    const int4 = { type: types.int4, declaredOid: 0 }
    expect(() => decodeParameter(Buffer.alloc(3), { format: 1 }, int4, 0)).toThrow(
      /insufficient data/,
    )
    expect(() => decodeParameter(Buffer.alloc(5), { format: 1 }, int4, 0)).toThrow(
      /in bind parameter 1/,
    )
  })
})

describe('frontend messages', () => {
  test('incomplete messages wait, complete ones are taken exactly', () => {
    const message = Buffer.from('51000000 0d73656c656374203100'.replaceAll(' ', ''), 'hex')
    for (let length = 0; length < message.length; length++) {
      expect(decodeMessage(message.subarray(0, length), 0)).toBeUndefined()
    }
    expect(decodeMessage(Buffer.concat([message, message]), 0)).toEqual({
      message: { kind: 'query', text: 'select 1' },
      consumed: 14,
    })
  })

  test('lengths are bounded before anything is allocated', () => {
    expect(() => decodeMessage(Buffer.from('517fffffff', 'hex'), 0)).toThrow(/length/)
    expect(() => decodeMessage(Buffer.from('5100000003', 'hex'), 0)).toThrow(/length/)
    expect(() => decodeStartup(Buffer.from('7fffffff00030000', 'hex'))).toThrow(/length/)
  })

  test('random bytes are refused or wait, and never read past their end', () => {
    const seed = 11
    const random = seededRandom(seed)
    for (let round = 0; round < 5_000; round++) {
      const bytes = Buffer.from(Array.from({ length: 40 }, () => Math.floor(random.next() * 256)))
      bytes[0] = 'QPBDCESHXp'.charCodeAt(Math.floor(random.next() * 10))
      bytes.writeInt32BE(Math.floor(random.next() * 40), 1)
      try {
        const decoded = decodeMessage(bytes, 0)
        if (decoded !== undefined) expect(decoded.consumed, `seed ${seed}`).toBeLessThanOrEqual(40)
      } catch (error) {
        expect(error, `seed ${seed}`).toBeInstanceOf(QueryError)
      }
    }
  })
})

describe('backend messages', () => {
  test('a decimal tells its precision and scale where they were declared', () => {
    const column = { name: 'a', type: types.decimal(15, 2) }
    const modifier = (bytes: Buffer): number => bytes.readInt32BE(bytes.length - 6)
    const declared = { name: 'numeric', precision: 15, scale: 2 } as const
    expect(modifier(rowDescription([{ ...column, declared }], []))).toBe(((15 << 16) | 2) + 4)
    expect(modifier(rowDescription([column], []))).toBe(-1)
  })

  test('an error tells its position in characters from 1', () => {
    const text = "select '😀', x"
    const error = new QueryError('UNDEFINED_COLUMN', 'column "x" does not exist', {
      span: { start: text.indexOf('x'), end: text.length },
    })
    const fields = errorResponse(error, text).toString('utf8')
    expect(fields).toContain('C42703\0')
    expect(fields).toContain('P13\0')
  })
})
