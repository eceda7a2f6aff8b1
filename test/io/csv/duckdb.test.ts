import { statSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import {
  bool,
  date,
  decimal,
  float8,
  int4,
  int8,
  text,
  timestamp,
  type DataType,
} from '../../../src/data/types/data-type.ts'
import { formatScalar } from '../../../src/data/types/format-scalar.ts'
import { inspectCsv } from '../../../src/io/formats/csv/inspect.ts'
import { fileEntry, folder, readRows, scanRequest } from './read-csv.ts'

const columns: readonly (readonly [string, DataType, string, string])[] = [
  ['id', int8, 'BIGINT', 'i * 7919'],
  ['small', int4, 'INTEGER', 'case when i % 11 = 0 then null else (hash(i) % 1000)::int - 500 end'],
  [
    'price',
    decimal(15, 2),
    'DECIMAL(15,2)',
    '((hash(i, 1) % 100000000)::bigint / 100 - 1000)::decimal(15,2)',
  ],
  ['ratio', float8, 'DOUBLE', 'sin(i) * pow(10, i % 20)'],
  ['day', date, 'DATE', "date '1960-01-01' + (hash(i, 2) % 40000)::int"],
  [
    'at',
    timestamp,
    'TIMESTAMP',
    "timestamp '1999-12-31 23:59:59.999999' + to_microseconds((hash(i, 3) % 1000000000000)::bigint)",
  ],
  ['ok', bool, 'BOOLEAN', 'case when i % 5 = 0 then null else i % 3 = 0 end'],
  [
    'word',
    text,
    'VARCHAR',
    "['plain', 'with, comma', 'with \"quotes\"', 'two' || chr(10) || 'lines', 'ünïcödé 🙂', '', null, ' padded '][1 + (hash(i, 4) % 8)::int]",
  ],
  ['long', text, 'VARCHAR', 'repeat(\'text, "and" \' || i || chr(10), (i % 40)::int)'],
]

async function connect() {
  return (await DuckDBInstance.create(':memory:', { threads: '1' })).connect()
}

test('a file of DuckDB reads as DuckDB reads it', async () => {
  const path = join(folder, 'duckdb.csv')
  const duck = await connect()
  const list = columns.map(([name, , , sql]) => `${sql} as "${name}"`).join(', ')
  await duck.run(`copy (select ${list} from range(40000) t(i)) to '${path}' (header)`)
  expect(statSync(path).size).toBeGreaterThan(8_388_608)
  const types = columns.map(([name, , sql]) => `'${name}': '${sql}'`).join(', ')
  const texts = columns.map(([name]) => `"${name}"::varchar`).join(', ')
  const reader = await duck.runAndReadAll(
    `select ${texts} from read_csv('${path}', header = true, allow_quoted_nulls = false, columns = {${types}})`,
  )
  const expected = reader.getRows()
  const schema = columns.map(([name, type]) => ({ name, type, nullable: true }))
  const { options } = await inspectCsv(fileEntry(path), {
    fileOptions: {},
    declared: schema,
    signal: undefined,
  })
  const rows = readRows(scanRequest(fileEntry(path), schema, options))
  expect(rows.length).toBe(expected.length)
  const differing = rows.flatMap((row, at) =>
    row.flatMap((scalar, column) => {
      const [name, type] = columns[column]!
      const theirs = expected[at]![column] as string | null
      const ours = scalar === null ? null : formatScalar(scalar, type)
      const isSame =
        type.kind === 'float8'
          ? Number(ours) === Number(theirs)
          : type.kind === 'bool'
            ? ours?.[0] === theirs?.[0]
            : ours === theirs
      return isSame ? [] : [{ at, name, ours, theirs }]
    }),
  )
  expect(differing.slice(0, 5)).toEqual([])
})

test('types found out are those of DuckDB', async () => {
  const path = join(folder, 'sniffed.csv')
  const duck = await connect()
  await duck.run(
    `copy (select i as a, i / 2 as b, i % 2 = 0 as c, date '2020-01-01' + i::int as d,
     timestamp '2020-01-01 00:00:00' + to_seconds(i) as e, 'x' || i as f from range(100) t(i))
     to '${path}' (header, delimiter '|')`,
  )
  const described = await duck.runAndReadAll(`describe select * from read_csv('${path}')`)
  const theirs = described.getRows().map(([name, type]) => `${String(name)} ${String(type)}`)
  const { columns: found } = await inspectCsv(fileEntry(path), {
    fileOptions: {},
    declared: undefined,
    signal: undefined,
  })
  const names: Readonly<Record<string, string>> = {
    int8: 'BIGINT',
    float8: 'DOUBLE',
    bool: 'BOOLEAN',
    date: 'DATE',
    timestamp: 'TIMESTAMP',
    text: 'VARCHAR',
  }
  expect(found.map(({ name, type }) => `${name} ${names[type.kind] ?? type.kind}`)).toEqual(theirs)
})
