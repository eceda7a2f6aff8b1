import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tourQueries } from '../../src/cli/tour/queries.ts'
import { tourData } from '../../src/cli/tour/tour.ts'
import { connect, type Database } from '../../src/index.ts'
import { dirname } from 'node:path'

const { flights, airports } = tourData()

let db: Database
let duckDb: DuckDBInstance

beforeAll(async () => {
  db = await connect({ threads: 2, allowedRoots: [dirname(flights)] })
  await db.query(`create table flights with (location = '${flights}')`)
  await db.query(`create table airports with (location = '${airports}')`)
  duckDb = await DuckDBInstance.create(':memory:')
})

afterAll(async () => {
  duckDb.closeSync()
  await db.close()
})

for (const { name, sql } of tourQueries) {
  test(`${name}: the answer is DuckDB's`, async () => {
    const peer = await duckDb.connect()
    await peer.run(`create view flights as select * from '${flights}'`)
    await peer.run(`create view airports as select * from '${airports}'`)
    const theirs = (await peer.runAndReadAll(sql)).getRows()
    await peer.run('drop view flights')
    await peer.run('drop view airports')
    peer.closeSync()
    const ours = (await db.query(sql)).texts()
    expect(ours.length).toBe(theirs.length)
    ours.forEach((row, i) => row.forEach((cell, j) => expectEqual(cell, theirs[i]?.[j])))
  })
}

/** Texts are compared as they are, numbers within 1e-9 of their size. */
function expectEqual(ours: string | null, theirs: unknown): void {
  const [a, b] = [Number(ours), Number(theirs)]
  if (ours === null || Number.isNaN(a)) {
    expect(ours).toBe(theirs === null ? null : String(theirs))
  } else {
    expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(b)))
  }
}
