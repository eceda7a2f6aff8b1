import { mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, expect, test } from 'vitest'
import { connect } from '../../src/index.ts'
import { KeptInspections } from '../../src/io/kept-inspections.ts'
import type { InspectedSource } from '../../src/io/scan/source.ts'
import type { FileEntry } from '../../src/plan/catalog/catalog.ts'

const folder = mkdtempSync(join(tmpdir(), 'heddle-kept-'))
const db = await connect({ threads: 1, allowedRoots: [folder] })
const duckDb = await (await DuckDBInstance.create(':memory:')).connect()
afterAll(async () => {
  await db.close()
  duckDb.closeSync()
  rmSync(folder, { recursive: true })
})

const write = (name: string, query: string): Promise<unknown> =>
  duckDb.run(`copy (${query}) to '${join(folder, name)}' (format parquet)`)

test('a folder that is asked for again is what its files are now', async () => {
  const found = async (): Promise<readonly unknown[]> => {
    const result = await db.query(`select * from '${folder}' order by 1`)
    return [result.columns.map(({ name }) => name), ...result.texts()]
  }
  await write('1.parquet', 'select 1::int as a')
  for (let round = 0; round < 2; round++) expect(await found()).toEqual([['a'], ['1']])
  await write('2.parquet', `select 2::bigint as a, 'new' as b`)
  const both = [
    ['a', 'b'],
    ['1', null],
    ['2', 'new'],
  ]
  for (let round = 0; round < 2; round++) expect(await found()).toEqual(both)
  await write('1.parquet', `select 5000000000 as a, 'other' as b, 1.5 as c`)
  const changed = [
    ['a', 'b', 'c'],
    ['2', 'new', null],
    ['5000000000', 'other', '1.5'],
  ]
  for (let round = 0; round < 2; round++) expect(await found()).toEqual(changed)
  renameSync(join(folder, '2.parquet'), join(folder, '3.parquet'))
  expect(await found()).toEqual(changed)
  rmSync(join(folder, '1.parquet'))
  for (let round = 0; round < 2; round++) expect(await found()).toEqual([both[0], both[2]])
})

function source(name: string, columns: number, over: Partial<FileEntry> = {}): InspectedSource {
  const path = `/data/${name}`
  const file = { path, location: path, bytes: 1, modifiedMs: 1, partitionValues: [], parts: [] }
  return {
    source: {
      kind: 'files',
      format: 'parquet',
      files: [{ ...file, ...over }],
      options: {},
      partitionColumns: [],
    },
    columns: Array.from({ length: columns }, (_, at) => ({
      name: `c${at}`,
      type: { kind: 'int4' },
      nullable: true,
    })),
    statistics: { rows: 1, exact: true, columns: [] },
  }
}

test('is found for the same files alone', () => {
  const kept = new KeptInspections()
  const first = source('a', 1)
  const { files } = first.source
  const others: readonly Partial<FileEntry>[] = [
    { path: '/data/b' },
    { location: 'a' },
    { bytes: 2 },
    { modifiedMs: 1.25 },
  ]
  for (const other of others) {
    kept.keep('a', first)
    expect(kept.find('a', files)).toBe(first)
    expect(kept.find('b', files)).toBeUndefined()
    expect(kept.find('a', source('a', 1, other).source.files)).toBeUndefined()
    // What was found of files as they were is let go.
    expect(kept.find('a', files)).toBeUndefined()
  }
  kept.keep('a', first)
  expect(kept.find('a', [...files, ...files])).toBeUndefined()
})

test('what was asked for least recently goes first, and what is too large is not kept', () => {
  const kept = new KeptInspections()
  const sources = ['a', 'b', 'c', 'd'].map((name) => source(name, 30_000))
  const find = (at: number): InspectedSource | undefined =>
    kept.find('abcd'[at]!, sources[at]!.source.files)
  for (const at of [0, 1, 2]) kept.keep('abcd'[at]!, sources[at]!)
  expect(find(0)).toBe(sources[0])
  kept.keep('d', sources[3]!)
  expect([0, 1, 2, 3].map((at) => find(at) !== undefined)).toEqual([true, false, true, true])
  const large = source('e', 100_001)
  kept.keep('e', large)
  expect(kept.find('e', large.source.files)).toBeUndefined()
  expect(find(0)).toBe(sources[0])
})
