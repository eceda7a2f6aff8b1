import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { formatByName } from '../../src/io/open.ts'
import { failure, files, inspect, rowsOf } from './read-location.ts'

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

describe('files that disagree, where they must not', () => {
  const cases: readonly (readonly [string, string, string, object])[] = [
    ['name', 'x,y\n1,2\n', 'x,z\n1,2\n', { column: 'y', found: 'column "z"' }],
    ['fewer', 'x,y\n1,2\n', 'x\n1\n', { column: 'y', found: 'no such column' }],
    ['more', 'x\n1\n', 'x,y\n1,2\n', { column: 'y', expected: 'no such column' }],
  ]
  test.each(cases)('%s', async (name, first, second, details) => {
    const folder = files(`disagree-${name}`, { '1.csv': first, '2.csv': second })
    const error = await failure(inspect(folder, { fileOptions: { unionByName: false } }))
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
