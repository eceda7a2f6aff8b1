import { expect, test } from 'vitest'
import { Session } from '../../src/engine/session.ts'
import { twoMemories } from './two-memories.ts'

const N = 70_000

/** Windows whose partitions are larger than the memory, and those that look at rows next to each row. */
const engines = twoMemories()

/** One partition of NULL, two large ones, many of a few rows; scattered keys, some equal; long texts, so that few rows are too many. */
const rows = `(select case when g % 10 < 4 then 1 when g % 10 < 7 then null when g % 10 < 9 then 2 else g % 300 end as p,
  (g::int8 * 7919) % 40009 as k, g, nullif(g % 13, 7) as v, 'text ' || (g * 31) % 1009 as t,
  (g % 1000) / 8.0 as d, repeat(chr(97 + g % 26), 300) as w from generate_series(1, ${N}) g) rows`

/** Sums that tell which row has which value, so that answers are small. */
const sums = (calls: readonly string[], over: string): string => {
  const columns = calls.map((call, at) => `${call} over w as c${at}`)
  const told = calls.map(
    (_, at) => `sum((ascii(md5(coalesce(c${at}::text, 'null') || g)) % 64)::int8)`,
  )
  return `select count(*), sum(length(s.w)), ${told.join(', ')} from (select g, rows.w, ${columns.join(', ')} from ${rows} window w as (${over})) s`
}

const partitioned: readonly (readonly [what: string, calls: readonly string[], over: string])[] = [
  ['ranks', ['row_number()', 'rank()', 'dense_rank()'], 'partition by p order by k, g'],
  ['ranks of equal rows', ['rank()', 'dense_rank()', 'count(*)'], 'partition by p order by k desc'],
  [
    'running values',
    ['sum(v)', 'count(v)', 'min(d)', 'first_value(g)'],
    'partition by p order by k, g',
  ],
  [
    'running rows',
    ['sum(g::int8)', 'avg(v)'],
    'partition by p order by t desc, g rows unbounded preceding',
  ],
  ['all rows', ['sum(d)', 'count(*)', 'max(t)'], 'partition by p'],
  [
    'rows next to each',
    ['lag(g)', 'lead(t, 3)', 'lag(k, 2, 0::int8)'],
    'partition by p order by k, g',
  ],
  [
    'frames of rows',
    ['sum(v)', 'nth_value(g, 2)', 'max(t)', 'count(*) filter (where v > 4)'],
    'partition by p order by k, g rows between 3 preceding and 2 following',
  ],
  [
    'rows next to each, ranks and all rows',
    ['lead(g)', 'row_number()', 'count(v)'],
    'partition by p order by k, g',
  ],
]

test.each(partitioned)('%s of partitions larger than the memory', (_, calls, over) =>
  same(sums(calls, over)),
)

test.each<readonly [what: string, calls: readonly string[], over: string]>([
  ['next to each', ['lag(g)', 'lead(t, 3)', 'lag(d, 40, -1.5)', 'lag(g, -2)'], 'order by k, g'],
  ['next to each, as they come', ['lag(g, 3)', 'lead(g)'], ''],
  [
    'far before',
    ['sum(v)', 'first_value(t)'],
    'order by k desc, g rows between 90 preceding and 60 preceding',
  ],
  [
    'on both sides',
    ['avg(v)', 'last_value(g)', 'array_agg(v)'],
    'order by t, g rows between 2 preceding and 1 following',
  ],
  [
    'but the row itself',
    ['count(v)', 'min(g)'],
    'order by k, g rows between 1 preceding and 1 following exclude current row',
  ],
])('rows %s in a window of more rows than the memory holds', (_, calls, over) =>
  same(sums(calls, over)),
)

test('two windows of different orders, one after another', () =>
  same(`select count(*), sum(length(w)), sum(a * (g % 7)), sum(b * (g % 11)), sum(c * (g % 5)) from (
    select g, w, lag(g) over (order by k, g) as a, sum(v) over (order by t, g) as b,
      row_number() over (partition by p order by d, g) as c from ${rows}) s`))

test('rows that are equal in the order are in one order for all functions of a window', async () => {
  const session = new Session(engines.small)
  try {
    const result = await session.query(`select count(distinct before), count(distinct after),
      count(*) filter (where (r = 1) <> (before is null)), sum(length(w))
      from (select w, row_number() over o as r, lag(g) over o as before, lead(g) over o as after
        from ${rows} window o as (order by v)) s`)
    expect(result.texts()).toEqual([[`${N - 1}`, `${N - 1}`, '0', `${N * 300}`]])
    result.release()
  } finally {
    session.close()
  }
})

test.each([
  [
    'of all rows',
    `select count(distinct k), sum(distinct g), count(distinct w || g), count(*), max(t), sum(distinct v) from ${rows}`,
  ],
])('several values that count once %s', (_, sql) => same(sql))

test('whether a key is among rows of which very many have one', () =>
  same(`select count(*), sum(g) from generate_series(1, 600000) g where exists (
    select from (select h % 2 + 1 as q from generate_series(1, 1500000) h) s where q = g)`))

async function same(sql: string): Promise<void> {
  const [few, many] = [new Session(engines.small), new Session(engines.large)]
  try {
    const result = await few.query(sql)
    const texts = result.texts()
    result.release()
    const expected = await many.query(sql)
    expect(texts).toEqual(expected.texts())
    expected.release()
    const [[parts] = []] = (await few.query(`explain analyze ${sql}`))
      .texts()
      .filter(([line]) => line?.startsWith('Parts:'))
    expect(parts).toMatch(/Parts: \d+/)
  } finally {
    few.close()
    many.close()
  }
}
