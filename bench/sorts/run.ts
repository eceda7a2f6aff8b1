import type { Rival } from '../builds.ts'
import type { BenchEngine } from '../engines.ts'
import { numberedRows } from '../numbers.ts'
import type { Line } from '../report.ts'
import { scattered } from '../scattered.ts'
import { runStatements } from '../statements.ts'

/** Columns and what they are ordered by; `i` is the number of the row, which no two have alike. */
const orders: Readonly<Record<string, readonly [columns: string, by: string]>> = {
  integers: ['k', 'k'],
  'integers, descending': ['k', 'k desc'],
  'integers with NULLs, NULLS FIRST': ['n', 'n nulls first'],
  bigints: ['b', 'b'],
  floats: ['f', 'f'],
  decimals: ['d', 'd'],
  moments: ['t', 't desc'],
  'texts of few values': ['word', 'word'],
  texts: ['label', 'label'],
  'long texts with one beginning': ['path', 'path'],
  'sorted already': ['i', 'i'],
  'in the opposite order': ['i', 'i desc'],
  'two integers': ['g, k', 'g, k desc'],
  'a text and an integer': ['word, k', 'word desc, k'],
  'two texts': ['word, label', 'word, label desc'],
  'five keys': ['g, word, n, d, k', 'g, word desc, n nulls first, d, k'],
  'all columns by an integer': ['*', 'k, i'],
  'all columns by a text': ['*', 'label, i'],
}

/** Where the compared part of an answer begins, and how long it is: to read all of one takes a client minutes. */
const PART = 'limit 1000 offset'

/** ORDER BY of whole tables, the answer left in the engine's memory, and of their first rows. */
export function runSorts(
  rows: number,
  threads: readonly number[],
  runs: number,
  against: Rival | undefined,
  only = '',
): Promise<readonly Line[]> {
  const whole = Object.entries(orders).map(([name, [columns, by]]) => {
    const sql = `select ${columns} from measured order by ${by}`
    return { name, sql, check: `${sql} ${PART} ${Math.floor(rows / 2)}` }
  })
  const first = Object.entries(orders).map(([name, [columns, by]]) => ({
    name: `${name}, first 100`,
    sql: `select ${columns} from measured order by ${by} limit 100`,
  }))
  const setUp = (engine: BenchEngine): Promise<void> => load(engine, rows)
  return runStatements({ setUp, statements: [...whole, ...first], threads, runs, against, only })
}

async function load(engine: BenchEngine, rows: number): Promise<void> {
  const of = (modulus: number, stream: number): string => scattered('i', modulus, stream)
  await engine.run(`create table measured as select i, cast(${of(1_000_000_000, 0)} as integer) as k,
    case when ${of(10, 1)} > 0 then cast(${of(1_000_000, 2)} as integer) end as n,
    ${of(1_000_000_000, 3)} * 9000000019 as b,
    (cast(${of(1_000_000_000, 4)} as double precision) - 500000000) / 1024 as f,
    cast(${of(100_000_000, 5)} as decimal(12, 2)) as d,
    timestamp '2000-01-01 00:00:00' + ${of(800_000_000, 6)} * interval '1 second' as t,
    cast(${of(1_000, 7)} as integer) as g,
    'word ' || cast(${of(500, 8)} as varchar) as word,
    cast(${of(1_000_000_000, 9)} as varchar) || ' label' as label,
    '/a/rather/long/beginning/of/all/' || cast(${of(1_000_000_000, 10)} as varchar) as path
    from ${numberedRows(rows)}`)
}
