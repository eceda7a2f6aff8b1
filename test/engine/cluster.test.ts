import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { generateTpch } from '../../bench/tpch/generate.ts'
import { queries } from '../../bench/tpch/queries.ts'
import { tableNames, tables, type TableName } from '../../bench/tpch/schema.ts'
import { connect, type Database } from '../../src/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'heddle-cluster-'))

/** Those that pick so few rows that a database of this size has none of them. */
const empty: ReadonlySet<number> = new Set([8, 18, 20])

let alone: Database
let cluster: Database

beforeAll(async () => {
  generateTpch(folder, 0.002)
  alone = await connect({ threads: 2, allowedRoots: [folder] })
  cluster = await connect({ cluster: { workers: 2, threadsPerWorker: 1 }, allowedRoots: [folder] })
  for (const db of [alone, cluster]) for (const table of tableNames) await load(db, table)
}, 60_000)

afterAll(async () => {
  await Promise.all([alone.close(), cluster.close()])
  rmSync(folder, { recursive: true })
})

async function load(db: Database, table: TableName): Promise<void> {
  const columns = Object.entries(tables[table]).map(([name, type]) => `${name} ${type}`)
  await db.query(`create table ${table} (${columns.join(', ')})`)
  await db.query(`insert into ${table} select * from '${join(folder, `${table}.csv`)}'`)
}

for (const [number, sql] of Object.entries(queries)) {
  test(`TPC-H Q${number} gives the same on two workers as in this process`, async () => {
    const [here, there] = await Promise.all([alone.query(sql), cluster.query(sql)])
    expect(here.rowCount === 0).toBe(empty.has(Number(number)))
    expect(there.texts()).toEqual(here.texts())
  })
}

test('a mistake in a query on workers is the same error', async () => {
  const bad = 'select l_orderkey / (l_linenumber - 1) from lineitem'
  await expect(cluster.query(bad)).rejects.toMatchObject({ code: 'DIVISION_BY_ZERO' })
  expect((await cluster.query('select count(*) > 0 from lineitem')).values()).toEqual([[true]])
})
