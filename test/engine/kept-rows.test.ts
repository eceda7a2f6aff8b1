import { afterEach, expect, test } from 'vitest'
import { connect, type Database } from '../../src/index.ts'

const MIB = 1_048_576

let db: Database | undefined

async function opened(options: Parameters<typeof connect>[0]): Promise<Database> {
  return (db = await connect(options))
}

afterEach(async () => {
  await db?.close()
  db = undefined
})

async function value(sql: string): Promise<string | null> {
  return (await db!.query(sql)).texts()[0]?.[0] ?? null
}

test('rows that an aggregate keeps are counted: too many end the query, and are free again', async () => {
  const { engine } = await opened({ threads: 2, memoryBytesMax: 64 * MIB })
  await value('select 1')
  const before = engine.heap.bytesInUse
  const sql = `select string_agg(repeat('x', 1000) || g, ',') from generate_series(1, 10000000) g`
  await expect(db!.query(sql)).rejects.toMatchObject({ code: 'OUT_OF_MEMORY' })
  expect(engine.heap.bytesInUse).toBe(before)
  expect(await value(`select string_agg(g::text, ',') from generate_series(1, 5) g`)).toBe(
    '1,2,3,4,5',
  )
})

test('arrays of growing frames that have no room are refused before they are made', async () => {
  const { engine } = await opened({ threads: 1, memoryBytesMax: 48 * MIB })
  const running = (rows: number): string =>
    `select count(a) from (select array_agg(g) over (order by g) as a from generate_series(1, ${rows}) g) s`
  expect(await value(running(200))).toBe('200')
  engine.heap.resetPeak()
  await expect(db!.query(running(7_500))).rejects.toMatchObject({ code: 'OUT_OF_MEMORY' })
  expect(engine.heap.bytesPeak).toBeLessThan(24 * MIB)
  const sliding = running(7_500).replace('order by g)', 'order by g rows 9 preceding)')
  expect(await value(sliding)).toBe('7500')
})

test('numbers that rows are folded into take no memory for the rows', async () => {
  await opened({ threads: 1, memoryBytesMax: 48 * MIB })
  const sql = `select round(corr(g, -g)::numeric, 6), regr_count(g, g) from generate_series(1, 2000000) g`
  expect((await db!.query(sql)).texts()).toEqual([['-1.000000', '2000000']])
})

test('a text that would be too long is refused before it is made', async () => {
  await opened({ threads: 1 })
  const sql = `select length(string_agg(repeat('x', 1000000), '')) from generate_series(1, 140)`
  await expect(db!.query(sql)).rejects.toMatchObject({ code: 'PROGRAM_LIMIT_EXCEEDED' })
})

test('a series ends where no more of it is wanted, or when it is canceled', async () => {
  await opened({ threads: 1 })
  const endless = 'from generate_series(1, 9000000000000000000) g'
  expect((await db!.query(`select g ${endless} limit 2`)).texts()).toEqual([['1'], ['2']])
  const controller = new AbortController()
  const running = db!.query(`select count(*) ${endless} where g < 0`, [], {
    signal: controller.signal,
  })
  setTimeout(() => controller.abort(), 50)
  await expect(running).rejects.toMatchObject({ code: 'QUERY_CANCELED' })
})

/** [aggregate, what it is of the numbers of a group in ascending order]. */
const cases: readonly (readonly [string, (numbers: readonly number[]) => string])[] = [
  [`string_agg(n || 'q', ',' order by n)`, (all) => all.map((n) => `${n}q`).join(',')],
  [`string_agg(n || 'q', ',')`, (all) => all.map((n) => `${n}q`).join(',')],
  [
    `string_agg(distinct n % 3 || 'q', ',')`,
    (all) => [...new Set(all.map((n) => `${n % 3}q`))].sort().join(','),
  ],
  [
    'percentile_disc(0.5) within group (order by n desc)',
    (all) => String(all.toReversed()[Math.ceil(all.length / 2) - 1]),
  ],
  ['mode() within group (order by n / 7)', (all) => String(modeOf(all))],
  ['regr_sxx(1, n)::int8::text', (all) => String(Math.round(deviationOf(all)))],
]

function modeOf(all: readonly number[]): number {
  const counts = new Map<number, number>()
  for (const n of all) counts.set(Math.floor(n / 7), (counts.get(Math.floor(n / 7)) ?? 0) + 1)
  const most = Math.max(...counts.values())
  return Math.min(...[...counts].filter(([, count]) => count === most).map(([n]) => n))
}

function deviationOf(all: readonly number[]): number {
  const mean = all.reduce((sum, n) => sum + n, 0) / all.length
  return all.reduce((sum, n) => sum + (n - mean) ** 2, 0)
}

// Enough rows that the calling thread gives up its share and others begin it anew.
const ROWS = 60_000

test.each([1, 3])('groups of many rows are whole on %s threads', async (threads) => {
  await opened({ threads })
  await db!.query(`create table t as select g as n from generate_series(1, ${ROWS}) g`)
  for (const groups of [3, 7_001]) {
    const numbers = Array.from({ length: groups }, (): number[] => [])
    for (let n = 1; n <= ROWS; n++) numbers[n % groups]!.push(n)
    for (const [call, expected] of cases) {
      const sql = `select n % ${groups}, ${call} from t group by 1 order by 1`
      const rows = (await db!.query(sql)).texts()
      const wrong = rows.filter(([, text], group) => text !== expected(numbers[group]!))
      expect(wrong.slice(0, 2), `${call} of ${groups} groups`).toEqual([])
      expect(rows.length).toBe(groups)
    }
  }
})
