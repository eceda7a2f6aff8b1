import { request } from 'node:http'
import { tableFromIPC } from 'apache-arrow'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { connect, type Database } from '../../src/index.ts'
import { startRestServer, type RunningRestServer } from '../../src/server/rest/server.ts'

let db: Database
let server: RunningRestServer

beforeAll(async () => {
  db = await connect({ threads: 1 })
  server = await startRestServer({ engine: db.engine, host: '127.0.0.1', port: 0 })
})

afterAll(async () => {
  await server.close()
  await db.close()
})

function post(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`http://127.0.0.1:${server.port}/v1/query`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

const query = `select * from (values (1, 'a"b', 1.50), (2, null, 2.25)) v (n, t, d) order by n`

test('health', async () => {
  const response = await fetch(`http://127.0.0.1:${server.port}/health`)
  expect(await response.json()).toEqual({ status: 'ok' })
})

test('JSON with types, exact numbers as text', async () => {
  const response = await post({ query })
  expect(response.status).toBe(200)
  const body = (await response.json()) as { rows: unknown[]; columns: { type: string }[] }
  expect(body.rows).toEqual([
    [1, 'a"b', '1.50'],
    [2, null, '2.25'],
  ])
  expect(body.columns[0]).toEqual({ name: 'n', type: 'integer' })
})

test('NDJSON, CSV and Arrow', async () => {
  const ndjson = await (await post({ query, format: 'ndjson' })).text()
  expect(
    ndjson
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([
    { n: 1, t: 'a"b', d: '1.50' },
    { n: 2, t: null, d: '2.25' },
  ])
  const csv = await (await post({ query }, { accept: 'text/csv' })).text()
  expect(csv).toBe('n,t,d\r\n1,"a""b",1.50\r\n2,,2.25\r\n')
  const bytes = await (await post({ query, format: 'arrow' })).arrayBuffer()
  const table = tableFromIPC(new Uint8Array(bytes))
  expect([...(table.getChild('n') ?? [])]).toEqual([1, 2])
})

test('arrays and JSON as parameters', async () => {
  const response = await post({
    query: 'select $1::int[] as a, $2::jsonb as j, $3::json ->> 0 as t, 3 = any ($1) as f',
    parameters: [[1, null, 3], { k: [1, { n: 0.5 }] }, ['x']],
  })
  expect(await response.json()).toMatchObject({
    rows: [['{1,NULL,3}', '{"k": [1, {"n": 0.5}]}', 'x', true]],
  })
  const large = await post(
    '{"query": "select $1::jsonb ->> \'n\' as n", "parameters": [{"n": 123456789012345678901234567890.5}]}',
  )
  expect(await large.json()).toMatchObject({ rows: [['123456789012345678901234567890.5']] })
  const refused = await post({ query: 'select $1::int', parameters: [{ a: 1 }] })
  expect(refused.status).toBe(400)
})

test('parameters', async () => {
  const response = await post({ query: 'select $1::int + 1 as x', parameters: [41] })
  expect(((await response.json()) as { rows: unknown[] }).rows).toEqual([[42]])
})

test('numbers keep every digit, whatever JavaScript makes of them', async () => {
  const numbers = [
    '9007199254740993',
    '-9223372036854775808',
    '123456789012345678901234567890',
    '0.12345678901234567890123',
    '1.5',
    '-0',
    '1e2',
  ]
  const answered = numbers.map(async (number) => {
    const response = await post(`{"query": "select $1::numeric::text", "parameters": [${number}]}`)
    return ((await response.json()) as { rows: unknown[][] }).rows[0]?.[0]
  })
  expect(await Promise.all(answered)).toEqual([...numbers.slice(0, 5), '0', '100'])
  const typed = await post(`{"query": "select $1, $2, $3", "parameters":
    [9007199254740993, 9223372036854775808, 0.1]}`)
  const { columns, rows } = (await typed.json()) as { columns: { type: string }[]; rows: unknown[] }
  expect(columns.map(({ type }) => type)).toEqual(['bigint', 'numeric', 'double precision'])
  expect(rows).toEqual([['9007199254740993', '9223372036854775808', 0.1]])
})

test('values that JSON and CSV have to quote', async () => {
  const sql = String.raw`select e'a"b\\c\n\t\x01', '', null, 9007199254740993, 'nan'::float8, true`
  const [row] = ((await (await post({ query: sql })).json()) as { rows: unknown[] }).rows
  expect(row).toEqual(['a"b\\c\n\t\u0001', '', null, '9007199254740993', 'NaN', true])
  const csv = await (await post({ query: sql, format: 'csv' })).text()
  expect(csv.split('\r\n')[1]).toBe('"a""b\\c\n\t\u0001","",,9007199254740993,NaN,t')
})

const deep = `{"query": "select 1", "parameters": ${'['.repeat(500)}1e1${']'.repeat(500)}}`

const mistakes: readonly (readonly [unknown, number, string])[] = [
  ['{', 400, 'INVALID_PARAMETER_VALUE'],
  [{}, 400, 'INVALID_PARAMETER_VALUE'],
  [{ query: 'select 1', colour: 'red' }, 400, 'INVALID_PARAMETER_VALUE'],
  [{ query: 'selec 1' }, 400, 'SYNTAX_ERROR'],
  [{ query: 'select * from nowhere' }, 404, 'UNDEFINED_TABLE'],
  [{ query: 'select 1/0' }, 400, 'DIVISION_BY_ZERO'],
  [{ query: 'select $1', parameters: [1, 2] }, 400, 'PROTOCOL_VIOLATION'],
  [{ query: 'select $1, $2', parameters: [1] }, 400, 'PROTOCOL_VIOLATION'],
  [{ query: 'select 1', parameters: [1] }, 400, 'PROTOCOL_VIOLATION'],
  [{ query: 'select $1', parameters: ['a\u0000b'] }, 400, 'INVALID_ENCODING'],
  ['{"query": "select $1", "parameters": ["\\ud83d"]}', 400, 'INVALID_ENCODING'],
  ['{"query": "select \'\\u0000\'"}', 400, 'INVALID_ENCODING'],
  [deep, 400, 'INVALID_PARAMETER_VALUE'],
]

for (const [body, status, code] of mistakes) {
  test(`${JSON.stringify(body).slice(0, 80)} is answered with ${status} ${code}`, async () => {
    const response = await post(body)
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ error: { code } })
  })
}

