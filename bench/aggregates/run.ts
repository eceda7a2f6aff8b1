import { compareQuery } from '../compare.ts'
import type { Rival } from '../builds.ts'
import { inOrder, openPair, type BenchEngine } from '../engines.ts'
import { numbersBelow } from '../numbers.ts'
import { titled, type Line } from '../report.ts'
import { aggregateCases, checks, columnOf, kindColumns, otherColumns } from './cases.ts'

export interface AggregateOptions {
  readonly rows: number
  readonly threads: readonly number[]
  readonly runs: number
  /** Only cases whose name has this in it. */
  readonly only: string
  readonly against: Rival | undefined
}

/** How rows are grouped: not at all, into a hundred groups, into fifty thousand. */
const groupings: Readonly<Record<string, string>> = {
  'no groups': '',
  '100 groups': ' group by few',
  '50000 groups': ' group by many',
}

/** Every aggregate of the catalogue over rows in memory, answers verified; those that fail are listed. */
export async function runAggregates(options: AggregateOptions): Promise<readonly Line[]> {
  const { rows, threads, runs, only, against } = options
  const lines: Line[] = []
  for (const count of threads) {
    const engines = await openPair(count, against)
    for (const engine of inOrder(engines, against)) await load(engine, rows)
    for (const { name, ours, theirs, check } of aggregateCases) {
      if (!name.includes(only)) continue
      for (const [grouping, by] of Object.entries(groupings)) {
        const query = (call: string): string =>
          `select ${checks[check]} from (select ${call} as a from measured${by}) s`
        const peer = engines[1].name === 'duckdb' ? theirs : ours
        const item = { name: `${name}, ${grouping}`, ours: query(ours), theirs: query(peer) }
        const measured = { warmUpRuns: 2, warmUpMs: 50, runs }
        try {
          const line = await compareQuery(item, count, engines, measured)
          console.error(titled(line))
          lines.push(line)
        } catch (error) {
          console.log(`${item.name} t${count}: ${String(error).split('\n')[0]}`)
          process.exitCode = 1
        }
      }
    }
    for (const engine of engines) await engine.close()
  }
  return lines
}

async function load(engine: BenchEngine, rows: number): Promise<void> {
  const columns = [
    ...Object.entries(kindColumns).map(([kind, { made, madeTheirs }]) => {
      const isTheirs = engine.name === 'duckdb' && madeTheirs !== undefined
      return `${isTheirs ? madeTheirs : made} as ${columnOf(kind)}`
    }),
    ...Object.entries(otherColumns).map(([name, made]) => `${made} as ${name}`),
  ]
  await engine.run(`create table measured as select ${columns.join(', ')}
    from ${numbersBelow(rows)} s order by n`)
}
