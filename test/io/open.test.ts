import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { QueryError } from '../../src/base/errors.ts'
import { Arena } from '../../src/data/arenas/arena.ts'
import { Heap } from '../../src/data/arenas/heap.ts'
import type { Scalar } from '../../src/data/types/scalar.ts'
import { scalarsOf } from '../../src/data/vectors/to-scalars.ts'
import {
  formatByName,
  inspectLocation,
  openReader,
  planUnits,
  type InspectOptions,
} from '../../src/io/open.ts'
import type { InspectedSource } from '../../src/io/source.ts'
import { loadKernels } from '../../src/wasm/kernels/loader.ts'

const heap = new Heap(Heap.createMemory(1 << 28))
const env = { heap, kernels: loadKernels(heap) }
const root = mkdtempSync(join(tmpdir(), 'heddle-open-'))
afterAll(() => rmSync(root, { recursive: true }))

function files(folder: string, contents: Readonly<Record<string, string>>): string {
  for (const [name, content] of Object.entries(contents)) {
    const path = join(root, folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
  return join(root, folder)
}

function inspect(location: string, options: Partial<InspectOptions> = {}) {
  return inspectLocation(location, { allowedRoots: [root], allowUrls: false, ...options })
}

function rowsOf(inspected: InspectedSource, columns?: readonly number[]): Scalar[][] {
  const request = {
    source: inspected.source,
    tableColumns: inspected.columns,
    columns: columns ?? inspected.columns.map((_, at) => at),
    columnBounds: [],
    predicates: [],
    predicateColumns: new Map(),
  }
  const arena = new Arena(heap)
  const reader = openReader(request, env)
  const rows: Scalar[][] = []
  for (const unit of planUnits(request)) {
    for (const chunk of reader.read(unit, arena)) {
      const values = chunk.columns.map((vector) => scalarsOf(heap, vector))
      for (let row = 0; row < chunk.rows; row++) rows.push(values.map((column) => column[row]!))
    }
  }
  reader.close()
  arena.release()
  expect(heap.bytesInUse).toBe(0)
  return rows
}

async function failure(promise: Promise<unknown>): Promise<QueryError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(QueryError)
  return error as QueryError
}

test('several files make one table', async () => {
  const folder = files('several', { 'a.csv': 'x,y\n1,a\n', 'b.csv': 'x,y\n2.5,b\n' })
  const inspected = await inspect(folder)
  expect(inspected.columns.map(({ name, type }) => `${name} ${type.kind}`)).toEqual([
    'x float8',
    'y text',
  ])
  expect(rowsOf(inspected)).toEqual([
    [1, 'a'],
    [2.5, 'b'],
  ])
  expect(rowsOf(inspected, [])).toEqual([[], []])
})

test('hive partition columns come last and can be read alone', async () => {
  const folder = files('hive', {
    'year=2023/part.csv': 'x\n1\n',
    'year=2024/part.csv': 'x\n2\n3\n',
    'year=__HIVE_DEFAULT_PARTITION__/part.csv': 'x\n4\n',
  })
  const inspected = await inspect(folder)
  expect(inspected.columns.map(({ name, type }) => `${name} ${type.kind}`)).toEqual([
    'x int8',
    'year int8',
  ])
  const rows = rowsOf(inspected, [1, 0])
  expect(rows).toEqual([
    [2023n, 1n],
    [2024n, 2n],
    [2024n, 3n],
    [null, 4n],
  ])
  expect(rowsOf(inspected, [1])).toEqual(rows.map(([year]) => [year]))
})

describe('files that disagree', () => {
  const cases: readonly (readonly [string, string, string, object])[] = [
    ['name', 'x,y\n1,2\n', 'x,z\n1,2\n', { column: 'y', found: 'column "z"' }],
    ['fewer', 'x,y\n1,2\n', 'x\n1\n', { column: 'y', found: 'no such column' }],
    ['more', 'x\n1\n', 'x,y\n1,2\n', { column: 'y', expected: 'no such column' }],
  ]
  test.each(cases)('%s', async (name, first, second, details) => {
    const folder = files(`disagree-${name}`, { '1.csv': first, '2.csv': second })
    const error = await failure(inspect(folder))
    expect(error.code).toBe('BAD_FILE')
    expect(error.message).toMatch(/1\.csv" and ".*2\.csv" differ in column/)
    expect(error.details).toMatchObject(details)
  })
})

describe('the format', () => {
  const names: readonly (readonly [string, string | undefined])[] = [
    ['a.csv', 'csv'],
    ['A.CSV.GZ', 'csv'],
    ['a.tsv', 'csv'],
    ['a.ndjson', 'json'],
    ['a.parquet', 'parquet'],
    ['a.feather', 'arrow'],
    ['https://host/a.csv?token=b.parquet', 'csv'],
    ['a.txt', undefined],
    ['csv', undefined],
  ]
  test.each(names)('of %s', (name, format) => {
    expect(formatByName(name)).toBe(format)
  })

  test('can be given', async () => {
    const folder = files('given', { 'data.txt': 'a|b\n1|2\n' })
    const path = join(folder, 'data.txt')
    expect((await failure(inspect(path))).code).toBe('FEATURE_NOT_SUPPORTED')
    expect(rowsOf(await inspect(path, { format: 'csv' }))).toEqual([[1n, 2n]])
  })

  test('tab-separated by name', async () => {
    const folder = files('tabs', { 'data.tsv': 'a,x\tb\n1\t2,5\n' })
    expect((await inspect(folder)).columns.map(({ name }) => name)).toEqual(['a,x', 'b'])
  })
})

test('files outside the allowed folders stay closed', async () => {
  expect((await failure(inspect('/etc/passwd', { format: 'csv' }))).code).toBe(
    'INSUFFICIENT_PRIVILEGE',
  )
})

test('a cancelled inspection stops', async () => {
  const folder = files('cancelled', { 'a.csv': 'x\n1\n' })
  const signal = AbortSignal.abort()
  expect((await failure(inspect(folder, { signal }))).code).toBe('QUERY_CANCELED')
})
