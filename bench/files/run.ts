import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { tourQueries } from '#heddle/cli/tour/queries.js'
import { compareQuery, type QueryCase } from '../compare.ts'
import type { Rival } from '../builds.ts'
import { inOrder, openPair, type BenchEngine } from '../engines.ts'
import type { Line } from '../report.ts'
import { csvPath, duckDbCsv, parquetPath, tpchFolder, type ParquetCodec } from '../tpch/data.ts'
import { queries } from '../tpch/queries.ts'
import { tables } from '../tpch/schema.ts'

export interface FilesOptions {
  readonly scale: number
  readonly threads: readonly number[]
  readonly runs: number
  readonly against: Rival | undefined
}

const codecs: readonly ParquetCodec[] = ['snappy', 'zstd']

/** Queries straight from files: the tour's, TPC-H Q1 and Q6 from Parquet, and the import of a CSV. */
export async function runFiles(options: FilesOptions): Promise<readonly Line[]> {
  const folder = await tpchFolder(options.scale)
  const lines: Line[] = []
  for (const threads of options.threads) {
    const engines = await openPair(threads, options.against)
    for (const engine of inOrder(engines, options.against)) {
      if (engine.name === 'duckdb') await openDuckDbTables(engine, folder)
      else await openHeddleTables(engine, folder)
    }
    for (const query of cases()) {
      const runs = query.undo === undefined ? options.runs : Math.min(options.runs, 7)
      lines.push(
        await compareQuery(query, threads, engines, { warmUpRuns: 2, warmUpMs: 2_000, runs }),
      )
    }
    for (const engine of engines) await engine.close()
  }
  return lines
}

function tourFiles(): { readonly flights: string; readonly airports: string } {
  const entry = createRequire(import.meta.url).resolve('vega-datasets')
  const data = join(dirname(entry), '..', 'data')
  return { flights: join(data, 'flights-3m.parquet'), airports: join(data, 'airports.csv') }
}

async function openHeddleTables(heddle: BenchEngine, folder: string): Promise<void> {
  const { flights, airports } = tourFiles()
  await heddle.run(`create table flights with (location = '${flights}')`)
  await heddle.run(`create table airports with (location = '${airports}')`)
  for (const codec of codecs) {
    const path = parquetPath(folder, 'lineitem', codec)
    await heddle.run(`create table lineitem_${codec} with (location = '${path}')`)
  }
  const columns = Object.entries(tables.lineitem).map(([name, type]) => `${name} ${type}`)
  const location = csvPath(folder, 'lineitem')
  await heddle.run(
    `create table lineitem_csv (${columns.join(', ')}) with (location = '${location}', header = true)`,
  )
}

async function openDuckDbTables(duckDb: BenchEngine, folder: string): Promise<void> {
  const { flights, airports } = tourFiles()
  await duckDb.run(`create view flights as select * from read_parquet('${flights}')`)
  await duckDb.run(`create view airports as select * from read_csv('${airports}')`)
  for (const codec of codecs) {
    const path = parquetPath(folder, 'lineitem', codec)
    await duckDb.run(`create view lineitem_${codec} as select * from read_parquet('${path}')`)
  }
  await duckDb.run(`create view lineitem_csv as select * from ${duckDbCsv(folder, 'lineitem')}`)
}

function cases(): readonly QueryCase[] {
  const tour = tourQueries.map(({ name, sql }) => ({
    name: `tour ${name}`,
    ours: sql,
    theirs: sql,
  }))
  const parquet = codecs.flatMap((codec) =>
    [1, 6].map((number) => {
      const sql = (queries[number] ?? '').replaceAll('lineitem', `lineitem_${codec}`)
      return { name: `q${number} ${codec}`, ours: sql, theirs: sql }
    }),
  )
  const few = codecs.map((codec) => {
    const sql = `select count(*), max(l_comment), max(l_shipinstruct), sum(l_extendedprice)
      from lineitem_${codec} where l_partkey = 17`
    return { name: `few rows ${codec}`, ours: sql, theirs: sql }
  })
  const load = 'create table imported as select * from lineitem_csv'
  const csv = {
    name: 'csv import',
    ours: load,
    theirs: load,
    undo: 'drop table imported',
    check: `select count(*), sum(l_orderkey), sum(l_extendedprice), min(l_shipdate),
      max(l_comment), count(distinct l_shipmode) from imported`,
  }
  return [...tour, ...parquet, ...few, csv]
}
