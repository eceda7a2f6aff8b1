import { serialize } from 'pg-protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, type Database } from '../../src/index.ts'
import { startPgServer, type RunningPgServer } from '../../src/server/pgwire/server.ts'
import { fields, message, RawClient, run, type Answer } from './raw-client.ts'

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
const { query } = serialize
const five = 'select g from (values (1), (2), (3), (4), (5)) v (g)'
const portal = (name: string): Buffer => serialize.bind({ portal: name, statement: 'five' })
const fetch = (name: string, rows: number): Buffer => serialize.execute({ portal: name, rows })
const prepareFive = serialize.parse({ name: 'five', text: five, types: [] })
const count = query('select count(*) from t')

/** A Bind of the unnamed portal with formats of its results as they are given. */
function formatted(statement: string, formats: readonly number[]): Buffer {
  const words = [0, 0, formats.length, ...formats]
  const body = Buffer.alloc(2 + statement.length + 2 * words.length)
  body.write(statement, 1, 'latin1')
  words.forEach((word, at) => body.writeInt16BE(word, 2 + statement.length + 2 * at))
  return message('B', body)
}

/** What an answer says: its letter, and of some its text. */
function shown({ type, body }: Answer): string {
  switch (type) {
    case 'E':
    case 'N':
      return `${type}${fields({ type, body })['C']}`
    case 'C':
      return `[${body.toString('utf8', 0, body.length - 1)}]`
    case 'Z':
      return `Z${body.toString()}`
    case 'D':
      return `(${body.toString('utf8', 6)})`
    default:
      return type
  }
}

