import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBListValue, type DuckDBConnection } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readArrayText } from '../../../src/data/types/array-text.ts'
import { typeName } from '../../../src/data/types/data-type.ts'
import { parseScalar } from '../../../src/data/types/parse-scalar.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import { parquetFormat } from '../../../src/io/formats/parquet/format.ts'
import type { ScanRequest } from '../../../src/io/scan/source.ts'
import { sameScalar, scalarOf } from './duckdb-values.ts'
import { duckdb, environment, fileEntry, readAll, scanOf } from './reading.ts'
import {
  little,
  parquetFile,
  plainTexts,
  type TestColumn,
  type TestPage,
} from './parquet-writer.ts'

const folder = mkdtempSync(join(tmpdir(), 'heddle-lists-'))
const env = environment()
let connection: DuckDBConnection
beforeAll(async () => {
  connection = await duckdb()
})
afterAll(() => rmSync(folder, { recursive: true }))

/** What lists hold: expression over the number `n`, type of the column. */
const columns: readonly (readonly [name: string, sql: string, type: string])[] = [
  ['flags', 'n % 3 = 0', 'boolean[]'],
  ['smalls', '(n * 7 % 60000 - 30000)::smallint', 'smallint[]'],
  ['plains', '(n * 1234567 % 4000000000 - 2000000000)::integer', 'integer[]'],
  ['bigs', '(n * 123456789012345)::bigint', 'bigint[]'],
  ['uplains', '(n * 1234577 % 4294967296)::uinteger', 'bigint[]'],
  ['singles', '(n / 7)::float', 'real[]'],
  ['doubles', 'n / 7.0::double', 'double precision[]'],
  ['prices', '(n % 100000 * 1.25)::decimal(9, 2)', 'numeric(9,2)[]'],
  ['huges', '(n * 100000000000000000000::hugeint)::decimal(38, 4) * -1', 'numeric(38,4)[]'],
  ['days', "date '1969-06-01' + (n % 800)::integer", 'date[]'],
  [
    'moments',
    "timestamp '1969-12-31 23:59:59.999999' + to_microseconds(n * 999)",
    'timestamp without time zone[]',
  ],
  ['words', "(['v', '', 'null', 'say \"x\"', 'é, {b}'])[n % 5 + 1]", 'text[]'],
  ['texts', "'text ' || n || repeat('é', (n % 40)::integer)", 'text[]'],
  ['blobs', "('\\x00\\xFF' || chr((65 + n % 26)::integer))::blob", 'bytea[]'],
  ['ids', 'md5(n::varchar)::uuid', 'uuid[]'],
]

/** Lists of 0 to 5 members over the row number `i`; of some rows NULL, of some members too. */
function listsOf(sql: string, salt: number, hasNulls: boolean): string {
  const member = sql.replaceAll(/\bn\b/g, '(i * 7 + x)')
  const maybe = hasNulls
    ? `case when hash(i * 31 + x + ${salt}) % 4 > 0 then ${member} end`
    : member
  const list = `list_transform(range((hash(i + ${salt}) % 6)::bigint), x -> ${maybe})`
  return hasNulls ? `case when hash(i * 3 + ${salt}) % 7 > 0 then ${list} end` : list
}

function selectAll(rows: number, hasNulls: boolean): string {
  const list = columns.map(([name, sql], at) => `${listsOf(sql, at, hasNulls)} as ${name}`)
  return `select i as n, ${list.join(', ')} from range(${rows}) t(i)`
}

/** Each row of a column as ours and as DuckDB's. */
async function expectSame(request: ScanRequest, path: string): Promise<void> {
  const actual = readAll(env, request)
  const expected = (await connection.runAndReadAll(`select * from '${path}'`)).getColumns()
  for (const [at, { name, type }] of request.tableColumns.entries()) {
    const wanted = expected[at] ?? []
    expect([name, actual[at]?.length]).toEqual([name, wanted.length])
    const element = type.kind === 'array' ? type.element : type
    const items = (value: unknown): readonly Scalar[] | null =>
      value instanceof DuckDBListValue ? value.items.map((item) => scalarOf(item, element)) : null
    const ours = (value: Scalar): readonly Scalar[] | null =>
      value === null
        ? null
        : readArrayText(String(value)).elements.map((item) =>
            item === null ? null : parseScalar(item, element),
          )
    const wrong = wanted.findIndex((value, row) => {
      const own = actual[at]?.[row] ?? null
      if (type.kind !== 'array') return !sameScalar(own, scalarOf(value, type))
      return !sameItems(ours(own), items(value))
    })
    expect([name, wrong, actual[at]?.[wrong]]).toEqual([name, -1, undefined])
  }
}

