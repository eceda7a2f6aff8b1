import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect, type Database } from '../../src/index.ts'

let db: Database

beforeAll(async () => {
  db = await connect({ threads: 2 })
  await db.query('create table numbers as select * from (values (0), (1), (2), (3)) v (n)')
  for (let rows = 4; rows < 200_000; rows *= 2) {
    await db.query(`insert into numbers select n + ${rows} from numbers`)
  }
})

afterAll(() => db.close())

/** Joins every row with every row: 10^10 pairs and more, none of which comes through. */
const slowQuery = 'select count(*) from numbers a, numbers b where a.n + b.n < 0'

describe('stopping', () => {
  test('a signal cancels a query that runs, and its memory is given back', async () => {
    const before = db.engine.heap.bytesInUse
    const abort = new AbortController()
    const running = db.query(slowQuery, [], { signal: abort.signal })
    running.catch(() => undefined)
    await expect.poll(() => db.engine.heap.bytesInUse).toBeGreaterThan(before)
    abort.abort()
    await expect(running).rejects.toMatchObject({ code: 'QUERY_CANCELED', sqlState: '57014' })
    expect(db.engine.heap.bytesInUse).toBe(before)
  })

  test('statement_timeout ends a query, not the session', async () => {
    const session = db.session()
    await session.query('set statement_timeout = 50')
    await expect(session.query(slowQuery)).rejects.toMatchObject({
      code: 'QUERY_CANCELED',
      message: 'canceling statement due to statement timeout',
    })
    await session.query('set statement_timeout = 0')
    expect((await session.query('select count(*) from numbers')).values()).toEqual([[262_144n]])
    session.close()
  })

  test('a failed INSERT leaves neither rows nor memory', async () => {
    await db.query('create table target (a int)')
    const before = db.engine.heap.bytesInUse
    await expect(
      db.query('insert into target select 1 / (n - 200000) from numbers'),
    ).rejects.toThrow('division by zero')
    expect((await db.query('select count(*) from target')).values()).toEqual([[0n]])
    expect(db.engine.heap.bytesInUse).toBe(before)
  })
})

test('sessions run queries at once, each with its own right answer', async () => {
  const sessions = Array.from({ length: 8 }, () => db.session())
  const answers = await Promise.all(
    sessions.map(async (session, i) => {
      const sums: unknown[] = []
      for (let round = 0; round < 5; round++) {
        const [row] = (
          await session.query('select count(*), sum(n) from numbers where n % 8 = $1', [i])
        ).values()
        sums.push(row?.map(String))
      }
      session.close()
      return sums
    }),
  )
  const rows = 262_144 / 8
  answers.forEach((sums, i) => {
    const sum = rows * i + (8 * (rows * (rows - 1))) / 2
    expect(sums).toEqual(Array.from({ length: 5 }, () => [String(rows), String(sum)]))
  })
})

test('a thousand small inserts lie close together', async () => {
  await db.query('create table small (id int, name text)')
  for (let i = 0; i < 1_000; i++) {
    await db.query(`insert into small values (${i}, 'name ${i}')`)
  }
  const sums = await db.query('select count(*), sum(id), count(distinct name) from small')
  expect(sums.values()).toEqual([[1_000n, 499_500n, 1_000n]])
  const before = db.engine.heap.bytesInUse
  await db.query('drop table small')
  expect(before - db.engine.heap.bytesInUse).toBeLessThan(4 * 1_048_576)
})

test('a table that is dropped while others read it is read to the end', async () => {
  const before = db.engine.heap.bytesInUse
  await db.query('create table leaving as select n from numbers')
  const readers = Array.from({ length: 4 }, () => db.session())
  const answers = readers.map((session) => session.query('select count(*), sum(n) from leaving'))
  await db.query('drop table leaving')
  const settled = await Promise.allSettled(answers)
  for (const answer of settled) {
    if (answer.status === 'fulfilled') {
      expect(answer.value.values().map((row) => row.map(String))).toEqual([
        ['262144', '34359607296'],
      ])
    } else {
      expect(answer.reason).toMatchObject({ code: 'UNDEFINED_TABLE' })
    }
  }
  for (const session of readers) session.close()
  expect(db.engine.heap.bytesInUse).toBe(before)
})

describe('transactions', () => {
  test('what others commit is seen as the level has it, from the first query on', async () => {
    await db.query('create table moving (a int)')
    const levels = ['read uncommitted', 'read committed', 'repeatable read', 'serializable']
    const readers = levels.map((level) => [level, db.session()] as const)
    const late = db.session()
    const writer = db.session()
    const count = async (session: typeof late): Promise<unknown> =>
      (await session.query('select count(*) from moving')).values()[0]?.[0]
    for (const [level, session] of readers) {
      await session.query(`begin isolation level ${level}`)
      expect(await count(session), level).toBe(0n)
    }
    await late.query('begin isolation level repeatable read')
    await writer.query('begin')
    await writer.query('insert into moving values (1), (2)')
    expect([await count(writer), await count(readers[1]![1])]).toEqual([2n, 0n])
    await writer.query('commit')
    const seen: unknown[] = []
    for (const [, session] of readers) seen.push(await count(session))
    expect(seen).toEqual([2n, 2n, 0n, 0n])
    // Its snapshot is that of its first query, not of BEGIN.
    expect(await count(late)).toBe(2n)
    await writer.query('insert into moving values (3)')
    expect(await count(late)).toBe(2n)
    for (const session of [...readers.map(([, session]) => session), late]) {
      await session.query('rollback')
      expect(await count(session)).toBe(3n)
      session.close()
    }
    writer.close()
  })

  test('a rollback gives back what the transaction took', async () => {
    const before = db.engine.heap.bytesInUse
    const session = db.session()
    await session.query('begin')
    await session.query('create table big as select n from numbers')
    await session.query('rollback')
    expect(db.engine.heap.bytesInUse).toBe(before)
    session.close()
  })

  test('a read-only session changes nothing', async () => {
    const session = db.session()
    await session.query('set session characteristics as transaction read only')
    await expect(session.query('create table no (a int)')).rejects.toMatchObject({
      sqlState: '25006',
    })
    await expect(session.query('drop table numbers')).rejects.toMatchObject({ sqlState: '25006' })
    expect((await session.query('select 1')).values()).toEqual([[1]])
    session.close()
  })
})
