import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, type Database } from '../../src/index.ts'

let db: Database

beforeAll(async () => {
  db = await connect({ threads: 1 })
  await db.query('create table t (a int)')
})

afterAll(() => db.close())

const modes: readonly [mode: string, holds: boolean][] = [
  ['row exclusive', false],
  ['share', true],
  ['access exclusive', true],
]

test.each(modes)('in %s mode others may not change the table: %s', async (mode, holds) => {
  const session = db.session()
  try {
    for (const how of ['insert into t values (1)', 'delete from t']) {
      await db.query('insert into t values (0)')
      await session.query('begin')
      await session.query(`lock table t in ${mode} mode`)
      await session.query('insert into t values (2)')
      await db.query(how)
      const done = session.query('commit')
      if (holds) await expect(done).rejects.toMatchObject({ sqlState: '40001' })
      else await done
    }
  } finally {
    session.close()
  }
})

test('VACUUM brings chunks together beside those who append', async () => {
  await db.query('create table v (a int)')
  const appends = Array.from({ length: 20 }, (_, at) => db.query(`insert into v values (${at})`))
  await Promise.all([...appends, db.query('vacuum full v'), db.query('vacuum v')])
  expect((await db.query('select count(*), sum(a) from v')).values()).toEqual([[20n, 190n]])
})
