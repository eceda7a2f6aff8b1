import { serialize } from 'pg-protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, type Database } from '../../src/index.ts'
import { startPgServer, type RunningPgServer } from '../../src/server/pgwire/server.ts'
import { fields, kinds, message, RawClient } from './raw-client.ts'

let db: Database
let server: RunningPgServer

beforeAll(async () => {
  db = await connect({ threads: 1 })
  server = await startPgServer({ engine: db.engine, host: '127.0.0.1', port: 0 })
})

afterAll(async () => {
  await server.close()
  await db.close()
})

const sync = serialize.sync()
const hex = (text: string): Buffer => Buffer.from(text, 'hex')
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')

/** Parse of a text whose first parameter has a type; then Bind of one parameter in a format. */
function bound(text: string, oid: number, format: number, value: Buffer): Buffer {
  const head = hex('00000001')
  const middle = Buffer.alloc(8)
  middle.writeInt16BE(format, 0)
  middle.writeInt16BE(1, 2)
  middle.writeInt32BE(value.length, 4)
  return Buffer.concat([
    serialize.parse({ name: '', text, types: [oid] }),
    message('B', Buffer.concat([head, middle, value, Buffer.alloc(2)])),
    serialize.execute({}),
  ])
}

/** Messages, and what PostgreSQL 15 says of them; the connection goes on after each. */
const refused: readonly (readonly [string, Buffer, string, string])[] = [
  ['a query that is no UTF-8', message('Q', latin1("select '\xff'\0")), '22021', '"UTF8": 0xff'],
  [
    'a statement that is no UTF-8',
    message('P', latin1("\0select '\xe4\xb8'\0\0\0")),
    '22021',
    '"UTF8": 0xe4 0xb8 0x27',
  ],
  [
    'a name that is no UTF-8',
    message('P', latin1('\xff\0select 1\0\0\0')),
    '22021',
    '"UTF8": 0xff',
  ],
  ['a text with NUL', bound('select $1', 25, 0, latin1('a\0b')), '22021', '"UTF8": 0x00'],
  ['a binary text with NUL', bound('select $1', 25, 1, latin1('a\0b')), '22021', '"UTF8": 0x00'],
  ['a binary text in Latin-1', bound('select $1', 25, 1, latin1('\xe4')), '22021', '"UTF8": 0xe4'],
  ['a number with NUL', bound('select $1', 23, 0, latin1('1\0')), '22021', '"UTF8": 0x00'],
  ['a query with more behind it', message('Q', latin1('select 1\0x')), '08P01', 'message format'],
  ['a Sync with a body', message('S', '00'), '08P01', 'invalid message format'],
  ['a Flush with a body', message('H', '00'), '08P01', 'invalid message format'],
  ['an Execute with a longer body', message('E', '000000000000'), '08P01', 'message format'],
  ['a Describe of something else', message('D', '5100'), '08P01', 'DESCRIBE message subtype 81'],
  ['a Close of something else', message('C', '5100'), '08P01', 'CLOSE message subtype 81'],
  ['a text without end', message('Q', latin1('A')), '08P01', 'invalid string in message'],
  ['a Bind that promises more', message('B', '00000fff'), '08P01', 'insufficient data'],
  ['format 5', bound('select $1', 25, 5, latin1('')), '22023', 'unsupported format code: 5'],
  ['an int4 of three bytes', bound('select $1', 23, 1, hex('010203')), '08P01', 'insufficient'],
  ['one of five', bound('select $1', 23, 1, hex('0102030405')), '22P03', 'in bind parameter 1'],
  ['a wrong digit', bound('select $1', 1700, 1, hex('00010000000000007fff')), '22P03', 'digit in'],
  ['a wrong sign', bound('select $1', 1700, 1, hex('00010000123400000001')), '22P03', 'sign in'],
  ['a wrong scale', bound('select $1', 1700, 1, hex('000100000000ffff0001')), '22P03', 'scale in'],
  ['a wrong length', bound('select $1', 1700, 1, hex('0002000000000000')), '08P01', 'insufficient'],
  [
    'a wrong sign, too short',
    bound('select $1', 1700, 1, hex('000200003636000a')),
    '22P03',
    'sign',
  ],
  [
    'a wrong time, too long',
    bound('select $1', 1083, 1, hex('2a3f487605134c4e3271')),
    '22008',
    'time',
  ],
  [
    'a large count, too short',
    bound('select $1', 1700, 1, hex('4f35120c')),
    '08P01',
    'insufficient',
  ],
  ['a late date', bound('select $1', 1082, 1, hex('7ffffff0')), '22008', 'date out of range'],
  ['a late time', bound('select $1', 1083, 1, hex('7ffffffffffffff0')), '22008', 'time out of'],
  ['a late timestamp', bound('select $1', 1114, 1, hex('7ffffffffffffff0')), '22008', 'timestamp'],
  ['no uuid', bound('select $1', 2950, 0, latin1('x')), '22P02', 'for type uuid: "x"'],
  ['no json', bound('select $1', 114, 1, latin1('{x')), '22P02', 'for type json'],
  // What PostgreSQL takes and Heddle does not have: refused before a byte of it is read.
  ['an inet', bound('select $1', 869, 1, hex('0220000401020304')), '0A000', 'inet (OID 869)'],
  ['another jsonb', bound('select $1', 3802, 1, hex('027b7d')), '22P03', 'version number 2'],
  ['no jsonb', bound('select $1', 3802, 1, hex('017b')), '22P02', 'for type json'],
  ['a timetz of a byte', bound('select $1', 1266, 1, hex('00')), '08P01', 'insufficient data'],
  [
    'a zone far away',
    bound('select $1', 1266, 1, hex('000000000000000000ffffff')),
    '22009',
    'zone',
  ],
  ['an int4[] of a byte', bound('select $1', 1007, 1, hex('00')), '08P01', 'insufficient data'],
  ['an unknown type', bound('select $1', 99_999, 0, hex('00')), '0A000', 'unknown (OID 99999)'],
]

