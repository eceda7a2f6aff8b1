import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Int32, Table, tableToIPC, vectorFromArray, type Vector } from 'apache-arrow'
import { duckdb } from './parquet/reading.ts'
import { parquetFile, type TestColumn } from './parquet/parquet-writer.ts'
import { failure, files, inspect, outcome, root, rowsOf } from './read-location.ts'

/** Writes each query's rows to `folder/<name>.parquet`; gives the folder. */
async function parquetFiles(folder: string, queries: Readonly<Record<string, string>>) {
  files(folder, { '.keep': '' })
  const connection = await duckdb()
  for (const [name, query] of Object.entries(queries)) {
    await connection.run(`copy (${query}) to '${join(root, folder, name)}.parquet'`)
  }
  return join(root, folder)
}

describe('the files of one table are put together by name', () => {
  test('columns in another order, more of them or fewer', async () => {
    const folder = await parquetFiles('order', {
      a: "select 1 x, 'a' y",
      b: "select 'b' y, 2 x, true z",
      c: 'select 3 x',
    })
    expect(await outcome(folder)).toEqual({
      columns: 'x integer, y text, z boolean',
      rows: [
        [1, 'a', null],
        [2, 'b', true],
        [3, null, null],
      ],
    })
    const strict = { fileOptions: { unionByName: false } }
    expect((await failure(inspect(folder, strict))).details).toMatchObject({
      expected: 'column "x"',
      found: 'column "y"',
    })
  })

  const widened: readonly (readonly [string, string, string, readonly unknown[]])[] = [
    ['1::smallint', '70000::integer', 'integer', [1, 70_000]],
    ['1::integer', '5000000000::bigint', 'bigint', [1n, 5_000_000_000n]],
    ['1::integer', '2.5::double', 'double precision', [1, 2.5]],
    ['0.5::float', '0.1::double', 'double precision', [0.5, 0.1]],
    ['1.5::decimal(4,1)', '2.25::decimal(6,2)', 'numeric(6,2)', [150n, 225n]],
    ['7::integer', '2.25::decimal(6,2)', 'numeric(12,2)', [700n, 225n]],
    [
      '1::decimal(20,0)',
      '0.5::decimal(38,30)',
      'numeric',
      [
        { unscaled: 1n, scale: 0 },
        { unscaled: 5n * 10n ** 29n, scale: 30 },
      ],
    ],
    [
      "date '2024-01-02'",
      "timestamp '2024-01-02 03:00:00'",
      'timestamp without time zone',
      [1_704_153_600_000_000n, 1_704_164_400_000_000n],
    ],
    // A column of NULLs only has any type.
    ['null::varchar', '5::integer', 'integer', [null, 5]],
    ['5::integer', 'null::varchar', 'integer', [5, null]],
  ]
  test.each(widened)('%s and %s', async (first, second, type, values) => {
    const folder = await parquetFiles(`widened-${type}-${first.length}`, {
      a: `select ${first} x`,
      b: `select ${second} x`,
    })
    expect(await outcome(folder)).toEqual({
      columns: `x ${type}`,
      rows: values.map((value) => [value]),
    })
  })

  test('an integer that a float does not hold is told', async () => {
    const folder = await parquetFiles('inexact', {
      a: 'select 9007199254740993::bigint x',
      b: 'select 0.5::double x',
    })
    expect(await outcome(folder)).toMatchObject({ code: 'NUMERIC_OUT_OF_RANGE' })
  })

  test('types without a common one are told', async () => {
    const folder = await parquetFiles('apart', { a: 'select 1 x', b: "select 'a' x" })
    expect((await failure(inspect(folder))).details).toMatchObject({
      column: 'x',
      expected: 'integer',
      found: 'text',
    })
  })

  test('a file without rows has any columns', async () => {
    const folder = await parquetFiles('empty', {
      a: 'select 1 x where false',
      b: "select 'b' x",
    })
    expect(await outcome(folder)).toEqual({ columns: 'x text', rows: [['b']] })
  })

  test('names that differ in case only are one', async () => {
    const folder = files('case', { '1.csv': 'Id,x\n1,a\n', '2.csv': 'x,id\nb,2\n' })
    expect(await outcome(folder)).toEqual({
      columns: 'Id bigint, x text',
      rows: [
        [1n, 'a'],
        [2n, 'b'],
      ],
    })
    const apart = files('case-apart', { '1.csv': 'a,A\n1,2\n', '2.csv': 'A,a\n3,4\n' })
    expect(await outcome(apart)).toMatchObject({
      rows: [
        [1n, 2n],
        [4n, 3n],
      ],
    })
  })

  test('files without a common column are told', async () => {
    const folder = files('strangers', { '1.csv': 'a,b\n1,2\n', '2.csv': 'a;b\n3;4\n' })
    const { message } = await failure(inspect(folder))
    expect(message).toMatch(/1\.csv" and ".*2\.csv" have no column in common/)
  })

  test('texts are read as what all files together have', async () => {
    const folder = files('texts', {
      '1.csv': 'a,b\n1,x\n',
      '2.csv': 'b,a\ny,02\n',
      '3.csv': 'c,a\n,\n',
    })
    expect(await outcome(folder)).toEqual({
      columns: 'a text, b text, c text',
      rows: [
        ['1', 'x', null],
        ['02', 'y', null],
        [null, null, null],
      ],
    })
    const late = files('late', {
      '1.json': '{"a":1,"b":2}\n',
      '2.json': `${'{"a":3}\n'.repeat(30_000)}{"a":4,"b":5}\n`,
    })
    const found = await inspect(late)
    expect(rowsOf(found).at(-1)).toEqual([4n, 5n])
    const hive = files('hive-keys', { 'k=1/1.json': '{"k":9,"a":1}\n{"a":2,"k":9}\n' })
    expect(await outcome(hive)).toEqual({
      columns: 'a bigint, k bigint',
      rows: [
        [1n, 1n],
        [2n, 1n],
      ],
    })
    const json = files('objects', { '1.json': '{"a":1}\n', '2.json': '{"b":null,"a":2.5}\n' })
    expect(await outcome(json)).toEqual({
      columns: 'a double precision, b text',
      rows: [
        [1, null],
        [2.5, null],
      ],
    })
  })

  test('Arrow files too', async () => {
    const ipc = (columns: Record<string, Vector>): Uint8Array => tableToIPC(new Table(columns))
    const folder = files('arrow', {
      '1.arrow': ipc({ x: vectorFromArray([1, null], new Int32()) }),
      '2.arrow': ipc({ y: vectorFromArray(['a']), x: vectorFromArray([0.5]) }),
    })
    expect(await outcome(folder)).toEqual({
      columns: 'x double precision, y text',
      rows: [
        [1, null],
        [null, null],
        [0.5, 'a'],
      ],
    })
  })
})

describe('columns are found by their place', () => {
  const column = (name: string, value: number): TestColumn => ({
    name,
    physical: 1,
    pages: [{ kind: 'data', rows: 1, encoding: 0, values: [value, 0, 0, 0] }],
  })
  const long = 'é'.repeat(40)

  test('two of one name have their own values', async () => {
    const columns = [column('a', 1), column('a', 2), column('a', 3)]
    const folder = files('twins', { 'x.parquet': parquetFile(1, columns) })
    expect(await outcome(folder)).toEqual({
      columns: 'a integer, a_1 integer, a_2 integer',
      rows: [[1, 2, 3]],
    })
  })

  test('names that no query could say are cut', async () => {
    const folder = files('long-names', {
      'x.parquet': parquetFile(1, [column(long, 1), column(`${long}b`, 2)]),
    })
    expect(await outcome(folder)).toEqual({
      columns: `${'é'.repeat(31)} integer, ${'é'.repeat(30)}_1 integer`,
      rows: [[1, 2]],
    })
    const json = files('long-keys', { 'x.json': `{"${long}":1,"${long}b":2}\n` })
    expect(await outcome(json)).toMatchObject({ rows: [[1n, 2n]] })
  })

  test('a partition column that is in the files too has the value of the path', async () => {
    const folder = await parquetFiles('twice/year=2024', { a: "select 1 x, 2023 as year, 'q' z" })
    const inspected = await inspect(join(folder, '..'))
    expect(inspected.columns.map(({ name }) => name)).toEqual(['x', 'z', 'year'])
    expect(rowsOf(inspected)).toEqual([[1, 'q', 2024n]])
    expect(rowsOf(inspected, [2, 0])).toEqual([[2024n, 1]])
  })
})