function sameItems(left: readonly Scalar[] | null, right: readonly Scalar[] | null): boolean {
  if (left === null || right === null) return left === right
  return (
    left.length === right.length && left.every((item, at) => sameScalar(item, right[at] ?? null))
  )
}

const variants: readonly (readonly [string, string, number, boolean])[] = [
  ['snappy', 'compression snappy', 800, false],
  ['snappy with NULLs', 'compression snappy', 800, true],
  ['row groups', 'compression zstd, row_group_size 2048', 3000, true],
  ['second version', 'compression zstd, parquet_version v2, row_group_size 2048', 2500, true],
  [
    'second version without dictionaries',
    'compression snappy, parquet_version v2, dictionary_size_limit 1',
    800,
    true,
  ],
  ['without dictionaries', 'compression uncompressed, dictionary_size_limit 1', 800, true],
  ['one row', 'compression snappy', 1, false],
  ['no rows', 'compression snappy', 0, false],
]

describe('lists in files written by DuckDB', () => {
  test.each(variants)('%s', async (name, options, rows, hasNulls) => {
    const path = join(folder, `${name}.parquet`)
    await connection.run(
      `copy (${selectAll(rows, hasNulls)}) to '${path}' (format parquet, ${options})`,
    )
    const request = await scanOf([fileEntry(path)])
    expect(request.tableColumns.map((column) => [column.name, typeName(column.type)])).toEqual([
      ['n', 'bigint'],
      ...columns.map(([column, , type]) => [column, type]),
    ])
    await expectSame(request, path)
    expect(env.heap.bytesInUse).toBe(0)
  })

  test('of several pages, in pieces of a row group, with rows left out', async () => {
    const path = join(folder, 'many.parquet')
    const sql = `select i as n, case when i % 11 > 0 then [i, i + 1, null, i * 2][1:i % 5] end as xs
      from range(300000) t(i)`
    await connection.run(`copy (${sql}) to '${path}' (format parquet, row_group_size 300000)`)
    const request = await scanOf([fileEntry(path)])
    expect(parquetFormat.planUnits(request).map(({ start }) => start)).toEqual([0, 262_144])
    const [n = [], xs = []] = readAll(env, request)
    const wrong = n.findIndex((value, row) => {
      const i = Number(value)
      const list = [i, i + 1, 'NULL', i * 2].slice(0, i % 5)
      return i !== row || xs[row] !== (i % 11 > 0 ? `{${list.join()}}` : null)
    })
    expect([wrong, n.length, xs[wrong]]).toEqual([-1, 300_000, undefined])
    // Only those rows of a chunk in which a wanted value may be.
    const wanted = { column: 0, min: 270_000n, max: 270_010n, values: true, nulls: false }
    const [some = [], lists = []] = readAll(env, { ...request, columns: [0, 1] }, () => wanted)
    expect(some.length).toBeLessThan(50_000)
    expect(lists[some.indexOf(270_001n)]).toBe('{270001}')
    expect(env.heap.bytesInUse).toBe(0)
  })
})

let files = 0

async function read(rows: number, column: TestColumn): Promise<readonly Scalar[]> {
  const path = join(folder, `made-${files++}.parquet`)
  writeFileSync(path, parquetFile(rows, [column]))
  try {
    const request = await scanOf([fileEntry(path)])
    expect(request.tableColumns[0]?.type.kind).toBe('array')
    return readAll(env, request)[0] ?? []
  } finally {
    expect(env.heap.bytesInUse).toBe(0)
  }
}

