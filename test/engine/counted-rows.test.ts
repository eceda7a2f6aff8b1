import { test } from 'vitest'
import { answersAlike, twoMemories } from './two-memories.ts'

const N = 350_000

/** LIMIT, OFFSET and windows without PARTITION BY count the rows of all parts together. */
const engines = twoMemories()
const same = (sql: string): Promise<void> => answersAlike(engines, sql)

/** Scattered keys, some of them equal and some NULL, and values of several types. */
const rows = `(select nullif((g::int8 * 7919) % 150001, 5) as k, g, nullif(g % 13, 7) as v,
  'text ' || (g * 31) % 1009 as t, (g % 1000) / 8.0 as d from generate_series(1, ${N}) g) rows`

/** Sums that tell which row has which value, so that answers are small. */
const sums = (columns: readonly string[], from: string): string =>
  `select count(*), ${columns.map((c) => `sum(${c} * (g % 101))`).join(', ')} from (${from}) s`

const windows: readonly (readonly [what: string, calls: readonly string[], over: string])[] = [
  [
    'numbers and buckets',
    ['row_number()', 'ntile(7)', `ntile(${N + 1})`],
    'order by k desc nulls last, g',
  ],
  ['ranks', ['rank()', 'dense_rank()', 'percent_rank()', 'cume_dist()'], 'order by k'],
  ['counts', ['count(*)', 'count(v)', 'count(*) filter (where v = 3)'], 'order by k nulls first'],
  [
    'sums',
    ['sum(v)', 'sum(d)', 'avg(g)', 'sum(g::int8)', 'sum(d::numeric(8, 3))'],
    'order by t desc, g',
  ],
  [
    'extremes',
    ['max(d)', 'min(nullif(v, 0))', 'first_value(g)', 'last_value(v)'],
    'order by g desc',
  ],
  ['running rows', ['sum(v)', 'count(v)'], 'order by k, g rows unbounded preceding'],
  ['all rows', ['sum(d)', 'count(*)', 'max(d)', 'avg(v)'], ''],
]

test.each(windows)('%s over windows of more rows than the memory holds', async (_, calls, over) => {
  const columns = calls.map((call, at) => `${call} over w as c${at}`)
  const names = calls.map((__, at) => `c${at}`)
  await same(sums(names, `select g, ${columns.join(', ')} from ${rows} window w as (${over})`))
})

test('texts and booleans over a window of more rows than the memory holds', async () => {
  const columns =
    'min(t) over w as a, max(t) over w as b, bool_and(g > 5) over w as c, bool_or(v = 12) over w as d'
  await same(`select count(*), sum(length(a)), min(b), max(b), sum(c::int), sum(d::int)
    from (select ${columns} from ${rows} window w as (order by g desc)) s`)
})

test.each([
  ['a sort, far on', `select g from ${rows} order by k, g offset 300000 limit 20`],
  [
    'a sort, many rows',
    sums(['k'], `select g, k from ${rows} order by k, g limit 120000 offset 5`),
  ],
  ['a sort, to its end', `select g, k from ${rows} order by k desc, g offset ${N - 30}`],
  ['a sort, behind its end', `select g from ${rows} order by k offset ${N}`],
  [
    'numbers among the rows wanted',
    `select g, row_number() over (order by k, g) as n from ${rows} order by k, g offset 200000 limit 9`,
  ],
  [
    'a window over a window',
    `select g, n, sum(n) over (order by k, g) from (
       select k, g, row_number() over (order by k, g) as n from ${rows}) s order by k, g offset 340000 limit 5`,
  ],
  [
    'a limit over a limit',
    sums(
      ['k'],
      `select * from (select * from ${rows} order by k, g limit 240000) s order by g offset 100000`,
    ),
  ],
])('LIMIT and OFFSET of %s', (_, sql) => same(sql))

test('groups that are hardly fewer than the rows, with every aggregate that is merged', () => {
  const calls = `count(*) as n, count(v) as c, sum(v) as s, min(d) as lo, max(g) as hi, bool_and(v > 3) as b,
    count(*) filter (where v = 2) as f, sum(d::numeric(8, 3)) filter (where v > 5) as e`
  return same(`select count(*), sum(n), sum(c), sum(s), min(lo), max(hi), sum(b::int), sum(f), sum(e), min(k2)
    from (select 'key ' || g % ${N - 10} as k2, ${calls} from ${rows} group by 1) q`)
})

test.each([
  [
    'of all rows',
    `select count(distinct g % 200000), sum(distinct g % 200000), count(*), sum(v), max(t) from ${rows}`,
  ],
  [
    'of few groups',
    `select g % 3 as h, count(distinct g % 200000), count(distinct g % 200000) filter (where v = 2), count(v), min(t) from ${rows} group by 1 order by 1`,
  ],
])('values that count once beside other aggregates %s', (_, sql) => same(sql))
