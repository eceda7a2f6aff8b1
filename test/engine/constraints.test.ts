import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, type Database, type Session } from '../../src/index.ts'

let db: Database

beforeAll(async () => {
  db = await connect({ threads: 2 })
})

afterAll(() => db.close())

async function sessions(use: (a: Session, b: Session) => Promise<void>): Promise<void> {
  const [a, b] = [db.session(), db.session()]
  try {
    await use(a, b)
  } finally {
    a.close()
    b.close()
  }
}

async function column(sql: string): Promise<unknown[]> {
  return (await db.query(sql)).values().map(([value]) => value)
}

test('an error names table, constraint, column and row as PostgreSQL does', async () => {
  await db.query(`create table named (a int primary key, b text not null check (b <> ''))`)
  await db.query(`insert into named values (1, 'x')`)
  const where = { schema: 'public', table: 'named' }
  await expect(db.query(`insert into named values (1, 'y')`)).rejects.toMatchObject({
    sqlState: '23505',
    details: { ...where, constraint: 'named_pkey', detail: 'Key (a)=(1) already exists.' },
  })
  await expect(db.query(`insert into named values (2, '')`)).rejects.toMatchObject({
    sqlState: '23514',
    details: { ...where, constraint: 'named_b_check', detail: 'Failing row contains (2, ).' },
  })
  await expect(db.query('insert into named values (2)')).rejects.toMatchObject({
    sqlState: '23502',
    details: { ...where, column: 'b', detail: 'Failing row contains (2, null).' },
  })
})

test('columns of a key are named in quotes where SQL needs them', async () => {
  await db.query(
    'create table quoted ("select" int, "a b" int, c_1 int, name int, unique ("select", "a b", c_1, name))',
  )
  await db.query('insert into quoted values (1, 2, 3, 4)')
  await expect(db.query('insert into quoted values (1, 2, 3, 4)')).rejects.toMatchObject({
    details: { detail: 'Key ("select", "a b", c_1, name)=(1, 2, 3, 4) already exists.' },
  })
})

test('of two transactions with one key the second to commit fails', async () => {
  await db.query('create table once (k int primary key)')
  await sessions(async (a, b) => {
    for (const session of [a, b]) await session.query('begin')
    await a.query('insert into once values (1)')
    await b.query('insert into once values (1)')
    await a.query('commit')
    await expect(b.query('commit')).rejects.toMatchObject({
      sqlState: '23505',
      details: { constraint: 'once_pkey', detail: 'Key (k)=(1) already exists.' },
    })
  })
  expect(await column('select k from once')).toEqual([1])
})

test('a key that was committed meanwhile is told by the next statement of the other', async () => {
  await db.query('create table told (k int primary key)')
  await sessions(async (a, b) => {
    for (const level of ['read committed', 'repeatable read']) {
      const key = level.length
      await b.query(`begin isolation level ${level}`)
      await b.query('select count(*) from told')
      await a.query(`insert into told values (${key})`)
      await expect(b.query(`insert into told values (${key})`), level).rejects.toMatchObject({
        sqlState: '23505',
      })
      await b.query('rollback')
    }
    await b.query('begin')
    await b.query('insert into told values (1)')
    await a.query('insert into told values (1)')
    await expect(b.query('select * from told')).rejects.toMatchObject({ sqlState: '23505' })
    await b.query('commit')
  })
})

test('transactions that insert different keys into one table all commit', async () => {
  await db.query('create table several (k int primary key)')
  const all = Array.from({ length: 4 }, () => db.session())
  for (const session of all) await session.query('begin')
  for (let round = 0; round < 5; round++) {
    for (const [s, session] of all.entries()) {
      await session.query(`insert into several values (${10 * s + round})`)
    }
  }
  await Promise.all(all.map((session) => session.query('commit')))
  for (const session of all) session.close()
  expect(await column('select count(distinct k) from several')).toEqual([20n])
})

test('statements on their own that come at once never fail but for a key', async () => {
  await db.query('create table race (k int primary key, s int)')
  const all = Array.from({ length: 8 }, () => db.session())
  const outcomes = await Promise.allSettled(
    all.flatMap((session, s) =>
      Array.from({ length: 5 }, (_, k) => session.query(`insert into race values (${k}, ${s})`)),
    ),
  )
  const failed = outcomes.filter((outcome) => outcome.status === 'rejected')
  expect(failed.map(({ reason }) => (reason as { sqlState?: string }).sqlState)).toEqual(
    failed.map(() => '23505'),
  )
  expect(await column('select k from race order by k')).toEqual([0, 1, 2, 3, 4])
  for (const session of all) session.close()
})

