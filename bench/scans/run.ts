import { existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import type { Rival } from '../builds.ts'
import { openDuckDb } from '../engines.ts'
import type { Line } from '../report.ts'
import { runStatements, type Statement } from '../statements.ts'
import { csvPath, tpchFolder } from '../tpch/data.ts'
import type { TableName } from '../tpch/schema.ts'

/** Text files whose columns and types are found anew by every statement. */
const formats = ['csv', 'json'] as const
type TextFormat = (typeof formats)[number]

/** What a date of a file is: the strings of JSON stay texts in Heddle, DuckDB makes dates of some. */
const dateOf: Readonly<Record<TextFormat, (column: string) => string>> = {
  csv: (column) => column,
  json: (column) => `cast(${column} as date)`,
}

/** Over a file of `lineitem` and one of `orders`. */
function statementsOver(
  lineitem: string,
  orders: string,
  date: (column: string) => string,
): Readonly<Record<string, string>> {
  const shipped = date('l_shipdate')
  return {
    'count of rows': `select count(*) from '${lineitem}'`,
    'sum of a column': `select sum(l_quantity) from '${lineitem}'`,
    'sums by two columns': `select l_returnflag, l_linestatus, count(*), sum(l_quantity),
      sum(l_extendedprice) from '${lineitem}' group by 1, 2 order by 1, 2`,
    'a filter by date': `select count(*), max(l_comment) from '${lineitem}'
      where ${shipped} >= date '1995-01-01' and ${shipped} < date '1995-02-01'`,
    'all columns of few rows': `select * from '${orders}' where o_orderkey < 100 order by o_orderkey`,
    'texts by prefix': `select o_orderpriority, count(*) from '${orders}'
      where o_comment like 'a%' group by 1 order by 1`,
  }
}

/** CSV and JSON by their names alone: sniffing and reading, answers verified; of `only` those whose name has it. */
export async function runScans(
  scale: number,
  threads: readonly number[],
  runs: number,
  only: string,
  against: Rival | undefined,
): Promise<readonly Line[]> {
  const folder = await tpchFolder(scale)
  const statements: Statement[] = []
  for (const format of formats) {
    const [lineitem, orders] = [
      await textFile(folder, 'lineitem', format),
      await textFile(folder, 'orders', format),
    ]
    for (const [name, sql] of Object.entries(statementsOver(lineitem, orders, dateOf[format]))) {
      if (`${format}: ${name}`.includes(only)) statements.push({ name: `${format}: ${name}`, sql })
    }
  }
  return runStatements({ setUp: () => Promise.resolve(), statements, threads, runs, against })
}

/** The file of a table; JSON is made on first use. */
async function textFile(folder: string, table: TableName, format: TextFormat): Promise<string> {
  const csv = csvPath(folder, table)
  if (format === 'csv') return csv
  const json = join(folder, `${table}.json`)
  if (existsSync(json)) return json
  const duckDb = await openDuckDb(2)
  await duckDb.run(`copy (from '${csv}') to '${json}.partial' (format json)`)
  await duckDb.close()
  renameSync(`${json}.partial`, json)
  return json
}
