import { listed, nested } from '../../fuzz/sizes/repeated.ts'

/** A statement that is long, wide or deep in one way. */
export interface LongStatement {
  readonly name: string
  readonly sql: string
}

export const setUp: readonly string[] = [
  'create table t as select x as a, x % 7 as b, x % 3 as c, x::text as s from generate_series(1, 20) g(x)',
  ...Array.from(
    { length: 14 },
    (_, at) =>
      `create table j${at} as select x as k, x % 5 as v from generate_series(1, ${10 + at}) g(x)`,
  ),
  'create table u (a integer, s text)',
  'create table big as select x as a, x % 1000 as b from generate_series(1, 100000) g(x)',
]

const keys = (count: number): string => listed(count, (at) => `(a >> ${at}) & 1`)

const joined = (count: number, condition: (at: number) => string): string =>
  `select count(*) from ${listed(count, (at) => `j${at}`)} where ${listed(count - 1, condition, ' and ')}`

/** What planning, compiling and running have most to do with, each kind for its own reason. */
export const statements: readonly LongStatement[] = [
  {
    name: '600 windows',
    sql: `select ${listed(600, (at) => `sum(b) over (order by a + ${at})`)} from t`,
  },
  {
    name: '600 windows with partitions',
    sql: `select ${listed(600, (at) => `row_number() over (partition by b + ${at} order by a)`)} from t`,
  },
  {
    name: '1,600 aggregates in order',
    sql: `select ${listed(1_600, (at) => `string_agg(s, ',' order by a + ${at})`)} from t`,
  },
  { name: 'CUBE of 10', sql: `select count(*) from t group by cube (${keys(10)})` },
  { name: 'CUBE of 12', sql: `select count(*) from t group by cube (${keys(12)})` },
  { name: '1,600 items', sql: `select ${listed(1_600, (at) => `a * ${at} + b`)} from t` },
  { name: '1,600 sums', sql: `select ${listed(1_600, (at) => `sum(a * ${at} + b)`)} from t` },
  { name: '14 tables in a chain', sql: joined(14, (at) => `j${at}.k = j${at + 1}.k`) },
  { name: '14 tables in a star', sql: joined(14, (at) => `j0.k = j${at + 1}.k`) },
  {
    name: '12 tables that all meet',
    sql: `select count(*) from ${listed(12, (at) => `j${at}`)} where ${listed(66, (pair) => pairOf(pair, 12), ' and ')}`,
  },
  {
    name: 'IN over 100,000',
    sql: `select count(*) from big where a in (${listed(100_000, (at) => `${at * 3}`)})`,
  },
  {
    name: 'IN over 100,000 texts',
    sql: `select count(*) from t where s in (${listed(100_000, (at) => `'k${at}'`)})`,
  },
  {
    name: 'IN over 10,000 pairs',
    sql: `select count(*) from big where (a, b) in (${listed(10_000, (at) => `(${at * 3}, ${at % 1000})`)})`,
  },
  {
    name: 'IN over 10,000 pairs with NULLs',
    sql: `select count((a, b) in (${listed(10_000, (at) => `(${at * 3}, ${at % 100 === 0 ? 'null' : at % 1000})`)})) from big`,
  },
  {
    name: 'VALUES of 50,000',
    sql: `select count(*), max(y) from (values ${listed(50_000, (at) => `(${at}, 'k${at}')`)}) v(x, y)`,
  },
  {
    name: 'INSERT of 50,000',
    sql: `insert into u (a, s) values ${listed(50_000, (at) => `(${at}, 'k')`)}`,
  },
  {
    name: '500 nested CASEs',
    sql: `select ${nested(480, 'a', (inner, at) => `case when a = ${at} then ${at} else ${inner} end`)} from t`,
  },
  {
    name: 'AND of 5,000',
    sql: `select count(*) from t where ${listed(5_000, (at) => `a <> ${at + 50} + b`, ' and ')}`,
  },
  {
    name: 'OR of 5,000',
    sql: `select count(*) from t where ${listed(5_000, (at) => `a * b = ${at}`, ' or ')}`,
  },
  {
    name: 'OR of ANDs',
    sql: `select count(*) from t where ${listed(2_000, (at) => `(a = ${at} and b < ${at})`, ' or ')}`,
  },
  { name: 'sum of 5,000', sql: `select ${listed(5_000, (at) => `a * ${at}`, ' + ')} from t` },
  {
    name: 'UNION ALL of 1,000',
    sql: `select count(*) from (${listed(1_000, () => 'select a from t', ' union all ')}) u`,
  },
  { name: 'UNION of 1,000', sql: listed(1_000, (at) => `select ${at} as x`, ' union ') },
  {
    name: '500 CTEs',
    sql: `with c0 as (select 1 as x), ${listed(500, (at) => `c${at + 1} as (select x + 1 as x from c${at})`)} select * from c500`,
  },
  {
    name: '200 subqueries',
    sql: `select ${listed(200, (at) => `(select max(a) from t where a < ${at})`)} from t`,
  },
  {
    name: '160 correlated subqueries',
    sql: `select ${listed(160, (at) => `(select max(y.a) from t y where y.a < x.a + ${at})`)} from t x`,
  },
  {
    name: '100 EXISTS',
    sql: `select count(*) from t x where ${listed(100, (at) => `exists (select 1 from t y where y.a = x.a + ${at})`, ' and ')}`,
  },
  {
    name: '100 outer joins',
    sql: `select count(*) from t t0 ${listed(100, (at) => `left join t t${at + 1} on t${at + 1}.a = t${at}.a`, ' ')}`,
  },
  {
    name: '1,600 group keys',
    sql: `select count(*) from t group by ${listed(1_600, (at) => `a + ${at}`)}`,
  },
  { name: 'value of 100 MB', sql: "select repeat('0123456789', 10000000)" },
  {
    name: 'value of 100 MB of a row',
    sql: 'select repeat(s, 6000000) from t where a between 12 and 13',
  },
]

function pairOf(pair: number, tables: number): string {
  let [left, rest] = [0, pair]
  while (rest >= tables - 1 - left) rest -= tables - 1 - left++
  return `j${left}.k = j${left + 1 + rest}.k`
}