test('a table that was replaced meanwhile does not take rows meant for the old one', async () => {
  await db.query('create table moved (a int)')
  await sessions(async (a, b) => {
    await a.query('begin')
    await a.query('insert into moved values (1)')
    await b.query('drop table moved')
    await b.query('create table moved (b text)')
    await expect(a.query('commit')).rejects.toMatchObject({ sqlState: '40001' })
  })
  expect(await column('select b from moved')).toEqual([])
})

test('a unique index made meanwhile holds for rows inserted before it was there', async () => {
  await db.query('create table late (a int)')
  await sessions(async (a, b) => {
    await a.query('begin')
    await a.query('insert into late values (1), (1)')
    await b.query('create unique index on late (a)')
    await expect(a.query('commit')).rejects.toMatchObject({
      sqlState: '23505',
      details: { constraint: 'late_a_idx' },
    })
    await b.query('drop index late_a_idx')
    await b.query('begin')
    await b.query('create unique index late_2 on late (a)')
    await a.query('insert into late values (1), (1)')
    await expect(b.query('commit')).rejects.toMatchObject({
      sqlState: '23505',
      message: 'could not create unique index "late_2"',
    })
  })
  expect(await column('select a from late')).toEqual([1, 1])
})

test.each([
  ['UPDATE', 'update c.t set n = 1'],
  ['MERGE', 'merge into c.t using c.t s on s.id = c.t.id when matched then update set n = 1'],
  ['ON CONFLICT', 'insert into c.t select id, 0 from c.t on conflict (id) do update set n = 1'],
])(
  'a unique index made meanwhile holds for rows that %s changed in their place',
  async (_, text) => {
    const [changing, indexing] = [db.session(), db.session()]
    await indexing.query('create schema c')
    try {
      await indexing.query('create table c.t (id int primary key, n int)')
      await indexing.query('insert into c.t select g, g from generate_series(1, 3) g')
      await changing.query('begin')
      await changing.query(text)
      await indexing.query('create unique index t_n on c.t (n)')
      await expect(changing.query('commit')).rejects.toMatchObject({ sqlState: '40001' })
      const left = await indexing.query('select count(distinct n)::int as n from c.t')
      expect(left.rows()).toEqual([{ n: 3 }])
      await expect(indexing.query(text)).rejects.toMatchObject({ sqlState: '23505' })
    } finally {
      await indexing.query('drop schema c cascade')
      changing.close()
      indexing.close()
    }
  },
)

test('rows that break a rule leave neither rows nor memory', async () => {
  await db.query('create table strict (k int primary key, v int check (v >= 0))')
  await db.query('insert into strict select n, n from (values (1), (2), (3)) x (n)')
  const before = db.engine.heap.bytesInUse
  for (const values of ['(1, 1)', '(4, 1), (4, 1)', '(5, -1)', '(null, 1)']) {
    await expect(db.query(`insert into strict values ${values}`)).rejects.toThrow('violates')
  }
  expect(db.engine.heap.bytesInUse).toBe(before)
  expect(await column('select count(*) from strict')).toEqual([3n])
})

test('the first broken row counts, wherever the threads begin', async () => {
  await db.query('create table wide (k int check (k <> 150000 and k <> 190000))')
  await db.query('create table digits as select * from (values (0),(1),(2),(3),(4),(5)) v (d)')
  const digits = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => `digits ${name}`).join(', ')
  const sum = 'a.d + b.d * 6 + c.d * 36 + d.d * 216 + e.d * 1296 + f.d * 7776 + g.d * 46656'
  await db.query(`create table many as select ${sum} k from ${digits}`)
  await expect(
    db.query('insert into wide select k from many order by k desc'),
  ).rejects.toMatchObject({ details: { detail: 'Failing row contains (190000).' } })
})

test('a file table takes no constraints', async () => {
  await expect(
    db.query(`create table f (a int primary key) with (location = 'nowhere.csv')`),
  ).rejects.toMatchObject({ sqlState: '0A000' })
})
