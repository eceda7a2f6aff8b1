import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seededRandom } from '../../src/base/world.ts'
import { clusterRunner } from '../../src/cluster/client.ts'
import { inProcessRunner, type QueryRunner } from '../../src/cluster/in-process-runner.ts'
import { startLocalCluster, type LocalCluster } from '../../src/cluster/local-cluster.ts'
import { createThreadPool } from '../../src/cluster/threads/thread-pool.ts'
import { Arena } from '../../src/data/arenas/arena.ts'
import { Heap } from '../../src/data/arenas/heap.ts'
import { date, decimal, int4, text } from '../../src/data/types/data-type.ts'
import { formatScalar } from '../../src/data/types/format-scalar.ts'
import type { Scalar } from '../../src/data/types/scalar.ts'
import type { Schema } from '../../src/data/types/schema.ts'
import { vectorFromScalars } from '../../src/data/vectors/from-scalars.ts'
import { scalarsOf } from '../../src/data/vectors/column-scalars.ts'
import type { Chunk } from '../../src/data/vectors/vector.ts'
import { inspectLocation } from '../../src/io/open.ts'
import type { Catalog, TableEntry } from '../../src/plan/catalog/catalog.ts'
import { addRelation } from '../../src/plan/catalog/relations.ts'
import { emptyCatalog } from '../../src/plan/catalog/schemas.ts'
import { loadKernels } from '../../src/wasm/kernels/loader.ts'
import { planText } from './planned.ts'

const ROWS = 20_000
const CHUNK_ROWS = 3_000

const heap = new Heap(Heap.createMemory(1 << 29))
const arena = new Arena(heap)
const pool = createThreadPool({ heap, threads: 2 })
const folder = mkdtempSync(join(tmpdir(), 'heddle-cluster-'))

const columns: Schema = [
  { name: 'id', type: int4 },
  { name: 'grp', type: text },
  { name: 'amount', type: decimal(12, 2) },
  { name: 'day', type: date },
].map((column) => ({ ...column, nullable: true }))

function randomRows(): readonly (readonly Scalar[])[] {
  const random = seededRandom(42)
  const below = (limit: number): number => Math.floor(random.next() * limit)
  return Array.from({ length: ROWS }, (_, id) => [
    id,
    below(12) === 0 ? null : `group ${below(37)}`,
    BigInt(below(2_000_000) - 1_000_000),
    below(20) === 0 ? null : 8_000 + below(900),
  ])
}

function memoryTable(name: string, rows: readonly (readonly Scalar[])[]): TableEntry {
  const chunks: Chunk[] = []
  for (let from = 0; from < rows.length; from += CHUNK_ROWS) {
    const part = rows.slice(from, from + CHUNK_ROWS)
    const vectors = columns.map(({ type }, at) =>
      vectorFromScalars(
        arena,
        type,
        part.map((row) => row[at] ?? null),
      ),
    )
    chunks.push({ rows: part.length, columns: vectors, statistics: undefined })
  }
  return {
    kind: 'table',
    schema: 'public',
    name,
    columns,
    source: { kind: 'memory', id: `distributed ${name}`, chunks },
    statistics: { rows: rows.length, exact: true, columns: columns.map(() => undefined) },
  }
}

async function fileTable(name: string, file: string): Promise<TableEntry> {
  const options = { columns, allowedRoots: [folder], allowUrls: false }
  const inspected = await inspectLocation(join(folder, file), options)
  return { kind: 'table', schema: 'public', name, ...inspected }
}

async function writeFiles(rows: readonly (readonly Scalar[])[]): Promise<void> {
  const line = (row: readonly Scalar[]): string =>
    row.map((value, at) => (value === null ? '' : formatScalar(value, columns[at]!.type))).join()
  const header = columns.map((column) => column.name).join()
  writeFileSync(join(folder, 'rows.csv'), `${[header, ...rows.map(line)].join('\n')}\n`)
  const instance = await DuckDBInstance.create()
  const connection = await instance.connect()
  const types = "{'id': 'INTEGER', 'grp': 'VARCHAR', 'amount': 'DECIMAL(12,2)', 'day': 'DATE'}"
  await connection.run(
    `copy (select * from read_csv('${folder}/rows.csv', columns = ${types}, header = true))
     to '${folder}/rows.parquet' (format parquet, row_group_size 2048)`,
  )
  connection.closeSync()
  instance.closeSync()
}

/** The rows as text, sorted unless their order counts. */
function rowsOf(chunks: readonly Chunk[], isOrdered: boolean): readonly string[] {
  const rows = chunks.flatMap((chunk) => {
    const values = chunk.columns.map((column) => scalarsOf(heap, column))
    return Array.from({ length: chunk.rows }, (_, row) =>
      values.map((column) => JSON.stringify(column[row], bigintsAsText)).join(' | '),
    )
  })
  return isOrdered ? rows : rows.sort()
}

function bigintsAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value
}

const queries = [
  'select count(*), sum(amount), min(day), max(id), avg(amount), count(distinct grp) from t',
  'select grp, count(*), sum(amount), min(id), max(day) from t group by grp',
  'select day, grp, sum(amount) from t where amount > 0 group by day, grp having count(*) > 1',
  "select id, amount from t where grp = 'group 7' order by amount desc, id limit 25",
  'select * from t where id % 1000 = 7 order by id',
  'select distinct grp from t',
  'select a.grp, count(*), sum(b.amount) from t a join memory b on a.id = b.id group by a.grp',
  'select count(*) from t a left join memory b on a.day = b.day and a.id < b.id',
  'select grp from t where id in (select id from memory where amount < -9500.00)',
  'select count(*) from t where not exists (select 1 from memory m where m.id = t.id + 1)',
  'select id from t where id < 10 union all select count(*)::int from memory',
]

describe('the same query in one process and in two', () => {
  let catalogs: ReadonlyMap<string, Catalog>
  let cluster: LocalCluster
  let one: QueryRunner
  let two: QueryRunner

  beforeAll(async () => {
    const rows = randomRows()
    await writeFiles(rows)
    const memory = addRelation(emptyCatalog, memoryTable('memory', rows))
    catalogs = new Map([
      ['memory', addRelation(memory, memoryTable('t', rows))],
      ['csv', addRelation(memory, await fileTable('t', 'rows.csv'))],
      ['parquet', addRelation(memory, await fileTable('t', 'rows.parquet'))],
    ])
    cluster = await startLocalCluster({
      workers: 2,
      threadsPerWorker: 2,
      memoryBytesMax: 1 << 29,
    })
    one = inProcessRunner({ heap, kernels: loadKernels(heap), pool })
    two = clusterRunner(cluster, { heap, kernels: loadKernels(heap) })
    // What the runners keep for later queries is there after the first one.
    for (const workers of [1, 3]) {
      const plan = planText('select count(*) from t', catalogs.get('memory')!, workers)
      const first = await one.run(plan, { queryId: 'first' })
      first.release()
    }
  })

  afterAll(async () => {
    await one.close()
    await two.close()
    await cluster.close()
    await pool.close()
    rmSync(folder, { recursive: true })
  })

  for (const source of ['memory', 'csv', 'parquet']) {
    test.each(queries)(`over ${source}: %s`, async (sql) => {
      const catalog = catalogs.get(source)!
      const isOrdered = sql.includes('order by')
      const inUse = heap.bytesInUse
      const answers: (readonly string[])[] = []
      for (const [runner, workers] of [
        [one, 1],
        [one, 3],
        [two, 2],
        [two, 5],
      ] as const) {
        const output = await runner.run(planText(sql, catalog, workers), { queryId: sql })
        answers.push(rowsOf(output.chunks, isOrdered))
        output.release()
      }
      const [expected] = answers
      expect(expected!.length).toBeGreaterThan(0)
      for (const answer of answers) expect(answer).toEqual(expected)
      expect(heap.bytesInUse).toBe(inUse)
    })
  }

  const endless = 'select count(*) from t a, t b, memory c where (a.id + b.id + c.id) % 7 = 3'
  for (const [name, runnerOf, workers] of [
    ['one', () => one, 1],
    ['two', () => two, 2],
  ] as const) {
    test(`${name}: a long query is canceled in the middle and leaves nothing`, async () => {
      const catalog = catalogs.get('memory')!
      const inUse = heap.bytesInUse
      const plan = planText(endless, catalog, workers)
      await expect(runnerOf().run(plan, { queryId: 'long', timeoutMs: 150 })).rejects.toMatchObject(
        {
          code: 'QUERY_CANCELED',
          message: 'canceling statement due to statement timeout',
        },
      )
      const next = planText('select count(*) from t', catalog, workers)
      const output = await runnerOf().run(next, { queryId: 'next' })
      expect(rowsOf(output.chunks, true)).toEqual([`"${ROWS}n"`])
      output.release()
      expect(heap.bytesInUse).toBe(inUse)
    })
  }

  test('an error in the data is the same from a worker as from here', async () => {
    const sql = 'select sum(1 / (id - 12345)) from t'
    for (const [runner, workers] of [
      [one, 1],
      [two, 2],
    ] as const) {
      const run = runner.run(planText(sql, catalogs.get('csv')!, workers), { queryId: sql })
      await expect(run).rejects.toMatchObject({
        code: 'DIVISION_BY_ZERO',
        message: 'division by zero',
      })
    }
  })
})
