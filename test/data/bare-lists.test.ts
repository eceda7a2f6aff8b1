import { expect, test } from 'vitest'
import { isBare } from '../../src/data/types/bare-list.ts'
import {
  arrayOf,
  decimal,
  plainType,
  type ElementType,
  type PlainKind,
} from '../../src/data/types/data-type.ts'
import { keyLength } from '../../src/data/types/sort-key.ts'
import { bytesOfScalar, comparedBytes, scalarOfBytes } from '../../src/data/vectors/text-values.ts'

const cases: readonly (readonly [PlainKind, string, 'bare' | 'with its text'])[] = [
  ['int2', '{-32768,NULL,32767}', 'bare'],
  ['int4', '{2147483647,-2147483648,0,NULL}', 'bare'],
  ['int4', '{91}', 'bare'],
  ['int8', '{-9223372036854775808,9223372036854775807}', 'bare'],
  ['oid', '{4294967295}', 'bare'],
  ['float8', '{NaN,-Infinity,0,1e-07,-1.5,NULL}', 'bare'],
  ['float8', '{1,-0}', 'with its text'],
  ['float4', '{0.1,3.4028235e+38}', 'bare'],
  ['float4', '{-0}', 'with its text'],
  ['bool', '{t,f,NULL}', 'bare'],
  ['date', '{2024-02-29,"0044-03-15 BC"}', 'bare'],
  ['time', '{00:00:00,23:59:59.999999}', 'bare'],
  ['timestamp', '{"2024-02-29 10:00:00.5","0044-03-15 00:00:00 BC"}', 'bare'],
  ['timestamptz', '{"2024-02-29 10:00:00+00"}', 'bare'],
  ['uuid', '{ffffffff-ffff-ffff-ffff-ffffffffffff,00000000-0000-0000-0000-000000000000}', 'bare'],
  ['text', String.raw`{"",a,"NULL",NULL,"a b","\"\\",ä,"{}"}`, 'bare'],
  ['text', '{NULL}', 'bare'],
  ['text', '{}', 'with its text'],
  ['int4', '[0:1]={1,2}', 'with its text'],
  ['int4', '{{1,2},{3,4}}', 'with its text'],
  ['numeric', '{1.0,1.00}', 'with its text'],
  ['interval', '{"1 mon"}', 'with its text'],
  ['json', '{"{\\"a\\": 1}"}', 'with its text'],
  ['bpchar', '{"a "}', 'with its text'],
  ['bytea', String.raw`{"\\x00ff"}`, 'with its text'],
]

const named = (kind: PlainKind): ElementType => plainType(kind)

test.each(cases)('%s %s lies in memory %s', (kind, source, how) => {
  const type = arrayOf(named(kind))
  const bytes = bytesOfScalar(source, type)
  expect(isBare(bytes)).toBe(how === 'bare')
  expect(scalarOfBytes(bytes, type)).toBe(source)
  expect([...bytes.subarray(0, keyLength(bytes))]).toEqual([...comparedBytes(source, type)])
})

test('decimals have digits that no key tells', () => {
  const type = arrayOf(decimal(12, 2))
  const bytes = bytesOfScalar('{1.50}', type)
  expect(isBare(bytes)).toBe(false)
  expect(scalarOfBytes(bytes, type)).toBe('{1.50}')
})
