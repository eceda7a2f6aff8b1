import { compareQuery } from '../compare.ts'
import type { Rival } from '../builds.ts'
import { inOrder, openPair, type BenchEngine } from '../engines.ts'
import { geometricMean } from '../measure.ts'
import { numbersBelow } from '../numbers.ts'
import { ratio, titled, type Line } from '../report.ts'
import { checks } from './case.ts'
import { functionCases, suites, type FunctionSuite } from './cases.ts'
import { columns } from './columns.ts'

export interface FunctionOptions {
  readonly rows: number
  readonly threads: readonly number[]
  readonly runs: number
  /** Only cases whose name has this in it; the name of a suite (plain, coded, other): its cases. */
  readonly only: string
  readonly against: Rival | undefined
}

/** Functions over rows in memory, answers verified; those that fail are listed. */
export async function runFunctions(options: FunctionOptions): Promise<readonly Line[]> {
  const { rows, threads, runs, only, against } = options
  const lines: Line[] = []
  const bySuite = new Map<FunctionSuite, Line[]>(suites.map((suite) => [suite, []]))
  for (const count of threads) {
    const engines = await openPair(count, against)
    for (const engine of inOrder(engines, against)) await load(engine, rows)
    for (const { name, suite, ours, theirs, check } of functionCases) {
      if (!name.includes(only) && suite !== only) continue
      const query = (call: string, asked: string): string =>
        `select ${asked} from (select ${call} as a from measured) s`
      const isDuckDb = engines[1].name === 'duckdb'
      const item = {
        name,
        ours: query(ours, checks[check].ours),
        theirs: isDuckDb ? query(theirs, checks[check].theirs) : query(ours, checks[check].ours),
      }
      try {
        const measured = { warmUpRuns: 2, warmUpMs: 50, runs }
        const line = await compareQuery(item, count, engines, measured)
        console.error(titled(line))
        lines.push(line)
        bySuite.get(suite)?.push(line)
      } catch (error) {
        console.log(`${name} t${count}: ${String(error).split('\n')[0]}`)
        process.exitCode = 1
      }
    }
    for (const engine of engines) await engine.close()
  }
  if (against === undefined) for (const [suite, of] of bySuite) printSuite(suite, of)
  return lines
}

const SLOWEST_SHOWN = 10

function printSuite(suite: FunctionSuite, lines: readonly Line[]): void {
  if (lines.length === 0) return
  const mean = geometricMean(lines.map(ratio)).toFixed(3)
  const slowest = lines.toSorted((a, b) => ratio(b) - ratio(a)).slice(0, SLOWEST_SHOWN)
  console.log(`${suite}: ${lines.length} cases, geomean ratio ${mean}; slowest:`)
  for (const line of slowest) console.log(`  ${titled(line)}`)
}

async function load(engine: BenchEngine, rows: number): Promise<void> {
  const made = Object.entries(columns).map(([name, { made: ours, madeTheirs = ours }]) => {
    const sql = engine.name === 'duckdb' ? madeTheirs : ours
    return `case when n % 17 = 5 then null else ${sql} end as ${name}`
  })
  await engine.run(`create table measured as select ${made.join(', ')}
    from ${numbersBelow(rows)} s order by n`)
}
