import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  aggregate,
  avg,
  call,
  col,
  connect,
  count,
  sum,
  window,
  windowFunction,
  type Database,
} from '../../src/index.ts'
import type { DataFrame } from '../../src/collections/dataframe/dataframe.ts'

let db: Database

beforeAll(async () => {
  db = await connect({ threads: 1 })
  await db.query('create table flights (origin text, day date, delay int, distance float8)')
  await db.query(`insert into flights values
    ('SFO', '2024-01-01', 10, 300), ('SFO', '2024-01-02', 30, 500), ('SFO', '2024-01-05', 10, 100),
    ('LAX', '2024-01-01', -5, 300), ('LAX', '2024-01-03', null, 200), ('ATL', '2024-01-02', 7, 100)`)
})

afterAll(() => db.close())

async function same(frame: DataFrame<{ texts(): unknown }>, sql: string): Promise<void> {
  expect((await frame.collect()).texts()).toEqual((await db.query(sql)).texts())
}

const flights = () => db.table('flights') as DataFrame<{ texts(): unknown }>

test('window functions and aggregates over windows give what SQL gives', async () => {
  const byDay = window().partitionBy('origin').orderBy('day')
  await same(
    flights()
      .select('origin', 'day', {
        nth: windowFunction('row_number').over(byDay),
        before: windowFunction('lag', col('delay'), 1, 0).over(byDay),
        total: sum(col('delay')).over(byDay),
        mean: avg(col('distance')).over(window().partitionBy('origin')),
        late: count().filter(col('delay').gt(8)).over(window()),
      })
      .sort('origin', 'day'),
    `select origin, day, row_number() over w as nth, lag(delay, 1, 0) over w as before,
      sum(delay) over w as total, avg(distance) over (partition by origin) as mean,
      count(*) filter (where delay > 8) over () as late
    from flights window w as (partition by origin order by day) order by origin, day`,
  )
})

test('frames are those of SQL', async () => {
  const byDay = window().orderBy('day', col('origin').desc())
  await same(
    flights()
      .select('origin', 'day', {
        three: sum(col('delay')).over(byDay.rows(-1, 1)),
        others: count().over(byDay.rows(-Infinity, Infinity).exclude('current-row')),
        near: count().over(window().orderBy('day').range({ before: '1 day' }, { after: '1 day' })),
        peers: count().over(window().orderBy('day').groups(-1)),
        ahead: windowFunction('first_value', col('origin')).over(byDay.rows(1, 2)),
      })
      .sort('day', 'origin'),
    `select origin, day, sum(delay) over (w rows between 1 preceding and 1 following) as three,
      count(*) over (w rows between unbounded preceding and unbounded following exclude current row) as others,
      count(*) over (order by day range between '1 day' preceding and '1 day' following) as near,
      count(*) over (order by day groups 1 preceding) as peers,
      first_value(origin) over (w rows between 1 following and 2 following) as ahead
    from flights window w as (order by day, origin desc) order by day, origin`,
  )
})

test('windows stand within expressions, beside the columns that were there', async () => {
  await same(
    flights()
      .withColumns({
        share: col('distance').dividedBy(sum(col('distance')).over(window().partitionBy('origin'))),
        origin: call('lower', col('origin')),
      })
      .filter(col('share').ge(0.5))
      .select('origin', 'day', 'share')
      .sort('origin', 'day'),
    `select * from (select lower(origin) as origin, day,
      distance / sum(distance) over (partition by origin) as share from flights) s
    where share >= 0.5 order by origin, day`,
  )
})

test('calls over equal windows are computed together', async () => {
  const w = window().partitionBy('origin').orderBy('day')
  const plan = await flights()
    .select({ a: windowFunction('rank').over(w), b: count().over(w.rows(-1)) })
    .explain()
  expect(plan.match(/Window /g)).toHaveLength(1)
})

test('every aggregate of the catalogue, with its clauses', async () => {
  await same(
    flights()
      .groupBy('origin')
      .agg({
        days: aggregate('array_agg', col('day')).orderBy(col('day').desc()),
        some: aggregate('string_agg', call('concat', col('delay')), ',')
          .distinct()
          .filter(col('day').ge('2024-01-02')),
        middle: aggregate('percentile_cont', 0.5).withinGroup('distance'),
        rank: aggregate('dense_rank', 250).withinGroup('distance'),
        spread: aggregate('stddev_samp', col('delay')),
        both: aggregate('corr', col('delay'), col('distance')),
      })
      .sort('origin'),
    `select origin, array_agg(day order by day desc) as days,
      string_agg(distinct concat(delay), ',') filter (where day >= '2024-01-02') as some,
      percentile_cont(0.5) within group (order by distance) as middle,
      dense_rank(250) within group (order by distance) as rank,
      stddev_samp(delay) as spread, corr(delay, distance) as both
    from flights group by origin order by origin`,
  )
})

test.each<readonly [string, () => DataFrame, string]>([
  [
    'a window in a filter',
    () => flights().filter(count().over(window()).gt(1)),
    'window functions are allowed in select and withColumns only, not in each other',
  ],
  [
    'a window in a window',
    () => flights().select({ a: sum(count().over(window())).over(window()) }),
    'window functions are allowed in select and withColumns only, not in each other',
  ],
  [
    'DISTINCT over a window',
    () => flights().select({ a: count(col('day')).distinct().over(window()) }),
    'DISTINCT is not implemented for window functions',
  ],
  [
    'a percentile over a window',
    () => flights().select({ a: aggregate('mode').withinGroup('day').over(window()) }),
    'OVER is not supported for ordered-set aggregate mode',
  ],
  [
    'a percentile without an order',
    () => flights().agg({ a: aggregate('mode', col('day')) }),
    'WITHIN GROUP is required for ordered-set aggregate mode',
  ],
  [
    'groups without an order',
    () => flights().select({ a: count().over(window().groups(-1)) }),
    'GROUPS mode requires an ORDER BY clause',
  ],
  [
    'a frame that ends before it starts',
    () => flights().select({ a: count().over(window().orderBy('day').rows(2, -2)) }),
    'frame starting from following row cannot have preceding rows',
  ],
  [
    'a frame from a later row to this one',
    () => flights().select({ a: count().over(window().orderBy('day').rows(1)) }),
    'frame starting from following row cannot have preceding rows',
  ],
  [
    'a frame from this row back',
    () => flights().select({ a: count().over(window().orderBy('day').range(0, { before: 1 })) }),
    'frame starting from current row cannot have preceding rows',
  ],
  [
    'a frame behind the last row',
    () => flights().select({ a: count().over(window().orderBy('day').groups(Infinity, Infinity)) }),
    'frame start cannot be UNBOUNDED FOLLOWING',
  ],
  [
    'a frame before the first row',
    () => flights().select({ a: count().over(window().orderBy('day').rows(-Infinity, -Infinity)) }),
    'frame end cannot be UNBOUNDED PRECEDING',
  ],
  [
    'a function that is none',
    () => flights().select({ a: windowFunction('nothing').over(window()) }),
    'function nothing() does not exist',
  ],
])('%s is refused', async (_, frame, message) => {
  await expect(frame().collect()).rejects.toThrow(message)
})

test('what is no aggregate, window or end is refused where it is given', () => {
  expect(() => count().over('origin' as never)).toThrow('window')
  expect(() => window().rows(Number.NaN)).toThrow('start')
  expect(() => window().exclude('ties')).toThrow('exclude')
  expect(() => flights().agg({ a: { name: 'sum', args: [] } as never })).toThrow('argument "a"')
})
