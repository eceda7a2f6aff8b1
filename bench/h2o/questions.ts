/** A question, and sums over its answer, which may have as many rows as the table. */
export interface Question {
  readonly name: string
  readonly sql: string
  readonly sums: string
}

const group = (name: string, sql: string, sums: string): Question => ({
  name: `group-by: ${name}`,
  sql,
  sums,
})
const join = (name: string, on: string): Question => ({
  name: `join: ${name}`,
  sql: `select x.*, other.v2 from x ${on}`,
  sums: 'count(*), count(v2), sum(v1), sum(v2)',
})

/**
 * The ten questions on groups and the five on joins of h2o.ai's db-benchmark
 * (https://github.com/h2oai/db-benchmark, duckdb/groupby-duckdb.R and join-duckdb.R).
 */
export const questions: readonly Question[] = [
  group('sum v1 by id1', 'select id1, sum(v1) as v1 from groups group by id1', 'count(*), sum(v1)'),
  group(
    'sum v1 by id1:id2',
    'select id1, id2, sum(v1) as v1 from groups group by id1, id2',
    'count(*), sum(v1)',
  ),
  group(
    'sum v1 mean v3 by id3',
    'select id3, sum(v1) as v1, avg(v3) as v3 from groups group by id3',
    'count(*), sum(v1), sum(v3)',
  ),
  group(
    'mean v1:v3 by id4',
    'select id4, avg(v1) as v1, avg(v2) as v2, avg(v3) as v3 from groups group by id4',
    'count(*), sum(cast(v1 as double precision)), sum(cast(v2 as double precision)), sum(v3)',
  ),
  group(
    'sum v1:v3 by id6',
    'select id6, sum(v1) as v1, sum(v2) as v2, sum(v3) as v3 from groups group by id6',
    'count(*), sum(v1), sum(v2), sum(v3)',
  ),
  group(
    'median v3 sd v3 by id4 id5',
    `select id4, id5, percentile_cont(0.5) within group (order by v3) as median_v3,
      stddev(v3) as sd_v3 from groups group by id4, id5`,
    'count(*), sum(median_v3), sum(sd_v3)',
  ),
  group(
    'max v1 - min v2 by id3',
    'select id3, max(v1) - min(v2) as range_v1_v2 from groups group by id3',
    'count(*), sum(range_v1_v2)',
  ),
  group(
    'largest two v3 by id6',
    `select id6, v3 as largest2_v3 from (select id6, v3,
      row_number() over (partition by id6 order by v3 desc) as order_v3 from groups) ranked
      where order_v3 <= 2`,
    'count(*), sum(largest2_v3)',
  ),
  group(
    'regression v1 v2 by id2 id4',
    'select id2, id4, power(corr(v1, v2), 2) as r2 from groups group by id2, id4',
    'count(*), sum(r2)',
  ),
  group(
    'sum v3 count by id1:id6',
    `select id1, id2, id3, id4, id5, id6, sum(v3) as v3, count(*) as count
      from groups group by id1, id2, id3, id4, id5, id6`,
    'count(*), sum(v3), sum(count)',
  ),
  join('small inner on int', 'join small other using (id1)'),
  join('medium inner on int', 'join medium other using (id2)'),
  join('medium outer on int', 'left join medium other using (id2)'),
  join('medium inner on text', 'join medium other using (id5)'),
  join('big inner on int', 'join big other using (id3)'),
]