/** A page of slots with their levels, and the values of those that have one. */
function page(
  kind: 'data' | 'data-v2',
  repetition: readonly number[],
  definition: readonly number[],
  values: readonly number[],
): TestPage {
  const numbers = values.flatMap((value) => little(value, 4))
  return { kind, rows: repetition.length, encoding: 0, repetition, definition, values: numbers }
}

const column = { name: 'v', physical: 1, list: 'three levels', nullable: true } as const

describe('levels', () => {
  test.each(['data', 'data-v2'] as const)('NULL, empty, NULL members: %s', async (kind) => {
    const pages = [page(kind, [0, 0, 0, 1, 1, 0], [0, 1, 3, 2, 3, 2], [7, 9])]
    expect(await read(4, { ...column, pages })).toEqual([null, '{}', '{7,NULL,9}', '{NULL}'])
  })

  test('a list that goes on in the next page', async () => {
    const pages = [
      page('data', [0, 1], [3, 3], [1, 2]),
      page('data', [1, 1], [3, 2], [3]),
      page('data', [0], [1], []),
    ]
    expect(await read(2, { ...column, pages })).toEqual(['{1,2,3,NULL}', '{}'])
  })

  test('older forms: a repeated value, lists of two levels', async () => {
    const pages = [page('data', [0, 1, 0], [1, 1, 0], [4, 5])]
    const repeated = { ...column, list: 'repeated', nullable: false, pages } as const
    expect(await read(2, repeated)).toEqual(['{4,5}', '{}'])
    const two = [page('data', [0, 1, 0, 0], [2, 2, 1, 0], [4, 5])]
    const older = { ...column, list: 'two levels', pages: two } as const
    expect(await read(3, older)).toEqual(['{4,5}', '{}', null])
  })

  test('texts that an array quotes', async () => {
    const values = plainTexts(['a,b', '', 'NULL', '"\\'])
    const pages: readonly TestPage[] = [
      {
        kind: 'data',
        rows: 4,
        encoding: 0,
        repetition: [0, 1, 1, 1],
        definition: [3, 3, 3, 3],
        values,
      },
    ]
    const texts = { ...column, physical: 6, converted: 0, pages }
    expect(await read(1, texts)).toEqual(['{"a,b","","NULL","\\"\\\\"}'])
  })

  test.each([
    ['a beginning that goes on', [1, 0], [3, 3], [1, 2], 1],
    ['fewer lists than rows', [0, 1], [3, 3], [1, 2], 2],
    ['more lists than rows', [0, 0], [3, 3], [1, 2], 1],
    ['an empty list that goes on', [0, 1], [1, 3], [2], 1],
    ['a NULL list that goes on', [0, 1], [0, 3], [2], 1],
    ['a list that is NULL within', [0, 1], [3, 0], [1], 1],
    ['fewer values than levels', [0, 1], [3, 3], [1], 1],
  ] as const)('refuses %s', async (_, repetition, definition, values, rows) => {
    for (const kind of ['data', 'data-v2'] as const) {
      const pages = [page(kind, repetition, definition, values)]
      await expect(read(rows, { ...column, pages })).rejects.toMatchObject({ code: 'BAD_FILE' })
    }
  })

  test('refuses levels that are cut off', async () => {
    const sound = parquetFile(1, [{ ...column, pages: [page('data', [0, 1], [3, 3], [1, 2])] }])
    const path = join(folder, 'cut.parquet')
    // The length of the repetition levels stands right behind the page's header.
    const at = Buffer.from(sound).indexOf(Buffer.from([2, 0, 0, 0, 3]))
    expect(at).toBeGreaterThan(0)
    const damaged = sound.slice()
    damaged[at] = 200
    writeFileSync(path, damaged)
    const request = await scanOf([fileEntry(path)])
    expect(() => readAll(env, request)).toThrow(/repetition levels go past the page/)
    expect(env.heap.bytesInUse).toBe(0)
  })

  test('refuses a level that there is not', async () => {
    const pages = [page('data', [0, 1], [2, 3], [1, 2])]
    const refused = read(1, { ...column, list: 'two levels', pages })
    await expect(refused).rejects.toThrow(/a definition level above 2/)
  })
})