test('a body that is no UTF-8', async () => {
  const response = await fetch(`http://127.0.0.1:${server.port}/v1/query`, {
    method: 'POST',
    body: Buffer.from('{"query": "select \'\xff\'"}', 'latin1'),
  })
  expect(await response.json()).toMatchObject({ error: { sqlState: '22021' } })
})

test.each([
  'begin',
  'start transaction',
  'commit',
  'rollback',
  'set search_path to x',
  'reset all',
  'create temp table t (a int)',
  'create temporary table t as select 1 as a',
  'create table pg_temp.t (a int)',
  'create temp view v as select 1',
])('%s, which would be lost with its request, is refused', async (text) => {
  const response = await post({ query: text })
  expect(response.status).toBe(501)
  expect(await response.json()).toMatchObject({ error: { sqlState: '0A000' } })
})

test('other paths and methods', async () => {
  const at = `http://127.0.0.1:${server.port}`
  expect((await fetch(`${at}/nothing`)).status).toBe(404)
  expect((await fetch(`${at}/v1/query`)).status).toBe(405)
  // No URL of any kind, and yet a path.
  for (const path of ['//', '//x', '/:', '/%']) expect(await statusOf(path), path).toBe(404)
  expect(await statusOf('http://other.example/health?x=//')).toBe(200)
})

test('pages of other origins are refused, the own one is not', async () => {
  expect((await post({ query }, { origin: 'http://elsewhere.example' })).status).toBe(403)
  expect((await post({ query }, { origin: `http://127.0.0.1:${server.port}` })).status).toBe(200)
})

test('a body over the limit is 413', async () => {
  const response = await post({ query: 'x'.repeat(17 * 1_048_576) })
  expect(response.status).toBe(413)
})

describe('long statements', () => {
  const ten = '(values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))'
  const tables = 'abcdefghij'.split('').map((name) => `${ten} ${name} (n)`)
  const slowQuery = `select count(*) from ${tables.join(', ')}
    where a.n + b.n + c.n + d.n + e.n + f.n + g.n + h.n + i.n + j.n < 0`

  test('timeoutMs ends one', async () => {
    const response = await post({ query: slowQuery, timeoutMs: 50 })
    expect(await response.json()).toMatchObject({ error: { code: 'QUERY_CANCELED' } })
  })

  test('one whose client goes away is cancelled', async () => {
    const run = vi.spyOn(db.engine, 'run')
    const abort = new AbortController()
    const asked = fetch(`http://127.0.0.1:${server.port}/v1/query`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: slowQuery }),
      signal: abort.signal,
    })
    await vi.waitFor(() => expect(run).toHaveBeenCalledOnce())
    abort.abort()
    await expect(asked).rejects.toThrow()
    await expect(run.mock.results[0]?.value).rejects.toMatchObject({ code: 'QUERY_CANCELED' })
    run.mockRestore()
  })
})

test('a large answer comes whole, in every format', async () => {
  const ten = '(values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))'
  await db.query(`create table many as select a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n as n
    from ${ten} a (n), ${ten} b (n), ${ten} c (n), ${ten} d (n), ${ten} e (n)`)
  const before = db.engine.heap.bytesInUse
  const all = { query: 'select n from many' }
  const json = (await (await post(all)).json()) as { rows: number[][]; rowCount: number }
  expect([json.rows.length, json.rowCount]).toEqual([100_000, 100_000])
  expect(json.rows.reduce((total, [n]) => total + n!, 0)).toBe(4_999_950_000)
  const csv = await (await post({ ...all, format: 'csv' })).text()
  expect(csv.trim().split('\r\n')).toHaveLength(100_001)
  const ndjson = await (await post({ ...all, format: 'ndjson' })).text()
  expect(ndjson.trim().split('\n')).toHaveLength(100_000)
  const arrow = await (await post({ ...all, format: 'arrow' })).arrayBuffer()
  expect(tableFromIPC(new Uint8Array(arrow)).numRows).toBe(100_000)
  expect(db.engine.heap.bytesInUse).toBe(before)
})

/** The status for a path that is sent as it is. */
function statusOf(path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: server.port, path }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
    sent.on('error', reject)
    sent.end()
  })
}
