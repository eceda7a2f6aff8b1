import { request } from 'node:http'
import { tableFromIPC } from 'apache-arrow'
import { serialize } from 'pg-protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Engine } from '../../src/engine/process/engine.ts'
import { Session } from '../../src/engine/session.ts'
import { runFragment } from '../../src/exec/fragment/fragment.ts'
import { startPgServer, type RunningPgServer } from '../../src/server/pgwire/server.ts'
import { startRestServer, type RunningRestServer } from '../../src/server/rest/server.ts'
import { fields, kinds, RawClient, tags } from './raw-client.ts'

const ROWS = 1_000_000
/** What its rows take as they are answered: two bigints. */
const RESULT_BYTES = ROWS * 16

let engine: Engine
let server: RunningPgServer
let rest: RunningRestServer

beforeAll(async () => {
  engine = await Engine.start(
    { threads: 2 },
    {
      runFragment: (task, pool, env) =>
        runFragment({ ...task, tuning: { firstSliceRows: 1 } }, pool, env),
    },
  )
  const session = new Session(engine)
  await session.query(`create table large as select x from generate_series(1, ${ROWS}) g(x)`)
  session.close()
  server = await startPgServer({ engine, host: '127.0.0.1', port: 0 })
  rest = await startRestServer({ engine, host: '127.0.0.1', port: 0 })
})

afterAll(async () => {
  await server.close()
  await rest.close()
  await engine.close()
})

function rowsBytes(): number {
  return engine.heap.usage.query + engine.heap.usage.result
}

function post(query: string, format: string): Promise<{ text: string; isWhole: boolean }> {
  return new Promise((resolve, reject) => {
    const asked = request({ port: rest.port, path: '/v1/query', method: 'POST' }, (response) => {
      let text = ''
      response.on('data', (part: Buffer) => (text += part.toString()))
      response.on('error', () => {})
      response.on('close', () => resolve({ text, isWhole: response.complete }))
    })
    asked.on('error', reject)
    asked.end(JSON.stringify({ query, format }))
  })
}

/** The bytes of an answer, and what results had of the memory at most while they came. */
function postBytes(query: string, format: string): Promise<{ body: Buffer; heldMax: number }> {
  return new Promise((resolve, reject) => {
    const asked = request({ port: rest.port, path: '/v1/query', method: 'POST' }, (response) => {
      const parts: Buffer[] = []
      let heldMax = 0
      response.on('data', (part: Buffer) => {
        parts.push(part)
        heldMax = Math.max(heldMax, engine.heap.usage.result)
      })
      response.on('end', () => resolve({ body: Buffer.concat(parts), heldMax }))
      response.on('error', reject)
    })
    asked.on('error', reject)
    asked.end(JSON.stringify({ query, format }))
  })
}

describe('over the PostgreSQL protocol', () => {
  test('a client that fetches few rows has few in memory, and gets all of them in the end', async () => {
    const client = await RawClient.started(server.port)
    const part = serialize.execute({ rows: 1_000 })
    client.send(serialize.query('begin'))
    await client.until('Z')
    client.send(
      serialize.parse({ text: 'select x + 1 as a, x * 2 as b from large' }),
      serialize.bind(),
      part,
      serialize.flush(),
    )
    const first = await client.until('s')
    expect(kinds(first)).toBe(`12${'D'.repeat(1_000)}s`)
    expect(rowsBytes()).toBeLessThan(RESULT_BYTES / 2)
    client.send(serialize.execute({ rows: 0 }), serialize.sync())
    const others = await client.until('Z')
    expect(tags(others)).toEqual([`SELECT ${ROWS - 1_000}`])
    client.send(serialize.query('commit'))
    await client.until('Z')
    await expect.poll(rowsBytes).toBe(0)
    client.end()
  })

  test('a portal that is closed in between holds nothing', async () => {
    const client = await RawClient.started(server.port)
    client.send(
      serialize.parse({ text: 'select x + 1 from large' }),
      serialize.bind(),
      serialize.execute({ rows: 10 }),
      serialize.sync(),
    )
    expect(kinds(await client.until('Z'))).toBe(`12${'D'.repeat(10)}sZ`)
    await expect.poll(rowsBytes).toBe(0)
    client.end()
  })

  test('an error among later rows comes behind the earlier ones, and fails the transaction', async () => {
    const client = await RawClient.started(server.port)
    client.send(serialize.query('begin'))
    await client.until('Z')
    client.send(serialize.query(`select 1 / (${ROWS} - x) from large`))
    const answers = await client.until('Z')
    expect(kinds(answers)).toMatch(/^TD{100000,}EZ$/)
    expect(fields(answers.at(-2)!)['C']).toBe('22012')
    expect(answers.at(-1)!.body.toString()).toBe('E')
    client.send(serialize.query('rollback'))
    await client.until('Z')
    await expect.poll(rowsBytes).toBe(0)
    client.end()
  })
})

describe('over HTTP', () => {
  test('all rows come, and their number', async () => {
    const { text, isWhole } = await post('select x + 1 as a from large', 'json')
    expect(isWhole).toBe(true)
    const body = JSON.parse(text) as { rows: number[][]; rowCount: number }
    expect([body.rows.length, body.rowCount]).toEqual([ROWS, ROWS])
    expect(body.rows.at(-1)).toEqual([ROWS + 1])
  })

  test('an Arrow stream comes while its rows are made', async () => {
    const bytes = await postBytes(
      'select x + 1 as a, x * 2 as b from large order by 2 desc',
      'arrow',
    )
    const table = tableFromIPC(bytes.body)
    expect(table.numRows).toBe(ROWS)
    expect(table.batches.length).toBeGreaterThan(2)
    expect(String(table.getChildAt(1)?.at(0))).toBe(String(2 * ROWS))
    expect(bytes.heldMax).toBeLessThan(RESULT_BYTES)
    await expect.poll(rowsBytes).toBe(0)
  })

  test('an answer that fails on its way is cut off', async () => {
    const { text, isWhole } = await post(`select 1 / (${ROWS} - x) from large`, 'csv')
    expect(text.split('\n').length).toBeGreaterThan(1_000)
    expect(isWhole).toBe(false)
    await expect.poll(rowsBytes).toBe(0)
  })
})