/** Messages sent at once, and what PostgreSQL 15 answers; each begins with an empty table t. */
const conversations: readonly (readonly [string, readonly Buffer[], string])[] = [
  [
    'an error undoes the statements before it',
    [run('insert into t values (1)'), run('select nothing'), sync, count],
    '12[INSERT 0 1]E42703ZIT(0)[SELECT 1]ZI',
  ],
  [
    'Sync makes them last',
    [run('insert into t values (1)'), run('insert into t values (2)'), sync, count],
    '12[INSERT 0 1]12[INSERT 0 1]ZIT(2)[SELECT 1]ZI',
  ],
  [
    'BEGIN takes in what came before it',
    [
      run('insert into t values (1)'),
      run('begin'),
      run('insert into t values (2)'),
      sync,
      query('rollback'),
      count,
    ],
    '12[INSERT 0 1]12[BEGIN]12[INSERT 0 1]ZT[ROLLBACK]ZIT(0)[SELECT 1]ZI',
  ],
  [
    'COMMIT makes what came before it last',
    [run('insert into t values (1)'), run('commit'), run('select nothing'), sync, count],
    '12[INSERT 0 1]12N25P01[COMMIT]E42703ZIT(1)[SELECT 1]ZI',
  ],
  [
    'ROLLBACK undoes what came before it, not what comes after',
    [
      run('insert into t values (1)'),
      run('rollback'),
      run('insert into t values (2), (3)'),
      sync,
      count,
    ],
    '12[INSERT 0 1]12N25P01[ROLLBACK]12[INSERT 0 2]ZIT(2)[SELECT 1]ZI',
  ],
  [
    'a simple query belongs to what came before it, and ends it',
    [
      run('insert into t values (1)'),
      query('select nothing'),
      count,
      run('insert into t values (2)'),
      query('select 1'),
      sync,
      count,
    ],
    '12[INSERT 0 1]E42703ZIT(0)[SELECT 1]ZI12[INSERT 0 1]T(1)[SELECT 1]ZIZIT(1)[SELECT 1]ZI',
  ],
  [
    'DISCARD ALL goes alone',
    [run('discard all'), sync, run('insert into t values (1)'), run('discard all'), sync, count],
    '12[DISCARD ALL]ZI12[INSERT 0 1]12E25001ZIT(0)[SELECT 1]ZI',
  ],
  [
    'nor does it go with other statements of a text',
    [query('select 1; discard all'), query('discard all; select 1')],
    'T(1)[SELECT 1]E25001ZIE25001ZI',
  ],
  [
    'a failed transaction takes nothing but its end',
    [
      query('begin'),
      query('select nothing'),
      query('begin'),
      run('begin'),
      sync,
      run('select 1'),
      sync,
      run(''),
      sync,
      run('rollback'),
      sync,
    ],
    '[BEGIN]ZTE42703ZEE25P02ZEE25P02ZEE25P02ZE1E25P02ZE12[ROLLBACK]ZI',
  ],
  [
    'portals take turns, each going on where it stopped',
    [
      query('begin'),
      prepareFive,
      portal('p'),
      portal('q'),
      fetch('p', 2),
      fetch('q', 1),
      fetch('p', 2),
      fetch('q', 9),
      message('E', '7000ffffffff'),
      fetch('p', 0),
      sync,
      query('rollback'),
    ],
    '[BEGIN]ZT122(1)(2)s(1)s(3)(4)s(2)(3)(4)(5)[SELECT 4](5)[SELECT 1][SELECT 0]ZT[ROLLBACK]ZI',
  ],
  [
    'a portal lives no longer than its transaction',
    [query('begin'), prepareFive, portal('p'), fetch('p', 2), run('commit'), fetch('p', 2), sync],
    '[BEGIN]ZT12(1)(2)s12[COMMIT]E34000ZI',
  ],
  [
    'nor does it go on in a failed one',
    [
      query('begin'),
      prepareFive,
      portal('p'),
      fetch('p', 2),
      run('select nothing'),
      sync,
      fetch('p', 2),
      sync,
      serialize.describe({ type: 'P', name: 'p' }),
      sync,
      serialize.describe({ type: 'S', name: 'five' }),
      sync,
      portal('q'),
      sync,
      serialize.close({ type: 'P', name: 'p' }),
      sync,
      query('rollback'),
    ],
    '[BEGIN]ZT12(1)(2)sE42703ZEE25P02ZEE25P02ZEE25P02ZEE25P02ZE3ZE[ROLLBACK]ZI',
  ],
  [
    'a simple query takes the unnamed statement and portal',
    [
      query('begin'),
      serialize.parse({ name: '', text: five, types: [] }),
      serialize.bind({}),
      fetch('', 2),
      sync,
      query('select 3'),
      fetch('', 2),
      sync,
      query('rollback'),
      serialize.bind({}),
      sync,
    ],
    '[BEGIN]ZT12(1)(2)sZTT(3)[SELECT 1]ZTE34000ZE[ROLLBACK]ZIE26000ZI',
  ],
  [
    'a Bind that fails for its values leaves a portal of nothing',
    [
      query('begin'),
      serialize.parse({ name: 'n', text: 'select $1', types: [23] }),
      sync,
      serialize.bind({ portal: 'p', statement: 'n', values: ['x'] }),
      sync,
      serialize.describe({ type: 'P', name: 'p' }),
      fetch('p', 0),
      sync,
      serialize.bind({ statement: 'n', values: ['x'] }),
      sync,
      query('rollback'),
      serialize.describe({ type: 'P', name: 'p' }),
      sync,
      serialize.bind({ portal: 'p', statement: 'n', values: ['x'] }),
      sync,
      fetch('p', 0),
      sync,
    ],
    '[BEGIN]ZT1ZTE22P02ZEnIZEE25P02ZE[ROLLBACK]ZIE34000ZIE22P02ZIE34000ZI',
  ],
  [
    'a portal of a transaction that failed gives nothing, not even the end of it',
    [
      query('begin'),
      prepareFive,
      portal('p'),
      serialize.parse({ name: 'r', text: 'rollback', types: [] }),
      serialize.bind({ portal: 'r', statement: 'r' }),
      sync,
      query('select nothing'),
      fetch('r', 0),
      sync,
      serialize.describe({ type: 'P', name: 'r' }),
      fetch('p', 0),
      sync,
      serialize.describe({ type: 'P', name: 'p' }),
      sync,
      serialize.close({ type: 'P', name: 'p' }),
      serialize.bind({ portal: 'r', statement: 'r' }),
      sync,
      serialize.bind({ portal: 'q', statement: 'r' }),
      fetch('q', 0),
      sync,
    ],
    '[BEGIN]ZT1212ZTE42703ZEE25P02ZEnE25P02ZEE25P02ZE3E42P03ZE2[ROLLBACK]ZI',
  ],
  [
    'formats are counted before a query runs and looked at when it gives a row',
    [
      prepareFive,
      formatted('five', [0, 0]),
      sync,
      formatted('five', [7]),
      serialize.describe({ type: 'P', name: '' }),
      fetch('', 0),
      sync,
      serialize.parse({ name: '', text: `${five} where g > 5`, types: [] }),
      formatted('', [7]),
      fetch('', 0),
      sync,
    ],
    '1E08P01ZI2TE22023ZI12[SELECT 0]ZI',
  ],
  [
    'DEALLOCATE ALL leaves the unnamed statement',
    [
      prepareFive,
      serialize.parse({ name: '', text: 'deallocate all', types: [] }),
      serialize.bind({}),
      serialize.execute({}),
      serialize.describe({ type: 'S', name: '' }),
      serialize.describe({ type: 'S', name: 'five' }),
      sync,
    ],
    '112[DEALLOCATE ALL]tnE26000ZI',
  ],
  [
    'a prepared query whose columns changed is not run',
    [
      query('create table changing (a int)'),
      serialize.parse({ name: 'c', text: 'select * from changing', types: [] }),
      sync,
      query('drop table changing; create table changing (a int, b text)'),
      serialize.bind({ statement: 'c' }),
      serialize.execute({}),
      sync,
      query('drop table changing'),
    ],
    '[CREATE TABLE]ZI1ZI[DROP TABLE][CREATE TABLE]ZI2E0A000ZI[DROP TABLE]ZI',
  ],
  [
    'a prepared query of whose columns clients see no change runs on',
    [
      query('create table changing (a numeric)'),
      serialize.parse({ name: 'd', text: 'select sum(a) from changing', types: [] }),
      sync,
      query('drop table changing'),
      query('create table changing as select 1.5::numeric(12,3) as a'),
      serialize.bind({ statement: 'd' }),
      serialize.execute({}),
      serialize.close({ type: 'S', name: 'd' }),
      sync,
      query('drop table changing'),
    ],
    '[CREATE TABLE]ZI1ZI[DROP TABLE]ZI[SELECT 1]ZI2(1.500)[SELECT 1]3ZI[DROP TABLE]ZI',
  ],
  [
    'a prepared statement whose table is gone is neither described nor run',
    [
      query('create table going (a int)'),
      serialize.parse({ name: 'c', text: 'select a from going where a > $1', types: [] }),
      serialize.parse({ name: 'i', text: 'insert into going values ($1)', types: [] }),
      sync,
      query('drop table going'),
      serialize.describe({ type: 'S', name: 'c' }),
      sync,
      serialize.bind({ statement: 'c', values: ['1'] }),
      serialize.execute({}),
      sync,
      serialize.bind({ statement: 'i', values: ['1'] }),
      serialize.execute({}),
      sync,
      query('create table going (a int)'),
      serialize.describe({ type: 'S', name: 'c' }),
      sync,
      query('drop table going'),
    ],
    '[CREATE TABLE]ZI11ZI[DROP TABLE]ZItE42P01ZI2E42P01ZI2E42P01ZI[CREATE TABLE]ZItTZI[DROP TABLE]ZI',
  ],
  [
    'a portal keeps what it reads when the table is dropped',
    [
      query('create table kept as select 1 as a union all select 2'),
      query('begin'),
      serialize.parse({ name: '', text: 'select a from kept order by a', types: [] }),
      serialize.bind({ portal: 'p' }),
      fetch('p', 1),
      sync,
      query('drop table kept'),
      fetch('p', 1),
      sync,
      query('commit'),
    ],
    '[SELECT 2]ZI[BEGIN]ZT12(1)sZT[DROP TABLE]ZT(2)sZT[COMMIT]ZI',
  ],
  [
    'a function call message is refused and done with',
    [message('F', '00'), query('select 1'), run('bad'), message('F', '00'), sync],
    'E0A000ZIT(1)[SELECT 1]ZIE42601ZI',
  ],
  [
    'messages of COPY that come too late are passed over',
    [message('d', '00'), message('c', ''), message('f', '00'), query('select 1')],
    'T(1)[SELECT 1]ZI',
  ],
  [
    'a statement that is not supported says so at Parse',
    [run('grant select on t to u', []), sync],
    'E0A000ZI',
  ],
]

for (const [name, messages, expected] of conversations) {
  test(name, async () => {
    await db.query('drop table if exists t')
    await db.query('create table t (a int)')
    const client = await RawClient.started(server.port)
    const end = [query("select 'end'")]
    client.send(...messages, ...end)
    const answers: string[] = []
    while (!answers.join('').endsWith('T(end)[SELECT 1]ZI')) {
      answers.push(...(await client.until('Z')).map(shown))
    }
    client.end()
    expect(answers.join('')).toBe(`${expected}T(end)[SELECT 1]ZI`)
  })
}

test('what was not synced when the client leaves is undone', async () => {
  await db.query('drop table if exists t')
  await db.query('create table t (a int)')
  const client = await RawClient.started(server.port)
  client.send(run('insert into t values (1)'), serialize.flush())
  await client.until('C')
  client.end()
  await expect.poll(async () => (await db.query('select * from t')).rowCount).toBe(0)
})
