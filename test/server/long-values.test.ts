import { serialize } from 'pg-protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect, type Database } from '../../src/index.ts'
import { Portal } from '../../src/server/pgwire/portal.ts'
import { startPgServer, type RunningPgServer } from '../../src/server/pgwire/server.ts'
import { answer } from '../../src/server/rest/answer.ts'
import { RawClient } from './raw-client.ts'

let db: Database
let server: RunningPgServer

beforeAll(async () => {
  db = await connect({ threads: 1 })
  server = await startPgServer({ engine: db.engine, host: '127.0.0.1', port: 0 })
  await db.query(`create table long as
    select 1 as n, repeat('é"\\,' || chr(10), 100000) as t, repeat('y', 300000)::bytea as b, null::text as e
    union all select 2, 'short', '\\x00ff', 'e'
    union all select 3, repeat('z', 1000000), null, 'f'`)
})

afterAll(async () => {
  await server.close()
  await db.close()
})

const query = 'select n, t, b, e from long order by n'
const texts = ['é"\\,\n'.repeat(100_000), 'short', 'z'.repeat(1_000_000)]
const byteas = [`\\x${'79'.repeat(300_000)}`, '\\x00ff', null]
const rows = texts.map((text, i) => [String(i + 1), text, byteas[i] ?? null, [null, 'e', 'f'][i]])

/** More than a part of a value as hex, its quotes doubled or its letters escaped. */
const PIECE_BYTES_MAX = 400_000

describe('a long value is written in parts', () => {
  test.each([0, 1])('as DataRow, format %i', async (format) => {
    const result = await db.query(query)
    const portal = new Portal(result, [0, format, format, 0])
    const pieces: Buffer[] = []
    const within: boolean[] = []
    for await (const piece of portal.fetch(0, new AbortController().signal)) {
      pieces.push(Buffer.from(piece))
      within.push(portal.isWithinRow)
    }
    portal.close()
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(PIECE_BYTES_MAX)
    // Never at the end of a row, else only there.
    expect([within.at(0), within.at(-1)]).toEqual([true, false])
    const cells = dataRows(Buffer.concat(pieces))
    const bytes = (value: string | null): string | null =>
      value === null || format === 0 ? value : Buffer.from(value.slice(2), 'hex').toString('latin1')
    const read = cells.map(([n, t, b, e]) => [
      n?.toString() ?? null,
      t?.toString() ?? null,
      b?.toString('latin1') ?? null,
      e?.toString() ?? null,
    ])
    expect(read).toEqual(rows.map(([n, t, b, e]) => [n, t, bytes(b ?? null), e]))
  })

  test.each(['json', 'ndjson', 'csv'] as const)('as %s', async (format) => {
    const result = await db.query(query)
    const pieces: Buffer[] = []
    for await (const piece of answer(result, format)) pieces.push(Buffer.from(piece))
    result.release()
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(PIECE_BYTES_MAX)
    const text = Buffer.concat(pieces).toString()
    if (format === 'json') {
      const body = JSON.parse(text) as { rows: unknown[][] }
      expect(body.rows).toEqual(rows.map(([n, ...others]) => [Number(n), ...others]))
    } else if (format === 'ndjson') {
      const objects = text.trimEnd().split('\n')
      expect(objects.map((line) => Object.values(JSON.parse(line) as object))).toEqual(
        rows.map(([n, ...others]) => [Number(n), ...others]),
      )
    } else {
      const quoted = `"${texts[0]!.replaceAll('"', '""')}"`
      expect(text).toBe(
        `n,t,b,e\r\n1,${quoted},"${byteas[0]}",\r\n2,short,\\x00ff,e\r\n3,"${texts[2]}",,f\r\n`,
      )
    }
  })

  test('a client that cancels meanwhile gets the whole row, then the error', async () => {
    await db.query(`create table longer as select repeat('w', 30000000) as t`)
    const client = new RawClient(server.port)
    client.send(serialize.startup({ user: 'u' }))
    const key = (await client.until('Z')).find(({ type }) => type === 'K')!.body
    client.send(serialize.query('select t from longer union all select t from longer'))
    await client.until('T')
    const canceller = new RawClient(server.port)
    canceller.send(serialize.cancel(key.readInt32BE(0), key.readInt32BE(4)))
    await canceller.all()
    const answers = await client.until('Z')
    for (const { type, body } of answers) {
      if (type === 'D') expect(body.length).toBe(30_000_006)
    }
    expect(answers.map(({ type }) => type).join('')).toMatch(/^D{0,2}(?:E|C)Z$/)
    client.send(serialize.query('select 1'))
    expect((await client.until('Z')).map(({ type }) => type).join('')).toBe('TDCZ')
    client.end()
  })
})

test('bytea is read in both of its forms, whatever its length', async () => {
  const hex = '00ff10ab'.repeat(50_000)
  const escaped = 'a\\\\b\\001é'.repeat(50_000)
  const values = (
    await db.query(`select length($1::bytea), length($2::bytea), md5($1::bytea)`, [
      `\\x${hex}`,
      escaped,
    ])
  ).values()
  expect(values[0]!.slice(0, 2)).toEqual([200_000, 300_000])
  for (const bad of ['\\x0', '\\xzz', 'a\\', 'a\\9', '\\400']) {
    await expect(db.query('select $1::bytea', [bad]), bad).rejects.toThrow()
  }
})

/** The cells of DataRow messages. */
function dataRows(bytes: Buffer): (Buffer | null)[][] {
  const found: (Buffer | null)[][] = []
  for (let at = 0; at < bytes.length; at += 1 + bytes.readInt32BE(at + 1)) {
    expect(String.fromCharCode(bytes[at]!)).toBe('D')
    const cells: (Buffer | null)[] = []
    let cell = at + 7
    for (let left = bytes.readInt16BE(at + 5); left > 0; left--) {
      const length = bytes.readInt32BE(cell)
      cells.push(length < 0 ? null : bytes.subarray(cell + 4, cell + 4 + length))
      cell += 4 + Math.max(0, length)
    }
    expect(cell).toBe(at + 1 + bytes.readInt32BE(at + 1))
    found.push(cells)
  }
  return found
}
