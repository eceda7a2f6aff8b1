import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Engine } from '../../src/engine/process/engine.ts'
import { Session } from '../../src/engine/session.ts'
import { runFragment } from '../../src/exec/fragment/fragment.ts'

const N = 2_400_000
let directory: string
let engine: Engine
let session: Session
/** How many tasks ran. */
let ran = 0

beforeEach(async () => {
  ran = 0
  directory = mkdtempSync(join(tmpdir(), 'heddle-test-'))
  engine = await Engine.start(
    { threads: 2, memoryBytesMax: 192 << 20, tempDirectory: directory },
    {
      runFragment: (...task) => {
        ran++
        return runFragment(...task)
      },
    },
  )
  session = new Session(engine)
})

afterEach(async () => {
  session.close()
  expect(engine.heap.usage).toMatchObject({ query: 0, result: 0, table: 0, reader: 0 })
  await engine.close()
  expect(readdirSync(directory)).toEqual([])
  rmSync(directory, { recursive: true })
})

const rows = `select g as a, -g as b, 'a text of some letters ' || g as t from generate_series(1, ${N}) g`
const check = 'select count(*), sum(a), sum(b), min(t), max(length(t)) from t'
const answer = [
  `${N}`,
  `${(N * (N + 1)) / 2}`,
  `${-(N * (N + 1)) / 2}`,
  'a text of some letters 1',
  '30',
]

test('CREATE TABLE AS of rows that with their table take more than the memory makes each once', async () => {
  await session.query(`create table t as ${rows}`)
  expect(ran).toBe(1)
  expect((await session.query(check)).texts()).toEqual([answer])
  await session.query('drop table t')
})

test('INSERT ... SELECT of rows that with their table take more than the memory makes each once', async () => {
  await session.query('create table t (a int, b int, t text)')
  ran = 0
  await session.query(`insert into t ${rows}`)
  expect(ran).toBe(1)
  expect((await session.query(check)).texts()).toEqual([answer])
  // From itself: the rows that it had before.
  await session.query('insert into t select * from t')
  const count = (await session.query('select count(*), sum(a) from t')).texts()
  expect(count).toEqual([[`${2 * N}`, `${N * (N + 1)}`]])
  await session.query('drop table t')
})

test('an error in a late row leaves nothing of a table or its files', async () => {
  const late = `select 1 / (g - ${N - 3}) as a, ${N} - g as b, 'text ' || g as t from generate_series(1, ${N}) g`
  const division = { code: 'DIVISION_BY_ZERO' }
  await expect(session.query(`create table t as ${late}`)).rejects.toMatchObject(division)
  await session.query('create table t (a int, b int, t text)')
  await expect(session.query(`insert into t ${late}`)).rejects.toMatchObject(division)
  expect((await session.query('select count(*) from t')).texts()).toEqual([['0']])
  await session.query('drop table t')
})

test('a cancel while rows are stored ends the statement, and nothing is left', async () => {
  const abort = new AbortController()
  const running = session.query(`create table t as ${rows}`, [], { signal: abort.signal })
  const ended = running.then(
    () => 'done',
    (error: unknown) => error,
  )
  while (engine.heap.usage.table === 0) await new Promise((go) => setImmediate(go))
  abort.abort()
  expect(await ended).toMatchObject({ code: 'QUERY_CANCELED' })
})
