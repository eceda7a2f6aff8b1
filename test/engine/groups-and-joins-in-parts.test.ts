import { expect, test } from 'vitest'
import { Session } from '../../src/engine/session.ts'
import { alikeInParts, answersAlike, twoMemories } from './two-memories.ts'

/** Groups and keys of which one alone is larger than the memory. */
const engines = twoMemories()

/** Long texts, so that few rows are too many. */
const rows = (count: number): string =>
  `(select g % 3 as p, g, nullif((g * 7919) % 12007, 70) as k, nullif(g % 13, 7) as v,
  (g % 1000) / 8.0 as d, repeat(chr(97 + g % 26), 900) as w from generate_series(1, ${count}) g) rows`

test('a percentile of more rows than the memory holds', () =>
  answersAlike(
    engines,
    `select percentile_disc(0.31) within group (order by w || g) from ${rows(20_000)}`,
  ))

test('the values of one group that are one value do not fit', async () => {
  const session = new Session(engines.small)
  const asked = session.query(`select length(string_agg(w, ',' order by g)) from ${rows(20_000)}`)
  await expect(asked).rejects.toMatchObject({ sqlState: '53200' })
  session.close()
})

const side = (name: string, key: string): string =>
  `(select ${name}, ${key} as ${name}k, repeat('${name}', 1400) || ${name} as ${name}w from generate_series(1, 12000) ${name}) ${name}s`

test('a full join of very many NULL keys', () =>
  answersAlike(
    engines,
    `select count(*), sum(g), sum(h), max(gw), min(hw), count(g + h)
    from ${side('g', 'case when g % 20 = 0 then g end')} full join ${side('h', 'case when h % 30 = 0 then h end')} on gk = hk`,
  ))

const sorted = `percentile_disc(0) within group (order by k desc), percentile_disc(1) within group (order by g),
  percentile_disc(0.31) within group (order by w || g) filter (where v > 3),
  percentile_cont(0.3) within group (order by d), percentile_cont(1) within group (order by k),
  percentile_cont(0.25) within group (order by k) filter (where g < 0),
  percentile_disc(null) within group (order by g), percentile_cont(array[0.1, 0.9]) within group (order by d),
  mode() within group (order by v desc), mode() within group (order by nullif(p, p)),
  count(distinct v), count(distinct d), sum(k)`

test('values of the sorted rows of groups', () =>
  alikeInParts(engines, 2, [
    `select ${sorted} from ${rows(2_000)}`,
    `select p, ${sorted} from ${rows(2_000)} group by p order by p`,
    `select ${sorted} from ${rows(0)}`,
    `select v, percentile_cont(0.5) within group (order by nullif(k, 5)) as c, mode() within group (order by p) as m
      from ${rows(2_000)} where g % 17 < 3 group by v order by v`,
  ]))

const left = `(select g, case when g <= 5000 then 1 when g <= 5050 then null else g % 700 end as a
  from generate_series(1, 6000) g) x`
const right = `(select h, case when h <= 300 then 2 when h <= 4700 then 5 when h <= 4800 then null else h % 800 end as b
  from generate_series(1, 6000) h) y`
const joins = [
  ...['join', 'left join', 'right join', 'full join'].flatMap((kind) =>
    [`${left} ${kind} ${right}`, `${right} ${kind} ${left}`].map(
      (joined) =>
        `select count(*), sum(g), sum(h), sum(g * h), count(g), count(h) from ${joined} on a = b and g % 50 < 45`,
    ),
  ),
  ...['', 'not'].map(
    (not) =>
      `select count(*), sum(g) from ${left} where ${not} exists (select from ${right} where a = b and (g + h) % 3 = 1)`,
  ),
]

test.each([2, 3])(
  'NULL keys, and keys that very many rows have on either side of joins of every kind, in try %i',
  (attempt) => alikeInParts(engines, attempt, joins),
)
