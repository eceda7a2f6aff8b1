import { serialize } from 'pg-protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect, type Database } from '../../src/index.ts'
import { startPgServer, type RunningPgServer } from '../../src/server/pgwire/server.ts'
import { seededRandom } from '../../src/base/world.ts'
import { fields, kinds, packet, RawClient, statuses, tags } from './raw-client.ts'

let db: Database
let server: RunningPgServer

beforeAll(async () => {
  db = await connect({ threads: 2 })
  server = await startPgServer({ engine: db.engine, host: '127.0.0.1', port: 0 })
  await db.query('create table t (a int, b text)')
  const rows = Array.from({ length: 10 }, (_, i) => `(${i}, 'row ${i}')`)
  await db.query(`insert into t values ${rows.join(', ')}`)
})

afterAll(async () => {
  await server.close()
  await db.close()
})

async function withRaw(use: (client: RawClient) => Promise<void>): Promise<void> {
  const client = await RawClient.started(server.port)
  try {
    await use(client)
  } finally {
    client.end()
  }
}

const simple: readonly (readonly [string, string, readonly string[], string])[] = [
  ['select a from t where a < 2', 'TDDCZ', ['SELECT 2'], 'I'],
  ['select a from t where a < 0', 'TCZ', ['SELECT 0'], 'I'],
  ['create table tags as select 1 as a', 'CZ', ['SELECT 1'], 'I'],
  ['insert into tags values (2), (3)', 'CZ', ['INSERT 0 2'], 'I'],
  ['create table tags2 (a int)', 'CZ', ['CREATE TABLE'], 'I'],
  ['drop table tags2', 'CZ', ['DROP TABLE'], 'I'],
  ['set application_name = x', 'CSZ', ['SET'], 'I'],
  ['reset application_name', 'CSZ', ['RESET'], 'I'],
  ['show transaction isolation level', 'TDCZ', ['SHOW'], 'I'],
  ['set session characteristics as transaction isolation level serializable', 'CZ', ['SET'], 'I'],
  ['set extra_float_digits = 3', 'CZ', ['SET'], 'I'],
  ['discard all', 'CZ', ['DISCARD ALL'], 'I'],
  ['deallocate all', 'CZ', ['DEALLOCATE ALL'], 'I'],
  ['', 'IZ', [], 'I'],
  [' -- nothing', 'IZ', [], 'I'],
  ['select 1; select 2', 'TDCTDCZ', ['SELECT 1', 'SELECT 1'], 'I'],
  ['select 1; select 1/0; select 2', 'TDCEZ', ['SELECT 1'], 'I'],
  ['commit', 'NCZ', ['COMMIT'], 'I'],
  ['rollback', 'NCZ', ['ROLLBACK'], 'I'],
  ['begin', 'CZ', ['BEGIN'], 'T'],
  ['begin', 'NCZ', ['BEGIN'], 'T'],
  ['select nothing', 'EZ', [], 'E'],
  ['select 1', 'EZ', [], 'E'],
  ['commit', 'CZ', ['ROLLBACK'], 'I'],
]

test('simple queries: messages, tags and transaction status', () =>
  withRaw(async (client) => {
    for (const [sql, messages, expectedTags, status] of simple) {
      client.send(serialize.query(sql))
      const answers = await client.until('Z')
      expect([sql, kinds(answers), tags(answers), statuses(answers)]).toEqual([
        sql,
        messages,
        expectedTags,
        status,
      ])
    }
  }))

test('notices have level and code', () =>
  withRaw(async (client) => {
    client.send(serialize.query('commit'), serialize.query('begin; begin'))
    const notices = (await client.until('Z', 2)).filter(({ type }) => type === 'N').map(fields)
    expect(notices).toMatchObject([
      { S: 'WARNING', C: '25P01', M: 'there is no transaction in progress' },
      { S: 'WARNING', C: '25001', M: 'there is already a transaction in progress' },
    ])
  }))

test('statements of one text are one transaction', () =>
  withRaw(async (client) => {
    client.send(serialize.query('create table once (a int); select 1/0'))
    await client.until('Z')
    client.send(serialize.query('select * from once'))
    expect(fields((await client.until('Z'))[0]!)).toMatchObject({ C: '42P01' })
  }))

