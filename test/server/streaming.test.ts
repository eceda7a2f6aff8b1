import { connect as connectSocket, type Socket } from 'node:net'
import { serialize } from 'pg-protocol'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { QueryResult } from '../../src/engine/results/result.ts'
import { connect, type Database } from '../../src/index.ts'
import { startPgServer, type RunningPgServer } from '../../src/server/pgwire/server.ts'
import { startRestServer } from '../../src/server/rest/server.ts'
import { fields, kinds, packet, RawClient, tags } from './raw-client.ts'

let db: Database
let server: RunningPgServer

/** Enough for a machine that has much else to do. */
const PATIENCE = { timeout: 30_000 }
const ROWS = 400_000
const all = "select n, 'row ' || n as t from many"

beforeAll(async () => {
  db = await connect({ threads: 2 })
  server = await startPgServer({ engine: db.engine, host: '127.0.0.1', port: 0 })
  const ten = '(values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))'
  const tables = [...'abcdef'].map((name) => `${ten} ${name} (n)`).join(', ')
  await db.query(`create table many as select a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n
    + 100000 * f.n as n from ${tables} where f.n < 4`)
})

afterAll(async () => {
  await server.close()
  await db.close()
})

/** A client that counts what it is sent and keeps nothing; it can stop reading. */
class Reader {
  readonly socket: Socket
  bytes = 0
  ended = false
  #tail = Buffer.alloc(0)

  constructor(port: number, first: Buffer, end: Buffer) {
    this.socket = connectSocket(port, '127.0.0.1')
    this.socket.on('error', () => {})
    this.socket.on('data', (bytes) => {
      this.bytes += bytes.length
      this.#tail = Buffer.concat([this.#tail, bytes]).subarray(-end.length)
      this.ended = this.#tail.equals(end)
    })
    this.socket.write(first)
  }
}

const READY = Buffer.from('5a0000000549', 'hex')

async function pgReader(): Promise<Reader> {
  const reader = new Reader(server.port, serialize.startup({ user: 'u' }), READY)
  await expect.poll(() => reader.ended, PATIENCE).toBe(true)
  reader.ended = false
  reader.bytes = 0
  return reader
}

test('while one client reads a large result, others are answered many times', async () => {
  const reader = await pgReader()
  const other = await RawClient.started(server.port)
  reader.socket.write(serialize.query(all))
  let answered = 0
  while (!reader.ended) {
    other.send(serialize.query('select 1'))
    await other.until('Z')
    answered += 1
  }
  expect(reader.bytes).toBeGreaterThan(ROWS * 20)
  // In one piece it would be once or twice.
  expect(answered).toBeGreaterThan(5)
  reader.socket.destroy()
  other.end()
})

describe('a client that does not read', () => {
  test('is waited for, and holds nothing when it is gone', async () => {
    const before = db.engine.heap.bytesInUse
    const reader = await pgReader()
    reader.socket.pause()
    reader.socket.write(serialize.query(all))
    await expect.poll(() => db.engine.heap.bytesInUse, PATIENCE).toBeGreaterThan(before)
    const other = await RawClient.started(server.port)
    other.send(serialize.query('select count(*) from many'))
    expect(tags(await other.until('Z'))).toEqual(['SELECT 1'])
    expect(db.engine.heap.bytesInUse).toBeGreaterThan(before)
    reader.socket.destroy()
    await expect.poll(() => db.engine.heap.bytesInUse, PATIENCE).toBe(before)
    other.end()
  })

  test('over HTTP as well, in every format', async () => {
    const rest = await startRestServer({ engine: db.engine, host: '127.0.0.1', port: 0 })
    const before = db.engine.heap.bytesInUse
    for (const format of ['json', 'ndjson', 'csv', 'arrow']) {
      // More than sockets take in by themselves.
      const wide = "select n, repeat('row ', 40) || n as t from many"
      const body = JSON.stringify({ query: wide, format })
      const head = `POST /v1/query HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`
      const reader = new Reader(rest.port, Buffer.from(head + body), READY)
      await expect.poll(() => reader.bytes, PATIENCE).toBeGreaterThan(0)
      reader.socket.pause()
      expect(db.engine.heap.bytesInUse, format).toBeGreaterThan(before)
      reader.socket.destroy()
      await expect.poll(() => db.engine.heap.bytesInUse, PATIENCE).toBe(before)
    }
    await rest.close()
  })
})

test('a result is cancelled while it is written', async () => {
  const before = db.engine.heap.bytesInUse
  const client = new RawClient(server.port)
  client.send(serialize.startup({ user: 'u' }))
  const key = (await client.until('Z')).find(({ type }) => type === 'K')!.body
  client.pause()
  client.send(serialize.query(all))
  await expect.poll(() => db.engine.heap.bytesInUse, PATIENCE).toBeGreaterThan(before)
  const canceller = new RawClient(server.port)
  canceller.send(packet(80_877_102, key))
  await canceller.all()
  client.resume()
  const answers = await client.until('Z')
  expect(fields(answers.at(-2)!)).toMatchObject({ C: '57014' })
  expect(answers.length).toBeLessThan(ROWS)
  expect(db.engine.heap.bytesInUse).toBe(before)
  client.end()
})

test('a portal read in steps goes through its result once', async () => {
  const pieces = vi.spyOn(QueryResult.prototype, 'pieces')
  const client = await RawClient.started(server.port)
  const step = 10_000
  client.send(
    serialize.query('begin'),
    serialize.parse({ name: '', text: all, types: [] }),
    serialize.bind({ portal: 'p' }),
    ...Array.from({ length: ROWS / step + 1 }, () =>
      serialize.execute({ portal: 'p', rows: step }),
    ),
    serialize.sync(),
  )
  const answers = await client.until('Z', 2)
  expect(answers.filter(({ type }) => type === 'D')).toHaveLength(ROWS)
  expect(kinds(answers.slice(-4))).toBe('DsCZ')
  // One of them is BEGIN's.
  expect(pieces).toHaveBeenCalledTimes(2)
  pieces.mockRestore()
  client.end()
})

describe('sockets that say nothing', () => {
  test('keep nobody out, and are not counted', async () => {
    const small = await startPgServer({
      engine: db.engine,
      host: '127.0.0.1',
      port: 0,
      connectionsMax: 1,
      unknownMax: 3,
    })
    const silent = Array.from({ length: 5 }, () => new RawClient(small.port))
    await expect.poll(() => silent.filter(({ closed }) => closed).length, PATIENCE).toBe(2)
    const client = await RawClient.started(small.port)
    const second = new RawClient(small.port)
    second.send(serialize.startup({ user: 'u' }))
    expect(fields((await second.all())[0]!)).toMatchObject({ S: 'FATAL', C: '53300' })
    client.end()
    for (const one of silent) one.end()
    await small.close()
  })

  test('a cancel request comes through when all places are taken', async () => {
    const small = await startPgServer({
      engine: db.engine,
      host: '127.0.0.1',
      port: 0,
      connectionsMax: 1,
    })
    const client = new RawClient(small.port)
    client.send(serialize.startup({ user: 'u' }))
    const key = (await client.until('Z')).find(({ type }) => type === 'K')!.body
    client.send(serialize.query('select count(*) from many a, many b where a.n + b.n < 0'))
    const canceller = new RawClient(small.port)
    canceller.send(packet(80_877_102, key))
    const [error] = await client.until('Z')
    expect(fields(error!)).toMatchObject({ C: '57014' })
    client.end()
    await small.close()
  })
})
