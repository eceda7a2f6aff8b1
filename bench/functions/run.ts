import { compareQuery } from '../compare.ts'
import type { Rival } from '../builds.ts'
import { inOrder, openPair, type BenchEngine } from '../engines.ts'
import { numbersBelow } from '../numbers.ts'
import { titled, type Line } from '../report.ts'
import { checks, columns, otherCases, textCases, type FunctionCase } from './cases.ts'

export interface FunctionOptions {
  readonly rows: number
  readonly threads: readonly number[]
  readonly runs: number
  /** Only cases whose name has this in it. */
  readonly only: string
  readonly against: Rival | undefined
}

interface NamedCase extends FunctionCase {
  readonly name: string
}

/** A text function over the column of many distinct values, over that of few, and as a key of groups. */
function casesOf(): readonly NamedCase[] {
  const over = (column: string) => (one: FunctionCase) => {
    const on = (sql: string): string => sql.replaceAll('$', column)
    return { name: on(one.ours), ours: on(one.ours), theirs: on(one.theirs), check: one.check }
  }
  const others = otherCases.map((one) => ({ name: one.ours, ...one }))
  return [...textCases.map(over('plain')), ...textCases.map(over('coded')), ...others]
}

/** Functions over rows in memory, answers verified; those that fail are listed. */
export async function runFunctions(options: FunctionOptions): Promise<readonly Line[]> {
  const { rows, threads, runs, only, against } = options
  const lines: Line[] = []
  for (const count of threads) {
    const engines = await openPair(count, against)
    for (const engine of inOrder(engines, against)) await load(engine, rows)
    for (const { name, ours, theirs, check } of casesOf()) {
      if (!name.includes(only)) continue
      const query = (call: string): string =>
        `select ${checks[check]} from (select ${call} as a from measured) s`
      const peer = engines[1].name === 'duckdb' ? theirs : ours
      const item = { name, ours: query(ours), theirs: query(peer) }
      try {
        const measured = { warmUpRuns: 2, warmUpMs: 50, runs }
        const line = await compareQuery(item, count, engines, measured)
        console.error(titled(line))
        lines.push(line)
      } catch (error) {
        console.log(`${name} t${count}: ${String(error).split('\n')[0]}`)
        process.exitCode = 1
      }
    }
    for (const engine of engines) await engine.close()
  }
  return lines
}

async function load(engine: BenchEngine, rows: number): Promise<void> {
  const made = Object.entries(columns).map(
    ([name, sql]) => `case when n % 17 = 5 then null else ${sql} end as ${name}`,
  )
  await engine.run(`create table measured as select ${made.join(', ')}
    from ${numbersBelow(rows)} s order by n`)
}
