import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, type Database } from '../../src/index.ts'
import { startPgServer, type RunningPgServer } from '../../src/server/pgwire/server.ts'

let db: Database
let server: RunningPgServer
let client: Client

beforeAll(async () => {
  db = await connect({ threads: 1 })
  server = await startPgServer({ engine: db.engine, host: '127.0.0.1', port: 0 })
  client = new Client({ host: '127.0.0.1', port: server.port, user: 'me', database: 'd' })
  await client.connect()
})

afterAll(async () => {
  await client.end()
  await server.close()
  await db.close()
})

test('drivers read constraint, table and column of a broken rule from their own fields', async () => {
  await client.query('create table t (a int primary key, b int not null check (b > 0))')
  await client.query('insert into t values (1, 1)')
  const where = { schema: 'public', table: 't' }
  await expect(client.query('insert into t values (1, 1)')).rejects.toMatchObject({
    ...where,
    code: '23505',
    constraint: 't_pkey',
    detail: 'Key (a)=(1) already exists.',
  })
  await expect(client.query('insert into t values (2, 0)')).rejects.toMatchObject({
    ...where,
    code: '23514',
    constraint: 't_b_check',
    detail: 'Failing row contains (2, 0).',
  })
  await expect(client.query('insert into t values ($1, $2)', [2, null])).rejects.toMatchObject({
    ...where,
    code: '23502',
    column: 'b',
    detail: 'Failing row contains (2, null).',
  })
})

test('notices have the severity that client_min_messages goes by', async () => {
  const told: (string | undefined)[] = []
  client.on('notice', ({ severity }) => told.push(severity))
  await client.query('set work_mem = 1000')
  await client.query('commit')
  await client.query('set client_min_messages = warning')
  await client.query('set work_mem = 2000')
  await client.query('commit')
  expect(told).toEqual(['NOTICE', 'WARNING', 'WARNING'])
})

test('the user that connected is the session user, and RESET does not change it', async () => {
  const user = 'select current_user as name'
  expect((await client.query(user)).rows).toEqual([{ name: 'me' }])
  await client.query('reset session authorization')
  await client.query('discard all')
  expect((await client.query(user)).rows).toEqual([{ name: 'me' }])
})

test('a transaction begun read-only writes nothing, and the next one may', async () => {
  await client.query('start transaction read only')
  await expect(client.query('insert into t values (5, 5)')).rejects.toMatchObject({ code: '25006' })
  await client.query('rollback')
  await client.query('insert into t values (5, 5)')
  expect((await client.query('select a from t where b = 5')).rows).toEqual([{ a: 5 }])
})
