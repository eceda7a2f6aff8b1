import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasInlineForm, traitVisits } from '../../src/compile/expressions/expression-traits.ts'
import { bool, int4 } from '../../src/data/types/data-type.ts'
import { connect, type Database } from '../../src/index.ts'
import { and, caseOf, columnReference, literal, or } from '../../src/plan/logical/build.ts'
import type { ColumnId, Expression } from '../../src/plan/logical/expression.ts'
import { call } from '../functions/entries.ts'

let db: Database

beforeAll(async () => {
  db = await connect({ threads: 1 })
  await db.query('create table sized (a integer, b integer, s text)')
  await db.query("insert into sized values (1, 2, 'x'), (2, null, 'y'), (null, 3, null)")
})
afterAll(() => db.close())

const nested = (levels: number, around: (inner: string, level: number) => string, leaf: string) =>
  Array.from({ length: levels }).reduce<string>((inner, _, level) => around(inner, level), leaf)
const listed = (count: number, item: (at: number) => string): string[] =>
  Array.from({ length: count }, (_, at) => item(at))

/** What an expression gives in each of the three rows. */
async function valuesOf(expr: string): Promise<(string | null)[]> {
  const result = await db.query(`select ${expr} from sized`)
  return result.texts().map(([value]) => value ?? null)
}

describe('500 levels of', () => {
  const forms: readonly (readonly [string, string, (string | null)[]])[] = [
    [
      'ELSE',
      nested(500, (e, i) => `case when a = ${i} then b else ${e} end`, 'a'),
      ['2', null, null],
    ],
    [
      'CASE',
      nested(500, (e) => `case ${e} when 1 then 2 when 2 then 1 else 3 end`, 'a'),
      ['1', '2', '3'],
    ],
    ['COALESCE', nested(500, (e) => `coalesce(${e}, b)`, 'a'), ['1', '2', '3']],
    ['NULLIF', nested(500, (e, i) => `nullif(${e}, ${i + 3})`, 'a'), ['1', '2', null]],
    [
      'AND and OR',
      nested(250, (e, i) => `(a = ${i} and (b = ${i} or ${e}))`, 'a = 1'),
      ['f', 'f', null],
    ],
    ['BETWEEN', nested(500, (e) => `(${e} between false and true)`, '(a = 1)'), ['t', 't', null]],
    ['calls', nested(500, (e) => `abs(${e})`, 'a'), ['1', '2', null]],
    ['calls in TypeScript', nested(500, (e) => `reverse(${e})`, 's'), ['x', 'y', null]],
    ['parentheses', nested(500, (e) => `(1 + ${e})`, 'a'), ['501', '502', null]],
  ]
  test.each(forms)('%s', async (_, expr, expected) => {
    expect(await valuesOf(expr)).toEqual(expected)
  })
})

test('40 correlated subqueries, and how they are explained', async () => {
  const subqueries = listed(40, (i) => `(select max(b) from sized where b = o.a + ${i})`)
  const text = `select ${subqueries.join(', ')} from sized o order by o.a`
  const [first, second] = (await db.query(text)).texts()
  expect(first?.slice(0, 4)).toEqual([null, '2', '3', null])
  expect(second?.slice(0, 4)).toEqual(['2', '3', null, null])
  for (const format of ['', '(physical)', '(format json)', '(stages)']) {
    const size = (await db.query(`explain ${format} ${text}`)).texts().join('\n').length
    expect(size, format).toBeLessThan(10_000_000)
  }
})