describe('extended protocol', () => {
  test('portals give rows in pieces', () =>
    withRaw(async (client) => {
      client.send(
        serialize.query('begin'),
        serialize.parse({ name: 's', text: 'select a from t order by a', types: [] }),
        serialize.bind({ portal: 'p', statement: 's' }),
        serialize.execute({ portal: 'p', rows: 4 }),
        serialize.flush(),
        serialize.execute({ portal: 'p', rows: 6 }),
        serialize.execute({ portal: 'p', rows: 5 }),
        serialize.sync(),
      )
      const answers = await client.until('Z', 2)
      expect(kinds(answers)).toBe('CZ12DDDDsDDDDDDsCZ')
      expect(tags(answers)).toEqual(['BEGIN', 'SELECT 0'])
    }))

  test('pipelined statements before one Sync; an error skips to it', () =>
    withRaw(async (client) => {
      const one = (text: string): Buffer =>
        Buffer.concat([
          serialize.parse({ name: '', text, types: [] }),
          serialize.bind({}),
          serialize.describe({ type: 'P', name: '' }),
          serialize.execute({}),
        ])
      client.send(one('select 1'), one(''), one('select 1/0'), one('select 3'), serialize.sync())
      client.send(one('select 4'), serialize.sync())
      const answers = await client.until('Z', 2)
      expect(kinds(answers)).toBe('12TDC12nI12TEZ12TDCZ')
    }))

  test('Describe tells parameters, columns and the formats of a portal', () =>
    withRaw(async (client) => {
      client.send(
        serialize.parse({ name: 's', text: 'select a, b from t where a = $1', types: [] }),
        serialize.describe({ type: 'S', name: 's' }),
        serialize.bind({ statement: 's', values: ['3'], binary: true }),
        serialize.describe({ type: 'P', name: '' }),
        serialize.execute({}),
        serialize.sync(),
      )
      const answers = await client.until('Z')
      expect(kinds(answers)).toBe('1tT2TDCZ')
      expect(answers[1]!.body.readInt32BE(2)).toBe(23)
      const [statement, portal] = answers.filter(({ type }) => type === 'T')
      expect(statement!.body.readInt16BE(statement!.body.length - 2)).toBe(0)
      expect(portal!.body.readInt16BE(portal!.body.length - 2)).toBe(1)
      const row = answers.find(({ type }) => type === 'D')!.body
      expect(row.subarray(2, 10).toString('hex')).toBe('0000000400000003')
    }))

  const mistakes: readonly (readonly [string, readonly Buffer[], string])[] = [
    ['an unknown statement', [serialize.bind({ statement: 'none' })], '26000'],
    ['an unknown portal', [serialize.execute({ portal: 'none' })], '34000'],
    [
      'two commands in one Parse',
      [serialize.parse({ name: '', text: 'select 1; select 2', types: [] })],
      '42601',
    ],
    [
      'too few parameters',
      [serialize.parse({ name: '', text: 'select $1::int', types: [] }), serialize.bind({})],
      '08P01',
    ],
    [
      'a parameter that is no number',
      [
        serialize.parse({ name: '', text: 'select $1::int', types: [] }),
        serialize.bind({ values: ['x'] }),
      ],
      '22P02',
    ],
    [
      'a finished command again',
      [
        serialize.parse({ name: '', text: 'set application_name = y', types: [] }),
        serialize.bind({}),
        serialize.execute({}),
        serialize.execute({}),
      ],
      '55000',
    ],
  ]
  for (const [name, messages, code] of mistakes) {
    test(`${name}: ${code}, and in a transaction it fails`, () =>
      withRaw(async (client) => {
        client.send(serialize.query('begin'), ...messages, serialize.sync())
        const answers = await client.until('Z', 2)
        expect(fields(answers.find(({ type }) => type === 'E')!)).toMatchObject({ C: code })
        expect(statuses(answers)).toBe('TE')
      }))
  }

  test('DEALLOCATE forgets what Parse named', () =>
    withRaw(async (client) => {
      const bound = [serialize.bind({ statement: 's' }), serialize.sync()]
      client.send(serialize.parse({ name: 's', text: 'select 1', types: [] }), serialize.sync())
      client.send(serialize.query('deallocate s'), ...bound)
      expect(kinds(await client.until('Z', 3))).toBe('1ZCZEZ')
    }))
})

