import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { connect, type Database } from '../../src/index.ts'
import type { Session } from '../../src/engine/session.ts'

const MEMORY_BYTES = 256 * 1_048_576
const ROWS = 30_000

let db: Database
let emptyBytes: number
const sessions: Session[] = []

beforeEach(async () => {
  db = await connect({ threads: 2, memoryBytesMax: MEMORY_BYTES })
  await db.query('select 1')
  emptyBytes = bytes()
})

afterEach(async () => {
  for (const session of sessions.splice(0)) session.close()
  expect(db.engine.catalog.rootsHeld).toBe(1)
  await db.close()
})

function bytes(): number {
  return db.engine.heap.bytesInUse
}

function newSession(): Session {
  const session = db.session()
  sessions.push(session)
  return session
}

/** A query of the integers k from 0 on. */
function numbers(rows = ROWS): string {
  const upTo = (end: number): string => Array.from({ length: end }, (_, n) => `(${n})`).join()
  return `select a.n * 1000 + b.n as k
    from (values ${upTo(rows / 1_000)}) a (n), (values ${upTo(1_000)}) b (n)`
}

async function one(session: Pick<Session, 'query'>, text: string): Promise<string> {
  return String((await session.query(text)).values()[0]?.[0])
}

describe('a transaction reads its snapshot whatever others do', () => {
  test('they drop the table and fill its memory with others', { timeout: 300_000 }, async () => {
    const [reader, writer] = [newSession(), newSession()]
    for (let round = 0; round < 40; round++) {
      await writer.query(`create table t as ${numbers()}`)
      await reader.query('begin isolation level repeatable read')
      const sum = await one(reader, 'select sum(k) from t')
      expect(sum).toBe('449985000')
      await writer.query('drop table t')
      for (let other = 0; other < 3; other++) {
        await writer.query(
          `create table j${other} as select k + 1000000 as k from (${numbers()}) q`,
        )
      }
      expect(await one(reader, 'select sum(k) from t')).toBe(sum)
      await reader.query(round % 2 === 0 ? 'commit' : 'rollback')
      for (let other = 0; other < 3; other++) await writer.query(`drop table j${other}`)
    }
    expect(bytes()).toBe(emptyBytes)
  })

  test('they insert into the table, so that its last chunks are merged into new ones', async () => {
    const [reader, writer] = [newSession(), newSession()]
    await writer.query(`create table t as ${numbers()}`)
    await reader.query('begin isolation level repeatable read')
    const sum = await one(reader, 'select sum(k) from t')
    for (let round = 0; round < 10; round++) await writer.query(`insert into t ${numbers()}`)
    expect(await one(reader, 'select sum(k) from t')).toBe(sum)
    await reader.query('commit')
    expect(await one(reader, 'select sum(k) from t')).toBe(String(11 * 449_985_000))
    await writer.query('drop table t')
    expect(bytes()).toBe(emptyBytes)
  })

  test('its own changes are read while they are not committed, and gone with the session', async () => {
    const session = db.session()
    await session.query('begin')
    await session.query(`create table t as ${numbers()}`)
    await session.query(`insert into t ${numbers()}`)
    const other = newSession()
    await other.query(`create table t2 as ${numbers()}`)
    await other.query('drop table t2')
    expect(await one(session, 'select sum(k) from t')).toBe('899970000')
    session.close()
    expect(bytes()).toBe(emptyBytes)
  })

  test('a session that ends while its statement runs changes nothing', async () => {
    const session = db.session()
    await session.query('begin')
    const running = session.query(`create table t as ${numbers()}`)
    session.close()
    await expect(running).rejects.toMatchObject({ code: 'ADMIN_SHUTDOWN' })
    await expect(session.query('begin')).rejects.toMatchObject({ code: 'ADMIN_SHUTDOWN' })
    await expect(db.query('select * from t')).rejects.toMatchObject({ code: 'UNDEFINED_TABLE' })
    expect(bytes()).toBe(emptyBytes)
  })

  test('what its later changes replaced is free before it ends', async () => {
    const session = newSession()
    await session.query('begin')
    await session.query('create table t (k int)')
    const taken: number[] = []
    for (let round = 0; round < 64; round++) {
      await session.query(`insert into t ${numbers(1_000)}`)
      taken.push(bytes() - emptyBytes)
    }
    // Twice the rows, no more than twice the bytes, whatever was merged on the way.
    expect(taken[63]).toBeLessThan(2.5 * taken[31]!)
    await session.query('commit')
    expect(await one(db, 'select count(*) from t')).toBe('64000')
    await session.query('drop table t')
    expect(bytes()).toBe(emptyBytes)
  })
})

