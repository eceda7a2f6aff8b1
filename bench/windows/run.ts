import type { Rival } from '../builds.ts'
import type { BenchEngine } from '../engines.ts'
import { numbersBelow } from '../numbers.ts'
import type { Line } from '../report.ts'
import { runStatements } from '../statements.ts'

/** What a window gives of each row; sums keep answers small. */
const windows: Readonly<Record<string, string>> = {
  'row_number, 1000 partitions': 'row_number() over (partition by g order by x)',
  'row_number, 100000 partitions': 'row_number() over (partition by k order by x)',
  'row_number of all rows': 'row_number() over (order by x)',
  'rank, 1000 partitions': 'rank() over (partition by g order by k)',
  'lag, 1000 partitions': 'lag(k) over (partition by g order by x)',
  'running sum, 1000 partitions': 'sum(k) over (partition by g order by x)',
  'running sum of all rows': 'sum(k) over (order by x)',
  'average of 10 rows': 'avg(f) over (partition by g order by x rows 9 preceding)',
  'sum of 500 rows': 'sum(k) over (partition by g order by x rows 499 preceding)',
  'maximum of 500 of all rows': 'max(k) over (order by x rows 499 preceding)',
  'deviation of 500 rows': 'stddev_pop(f) over (partition by g order by x rows 499 preceding)',
  'count within a distance':
    'count(*) over (partition by g order by x range between 1000 preceding and current row)',
}

/** Window functions over rows in memory, answers verified. */
export function runWindows(
  rows: number,
  threads: readonly number[],
  runs: number,
  against: Rival | undefined,
  only = '',
): Promise<readonly Line[]> {
  const statements = Object.entries(windows).map(([name, window]) => ({
    name,
    sql: `select sum(w) from (select ${window} as w from measured) s`,
  }))
  const setUp = (engine: BenchEngine): Promise<void> => load(engine, rows)
  return runStatements({ setUp, statements, threads, runs, against, only })
}

/** Numbers that are spread over the rows: `x` has no two equal ones, `g` and `k` have many. */
async function load(engine: BenchEngine, rows: number): Promise<void> {
  await engine.run(`create table measured as select
    cast(n * 7919 % 1000003 as integer) as x, cast(n % 1000 as integer) as g,
    cast(n * 31 % 100000 as integer) as k, cast(n as double precision) / 2 as f
    from ${numbersBelow(rows)} s`)
}
