import { existsSync, renameSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Rival } from '../builds.ts'
import { inOrder, openDuckDb, openPair } from '../engines.ts'
import { compareQuery } from '../compare.ts'
import { numbersBelow } from '../numbers.ts'
import type { Line } from '../report.ts'

const FILES = 500
const ROWS_A_FILE = 2_000

/** Over 500 files in folders of their own, named by `day`. */
const statements: Readonly<Record<string, string>> = {
  'aggregate of all': 'select count(*), sum(v) from measured',
  'by folder': 'select day, count(*), sum(v) from measured group by day order by day',
  'pruned to one': 'select count(*), sum(v) from measured where day = 77',
  'pruned to ten': 'select count(*), sum(v) from measured where day between 70 and 79',
  'by a column of the files': 'select k, count(*) from measured group by k order by k',
}

/** Many small Parquet files in folders named by a column, found anew by every statement and by one before. */
export async function runHive(
  threads: readonly number[],
  runs: number,
  against: Rival | undefined,
): Promise<readonly Line[]> {
  const folder = await partitionedFolder()
  const files = `${folder}/*/*.parquet`
  const lines: Line[] = []
  for (const count of threads) {
    const engines = await openPair(count, against)
    for (const engine of inOrder(engines, against)) {
      const isDuckDb = engine.name === 'duckdb'
      await engine.run(
        isDuckDb
          ? `create view measured as select * from read_parquet('${files}', hive_partitioning = true)`
          : `create table measured with (location = '${folder}')`,
      )
    }
    for (const [name, sql] of Object.entries(statements)) {
      const anew = sql.replace('measured', `'${folder}'`)
      const theirs = engines[1].name === 'duckdb' ? sql : anew
      const options = { warmUpRuns: 2, warmUpMs: 200, runs }
      lines.push(
        await compareQuery({ name, ours: sql, theirs: sql }, count, engines, options),
        await compareQuery(
          { name: `${name}, found anew`, ours: anew, theirs },
          count,
          engines,
          options,
        ),
      )
    }
    for (const engine of engines) await engine.close()
  }
  return lines
}

/** Made on first use, and kept under bench/data. */
async function partitionedFolder(): Promise<string> {
  const folder = resolve('bench/data', `hive-${FILES}x${ROWS_A_FILE}`)
  if (existsSync(folder)) return folder
  const partial = `${folder}.partial`
  rmSync(partial, { recursive: true, force: true })
  const duckDb = await openDuckDb(1)
  await duckDb.run(`copy (select n % ${FILES} as day, cast(n * 7919 % 1000003 as integer) as v,
    cast(n % 13 as integer) as k, 'row ' || n as label from ${numbersBelow(FILES * ROWS_A_FILE)} s)
    to '${partial}' (format parquet, partition_by (day))`)
  await duckDb.close()
  renameSync(partial, folder)
  return folder
}
