import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { QueryError } from '../../src/base/errors.ts'
import { Engine } from '../../src/engine/process/engine.ts'
import { Session } from '../../src/engine/session.ts'

const MIB = 1_048_576
let directory: string
let engine: Engine
let session: Session

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'heddle-test-'))
  await open({})
})

afterEach(async () => {
  await close()
  expect(readdirSync(directory)).toEqual([])
  rmSync(directory, { recursive: true })
})

async function open(more: { readonly tempBytesMax?: number }): Promise<void> {
  const options = { threads: 2, memoryBytesMax: 32 * MIB, tempDirectory: directory, ...more }
  engine = await Engine.start(options)
  session = new Session(engine)
}

async function close(): Promise<void> {
  session.close()
  // What the engine keeps for itself, and nothing of a query.
  expect(engine.heap.usage).toMatchObject({ query: 0, result: 0, table: 0, reader: 0 })
  await engine.close()
}

function filesNow(): readonly string[] {
  return readdirSync(directory).flatMap((folder) => readdirSync(join(directory, folder)))
}

const series = (rows: number, name = 'g'): string => `generate_series(1, ${rows}) ${name}`
const N = 1_500_000

/** A query whose state is several times the memory, and its answer. */
const queries: readonly (readonly [what: string, sql: string, answer: readonly string[]])[] = [
  [
    'groups',
    `select count(*), sum(k), sum(c), min(c), max(c)
     from (select g % ${N / 2} as k, count(*) as c from ${series(N)} group by 1) s`,
    [`${N / 2}`, `${((N / 2 - 1) * N) / 4}`, `${N}`, '2', '2'],
  ],
  [
    'groups by text',
    `select count(*), sum(c), min(k), max(length(k)) from (
       select 'key ' || g as k, count(*) as c from ${series(N)} group by 1) s`,
    [`${N}`, `${N}`, 'key 1', '11'],
  ],
  ['DISTINCT', `select count(*) from (select distinct g, -g from ${series(N)}) s`, [`${N}`]],
  ['count(DISTINCT)', `select count(distinct g) from ${series(N)}`, [`${N}`]],
  [
    'an inner join',
    `select count(*), sum(g - h) from ${series(N)} join ${series(2 * N, 'h')} on g = h`,
    [`${N}`, '0'],
  ],
  [
    'a full join',
    `select count(*), count(g), count(h) from ${series(N)}
     full join (select h + 10 as h from ${series(N, 'h')}) s on g = h`,
    [`${N + 10}`, `${N}`, `${N}`],
  ],
  [
    'NOT EXISTS',
    `select count(*) from ${series(N)} where not exists
       (select from (select h * 2 as h from ${series(N, 'h')}) s where h = g)`,
    [`${N / 2}`],
  ],
  [
    'a window over partitions',
    `select sum(r), max(r) from (
       select row_number() over (partition by g % 1000 order by -g) as r from ${series(N)}) s`,
    [`${1_000 * ((1_500 * 1_501) / 2)}`, '1500'],
  ],
  [
    'EXCEPT',
    `select count(*) from (select g from ${series(N)} except select h * 2 from ${series(N, 'h')}) s`,
    [`${N / 2}`],
  ],
  [
    'INTERSECT',
    `select count(*) from (select g from ${series(N)} intersect select h * 3 from ${series(N, 'h')}) s`,
    [`${N / 3}`],
  ],
  [
    'UNION',
    `select count(*) from (select g from ${series(N)} union select h + 5 from ${series(N, 'h')}) s`,
    [`${N + 5}`],
  ],
]

test.each(queries)('%s of more rows than the memory holds', async (_, sql, answer) => {
  expect((await session.query(sql)).texts()).toEqual([answer])
  expect(filesNow()).toEqual([])
})

test('EXPLAIN ANALYZE says into how many parts rows were divided, and what was in files', async () => {
  const [, sql] = queries[0]!
  const lines = (await session.query(`explain analyze ${sql}`)).texts().flat().join('\n')
  expect(lines).toMatch(/^Parts: \d+, \d{6,} bytes in files$/m)
  const fits = (await session.query('explain analyze select 1')).texts().flat().join('\n')
  expect(fits).not.toContain('Parts')
})

test('a sort of more rows than the memory holds gives them in order, a few at a time', async () => {
  // Scattered, and each of 0 to N - 1 once.
  const sql = `select (g::int8 * 7919) % ${N} as k, 'text ' || g as t from ${series(N)} order by k desc`
  const result = await session.query(sql)
  expect(result.rowCount).toBe(N)
  expect(filesNow().length).toBeGreaterThan(0)
  let expected = N - 1
  for (const batch of result.batches()) {
    for (const key of batch.column(0)) {
      if (key !== BigInt(expected) && key !== expected) expect(key).toBe(expected)
      expected--
    }
  }
  expect(expected).toBe(-1)
  result.release()
  expect(filesNow()).toEqual([])
})

test('rows that nothing sorts come in the order in which they are made, however many', async () => {
  const result = await session.query(
    `select g, g * 2 as h, g::text as t from ${series(2 * N)} where g <> 5`,
  )
  let last = 0
  for (const batch of result.batches()) {
    for (const key of batch.column(0)) {
      if (Number(key) <= last) expect(Number(key)).toBeGreaterThan(last)
      last = Number(key)
    }
  }
  expect(last).toBe(2 * N)
  expect(result.rowCount).toBe(2 * N - 1)
  result.release()
})

test('a result that is given up halfway leaves no file and no memory', async () => {
  const result = await session.query(`select g, -g as h from ${series(N)} order by h`)
  const batches = result.batches()[Symbol.iterator]()
  expect(batches.next().done).toBe(false)
  expect(filesNow().length).toBeGreaterThan(0)
  result.release()
  expect(filesNow()).toEqual([])
})

test('too many bytes for the temporary files end a query with 53100, and nothing is left', async () => {
  await close()
  await open({ tempBytesMax: 1 * MIB })
  const [, sql] = queries[0]!
  const error = await session.query(sql).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(QueryError)
  expect(error).toMatchObject({ sqlState: '53100', code: 'DISK_FULL' })
  expect(filesNow()).toEqual([])
  expect((await session.query('select 1')).texts()).toEqual([['1']])
})

test('a cancelled query leaves no file', async () => {
  const abort = new AbortController()
  const query = session.query(queries[0]![1], [], { signal: abort.signal })
  const ended = query.then(
    () => 'done',
    (error: unknown) => error,
  )
  while (filesNow().length === 0) await new Promise((go) => setImmediate(go))
  abort.abort()
  expect(await ended).toMatchObject({ code: 'QUERY_CANCELED' })
  expect(filesNow()).toEqual([])
})

test('rows of one key that do not fit end with 53200 and say so', async () => {
  const sql = `select length(string_agg(g::text, ',' order by -g)) from ${series(2 * N)} group by g % 1`
  const error = await session.query(sql).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ sqlState: '53200' })
  expect((error as QueryError).details.hint).toContain('belong together')
})

test('SHOW tells the memory, the folder and its limit, and SET changes none of them', async () => {
  expect((await session.query('show memory_limit')).texts()).toEqual([['32MB']])
  expect((await session.query('show temp_directory')).texts()).toEqual([[directory]])
  expect((await session.query('show max_temp_directory_size')).texts()).toEqual([['']])
  await expect(session.query("set memory_limit = '1GB'")).rejects.toMatchObject({
    sqlState: '55P02',
  })
})
