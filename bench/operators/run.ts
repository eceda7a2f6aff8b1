import type { Rival } from '../builds.ts'
import { compareQuery } from '../compare.ts'
import { inOrder, openPair } from '../engines.ts'
import { geometricMean } from '../measure.ts'
import { ratio, titled, type Line } from '../report.ts'
import { families, operatorCases } from './cases.ts'
import { makeTables } from './tables.ts'

export interface OperatorOptions {
  /** Of the large table; at most a million. */
  readonly rows: number
  readonly threads: readonly number[]
  readonly runs: number
  /** Only cases whose name, `family: what`, has this in it. */
  readonly only: string
  readonly against: Rival | undefined
}

/** Of longer answers a part is compared: reading all of one takes DuckDB's client a minute. */
const SORTED_ROWS_COMPARED_MAX = 100_000

/** Operators over rows in memory, answers verified; those that fail are listed. */
export async function runOperators(options: OperatorOptions): Promise<readonly Line[]> {
  const { rows, threads, runs, only, against } = options
  const lines: Line[] = []
  for (const count of threads) {
    const engines = await openPair(count, against)
    for (const engine of inOrder(engines, against)) await makeTables(engine, rows)
    for (const { name, family, ours, theirs } of operatorCases) {
      if (!name.includes(only)) continue
      const isLong = family === 'sort' && rows > SORTED_ROWS_COMPARED_MAX
      const item = {
        name,
        ours,
        theirs: engines[1].name === 'duckdb' ? theirs : ours,
        ...(isLong && { check: `select * from (${ours}) s limit 2000 offset 500` }),
      }
      try {
        const line = await compareQuery(item, count, engines, {
          warmUpRuns: 3,
          warmUpMs: 100,
          runs,
        })
        console.error(titled(line))
        lines.push(line)
      } catch (error) {
        console.log(`${name} t${count}: ${String(error).split('\n')[0]}`)
        process.exitCode = 1
      }
    }
    for (const engine of engines) await engine.close()
  }
  if (against === undefined) printFamilies(lines)
  return lines
}

function printFamilies(lines: readonly Line[]): void {
  for (const family of Object.keys(families)) {
    const of = lines.filter(({ name }) => name.startsWith(`${family}: `))
    if (of.length === 0) continue
    console.log(
      `${family}: ${of.length} timed, geomean ratio ${geometricMean(of.map(ratio)).toFixed(3)}`,
    )
  }
}
