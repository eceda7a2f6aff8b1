import type { Rival } from '../builds.ts'
import type { BenchEngine } from '../engines.ts'
import { numbersBelow } from '../numbers.ts'
import type { Line } from '../report.ts'
import { runStatements, type Statement } from '../statements.ts'

const sets: Readonly<Record<string, string>> = {
  'one set': 'a, b, c',
  'rollup of 3': 'rollup (a, b, c)',
  'cube of 3': 'cube (a, b, c)',
  'rollup of 5': 'rollup (a, b, c, d, e)',
  'two sets without a key in common': 'grouping sets ((a), (c))',
  'rollup of 3 with many groups': 'rollup (a, many, c)',
}

const measures = 'count(*) as n, sum(x) as s, avg(x) as m, min(f) as f'
const mixed = 'count(*) as n, count(distinct d) as s, sum(f) as m, max(x) as f'

/** Grouping sets over rows in memory. */
export function runGrouping(
  rows: number,
  threads: readonly number[],
  runs: number,
  against: Rival | undefined,
): Promise<readonly Line[]> {
  const over = (name: string, by: string, calls: string): Statement => ({
    name,
    sql: `select count(*), sum(n), sum(s), sum(m), sum(f)
     from (select ${calls} from measured group by ${by}) g`,
  })
  const statements = [
    ...Object.entries(sets).map(([name, by]) => over(name, by, measures)),
    over('rollup of 3, one aggregate distinct', 'rollup (a, b, c)', mixed),
  ]
  const setUp = (engine: BenchEngine): Promise<void> => load(engine, rows)
  return runStatements({ setUp, statements, threads, runs, against })
}

function load(engine: BenchEngine, rows: number): Promise<void> {
  return engine.run(`create table measured as select
    cast(n % 10 as integer) as a, cast(n * 31 % 17 as integer) as b,
    'k' || cast(n * 7919 % 101 as varchar) as c, cast(n % 3 as integer) as d,
    cast(n % 5 as integer) as e, cast(n * 7919 % 100003 as integer) as many,
    cast(n * 31 % 100000 as integer) as x, cast(n as double precision) / 2 as f
    from ${numbersBelow(rows)} s`)
}