describe('start-up', () => {
  test('SSL and GSS requests are declined, the connection goes on', async () => {
    const client = new RawClient(server.port)
    for (const code of [80_877_103, 80_877_104]) {
      client.send(packet(code))
      expect(await client.byte()).toBe('N')
    }
    client.send(serialize.startup({ user: 'u' }))
    await client.until('Z')
    client.end()
  })

  test('newer versions and unknown options are negotiated down', async () => {
    const client = new RawClient(server.port)
    client.send(packet(0x0003_0002, 'user\0u\0_pq_.odd\0x\0\0'))
    const [first] = await client.until('Z')
    expect([first!.type, first!.body.readInt32BE(0), first!.body.readInt32BE(4)]).toEqual([
      'v',
      0x0003_0000,
      1,
    ])
    client.end()
  })

  test('options set settings', async () => {
    const client = await RawClient.started(server.port, {
      options: '-c statement_timeout=1234 --search_path=x',
    })
    client.send(serialize.query('show statement_timeout; show search_path'))
    const rows = (await client.until('Z')).filter(({ type }) => type === 'D')
    expect(rows.map(({ body }) => body.toString('utf8', 6))).toEqual(['1234ms', 'x'])
    client.end()
  })

  test('parameters override options, RESET goes back to them', async () => {
    const client = await RawClient.started(server.port, {
      options: '-cwork_mem=2MB --search-path=a,b -c a.b=one\\ two',
      work_mem: '3MB',
      application_name: "it's",
    })
    client.send(
      serialize.query(`set work_mem = '1MB'; reset work_mem; set a.b = 'x'; reset all;
        show work_mem; show search_path; show a.b; show application_name`),
    )
    const rows = (await client.until('Z')).filter(({ type }) => type === 'D')
    const shown = rows.map(({ body }) => body.toString('utf8', 6))
    expect(shown).toEqual(['3MB', 'a,b', 'one two', "it's"])
    client.end()
  })

  test('the time zone and styles of the startup packet are those of texts', async () => {
    const client = new RawClient(server.port)
    const locale = { TimeZone: 'europe/berlin', DateStyle: 'German', IntervalStyle: 'iso_8601' }
    client.send(serialize.startup({ user: 'u', ...locale }))
    const messages = await client.until('Z')
    const statuses = messages.filter(({ type }) => type === 'S').map(({ body }) => body.toString())
    expect(statuses).toContain('TimeZone\0Europe/Berlin\0')
    expect(statuses).toContain('DateStyle\0German, DMY\0')
    expect(statuses).toContain('IntervalStyle\0iso_8601\0')
    client.send(serialize.query("select timestamptz '2024-07-01 12:00+00', interval '1 day'"))
    const row = (await client.until('Z')).find(({ type }) => type === 'D')!.body.toString()
    expect(row).toContain('01.07.2024 14:00:00 CEST')
    expect(row).toContain('P1D')
    client.send(serialize.query("set time zone 'Asia/Tokyo'"))
    const changed = (await client.until('Z')).find(({ type }) => type === 'S')!.body.toString()
    expect(changed).toBe('TimeZone\0Asia/Tokyo\0')
    client.end()
  })

  const startup = (parameters: Readonly<Record<string, string>>): Buffer =>
    serialize.startup({ user: 'u', ...parameters })

  const refused: readonly (readonly [string, Buffer, string])[] = [
    ['a bad value', startup({ work_mem: 'x' }), '22023'],
    ['a bad value in options', startup({ options: '-c extra_float_digits=9' }), '22023'],
    ['a list that is none', startup({ search_path: 'a b' }), '22023'],
    ['a zone that nobody has', startup({ TimeZone: 'Mars' }), '22023'],
    ['an unknown setting', startup({ nope: '1' }), '42704'],
    ['a bad name', startup({ '1a.b': '1' }), '42602'],
    ['a fixed setting', startup({ server_version: '3' }), '55P02'],
    ['an option without value', startup({ options: '-c work_mem' }), '42601'],
    ['an option that is none', startup({ options: 'work_mem=1MB' }), '42601'],
    ['no user', packet(0x0003_0000, 'database\0d\0\0'), '28000'],
    [
      'a user that is no UTF-8',
      packet(0x0003_0000, Buffer.from('user\0\xff\0\0', 'latin1')),
      '22021',
    ],
    ['replication', packet(0x0003_0000, 'user\0u\0replication\0true\0\0'), '0A000'],
    ['an old protocol', packet(0x0002_0000, '\0'), '08P01'],
    ['an absurd length', Buffer.from('7fffffff00030000', 'hex'), '08P01'],
    ['bytes after the SSL request', Buffer.concat([packet(80_877_103), packet(1)]), '08P01'],
  ]
  for (const [name, bytes, code] of refused) {
    test(`${name}: FATAL ${code}`, async () => {
      const client = new RawClient(server.port)
      client.send(bytes)
      const [error] = await client.all()
      expect(fields(error!)).toMatchObject({ S: 'FATAL', C: code })
    })
  }
})

