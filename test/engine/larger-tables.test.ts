import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Engine } from '../../src/engine/process/engine.ts'
import { keepsAll } from '../../src/engine/process/table-room.ts'
import { Session } from '../../src/engine/session.ts'
import type { TableEntry } from '../../src/plan/catalog/catalog.ts'

const MIB = 1_048_576
/** Rows of some 50 bytes: twice as much as the memory holds. */
const N = 1_200_000
const ROWS = `select g as id, g % 1000 as k, g * 1.5::float8 as f, 'row number ' || g as v,
  case when g % 3 > 0 then (g % 7)::text end as w from generate_series(1, ${N}) g`

let directory: string
let engine: Engine
let session: Session

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'heddle-test-'))
  await open({})
})

afterEach(async () => {
  session.close()
  await engine.close()
  expect(readdirSync(directory)).toEqual([])
  rmSync(directory, { recursive: true })
})

async function open(more: { readonly tempBytesMax?: number }): Promise<void> {
  const options = { threads: 2, memoryBytesMax: 32 * MIB, tempDirectory: directory, ...more }
  engine = await Engine.start(options)
  session = new Session(engine)
}

function files(): readonly string[] {
  return readdirSync(directory).flatMap((folder) =>
    readdirSync(join(directory, folder)).map((name) => join(directory, folder, name)),
  )
}

async function rows(sql: string): Promise<unknown> {
  const result = await session.query(sql)
  const texts = result.texts()
  result.release()
  return texts
}

/** Nothing of a table is left, in memory and in files. */
function expectNothing(): void {
  expect(files()).toEqual([])
  expect(engine.heap.usage).toMatchObject({ query: 0, result: 0, table: 0, reader: 0 })
}

test('a table of twice the memory is loaded, queried, appended to and dropped', async () => {
  await session.query(`create table t as ${ROWS}`)
  expect(engine.heap.usage.table).toBeLessThan(24 * MIB)
  expect(files().reduce((bytes, path) => bytes + statSync(path).size, 0)).toBeGreaterThan(40 * MIB)
  const sum = (BigInt(N) * BigInt(N + 1)) / 2n
  expect(await rows('select count(*), sum(id), count(w), min(v), max(f) from t')).toEqual([
    [`${N}`, `${sum}`, `${(N / 3) * 2}`, 'row number 1', `${N * 1.5}`],
  ])
  expect(
    await rows('select count(*), sum(c), min(c) from (select k, count(*) c from t group by k) s'),
  ).toEqual([['1000', `${N}`, `${N / 1000}`]])
  expect(await rows(`select v, w from t where id = ${N - 5}`)).toEqual([
    [`row number ${N - 5}`, `${(N - 5) % 7}`],
  ])
  expect(await rows('select id, v from t where k = 999 order by id desc limit 2')).toEqual([
    [`${N - 1}`, `row number ${N - 1}`],
    [`${N - 1001}`, `row number ${N - 1001}`],
  ])
  expect(
    await rows(
      `select count(*), min(t.v) from t join (values (5), (${N}), (${N + 1})) s(i) on t.id = s.i`,
    ),
  ).toEqual([['2', `row number ${N}`]])
  expect(await rows('select w, count(*) from t group by w order by w nulls first limit 2')).toEqual(
    [
      [null, `${N / 3}`],
      ['0', expect.any(String)],
    ],
  )
  await session.query(`insert into t select id + ${N}, k, f, v, w from t where id <= 500000`)
  await session.query(`insert into t values (0, 0, 0, 'zero', null)`)
  expect(await rows('select count(*), sum(id), min(id), max(id) from t')).toEqual([
    [`${N + 500_001}`, `${sum + 500_000n * BigInt(N) + 125_000_250_000n}`, '0', `${N + 500_000}`],
  ])
  await session.query('drop table t')
  expectNothing()
}, 240_000)

test('all rows of it can be read a piece at a time', async () => {
  await session.query(`create table t as ${ROWS}`)
  const result = await session.query('select v, id from t')
  let [count, sum] = [0, 0]
  for (const batch of result.batches()) {
    count += batch.rowCount
    for (const id of batch.column(1)) sum += Number(id)
  }
  expect([count, sum]).toEqual([N, (N * (N + 1)) / 2])
  result.release()
  await session.query('drop table t')
  expectNothing()
}, 240_000)

test('a snapshot keeps the files of a table that others drop', async () => {
  await session.query(`create table t as ${ROWS}`)
  const reading = new Session(engine)
  await reading.query('begin isolation level repeatable read')
  await reading.query('select 1 from t limit 1')
  await session.query('drop table t')
  expect(files().length).toBeGreaterThan(0)
  expect((await reading.query('select count(*), max(v) from t')).texts()).toEqual([
    [`${N}`, 'row number 999999'],
  ])
  await reading.query('commit')
  reading.close()
  expectNothing()
}, 240_000)

