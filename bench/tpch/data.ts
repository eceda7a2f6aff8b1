import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { openDuckDb } from '../engines.ts'
import { generateTpch } from './generate.ts'
import { tableNames, tables, type TableName } from './schema.ts'

export type ParquetCodec = 'snappy' | 'zstd'
/** DuckDB's files of a codec, or pyarrow's as it writes them by default. */
export type ParquetSource = ParquetCodec | 'pyarrow'

const ROW_GROUP_ROWS = 122_880

/** Where the data of a scale lies; made on first use and kept under bench/data. */
export async function tpchFolder(scale: number): Promise<string> {
  const folder = resolve('bench/data', `tpch-sf${scale}`)
  if (existsSync(folder)) return folder
  const partial = `${folder}.partial`
  mkdirSync(partial, { recursive: true })
  console.error(`generating TPC-H at scale ${scale} in ${folder}`)
  generateTpch(partial, scale)
  await writeParquet(partial)
  renameSync(partial, folder)
  return folder
}

export function csvPath(folder: string, table: TableName): string {
  return join(folder, `${table}.csv`)
}

export function parquetPath(folder: string, table: TableName, source: ParquetSource): string {
  return join(folder, `${table}.${source}.parquet`)
}

/** Has pyarrow write its files beside DuckDB's, unless it did. Needs a python3 that has pyarrow. */
export function makePyarrowFiles(folder: string): void {
  if (tableNames.every((table) => existsSync(parquetPath(folder, table, 'pyarrow')))) return
  execFileSync('python3', ['bench/tpch/pyarrow-files.py', folder], { stdio: 'inherit' })
}

/** DuckDB's reader of one of the CSV files, with declared types. */
export function duckDbCsv(folder: string, table: TableName): string {
  const columns = Object.entries(tables[table]).map(([name, type]) => `'${name}': '${type}'`)
  return `read_csv('${csvPath(folder, table)}', header = true, columns = {${columns.join(', ')}})`
}

async function writeParquet(folder: string): Promise<void> {
  const duckDb = await openDuckDb(2)
  for (const table of tableNames) {
    await duckDb.run(`create table ${table} as select * from ${duckDbCsv(folder, table)}`)
    for (const codec of ['snappy', 'zstd'] as const) {
      const path = parquetPath(folder, table, codec)
      const options = `format parquet, codec '${codec}', row_group_size ${ROW_GROUP_ROWS}`
      await duckDb.run(`copy ${table} to '${path}' (${options})`)
    }
    await duckDb.run(`drop table ${table}`)
  }
  await duckDb.close()
}
