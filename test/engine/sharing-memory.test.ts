import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { Engine } from '../../src/engine/process/engine.ts'
import { Session } from '../../src/engine/session.ts'

const MIB = 1_048_576
const N = 600_000
let directory: string
let engine: Engine
const sessions: Session[] = []

function session(): Session {
  const made = new Session(engine)
  sessions.push(made)
  return made
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'heddle-test-'))
  engine = await Engine.start({
    threads: 2,
    memoryBytesMax: 24 * MIB,
    tempDirectory: directory,
  })
  await session().query(`create table r as
    select (i::int8 * 7919) % ${N} as id, (i::int8 * 104729) % ${N} as other, i % 1009 as v, 'name of ' || i as name
    from generate_series(0, ${N - 1}) s(i)`)
})

afterAll(async () => {
  await session().query('drop table r')
  for (const made of sessions) made.close()
  expect(engine.heap.usage).toMatchObject({ query: 0, result: 0, table: 0, reader: 0 })
  await engine.close()
  expect(readdirSync(directory)).toEqual([])
  rmSync(directory, { recursive: true })
})

/** What nothing that runs leaves changed. */
async function parts(): Promise<readonly string[][]> {
  const result = await session().query(
    `select part, bytes from heddle_memory()
     where part in ('tables', 'queries', 'results', 'readers', 'files', 'claimed', 'waiting')`,
  )
  return result.texts() as string[][]
}

let before: readonly string[][] | undefined

afterEach(async () => {
  before ??= await parts()
  expect(await parts()).toEqual(before)
  expect(engine.running.list()).toEqual([])
})

/** Each keeps several times the memory, and its answer. */
const queries: readonly (readonly [sql: string, answer: readonly string[]])[] = [
  [
    'select count(*), sum(n), max(t) from (select id, count(*) as n, max(name) as t from r group by 1) q',
    [`${N}`, `${N}`, 'name of 99999'],
  ],
  [
    'select count(*), sum(n) from (select name, count(*) as n from r group by 1) q',
    [`${N}`, `${N}`],
  ],
  ['select count(*) from (select distinct id, v, name from r) q', [`${N}`]],
  ['select count(*), sum(a.id - b.other) from r a join r b on a.id = b.other', [`${N}`, '0']],
  [
    'select count(*), sum(x) from (select row_number() over (partition by id % 1000 order by id) as x from r) q',
    [`${N}`, `${(1_000 * (600 * 601)) / 2}`],
  ],
  [
    'select count(*) from (select id, name from r except select other, name from r where v = -1) q',
    [`${N}`],
  ],
]

const sorted = 'select id, name from r order by id desc'

test('statements that each want the memory have it one after another, and all of them answer', async () => {
  const answers = Array.from({ length: 12 }, async (_, n) => {
    const [sql] = queries[n % queries.length]!
    const result = await session().query(sql)
    const texts = result.texts()
    result.release()
    return texts
  })
  const results = Array.from({ length: 3 }, async () => {
    const result = await session().query(sorted)
    let expected = N
    for (const batch of result.batches()) {
      for (const id of batch.column(0)) if (Number(id) !== --expected) expect(id).toBe(expected)
    }
    result.release()
    return expected
  })
  expect(await Promise.all(answers)).toEqual(
    Array.from({ length: 12 }, (_, n) => [queries[n % queries.length]![1]]),
  )
  expect(await Promise.all(results)).toEqual([0, 0, 0])
}, 120_000)

/** Does something while others run and wait for memory; nobody minds how these end. */
async function besideWaiting<T>(during: () => Promise<T>): Promise<T> {
  const stop = new AbortController()
  let running = 8
  const busy = Array.from({ length: running }, (_, n) =>
    session()
      .query(queries[n % queries.length]![0], [], { signal: stop.signal })
      .then((result) => result.release())
      .catch(() => {})
      .finally(() => running--),
  )
  try {
    while (waitingBytes() === 0) {
      expect(running).toBeGreaterThan(0)
      await new Promise((go) => setImmediate(go))
    }
    return await during()
  } finally {
    stop.abort()
    await Promise.all(busy)
  }
}

function waitingBytes(): number {
  return engine.memory.find(({ part }) => part === 'waiting')!.bytes
}

function stateOf(statement: string): string | undefined {
  return engine.running.list().find(({ text }) => text === statement)?.state
}

test('a statement that waits says so, and is cancelled while it does', async () => {
  const error = await besideWaiting(async () => {
    const abort = new AbortController()
    const query = session()
      .query(sorted, [], { signal: abort.signal })
      .catch((thrown: unknown) => thrown)
    while (stateOf(sorted) !== 'waiting') {
      expect(stateOf(sorted)).not.toBe('running')
      await new Promise((go) => setImmediate(go))
    }
    // What takes next to nothing waits for nobody.
    expect((await session().query('select 1')).texts()).toEqual([['1']])
    abort.abort()
    return query
  })
  expect(error).toMatchObject({ sqlState: '57014' })
})

test('waiting counts for statement_timeout', async () => {
  const error = await besideWaiting(async () => {
    const timed = session()
    await timed.query("set statement_timeout = '30ms'")
    return timed.query(sorted).catch((thrown: unknown) => thrown)
  })
  expect(error).toMatchObject({ sqlState: '57014' })
  expect(String(error)).toContain('statement timeout')
})

async function claimed(): Promise<number> {
  const result = await session().query(`select bytes from heddle_memory() where part = 'claimed'`)
  return Number(result.texts()[0]![0])
}

test('rows that a client has not read are claimed until it lets go of them, and others run beside them', async () => {
  const [sql, answer] = queries[0]!
  const unread = await session().query('select id, other from r where v < 600')
  expect(await claimed()).toBeGreaterThan(2 * MIB)
  expect((await session().query(sql)).texts()).toEqual([answer])
  unread.release()
  expect(await claimed()).toBe(0)
})

test('what makes the rows of a join that a client has not read is claimed until it ends', async () => {
  const [sql, answer] = queries[1]!
  const join = `select a.id, b.id from r a join (select id, other from r where v < 200) b on a.id = b.other`
  const unread = await session().query(join, [], { streams: true })
  expect(await claimed()).toBeGreaterThan(MIB)
  expect((await session().query(sql)).texts()).toEqual([answer])
  unread.release()
  while ((await claimed()) > 0) await new Promise((go) => setImmediate(go))
})
