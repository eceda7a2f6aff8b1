import { expect, test } from 'vitest'
import { Session } from '../../src/engine/session.ts'
import { alikeInParts, answersAlike, twoMemories } from './two-memories.ts'

const N = 20_000

/** Windows whose partitions are larger than the memory, and those that look at rows next to each row. */
const engines = twoMemories()
const same = (sql: string): Promise<void> => answersAlike(engines, sql)

/**
 * One partition of most rows, one of NULL, many of a few; scattered keys, some equal and some NULL. Texts are long, so that even without
 * anything else the memory has no room for them.
 */
const rowsOf = (
  count: number,
): string => `(select case when g % 20 < 15 then 1 when g % 20 < 18 then null else g % 300 end as p,
  nullif((g::int8 * 7919) % 12007, 70) as k, g, nullif(g % 13, 7) as v, 'text ' || (g * 31) % 1009 as t,
  (g % 1000) / 8.0 as d, repeat(chr(97 + g % 26), 900) as w from generate_series(1, ${count}) g) rows`
const rows = rowsOf(N)
/** So many are divided as well where that is done always. */
const FEW = 2_000

/** Sums that tell which row has which value, so that answers are small. A call may have a frame of its own. */
const sums = (calls: readonly string[], over: string, from = rows): string => {
  const columns = calls.map((call, at) => {
    const [what, frame = ''] = call.split(' / ')
    return `${what} over (w ${frame}) as c${at}`
  })
  const told = calls.map(
    (_, at) => `sum((ascii(md5(coalesce(c${at}::text, 'null') || g)) % 64)::int8)`,
  )
  return `select count(*), sum(length(s.w)), ${told.join(', ')} from (select g, rows.w, ${columns.join(', ')} from ${from} window w as (${over})) s`
}

type Case = readonly [what: string, calls: readonly string[], over: string]

const partitioned: readonly Case[] = [
  [
    'ranks of equal rows',
    ['rank()', 'dense_rank()', 'count(*)', 'percent_rank()', 'cume_dist()'],
    'partition by p order by k desc',
  ],
  [
    'running values and places',
    [
      'sum(v)',
      'min(d)',
      'first_value(g)',
      'ntile(7)',
      `ntile(${N})`,
      'avg(v) / rows unbounded preceding',
    ],
    'partition by p order by k, g',
  ],
  [
    'rows next to each, ranks and all rows',
    [
      'nth_value(g, 2) / rows between 3 preceding and 2 following',
      'count(*) filter (where v > 4) / rows between 3 preceding and 2 following',
      'lead(g)',
      'lag(t, 3)',
      'lag(k, 2, 0::int8)',
      'row_number()',
      'count(v) / rows between unbounded preceding and unbounded following',
    ],
    'partition by p order by k, g',
  ],
  [
    'frames to the last row',
    [
      'sum(v) / rows between current row and unbounded following',
      'last_value(g) / rows between unbounded preceding and unbounded following',
      'count(v) / range between current row and unbounded following',
      'first_value(t) / groups between current row and unbounded following',
    ],
    'partition by p order by k, g',
  ],
  [
    'frames of distances',
    [
      'sum(v) / range between 10 preceding and 3 following',
      'max(t) / range between 100 preceding and 50 preceding',
      'count(*) / range between current row and 20 following exclude ties',
    ],
    'partition by p order by k desc nulls last',
  ],
  [
    'frames of groups and of many rows',
    [
      'sum(v) / groups between 2 preceding and 1 following exclude group',
      'count(v) / rows between 900 preceding and 800 preceding',
    ],
    'partition by p order by k, g',
  ],
]

const unpartitioned: readonly Case[] = [
  [
    'next to each',
    ['lag(g)', 'lead(t, 3)', 'lag(d, 40, -1.5)', 'lag(g, -2)', 'lag(v, 1000)'],
    'order by k, g',
  ],
  [
    'rows next to each and to the last, as they come',
    ['lag(g, 3)', 'lead(g)', 'last_value(g) / rows between current row and unbounded following'],
    '',
  ],
  [
    'rows on both sides, and far before',
    [
      'avg(v) / rows between 2 preceding and 1 following',
      'array_agg(v) / rows between 2 preceding and 1 following',
      'min(g) / rows between 1 preceding and 1 following exclude current row',
      'sum(v) / rows between 90 preceding and 60 preceding',
    ],
    'order by t desc, g',
  ],
  [
    'rows days and hours around each',
    [
      "sum(g::int8) / range between '1 hour 30 minutes' preceding and '1 hour' following",
      "count(v) / range between '1 month' preceding and '29 days' preceding",
    ],
    "order by timestamp '2020-02-20' + k * interval '2 hours' desc",
  ],
]

test.each([...partitioned, ...unpartitioned])('%s of windows in parts', (_, calls, over) =>
  alikeInParts(engines, 2, [sums(calls, over, rowsOf(FEW))]),
)

const [, , nextToEach, , distances] = partitioned
const [, asTheyCome] = unpartitioned

test.each(
  [nextToEach, distances, asTheyCome].flatMap((some) => (some === undefined ? [] : [some])),
)('%s of windows of more rows than the memory holds', (_, calls, over) => same(sums(calls, over)))

test('rows that are equal in the order are in one order for all functions of a window', async () => {
  const session = new Session(engines.small)
  try {
    const result = await session.query(`select count(distinct before), count(distinct after),
      count(*) filter (where (r = 1) <> (before is null)), sum(length(w))
      from (select w, row_number() over o as r, lag(g) over o as before, lead(g) over o as after
        from ${rows} window o as (order by v)) s`)
    expect(result.texts()).toEqual([[`${N - 1}`, `${N - 1}`, '0', `${N * 900}`]])
    result.release()
  } finally {
    session.close()
  }
})

test.each([
  ['of all rows', ''],
  ['of few groups', 'group by g % 3 order by g % 3'],
])('several values that count once %s', (_, groups) =>
  same(`select count(distinct k), count(distinct w || g), count(*), max(t)
    from ${rows} ${groups}`),
)

test('whether a key is among rows of which very many have one', () =>
  same(`select count(*), sum(g) from generate_series(1, 600000) g where exists (
    select from (select h % 2 + 1 as q from generate_series(1, 1500000) h) s where q = g)`))
