import { expect, test } from 'vitest'
import { duckdb, environment, fileEntry, readAll, scanOf } from './reading.ts'

const path = 'node_modules/vega-datasets/data/flights-3m.parquet'

test('flights-3m.parquet: every column agrees with DuckDB', async () => {
  const env = environment()
  const request = await scanOf([fileEntry(path)])
  expect(request.tableColumns.map(({ name, type }) => `${name} ${type.kind}`)).toEqual([
    'date timestamp',
    'delay int8',
    'distance int8',
    'origin text',
    'destination text',
  ])
  const [date = [], delay = [], distance = [], origin = [], destination = []] = readAll(
    env,
    request,
  )
  const sum = (values: readonly unknown[]): bigint =>
    values.reduce<bigint>((total, value) => total + BigInt((value as bigint | null) ?? 0n), 0n)
  const count = (values: readonly unknown[], wanted: string): number =>
    values.filter((value) => value === wanted).length
  const connection = await duckdb()
  const result = await connection.runAndReadAll(
    `select count(*), sum(epoch_us(date)), sum(delay), sum(distance),
       count(*) filter (origin = 'ATL'), count(*) filter (destination = 'SFO'), count(distinct origin)
     from '${path}'`,
  )
  const [expected = []] = result.getRows()
  expect([
    BigInt(date.length),
    sum(date),
    sum(delay),
    sum(distance),
    BigInt(count(origin, 'ATL')),
    BigInt(count(destination, 'SFO')),
    BigInt(new Set(origin).size),
  ]).toEqual(expected.map((value) => BigInt(String(value))))
  expect(env.heap.bytesInUse).toBe(0)
})
