import { compareAnswers } from '../answers.ts'
import type { Rival } from '../builds.ts'
import { inOrder, openPair, type BenchEngine, rowsOf } from '../engines.ts'
import { measure } from '../measure.ts'
import type { Line } from '../report.ts'

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

const digits = '(values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))'

/** Window functions over rows in memory, answers verified. */
export async function runWindows(
  rows: number,
  threads: readonly number[],
  runs: number,
  against: Rival | undefined,
): Promise<readonly Line[]> {
  const lines: Line[] = []
  for (const count of threads) {
    const engines = await openPair(count, against)
    for (const engine of inOrder(engines, against)) await load(engine, rows)
    for (const [name, window] of Object.entries(windows)) {
      const sql = `select sum(w) from (select ${window} as w from measured) s`
      compareAnswers(name, await rowsOf(engines[0], sql), await rowsOf(engines[1], sql))
      const contenders = engines.map((engine) => ({
        name: engine.name,
        run: () => engine.run(sql),
      }))
      const [ours, theirs] = await measure(contenders, { warmUpRuns: 1, warmUpMs: 200, runs })
      lines.push({ name, threads: count, ours: ours!, theirs: theirs! })
    }
    for (const engine of engines) await engine.close()
  }
  return lines
}

/** Numbers that are spread over the rows: `x` has no two equal ones, `g` and `k` have many. */
async function load(engine: BenchEngine, rows: number): Promise<void> {
  const names = ['a', 'b', 'c', 'd', 'e', 'f']
  const joins = names.map((name) => `${digits} ${name}(n)`).join(' cross join ')
  const number = names.map((name, at) => `${10 ** at} * ${name}.n`).join(' + ')
  const numbers = `select cast(${number} as bigint) as n from ${joins}`
  await engine.run(`create table measured as select
    cast(n * 7919 % 1000003 as integer) as x, cast(n % 1000 as integer) as g,
    cast(n * 31 % 100000 as integer) as k, cast(n as double precision) / 2 as f
    from (${numbers}) s where n < ${rows}`)
}