const violations: readonly (readonly [string, Buffer])[] = [
  ['an unknown type', Buffer.from('7900000004', 'hex')],
  ['a length below four', Buffer.from('5100000003', 'hex')],
  ['an oversized length', Buffer.from('517fffffff', 'hex')],
  ['an oversized Sync', Buffer.from('5300ffffff', 'hex')],
  ['a password that nobody asked for', Buffer.from('700000000500', 'hex')],
]
for (const [name, bytes] of violations) {
  test(`${name} ends the connection with FATAL 08P01`, async () => {
    const client = await RawClient.started(server.port)
    client.send(bytes)
    const answers = await client.all()
    expect(fields(answers.at(-1)!)).toMatchObject({ S: 'FATAL', C: '08P01' })
  })
}

test('a client that ends its stream is answered what it asked', async () => {
  const client = await RawClient.started(server.port)
  client.send(
    serialize.query('select count(*) from t a, t b, t c, t d'),
    serialize.query('select 2'),
  )
  client.finish()
  const answers = await client.all()
  expect(tags(answers)).toEqual(['SELECT 1', 'SELECT 1'])
  expect(
    answers.filter(({ type }) => type === 'D').map(({ body }) => body.toString('utf8', 6)),
  ).toEqual(['10000', '2'])
})

test('one that does not close its half is cut off', async () => {
  const client = await RawClient.started(server.port, {}, { allowHalfOpen: true })
  client.send(serialize.end())
  await client.all()
  // Only who sends again is told.
  const isCutOff = (): boolean => {
    if (!client.closed) client.send(serialize.sync())
    return client.closed
  }
  await expect.poll(isCutOff, { timeout: 30_000, interval: 200 }).toBe(true)
})

test('random bytes never harm the server', async () => {
  const seed = 20_261_121
  const random = seededRandom(seed)
  const types = 'QPBDECSHXpdcfFz'
  for (let round = 0; round < 60; round++) {
    const client =
      round % 2 === 0 ? await RawClient.started(server.port) : new RawClient(server.port)
    const length = 1 + Math.floor(random.next() * 200)
    const bytes = Buffer.from(Array.from({ length }, () => Math.floor(random.next() * 256)))
    if (round % 3 === 0) {
      bytes[0] = types.charCodeAt(round % types.length)
      if (length >= 5) bytes.writeInt32BE(length - 1, 1)
    }
    client.send(bytes, serialize.sync())
    client.end()
  }
  const client = await RawClient.started(server.port)
  client.send(serialize.query('select count(*) from t'))
  expect(tags(await client.until('Z')), `seed ${seed}`).toEqual(['SELECT 1'])
  client.end()
})

test('a client that goes away has its query cancelled and its memory given back', async () => {
  const before = db.engine.heap.bytesInUse
  const client = await RawClient.started(server.port)
  client.send(
    serialize.query(`select count(*) from t a, t b, t c, t d, t e, t f, t g, t h, t i, t j
      where a.a + b.a + c.a + d.a + e.a + f.a + g.a + h.a + i.a + j.a < 0`),
  )
  await expect.poll(() => db.engine.heap.bytesInUse, { timeout: 10_000 }).toBeGreaterThan(before)
  client.end()
  await expect.poll(() => db.engine.heap.bytesInUse, { timeout: 10_000 }).toBe(before)
  expect((await db.query('select count(*) from t')).values()).toEqual([[10n]])
})

test('a client that sends much while nobody reads is held back, then served', () =>
  withRaw(async (client) => {
    const text = `select length('${'x'.repeat(100_000)}')`
    const count = 40
    client.send(...Array.from({ length: count }, () => serialize.query(text)))
    const answers = await client.until('Z', count)
    expect(tags(answers)).toHaveLength(count)
  }))
