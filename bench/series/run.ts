import type { Rival } from '../builds.ts'
import type { Line } from '../report.ts'
import { named, runStatements } from '../statements.ts'

const million = 'generate_series(1, 1000000) t(x)'
const moments =
  "generate_series(timestamp '2000-01-01', timestamp '2001-11-25 10:39:00', interval '1 minute') t(x)"
const months =
  "generate_series(timestamp '2000-01-31', timestamp '9999-01-31', interval '1 month') t(x)"

const statements: Readonly<Record<string, string>> = {
  'sum of a million integers': `select sum(x) from ${million}`,
  'a million integers, counted': `select count(*) from ${million}`,
  'a million integers, filtered and grouped': `select x % 7 as k, count(*), max(x) from ${million}
    where x % 3 = 0 group by k order by k`,
  'sum of a million bigints': 'select sum(x) from generate_series(1::bigint, 7000000, 7) t(x)',
  'a million moments': `select min(x), max(x), count(*) from ${moments}`,
  months: `select min(x), max(x), count(*) from ${months}`,
  'a hundred a row': `select sum(x * y) from generate_series(1, 10000) t(x),
    generate_series(1, 100) s(y)`,
  'ten integers': 'select sum(x) from generate_series(1, 10) t(x)',
}

/** Rows that generate_series gives. */
export function runSeries(
  threads: readonly number[],
  runs: number,
  against: Rival | undefined,
): Promise<readonly Line[]> {
  const setUp = (): Promise<void> => Promise.resolve()
  return runStatements({ setUp, statements: named(statements), threads, runs, against })
}
