import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, type Database } from '../../src/index.ts'

// More columns than one function writes or updates: each is as it is among a few.

const COLUMNS = 150
const PART = 50

let db: Database

beforeAll(async () => {
  db = await connect({ threads: 1 })
  const digits = '(values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))'
  const joins = ['a', 'b', 'c'].map((name) => `${digits} ${name}(x)`).join(' cross join ')
  await db.query(`create table wide as
    select a.x + 10 * b.x + 100 * c.x as a, 's' || (a.x + 7 * b.x) as s, c.x % 3 as g,
      case when a.x > 5 then b.x * 1.5 end as n
    from ${joins}`)
})
afterAll(() => db.close())

const listed = (from: number, to: number, item: (at: number) => string): string =>
  Array.from({ length: to - from }, (_, index) => item(from + index)).join(', ')

function aggregate(at: number): string {
  const forms = [
    `max(a + ${at})`,
    `sum(a * ${at})`,
    `min(s || ${at})`,
    `count(*) filter (where a > ${at})`,
    `count(distinct a % ${at + 1})`,
    `avg(n + ${at})`,
    `max(n * ${at}::numeric)`,
  ]
  return forms[at % forms.length]!
}

function value(at: number): string {
  const forms = [`a + ${at}`, `s || ${at}`, `n * ${at}`, `a > ${at}`, `n::numeric / ${at + 1}`]
  return forms[at % forms.length]!
}

test.each([
  ['aggregates without groups', aggregate, ''],
  ['aggregates of groups', aggregate, 'group by g order by g'],
  ['aggregates of groups of two keys', aggregate, 'group by g, a % 4 order by g, a % 4'],
  ['aggregates of groups of text', aggregate, 'group by s order by s'],
  ['aggregates of many groups', aggregate, 'group by a order by a'],
  ['aggregates of nothing', aggregate, 'where a < 0'],
  ['columns', value, 'order by a'],
  ['columns of the first rows', value, 'order by g, a limit 20'],
  ['columns of a join', value, 'join (values (1, 2)) v(k, l) on a % 100 = k order by a, l'],
  ['columns of the other side', value, 'right join (values (1), (2000)) v(k) on a = k order by k'],
  ['columns behind a filter', value, 'where a % 7 = 3 order by a'],
])('%s', async (_name, item, rest) => {
  const rowsOf = async (from: number, to: number): Promise<readonly (readonly unknown[])[]> =>
    (await db.query(`select ${listed(from, to, item)} from wide ${rest}`)).texts()
  const whole = await rowsOf(0, COLUMNS)
  for (let from = 0; from < COLUMNS; from += PART) {
    expect(await rowsOf(from, from + PART)).toEqual(
      whole.map((row) => row.slice(from, from + PART)),
    )
  }
})

test.each([
  ['of one pass', 'wide'],
  ['of several threads, which are merged', '(select * from wide cross join generate(40) r) w'],
])('groups of many keys %s are those of the columns that they are made of', async (_, from) => {
  const rows = from.replace('generate(40)', `(values ${listed(0, 40, (at) => `(${at})`)})`)
  const keys = listed(0, COLUMNS, value)
  const many = await db.query(
    `select a, s, n, count(*), sum(g) from ${rows} group by a, s, n, ${keys} order by a, s, n`,
  )
  const few = await db.query(
    `select a, s, n, count(*), sum(g) from ${rows} group by a, s, n order by a, s, n`,
  )
  expect(many.texts()).toEqual(few.texts())
  const distinct = await db.query(
    `select count(*) from (select distinct ${keys}, a, s, n from ${rows}) d`,
  )
  expect(distinct.texts()).toEqual([[`${few.texts().length}`]])
})
