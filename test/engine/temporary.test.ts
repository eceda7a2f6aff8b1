import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, type Database } from '../../src/index.ts'

let db: Database

beforeAll(async () => {
  db = await connect({ threads: 1 })
})

afterAll(() => db.close())

test('what is temporary is seen by its session only, and gone with its memory at the end', async () => {
  await db.query('create table warm as select * from (values (1), (2)) v (n)')
  expect((await db.query('select sum(n) from warm')).values()).toEqual([[3n]])
  const before = db.engine.heap.bytesInUse
  const [a, b] = [db.session(), db.session()]
  await a.query('create temp table mine as select * from (values (1), (2)) v (n)')
  await b.query('create temp table mine as select 3 n')
  expect((await a.query('select sum(n) from mine')).values()).toEqual([[3n]])
  expect((await b.query('select sum(n) from mine')).values()).toEqual([[3n]])
  const shown = (await a.query('show tables')).texts()
  const row = shown.find(([, name]) => name === 'mine')
  expect(row?.slice(1)).toEqual(['mine', 'table'])
  expect((await a.query('show tables')).rowCount).toBe(2)
  await expect(db.query('select * from mine')).rejects.toMatchObject({ sqlState: '42P01' })
  await expect(b.query(`select * from ${row?.[0]}.mine`)).rejects.toMatchObject({
    sqlState: '42P01',
  })
  a.close()
  b.close()
  expect(db.engine.heap.bytesInUse).toBe(before)
})

test('DISCARD ALL ends it too, and not the tables of others', async () => {
  const session = db.session()
  await session.query('create temp table gone (a int)')
  await db.query('create table stays (a int)')
  await session.query('discard all')
  await expect(session.query('select * from gone')).rejects.toMatchObject({ sqlState: '42P01' })
  expect((await session.query('select count(*) from stays')).values()).toEqual([[0n]])
  session.close()
})

test('DESCRIBE tells types, NULLs and defaults as they were declared', async () => {
  await db.query(
    `create table told (a varchar(3) default 'x', b varchar(2) not null, c int default 1 + 2)`,
  )
  expect((await db.query('describe told')).texts()).toEqual([
    ['a', 'character varying(3)', 'YES', "'x'"],
    ['b', 'character varying(2)', 'NO', null],
    ['c', 'integer', 'YES', '1 + 2'],
  ])
})
