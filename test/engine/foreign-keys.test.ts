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

async function count(table: string): Promise<unknown> {
  return (await db.query(`select count(*) from ${table}`)).values()[0]?.[0]
}

/** Two tables, of which the second refers to the first, whose only row is 1. */
async function related(name: string): Promise<void> {
  await db.query(`create table ${name}_p (a int primary key)`)
  await db.query(`create table ${name}_c (a int references ${name}_p)`)
  await db.query(`insert into ${name}_p values (1)`)
}

test('errors name the table, the constraint and the key as PostgreSQL does', async () => {
  await related('told')
  const details = { schema: 'public', table: 'told_c', constraint: 'told_c_a_fkey' }
  await expect(db.query('insert into told_c values (5)')).rejects.toMatchObject({
    sqlState: '23503',
    details: { ...details, detail: 'Key (a)=(5) is not present in table "told_p".' },
  })
  await db.query('insert into told_c values (1)')
  await expect(db.query('delete from told_p')).rejects.toMatchObject({
    sqlState: '23503',
    details: { ...details, detail: 'Key (a)=(1) is still referenced from table "told_c".' },
  })
})

const taken: readonly [what: string, sql: string][] = [
  ['deletes it', 'delete from @_p where a = 1'],
  ['gives it another key', 'update @_p set a = 2'],
]

test.each(taken)('of one that refers to a row and one that %s the later fails', async (_, sql) => {
  const name = sql.startsWith('delete') ? 'gone' : 'keyed'
  const takes = sql.replace('@', name)
  for (const first of ['refers', 'takes']) {
    const table = `${name}_${first}`
    await related(table)
    await sessions(async (a, b) => {
      for (const session of [a, b]) await session.query('begin')
      await a.query(`insert into ${table}_c values (1)`)
      await b.query(takes.replace(`${name}_p`, `${table}_p`))
      const [earlier, later] = first === 'refers' ? [a, b] : [b, a]
      await earlier.query('commit')
      await expect(later.query('commit')).rejects.toMatchObject({ sqlState: '23503' })
    })
    expect(await count(`${table}_c`)).toBe(first === 'refers' ? 1n : 0n)
  }
})

test('rows that came while those they refer to were deleted with what refers to them', async () => {
  for (const first of ['refers', 'takes']) {
    const table = `along_${first}`
    await db.query(`create table ${table}_p (a int primary key)`)
    await db.query(`create table ${table}_c (a int references ${table}_p on delete cascade)`)
    await db.query(`insert into ${table}_p values (1)`)
    await db.query(`insert into ${table}_c values (1)`)
    await sessions(async (a, b) => {
      for (const session of [a, b]) await session.query('begin')
      await a.query(`insert into ${table}_c values (1)`)
      await b.query(`delete from ${table}_p`)
      const [earlier, later] = first === 'refers' ? [a, b] : [b, a]
      await earlier.query('commit')
      const sqlState = first === 'refers' ? '40001' : '23503'
      await expect(later.query('commit')).rejects.toMatchObject({ sqlState })
    })
    expect(await count(`${table}_c`)).toBe(first === 'refers' ? 2n : 0n)
  }
})

test('a row is deleted with all that refer to it, however many come at once', async () => {
  await db.query('create table meanwhile_p (a int primary key)')
  await db.query('create table meanwhile_c (a int references meanwhile_p on delete cascade)')
  await db.query('insert into meanwhile_p select * from generate_series(1, 12)')
  const all = Array.from({ length: 12 }, async (_, at) => {
    const session = db.session()
    try {
      const inserted = session.query(`insert into meanwhile_c values (${at + 1})`)
      const deleted = db.query(`delete from meanwhile_p where a = ${at + 1}`)
      const [child, parent] = await Promise.allSettled([inserted, deleted])
      expect(parent.status).toBe('fulfilled')
      if (child.status === 'rejected') expect(child.reason).toMatchObject({ sqlState: '23503' })
    } finally {
      session.close()
    }
  })
  await Promise.all(all)
  expect(await count('meanwhile_c')).toBe(0n)
  expect(await count('meanwhile_p')).toBe(0n)
})

test('a row that refers to one that its transaction brought is committed beside others', async () => {
  await related('own')
  await sessions(async (a, b) => {
    for (const session of [a, b]) await session.query('begin')
    await a.query('insert into own_c values (1)')
    await a.query('insert into own_p values (7)')
    await a.query('insert into own_c values (7)')
    await b.query('insert into own_p values (8)')
    await b.query('commit')
    await a.query('commit')
  })
  expect(await count('own_c')).toBe(2n)
})

test('a key that came while rows were stored is kept to', async () => {
  await db.query('create table late_p (a int primary key)')
  await db.query('create table late_c (a int)')
  await sessions(async (a, b) => {
    await a.query('begin')
    await a.query('insert into late_c values (3)')
    await b.query('alter table late_c add foreign key (a) references late_p')
    await expect(a.query('commit')).rejects.toMatchObject({ sqlState: '23503' })
  })
})

test('a table that rows refer to is emptied only with them, whoever came first', async () => {
  await related('cut')
  await sessions(async (a, b) => {
    await a.query('begin')
    await a.query('truncate cut_p cascade')
    await b.query('insert into cut_c values (1)')
    await a.query('commit')
  })
  expect(await count('cut_c')).toBe(0n)
})

test('fifty sessions draw numbers of a sequence, and none comes twice', async () => {
  await db.query('create sequence drawn cache 3')
  const drawn = await Promise.all(
    Array.from({ length: 50 }, async () => {
      const session = db.session()
      try {
        const own: unknown[] = []
        for (let i = 0; i < 7; i++) {
          own.push((await session.query(`select nextval('drawn')`)).values()[0]?.[0])
        }
        return own
      } finally {
        session.close()
      }
    }),
  )
  const numbers = drawn.flat()
  expect(numbers).toHaveLength(350)
  expect(new Set(numbers).size).toBe(350)
  for (const own of drawn) expect(own).toEqual(own.toSorted((x, y) => Number(x) - Number(y)))
})
