import type { BenchEngine } from '../engines.ts'
import { numbersBelow } from '../numbers.ts'

const digest = (number: string): string => `md5(cast(${number} as varchar))`
const padded = (number: string): string => `lpad(cast(${number} as varchar), 9, '0')`

/** Numbers from 0 to 1000002 that no two of a million rows have in common, in no order. */
const spread = 'n * 7919 % 1000003'
/** A tenth as many values as there are rows. */
const tenth = (rows: number): string => `n * 31 % ${Math.max(1, rows / 10)}`

/** The rows of the large table: integers, floats, decimals, texts, dates, each of few and of many values. */
const factColumns = (rows: number): Readonly<Record<string, string>> => ({
  id: `cast(${spread} as integer)`,
  k: `cast(${tenth(rows)} as integer)`,
  g: 'cast(n * 31 % 1000 as integer)',
  few: 'cast(n % 10 as integer)',
  // Of ten rows seven have one key.
  skewed: `cast(case when n % 10 < 7 then 7 else ${tenth(rows)} end as integer)`,
  gaps: `case when n % 10 = 3 then null else cast(${tenth(rows)} as integer) end`,
  far: `(${spread}) * 1000003`,
  f: `cast(${spread} as double precision) / 7`,
  d: `cast(${spread} as decimal(12, 2)) * 0.25`,
  plain: digest(spread),
  plain_key: `'Customer#' || ${padded(tenth(rows))}`,
  coded: `'City ' || cast(n * 31 % 1000 as varchar)`,
  color: `'color ' || cast(n * 7 % 50 as varchar)`,
  day: "cast(date '2001-01-01' + cast(n * 31 % 1461 as integer) as date)",
  moment: `timestamp '2001-01-01' + (${spread}) * interval '97 seconds'`,
  note: `'A note of some length on ' || ${digest('n')}`,
  other: `'Another of these, ' || ${digest('n + 1')}`,
})

/** One row each key of the large table's `k`. */
const dimensionColumns: Readonly<Record<string, string>> = {
  k: 'cast(n as integer)',
  g: 'cast(n * 31 % 1000 as integer)',
  v: 'cast(n % 100 as integer)',
  plain_key: `'Customer#' || ${padded('n')}`,
  name: `'Name of ' || ${digest('n')}`,
}

const cityColumns: Readonly<Record<string, string>> = {
  g: 'cast(n as integer)',
  coded: `'City ' || cast(n as varchar)`,
  v: 'cast(n % 10 as integer)',
}

const flightColumns: Readonly<Record<string, string>> = {
  date: "timestamp '2001-01-01' + (n * 7919 % 1000003 % 129600 + flight) * interval '1 minute'",
  delay: 'cast(n * 31 % 300 as integer) - 30',
}

/** Makes the tables of the cases in an engine: a large one, ones that it is joined with, and flights. */
export async function makeTables(engine: BenchEngine, rows: number): Promise<void> {
  const made = async (
    name: string,
    columns: Readonly<Record<string, string>>,
    from: string,
  ): Promise<void> => {
    const list = Object.entries(columns).map(([column, sql]) => `${sql} as ${column}`)
    await engine.run(`create table ${name} as select ${list.join(', ')} from ${from}`)
  }
  const ordered = `${numbersBelow(rows)} s order by n`
  await made('facts', factColumns(rows), ordered)
  const keys = Math.max(1, Math.floor(rows / 10))
  await made('dimension', dimensionColumns, `${numbersBelow(keys)} s order by n`)
  // As facts without the others' columns: the other side of joins and set operations of equals.
  await made('half', factColumns(rows), `${numbersBelow(rows)} s where n % 2 = 0 order by n`)
  await made('cities', cityColumns, `${numbersBelow(1_000)} s order by n`)
  await made('tens', { v: 'cast(n as integer)' }, `${numbersBelow(10)} s order by n`)
  const spans = { lo: 'n * 1000', hi: 'n * 1000 + 499', v: 'cast(n as integer)' }
  await made('spans', spans, `${numbersBelow(1_001)} s order by n`)
  // Eight elements each, of the large table's rows.
  const grouped = `id - id % 8 as id, array_agg(k order by id) as numbers,
    array_agg(plain_key order by id) as texts, array_agg(f order by id) as floats`
  await engine.run(`create table arrays as select ${grouped} from facts group by id - id % 8`)
  const flights = '(values (0), (1), (2)) flown(flight)'
  await made('flights', flightColumns, `${numbersBelow(rows)} s cross join ${flights}`)
}
