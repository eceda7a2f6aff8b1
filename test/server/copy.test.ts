import { serialize } from 'pg-protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, type Database } from '../../src/index.ts'
import { startPgServer, type RunningPgServer } from '../../src/server/pgwire/server.ts'
import { fields, kinds, RawClient, tags } from './raw-client.ts'

let db: Database
let server: RunningPgServer
let client: RawClient

beforeAll(async () => {
  db = await connect({ threads: 1 })
  server = await startPgServer({ engine: db.engine, host: '127.0.0.1', port: 0 })
  await db.query('create table t (a int, b text)')
  client = await RawClient.started(server.port)
})

afterAll(async () => {
  client.end()
  await server.close()
  await db.close()
})

const rows = async (): Promise<unknown> => (await db.query('select a, b from t order by a')).texts()
const data = (text: string): Buffer => serialize.copyData(Buffer.from(text))

test('a simple query copies in, between others', async () => {
  client.send(serialize.query('select 1; copy t from stdin; select 2'))
  await client.until('G')
  client.send(data('1\tx\n2'), data('\ty\n'), serialize.copyDone())
  const answers = await client.until('Z')
  expect([kinds(answers), tags(answers)]).toEqual(['CTDCZ', ['COPY 2', 'SELECT 1']])
  expect(await rows()).toEqual([
    ['1', 'x'],
    ['2', 'y'],
  ])
})

test('the answer to a query tells what is wanted', async () => {
  client.send(serialize.query('copy t (b) from stdin (format binary)'))
  const [answer] = await client.until('G')
  expect([...answer!.body]).toEqual([1, 0, 1, 0, 1])
  client.send(serialize.copyFail('not today'))
  const answers = await client.until('Z')
  expect([kinds(answers), fields(answers[0]!)['C'], fields(answers[0]!)['M']]).toEqual([
    'EZ',
    '57014',
    'COPY from stdin failed: not today',
  ])
})

test('after an error what the client goes on sending is passed over', async () => {
  client.send(serialize.query('copy t from stdin'))
  await client.until('G')
  client.send(data('x\ty\n'), data('3\tz\n'), serialize.copyDone(), serialize.query('select 5'))
  const answers = await client.until('Z', 2)
  expect([kinds(answers), fields(answers[0]!)['W']]).toEqual([
    'EZTDCZ',
    'COPY t, line 1, column a: "x"',
  ])
  expect(await rows()).toEqual([
    ['1', 'x'],
    ['2', 'y'],
  ])
})

test('a message that is none of COPY ends it', async () => {
  client.send(serialize.query('copy t from stdin'))
  await client.until('G')
  client.send(data('9\tz\n'), serialize.query('select 5'))
  const answers = await client.until('Z')
  expect([kinds(answers), fields(answers[0]!)['M']]).toEqual([
    'EZ',
    'unexpected message type 0x51 during COPY from stdin',
  ])
})

test('the extended protocol copies both ways', async () => {
  const run = (text: string): Buffer[] => [
    serialize.parse({ text }),
    serialize.bind({}),
    serialize.describe({ type: 'P' }),
    serialize.execute({}),
  ]
  client.send(...run('copy t from stdin csv'), serialize.flush())
  expect(kinds(await client.until('G'))).toBe('12nG')
  client.send(data('3,"z\nz"\n'), serialize.copyDone(), serialize.sync())
  expect(kinds(await client.until('Z'))).toBe('CZ')
  client.send(...run('copy (select a, b from t order by a) to stdout'), serialize.sync())
  const answers = await client.until('Z')
  expect(kinds(answers)).toBe('12nHdddcCZ')
  const sent = answers.filter(({ type }) => type === 'd').map(({ body }) => body.toString())
  expect(sent).toEqual(['1\tx\n', '2\ty\n', '3\tz\\nz\n'])
  client.send(...run('copy t from stdin csv'), serialize.flush())
  await client.until('G')
  client.send(
    data('x,y\n'),
    data('4,y\n'),
    serialize.copyDone(),
    ...run('select 1'),
    serialize.sync(),
  )
  expect(kinds(await client.until('Z'))).toBe('EZ')
})

test('a client that leaves in the middle leaves nothing', async () => {
  const other = await RawClient.started(server.port)
  other.send(serialize.query('copy t from stdin'))
  await other.until('G')
  other.send(data('7\tgone\n'))
  other.end()
  await other.all()
  expect(await rows()).toEqual([
    ['1', 'x'],
    ['2', 'y'],
    ['3', 'z\nz'],
  ])
})

test('an error in a late row ends the copy out', async () => {
  client.send(serialize.query('copy (select 1 / (2 - g) from generate_series(1, 3) g) to stdout'))
  const answers = await client.until('Z')
  expect(fields(answers.find(({ type }) => type === 'E')!)['C']).toBe('22012')
})