describe('memory goes with the last one that can reach it', () => {
  test(
    'overlapping readers of another table keep no dropped table',
    { timeout: 300_000 },
    async () => {
      await db.query(`create table other as ${numbers()}`)
      const [left, right] = [newSession(), newSession()]
      const held = bytes()
      let reading = left.query('select count(*), sum(k) from other where k % 7 <> 3')
      let root = db.engine.catalog.hold()
      for (let round = 0; round < 500; round++) {
        // 4.8 MB, as wide numbers are not narrowed.
        await db.query(
          `create table big as select k::int8 * 10000000000 as a from other
         ${'union all select k::int8 * 10000000000 from other '.repeat(19)}`,
        )
        if (round === 0) expect(bytes() - held).toBeGreaterThan(4_700_000)
        const next = (round % 2 === 0 ? right : left).query(
          'select count(*) from other where k > 5',
        )
        const overlapping = db.engine.catalog.hold()
        root.release()
        root = overlapping
        await reading
        reading = next
        await db.query('drop table big')
      }
      root.release()
      await reading
      expect(bytes()).toBe(held)
    },
  )

  test('a held root keeps its own tables and not those that came and went after it', async () => {
    await db.query(`create table a as ${numbers()}`)
    const [withoutB, before] = [bytes(), db.engine.catalog.hold()]
    await db.query(`create table b as ${numbers()}`)
    const [withB, between] = [bytes(), db.engine.catalog.hold()]
    await db.query('drop table b')
    expect(bytes()).toBe(withB)
    await db.query('drop table a')
    between.release()
    expect(bytes()).toBe(withoutB)
    before.release()
    expect(bytes()).toBe(emptyBytes)
  })

  test('statements that fail leave nothing, wherever they fail', async () => {
    await db.query(`create table t as ${numbers()}`)
    await db.query('create table narrow (k int not null)')
    const before = bytes()
    const session = newSession()
    const failing = [
      'create table u as select 1 / (k - 29999) from t',
      `create table t as ${numbers()}`,
      'insert into t select 1 / (k - 29999) from t',
      'insert into narrow select nullif(k, 17) from t',
      'explain analyze select sum(1 / (k - 29999)) from t',
      "create model m with (model_class = 'LinearRegression', target_column = 'k') as select k, 1 / (k - 29999) as x from t",
    ]
    for (const text of failing) {
      await expect(session.query(text), text).rejects.toThrow()
      expect(bytes(), text).toBe(before)
      await session.query('begin')
      await expect(session.query(text), text).rejects.toThrow()
      await session.query('rollback')
      expect(bytes(), text).toBe(before)
    }
  })

  test('two transactions change one table: both, or one leaves nothing', async () => {
    await db.query(`create table t as ${numbers(1_000)}`)
    const [left, right] = [newSession(), newSession()]
    for (const session of [left, right]) {
      await session.query('begin')
      await session.query(`insert into t ${numbers(1_000)}`)
    }
    await left.query('commit')
    await right.query('commit')
    expect(await one(db, 'select count(*) from t')).toBe('3000')
    await right.query('begin')
    await right.query(`insert into t ${numbers(1_000)}`)
    await left.query('create or replace table t as select 1 as k')
    const before = bytes()
    await expect(right.query('commit')).rejects.toMatchObject({ sqlState: '40001' })
    expect(bytes()).toBeLessThan(before)
    await db.query('drop table t')
    expect(bytes()).toBe(emptyBytes)
  })

  test('a kept plan of a table that was replaced is neither run nor keeps it', async () => {
    await db.query(`create table t as ${numbers()}`)
    expect(await one(db, 'select sum(k) from t')).toBe('449985000')
    await db.query('drop table t')
    expect(bytes()).toBe(emptyBytes)
    await db.query(`create table t as ${numbers(2_000)}`)
    expect(await one(db, 'select sum(k) from t')).toBe('1999000')
  })

  test('open results keep what they hold and nothing else', async () => {
    await db.query(`create table t as ${numbers()}`)
    const result = await db.query('select k from t order by k')
    await db.query('drop table t')
    await db.query(`create table t as ${numbers()}`)
    expect(result.scalars(0)[29_999]).toBe(29_999)
    result.release()
    result.release()
    expect(() => result.rows()).toThrow('released')
    await db.query('drop table t')
    expect(bytes()).toBe(emptyBytes)
  })
})