for (const [name, bytes, code, said] of refused) {
  test(`${name}: ${code}`, async () => {
    const client = await RawClient.started(server.port)
    client.send(bytes, sync, serialize.query('select 1'))
    const answers = await client.until('D')
    const errors = answers.filter(({ type }) => type === 'E').map(fields)
    expect(errors).toMatchObject([{ S: 'ERROR', C: code }])
    expect(errors[0]!['M']).toContain(said)
    client.end()
  })
}

/** Values in binary format, and what `select $1::text` gives. */
const taken: readonly (readonly [string, number, Buffer, string])[] = [
  ['uuid', 2950, hex('a0eebc999c0b4ef8bb6d6bb9bd380a11'), 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
  ['json', 114, latin1('{"b":1,  "a":2}'), '{"b":1,  "a":2}'],
  ['oid', 26, hex('ffffffff'), '4294967295'],
  ['jsonb', 3802, latin1('\x01{"b":1,  "a":2}'), '{"a": 2, "b": 1}'],
  ['timetz', 1266, hex('0000000861c46800ffffe3e0'), '10:00:00+02'],
  ['varchar', 1043, Buffer.from('ä€'), 'ä€'],
  ['numeric cut at its scale', 1700, hex('0002000000000001000104d3'), '1.1'],
  ['numeric below one', 1700, hex('0001fffe4000000600960000').subarray(0, 10), '-0.000001'],
  ['numeric with zeros behind', 1700, hex('00010002000000000001'), '100000000'],
  ['time at the end of the day', 1083, hex('000000141dd76000'), '24:00:00'],
  ['bool of another bit', 16, hex('02'), 'true'],
]

for (const [name, oid, value, expected] of taken) {
  test(`binary ${name} is ${expected}`, async () => {
    const client = await RawClient.started(server.port)
    client.send(bound('select $1::text', oid, 1, value), sync)
    const answers = await client.until('Z')
    expect(kinds(answers)).toBe('12DCZ')
    expect(answers[2]!.body.toString('utf8', 6)).toBe(expected)
    client.end()
  })
}

test('a uuid in text is written as PostgreSQL writes it', async () => {
  const client = await RawClient.started(server.port)
  const text = latin1('{A0EEBC99-9C0B4EF8BB6D6BB9BD380A11}')
  client.send(bound('select $1', 2950, 0, text), sync)
  const row = (await client.until('Z')).find(({ type }) => type === 'D')!
  expect(row.body.toString('utf8', 6)).toBe('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11')
  client.end()
})

test('declared types come back as they were declared, unused ones too', async () => {
  const client = await RawClient.started(server.port)
  client.send(
    serialize.parse({ name: 's', text: 'select $1', types: [1043, 23, 0] }),
    serialize.describe({ type: 'S', name: 's' }),
    sync,
  )
  const [, described] = await client.until('Z')
  expect(described!.body.toString('hex')).toBe('0003000004130000001700000019')
  client.end()
})
