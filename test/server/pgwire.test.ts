import { createConnection } from 'node:net'
import { Client, type QueryResult } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect, type Database } from '../../src/index.ts'
import { startPgServer, type RunningPgServer } from '../../src/server/pgwire/server.ts'

let db: Database
let server: RunningPgServer

const slowQuery = `select count(*) from t a, t b, t c, t d, t e, t f, t g, t h
  where a.a + b.a + c.a + d.a + e.a + f.a + g.a + h.a < 0`

beforeAll(async () => {
  db = await connect({ threads: 2 })
  server = await startPgServer({ engine: db.engine, host: '127.0.0.1', port: 0 })
  const rows = Array.from({ length: 50 }, (_, i) => `(${i}, 'row ${i}', ${i}.25)`)
  await db.query('create table t (a int, b text, c numeric(10,2))')
  await db.query(`insert into t values ${rows.join(', ')}`)
})

afterAll(async () => {
  await server.close()
  await db.close()
})

async function withClient<T>(use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ host: '127.0.0.1', port: server.port, user: 'u', database: 'd' })
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

describe('node pg', () => {
  test('forty clients at once put different keys into a table, and none is turned away', async () => {
    await db.query('create table keyed (k int primary key, v text)')
    const clients = Array.from({ length: 40 }, (_, first) =>
      withClient(async (client) => {
        await client.query(`insert into keyed values (${first}, 'simple')`)
        await client.query('insert into keyed values ($1, $2)', [first + 40, 'extended'])
        await client.query(
          `insert into keyed values (${first + 80}, 'a'); insert into keyed values (${first + 120}, 'b')`,
        )
      }),
    )
    await Promise.all(clients)
    const { rows } = await withClient((client) =>
      client.query('select count(distinct k)::int as keys, max(k) as last from keyed'),
    )
    expect(rows).toEqual([{ keys: 160, last: 159 }])
  })

  test('simple and parameterized queries', () =>
    withClient(async (client) => {
      expect((await client.query('select a, c from t where a < 2 order by a')).rows).toEqual([
        { a: 0, c: '0.25' },
        { a: 1, c: '1.25' },
      ])
      const { rows } = await client.query('select b from t where a = $1', [7])
      expect(rows).toEqual([{ b: 'row 7' }])
    }))

  test('several statements in one text, and an empty one', () =>
    withClient(async (client) => {
      const results = (await client.query('select 1 as x; select 2 as x')) as unknown
      expect((results as QueryResult[]).map(({ rows }) => rows[0])).toEqual([{ x: 1 }, { x: 2 }])
      expect((await client.query('')).rows).toEqual([])
    }))

  test('named statements are prepared once', () =>
    withClient(async (client) => {
      for (const a of [1, 2, 3]) {
        const { rows } = await client.query({
          name: 'by-a',
          text: 'select b from t where a = $1',
          values: [a],
        })
        expect(rows).toEqual([{ b: `row ${a}` }])
      }
    }))

  test('parameters of INSERT have the types of their columns', () =>
    withClient(async (client) => {
      await client.query(
        'create table typed (a int, b numeric(10,2), c date, d timestamp, e boolean, f bigint, g text)',
      )
      const values = [1, '2.50', '2024-02-29', '2024-02-29 10:00:00', true, '9007199254740993', 'x']
      const sql = 'insert into typed (a, b, c, d, e, f, g) values ($1, $2, $3, $4, $5, $6, $7)'
      expect((await client.query(sql, values)).rowCount).toBe(1)
      await client.query(sql, [null, null, null, null, null, null, null])
      const { rows } = await client.query(
        'select a, b, c::text, d::text, e, f, g from typed where a = $1 and b > $2 and g like $3',
        [1, 2, '%x'],
      )
      expect(rows[0]).toEqual({
        a: 1,
        b: '2.50',
        c: '2024-02-29',
        d: '2024-02-29 10:00:00',
        e: true,
        f: '9007199254740993',
        g: 'x',
      })
    }))

  test('errors have SQLSTATE and position, and the session goes on', () =>
    withClient(async (client) => {
      await expect(client.query('select nothing from t')).rejects.toMatchObject({
        code: '42703',
        position: '8',
      })
      await expect(client.query('select a / $1 from t', [0])).rejects.toMatchObject({
        code: '22012',
      })
      expect((await client.query('select count(*) as n from t')).rows).toEqual([{ n: '50' }])
    }))

  test('transactions', () =>
    withClient(async (client) => {
      await client.query('begin')
      await client.query('create table in_tx (a int)')
      await expect(client.query('select 1/0')).rejects.toMatchObject({ code: '22012' })
      await expect(client.query('select 1')).rejects.toMatchObject({ code: '25P02' })
      await client.query('rollback')
      await expect(client.query('select * from in_tx')).rejects.toMatchObject({ code: '42P01' })
    }))

  test('a cancel request stops a long query, not the session', () =>
    withClient(async (client) => {
      const running = client.query(slowQuery)
      const { processID, secretKey } = client as unknown as {
        processID: number
        secretKey: number
      }
      const request = Buffer.alloc(16)
      ;[16, 80_877_102, processID, secretKey].forEach((n, i) => request.writeInt32BE(n, 4 * i))
      createConnection(server.port, '127.0.0.1').end(request)
      await expect(running).rejects.toMatchObject({ code: '57014' })
      expect((await client.query('select 1 as x')).rows).toEqual([{ x: 1 }])
    }))

  test('a password is asked for and checked', async () => {
    const guarded = await startPgServer({
      engine: db.engine,
      host: '127.0.0.1',
      port: 0,
      password: 'secret',
    })
    const attempt = async (password: string): Promise<unknown> => {
      const client = new Client({ host: '127.0.0.1', port: guarded.port, user: 'u', password })
      await client.connect()
      const { rows } = await client.query('select 1 as x')
      await client.end()
      return rows
    }
    expect(await attempt('secret')).toEqual([{ x: 1 }])
    await expect(attempt('wrong')).rejects.toMatchObject({ code: '28P01' })
    await guarded.close()
  })
})
