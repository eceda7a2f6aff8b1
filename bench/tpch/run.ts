import { chmodSync, statSync } from 'node:fs'
import { compareQuery } from '../compare.ts'
import type { Rival } from '../builds.ts'
import { inOrder, openPair, type BenchEngine } from '../engines.ts'
import type { Line } from '../report.ts'
import { makePyarrowFiles, parquetPath, tpchFolder, type ParquetSource } from './data.ts'
import { queries } from './queries.ts'
import { tableNames } from './schema.ts'

export interface TpchOptions {
  readonly scale: number
  /** Where the tables are: in both engines' memory, or in Parquet files made so. */
  readonly source: 'memory' | ParquetSource
  /** Of files: nothing that either engine kept of them answers. The system's cache of the files stays. */
  readonly isCold: boolean
  readonly queries: readonly number[]
  readonly threads: readonly number[]
  readonly runs: number
  readonly against: Rival | undefined
}

/** TPC-H, with all tables in both engines' memory or straight from files. */
export async function runTpch(options: TpchOptions): Promise<readonly Line[]> {
  const folder = await tpchFolder(options.scale)
  const { source } = options
  if (source === 'pyarrow') makePyarrowFiles(folder)
  const lines: Line[] = []
  for (const threads of options.threads) {
    const engines = await openPair(threads, options.against)
    for (const engine of inOrder(engines, options.against)) {
      if (source === 'memory') await load(engine, folder)
      else await openFiles(engine, folder, source)
      if (options.isCold && engine.name === 'duckdb') {
        await engine.run('set enable_external_file_cache = false')
      }
    }
    for (const number of options.queries) {
      const sql = queries[number]
      if (sql === undefined) throw new Error(`TPC-H has no query ${number}`)
      const query = {
        name: `q${number}`,
        ours: sql,
        theirs: sql,
        ...(options.isCold && source !== 'memory' && { before: () => forget(folder, source) }),
      }
      const measureOptions = { warmUpRuns: 3, warmUpMs: 2_000, runs: options.runs }
      const line = await compareQuery(query, threads, engines, measureOptions)
      const ratio = line.ours.medianMs / line.theirs.medianMs
      console.error(`${query.name} t${threads}: ${ratio.toFixed(3)}`)
      lines.push(line)
    }
    for (const engine of engines) await engine.close()
  }
  return lines
}

/** Changes the files' inodes, not their contents nor the times of these: pages that were kept are those of other files. */
function forget(folder: string, source: ParquetSource): void {
  for (const table of tableNames) {
    const path = parquetPath(folder, table, source)
    chmodSync(path, statSync(path).mode)
  }
}

/** Copies all tables into an engine's memory. */
export async function load(engine: BenchEngine, folder: string): Promise<void> {
  const started = performance.now()
  for (const table of tableNames) {
    const path = parquetPath(folder, table, 'snappy')
    await engine.run(`create table ${table} as select * from '${path}'`)
  }
  console.error(`${engine.name}: loaded in ${((performance.now() - started) / 1000).toFixed(1)} s`)
}

/** Makes tables of files that stay where they are. */
export async function openFiles(
  engine: BenchEngine,
  folder: string,
  source: ParquetSource,
): Promise<void> {
  for (const table of tableNames) {
    const path = parquetPath(folder, table, source)
    await engine.run(
      engine.name === 'duckdb'
        ? `create view ${table} as select * from '${path}'`
        : `create table ${table} with (location = '${path}')`,
    )
  }
}
