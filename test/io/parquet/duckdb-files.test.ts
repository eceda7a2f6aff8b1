import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bool, text, typeName } from '../../../src/data/types/data-type.ts'
import type { ScanRequest } from '../../../src/io/scan/source.ts'
import { literal, or } from '../../../src/plan/logical/build.ts'
import type { ColumnId, Expression } from '../../../src/plan/logical/expression.ts'
import { sameScalar, scalarOf } from './duckdb-values.ts'
import { duckdb, eachChunk, environment, fileEntry, readAll, scanOf } from './reading.ts'
import { call } from '../../functions/entries.ts'

const folder = mkdtempSync(join(tmpdir(), 'heddle-parquet-'))
const env = environment()
let connection: DuckDBConnection
beforeAll(async () => {
  connection = await duckdb()
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Every type that DuckDB writes and we read: expression over the row number `i`, type we give it. */
const columns: readonly (readonly [string, string, string])[] = [
  ['flag', 'i % 3 = 0', 'boolean'],
  ['tiny', '(i % 200 - 100)::tinyint', 'smallint'],
  ['small', '(i * 7 % 60000 - 30000)::smallint', 'smallint'],
  ['plain', '(i * 1234567 % 4000000000 - 2000000000)::integer', 'integer'],
  ['big', '(i * 123456789012345)::bigint', 'bigint'],
  ['close', '(1000000 + i)::bigint', 'bigint'],
  ['negative', '(-i)::bigint', 'bigint'],
  ['utiny', '(i % 256)::utinyint', 'smallint'],
  ['usmall', '(i * 13 % 65536)::usmallint', 'integer'],
  ['uplain', '(i * 1234577 % 4294967296)::uinteger', 'bigint'],
  ['ubig', '(18446744073709551615 - i * 1000000)::ubigint', 'numeric(20,0)'],
  ['single', '(i / 7)::float', 'real'],
  ['double', 'i / 7.0::double', 'double precision'],
  ['price', '(i * 1.25)::decimal(9, 2)', 'numeric(9,2)'],
  ['small_price', '(i % 100 * 0.5 - 20)::decimal(4, 1)', 'numeric(4,1)'],
  ['amount', '(i * 123456.789)::decimal(18, 3)', 'numeric(18,3)'],
  ['huge', '(i * 100000000000000000000::hugeint)::decimal(38, 4) * -1', 'numeric(38,4)'],
  ['day', "date '1969-06-01' + (i % 800)::integer", 'date'],
  [
    'clock',
    "time '00:00:00' + to_microseconds(i * 1234567 % 86400000000)",
    'time without time zone',
  ],
  [
    'moment',
    "timestamp '1969-12-31 23:59:59.999999' + to_microseconds(i * 999)",
    'timestamp without time zone',
  ],
  [
    'moment_ms',
    "(timestamp '1969-12-31' + to_milliseconds(i * 999))::timestamp_ms",
    'timestamp without time zone',
  ],
  ['moment_ns', 'make_timestamp_ns(i * 1001 - 500000)', 'timestamp without time zone'],
  [
    'zoned',
    "timestamptz '2020-01-01 00:00:00+00' + to_microseconds(i * 999983)",
    'timestamp with time zone',
  ],
  ['short', "'v' || (i % 10)", 'text'],
  ['middle', "'value ' || (i % 1000)", 'text'],
  ['long', "'text ' || i || repeat('é', (i % 40)::integer)", 'text'],
  ['empty', "case when i % 2 = 0 then '' else 'x' end", 'text'],
  ['bytes', "('\\x00\\xFF' || chr((65 + i % 26)::integer))::blob", 'bytea'],
  ['id', 'md5(i::varchar)::uuid', 'uuid'],
  ['kind', "(['a', 'b', 'c'])[i % 3 + 1]::enum('a', 'b', 'c')", 'text'],
  ['nothing', 'null::integer', 'integer'],
  ['no_text', 'null::varchar', 'text'],
]

async function expectSame(request: ScanRequest, path: string): Promise<void> {
  const actual = readAll(env, request)
  const result = await connection.runAndReadAll(`select * from '${path}'`)
  const expected = result.getColumns()
  for (const [index, field] of request.tableColumns.entries()) {
    const values = (expected[index] ?? []).map((value) => scalarOf(value, field.type))
    const wrong = values.findIndex((value, row) => !sameScalar(value, actual[index]?.[row] ?? null))
    expect([field.name, wrong, actual[index]?.[wrong]]).toEqual([field.name, -1, values[wrong]])
    expect(actual[index]?.length).toBe(values.length)
  }
}

const selectAll = (rows: number, nullEvery: number): string => {
  const list = columns.map(([name, sql]) =>
    nullEvery === 0
      ? `${sql} as "${name}"`
      : `case when hash(i + ${name.length}) % ${nullEvery} = 0 then null else ${sql} end as "${name}"`,
  )
  return `select ${list.join(', ')} from range(${rows}) t(i)`
}

const variants: readonly (readonly [string, string, number, number])[] = [
  ['snappy', 'compression snappy', 5000, 0],
  ['snappy with NULLs', 'compression snappy', 5000, 5],
  ['mostly NULLs', 'compression snappy, row_group_size 2048', 5000, 2],
  ['zstd', 'compression zstd', 5000, 7],
  ['gzip', 'compression gzip', 5000, 7],
  ['brotli', 'compression brotli', 3000, 7],
  ['LZ4', 'compression lz4_raw', 5000, 7],
  ['uncompressed', 'compression uncompressed', 5000, 7],
  ['row groups', 'compression zstd, row_group_size 2048', 10000, 3],
  ['second version', 'compression zstd, parquet_version v2', 5000, 0],
  [
    'second version with NULLs',
    'compression snappy, parquet_version v2, row_group_size 4096',
    9000,
    4,
  ],
  [
    'second version without dictionaries',
    'compression zstd, parquet_version v2, dictionary_size_limit 1',
    9000,
    4,
  ],
  ['without dictionaries', 'compression snappy, dictionary_size_limit 1', 9000, 4],
  ['one row', 'compression snappy', 1, 0],
  ['no rows', 'compression snappy', 0, 0],
]

describe('files written by DuckDB', () => {
  test.each(variants)('%s', async (name, options, rows, nullEvery) => {
    const path = join(folder, `${name}.parquet`)
    await connection.run(
      `copy (${selectAll(rows, nullEvery)}) to '${path}' (format parquet, ${options})`,
    )
    const request = await scanOf([fileEntry(path)])
    expect(request.tableColumns.map(({ name, type }) => [name, typeName(type)])).toEqual(
      columns.map(([column, , type]) => [column, type]),
    )
    await expectSame(request, path)
    expect(env.heap.bytesInUse).toBe(0)
  })

  test('more rows than a chunk holds', async () => {
    const path = join(folder, 'many.parquet')
    const sql = `select i as n, 'word ' || (i % 70000) as word, case when i % 3 = 0 then null else i end as maybe,
      case when i % 5 > 0 then 'x' || i end as text, i % 2 = 0 as flag from range(300000) t(i)`
    await connection.run(`copy (${sql}) to '${path}' (format parquet, row_group_size 300000)`)
    const request = await scanOf([fileEntry(path)])
    const sizes: number[] = []
    eachChunk(env, request, (chunk) => sizes.push(chunk.rows))
    expect(sizes.every((rows) => rows <= 131_072)).toBe(true)
    await expectSame(request, path)
  })

  test('values are kept as narrow as the statistics of all files allow', async () => {
    const path = join(folder, 'narrow.parquet')
    const sql = `select 100 as a, -129 as b, 40000::bigint as c, 3000000000 as d, 'x' as e from range(10)`
    await connection.run(`copy (${sql}) to '${path}' (format parquet)`)
    const layouts: string[] = []
    eachChunk(env, await scanOf([fileEntry(path)]), (chunk) => {
      layouts.push(...chunk.columns.map(({ layout }) => layout))
    })
    expect(layouts).toEqual(['i8', 'i16', 'i32', 'i64', 'dict8'])
  })

  test('nested and interval columns are refused once they are selected', async () => {
    const path = join(folder, 'nested.parquet')
    const sql = `select i as a, [[i], [i]] as list, {'x': i, 'y': 'z'} as struct, map {i: 'm'} as m, i * 2 as b,
      interval (i) day as days, [{'x': i}] as rows, [map {i: 'm'}] as maps
      from range(100) t(i)`
    await connection.run(`copy (${sql}) to '${path}' (format parquet)`)
    const request = await scanOf([fileEntry(path)])
    const names = ['a', 'list', 'struct', 'm', 'b', 'days', 'rows', 'maps']
    expect(request.tableColumns.map(({ name }) => name)).toEqual(names)
    const [a, b] = readAll(env, { ...request, columns: [0, 4] })
    expect([a?.[99], b?.[99]]).toEqual([99n, 198n])
    const refused = [
      [1, 'lists of lists (column "list")'],
      [2, 'columns of structs (column "struct")'],
      [3, 'columns of maps (column "m")'],
      [5, 'interval columns (column "days")'],
      [6, 'lists of structs (column "rows")'],
      [7, 'lists of maps (column "maps")'],
    ] as const
    for (const [column, what] of refused) {
      expect(() => readAll(env, { ...request, columns: [column] })).toThrow(
        `not supported: ${what}`,
      )
    }
    expect(env.heap.bytesInUse).toBe(0)
  })

  test('a row group whose dictionary has none of the wanted texts is not read', async () => {
    const path = join(folder, 'words.parquet')
    const sql = `select 'word ' || (i // 2048) as word, i from range(8192) t(i)`
    await connection.run(`copy (${sql}) to '${path}' (format parquet, row_group_size 2048)`)
    const request = await scanOf([fileEntry(path)])
    const column: Expression = { kind: 'column', id: 7 as ColumnId, name: 'word', type: text }
    const oneOf = (...words: string[]): Expression => ({
      kind: 'in-list',
      arg: column,
      list: words.map((word) => literal(word, text)),
      type: bool,
    })
    const equal = (word: string): Expression =>
      call('=(text,text)', [literal(word, text), column], bool)
    const cases: readonly (readonly [readonly Expression[], number])[] = [
      [[oneOf('word 1', 'nothing', 'word 3')], 2],
      [[equal('word 2')], 1],
      [[or([equal('word 2'), equal('word 0')])], 2],
      [[equal('word 2'), equal('word 0')], 0],
      [[equal('word')], 0],
      [[], 4],
    ]
    for (const [predicates, groups] of cases) {
      const filtered = { ...request, predicates, predicateColumns: new Map([[7, 0]]) }
      expect(readAll(env, filtered)[1]).toHaveLength(groups * 2048)
      expect(readAll(env, { ...filtered, columns: [1, 0] })[1]).toHaveLength(groups * 2048)
    }
  })

  test('hive partitions become constant columns', async () => {
    const files = await Promise.all(
      [0, 1, 2].map(async (part) => {
        const path = join(folder, `part-${part}.parquet`)
        const sql = `select i + ${part} * 1000 as n from range(3) t(i)`
        await connection.run(`copy (${sql}) to '${path}' (format parquet)`)
        return fileEntry(path, [part === 2 ? null : String(2022 + part), `name ${part}`])
      }),
    )
    const request = await scanOf(files, ['year', 'name'])
    expect(
      request.tableColumns.map(({ name, type, nullable }) => [name, type.kind, nullable]),
    ).toEqual([
      ['n', 'int8', true],
      ['year', 'int8', true],
      ['name', 'text', false],
    ])
    const [n, year, name] = readAll(env, request)
    expect(n).toEqual([0n, 1n, 2n, 1000n, 1001n, 1002n, 2000n, 2001n, 2002n])
    expect(year).toEqual([2022n, 2022n, 2022n, 2023n, 2023n, 2023n, null, null, null])
    expect(name?.filter((_, row) => row % 3 === 0)).toEqual(['name 0', 'name 1', 'name 2'])
    expect(env.heap.bytesInUse).toBe(0)
  })
})