test('a load that fails or breaks a rule leaves nothing', async () => {
  const failing = ROWS.replace('g * 1.5', `g * 1.5 / (${N} - g)`)
  await expect(session.query(`create table t as ${failing}`)).rejects.toMatchObject({
    sqlState: '22012',
  })
  expectNothing()
  await session.query(
    'create table u (id int unique, k int check (k < 999), f float8, v text, w text)',
  )
  await expect(session.query(`insert into u ${ROWS}`)).rejects.toMatchObject({
    sqlState: '23514',
    details: { detail: 'Failing row contains (999, 999, 1498.5, row number 999, null).' },
  })
  const few = 200_000
  const twice = ROWS.replaceAll(`${N}`, `${few}`)
    .replace('g as id', `least(g, ${few - 1}) as id`)
    .replace('g % 1000', 'g % 900')
  await expect(session.query(`insert into u ${twice}`)).rejects.toMatchObject({
    sqlState: '23505',
    details: { detail: `Key (id)=(${few - 1}) already exists.` },
  })
  expectNothing()
}, 240_000)

test('a load that is cancelled leaves nothing', async () => {
  const abort = new AbortController()
  const load = session.query(`create table t as ${ROWS}`, [], { signal: abort.signal })
  const ended = load.then(
    () => 'done',
    (error: unknown) => error,
  )
  while (files().length === 0) await new Promise((go) => setImmediate(go))
  abort.abort()
  expect(await ended).toMatchObject({ code: 'QUERY_CANCELED' })
  expectNothing()
}, 240_000)

test('too little room for its files ends a load with 53100, and nothing is left', async () => {
  session.close()
  await engine.close()
  await open({ tempBytesMax: 4 * MIB })
  await expect(session.query(`create table t as ${ROWS}`)).rejects.toMatchObject({
    sqlState: '53100',
  })
  expectNothing()
}, 240_000)

test('a damaged file ends the query that reads it with XX001', async () => {
  await session.query(`create table t as ${ROWS}`)
  for (const path of files()) truncateSync(path, 1_000)
  await expect(session.query('select sum(id), max(v) from t')).rejects.toMatchObject({
    sqlState: 'XX001',
  })
  await session.query('drop table t')
  expectNothing()
}, 240_000)

test('a table of long texts is loaded in chunks of fewer rows', async () => {
  session.close()
  await engine.close()
  engine = await Engine.start({ threads: 2, memoryBytesMax: 256 * MIB, tempDirectory: directory })
  session = new Session(engine)
  await session.query('create table t (id int, v text)')
  for (let from = 0; from < 18_000; from += 1_000) {
    await session.query(`insert into t select g, repeat(chr(65 + g % 26), 20000)
      from generate_series(${from + 1}, ${from + 1_000}) g`)
  }
  expect(engine.heap.usage.table).toBeLessThan(200 * MIB)
  const table = engine.catalog.newest.relations.get('public')?.get('t')
  const { chunks } = (table as TableEntry & { source: { kind: 'memory' } }).source
  expect(chunks.length).toBeGreaterThan(8)
  expect(Math.max(...chunks.map((chunk) => chunk.rows))).toBeLessThan(4_000)
  expect(
    await rows('select count(*), sum(length(v)), min(v) = repeat(chr(65), 20000), sum(id) from t'),
  ).toEqual([['18000', '360000000', 't', `${(18_000 * 18_001) / 2}`]])
  await session.query('drop table t')
  expectNothing()
}, 240_000)

test('wide rows of a table are stored again beside it, in chunks that a small memory has room to make', async () => {
  session.close()
  await engine.close()
  engine = await Engine.start({ threads: 2, memoryBytesMax: 64 * MIB, tempDirectory: directory })
  session = new Session(engine)
  await session.query(`create table t as select g as id, g * 31 % 1000 as h, g::int8 * 7919 % 100003 as k,
    md5(g::text) as m, 't' || g % 50 as t, (g % 7919)::numeric / 4 as v, g::float8 / 8 as f,
    date '2020-01-01' + g % 1000 as d, nullif(g % 77, g % 5) as x, repeat('pad', g % 40) as p
    from generate_series(1, 400000) g`)
  await session.query('create table copy as select * from t')
  await session.query('insert into copy select * from t where id % 2 = 1')
  expect(await rows('select count(*), sum(id), min(m) from copy')).toEqual([
    ['600000', '120000200000', '00003e3b9e5336685200ae85d21b4f5e'],
  ])
  expect(await rows('select count(distinct p) from copy')).toEqual([['40']])
  await session.query('drop table t')
  await session.query('drop table copy')
  expectNothing()
}, 240_000)

test('workers are given the rows that the process which has the table keeps in files', async () => {
  session.close()
  await engine.close()
  const options = { cluster: { workers: 2, threadsPerWorker: 1 }, tempDirectory: directory }
  engine = await Engine.start(options, { tableBounds: keepsAll })
  session = new Session(engine)
  await session.query(`create table t as ${ROWS.replaceAll(`${N}`, '300000')}`)
  await session.query(`insert into t values (0, 0, 0, 'zero', null)`)
  expect(files().length).toBeGreaterThan(0)
  expect(engine.heap.usage.table).toBeLessThan(1 * MIB)
  expect(await rows('select count(*), sum(id), min(v), max(w) from t')).toEqual([
    ['300001', `${(300_000 * 300_001) / 2}`, 'row number 1', '6'],
  ])
  await session.query('create table d as select g from generate_series(1, 1000) g')
  for (const path of files()) truncateSync(path, 0)
  await expect(session.query('select sum(g) from d')).rejects.toMatchObject({ sqlState: 'XX001' })
  // Workers have copies of the other.
  expect(await rows('select max(v) from t')).toEqual([['zero']])
}, 240_000)