describe('as many as it takes of', () => {
  const chains: readonly (readonly [string, string, (string | null)[]])[] = [
    ['sums', listed(5_000, () => 'a').join(' + '), ['5000', '10000', null]],
    ['sums and differences', `a${' - a + a'.repeat(1_000)}`, ['1', '2', null]],
    ['concatenations', `length(${listed(5_000, () => 's').join(' || ')})`, ['5000', '5000', null]],
    ['equalities', listed(18_000, (i) => `a = ${i + 2}`).join(' or '), ['f', 't', null]],
    ['inequalities', listed(20_000, (i) => `a <> ${i + 2}`).join(' and '), ['t', 'f', null]],
    [
      'conditions',
      listed(20_000, (i) => (i % 2 ? `a <> ${-i}` : `b < ${i + 9}`)).join(' and '),
      ['t', null, null],
    ],
    [
      'branches',
      `case a ${listed(10_000, (i) => `when ${i} then ${i * 2}`).join(' ')} end`,
      ['2', '4', null],
    ],
    [
      'arguments',
      `coalesce(${listed(5_000, (i) => `nullif(a, ${(i % 2) + 1})`).join(', ')}, a)`,
      ['1', '2', null],
    ],
    [
      'long arguments',
      `coalesce(${listed(300, () => `nullif(${listed(20, () => 'a').join(' + ')}, a * 20)`).join(', ')}, b)`,
      ['2', null, '3'],
    ],
    ['members', `b in (${listed(20_000, (i) => `${i + 3}`)})`, ['f', null, 't']],
    ['members with NULL', `b not in (${listed(100, (i) => `${i + 3}`)}, null)`, [null, null, 'f']],
  ]
  test.each(chains)('%s', async (_, expr, expected) => {
    expect(await valuesOf(expr)).toEqual(expected)
  })

  test('EXCEPT, UNION and WITH', async () => {
    const terms = listed(300, (i) => `select ${i}`)
    expect((await db.query(terms.join(' except '))).texts()).toEqual([['0']])
    expect((await db.query(terms.join(' union '))).rowCount).toBe(300)
    const ctes = listed(300, (i) => `c${i + 1} as (select x + 1 as x from c${i})`)
    const chain = `with c0 as (select 1 as x), ${ctes.join(', ')} select * from c300`
    expect((await db.query(chain)).texts()).toEqual([['301']])
  })

  test('UNION ALL and UNION of constants, and of rows', async () => {
    const union = listed(5_000, (i) => `select ${i} as x`).join(' union all ')
    expect((await db.query(union)).texts()).toEqual(listed(5_000, (i) => String(i)).map((x) => [x]))
    const other = listed(3_000, (i) => `select ${i % 7}`).join(' union ')
    expect((await db.query(other)).rowCount).toBe(7)
    const rows = listed(300, (i) => `select a + ${i} as x from sized where a = 1`)
    const mixed = ['select 1 as x', 'values (2)', ...rows, 'select 3', 'select null'].join(
      ' union all ',
    )
    const got = (await db.query(`select count(*), count(x), sum(x) from (${mixed}) u`)).texts()
    expect(got).toEqual([['304', '303', String(6 + 300 + (299 * 300) / 2)]])
  })

  test('WITH, one of another, and side by side', async () => {
    const ctes = listed(1_500, (i) => `c${i + 1} as (select x + 1 as x from c${i})`)
    const chain = `with c0 as (select 1 as x), ${ctes.join(', ')} select * from c1500`
    expect((await db.query(chain)).texts()).toEqual([['1501']])
    const names = listed(1_000, (i) => `c${i} as (select ${i} as x)`)
    const all = listed(1_000, (i) => `select x from c${i}`).join(' union all ')
    const sum = `with ${names.join(', ')} select count(*), sum(x) from (${all}) u`
    expect((await db.query(sum)).texts()).toEqual([['1000', '499500']])
  })

  test('columns computed in TypeScript', async () => {
    const columns = listed(1_600, (i) => `'text ${i} ' || a as c${i}`)
    const result = await db.query(`select ${columns.join(', ')} from sized where b is not null`)
    const rows = result.texts()
    expect(rows.map((row) => row.length)).toEqual([1_600, 1_600])
    expect(rows[0]?.slice(-2)).toEqual(['text 1598 1', 'text 1599 1'])
    expect(rows[1]?.every((value) => value === null)).toBe(true)
  })

  test('grouping columns', async () => {
    const columns = listed(1_000, (i) => `v + ${i} as c${i}`)
    const source = `select ${columns.join(', ')} from (values (1), (2), (1)) t(v)`
    const result = await db.query(`select count(*) from (select distinct * from (${source}) w) d`)
    expect(result.texts()).toEqual([['2']])
  })
})

test("what is too deep for the stack is the statement's fault", async () => {
  const deep = `select * from (${'select * from ('.repeat(300)}select 1 as x${') q'.repeat(300)}) q`
  await expect(db.query(deep)).rejects.toMatchObject({ code: 'STATEMENT_TOO_COMPLEX' })
})

test('each node is looked at once to find how it is compiled', () => {
  const column = columnReference({ id: 1 as ColumnId, name: 'a', type: int4 })
  const leaf: Expression = call('=(int4,int4)', [column, literal(1, int4)], bool)
  let expr: Expression = leaf
  for (let level = 0; level < 500; level++) {
    expr = caseOf([{ when: or([leaf, and([leaf, expr])]), then: leaf }], and([expr, leaf]))
  }
  const before = traitVisits()
  hasInlineForm(expr)
  expect(traitVisits() - before).toBeLessThan(500 * 5)
})
