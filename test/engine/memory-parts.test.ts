import { afterAll, expect, test } from 'vitest'
import { connect } from '../../src/index.ts'

const db = await connect({ threads: 1 })
afterAll(() => db.close())

async function rowsOf(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const result = await db.query(sql)
  try {
    return result.rows()
  } finally {
    result.release()
  }
}

/** Bytes of a part, as SQL says. */
async function bytesOf(part: string): Promise<bigint> {
  const [row] = await rowsOf(`select bytes from heddle_memory() where part = '${part}'`)
  return BigInt(Number(row?.['bytes']))
}

test('tables have what their rows take until they are dropped', async () => {
  const before = await bytesOf('tables')
  await db.query(
    'create table held as select x * 10000000000 as x from generate_series(1, 100000) s(x)',
  )
  const held = (await bytesOf('tables')) - before
  expect(held).toBeGreaterThanOrEqual(800_000n)
  expect(held).toBeLessThan(1_000_000n)
  await db.query('drop table held')
  expect(await bytesOf('tables')).toBe(before)
})

test('the parts are of one process: the working memory within its limit, all of it in the whole', async () => {
  const rows = await rowsOf('select part, bytes from heddle_memory()')
  const parts = new Map(rows.map(({ part, bytes }) => [part, Number(bytes)]))
  const working = ['tables', 'queries', 'results', 'readers', 'engine', 'kept', 'free'].map(
    (part) => parts.get(part) ?? Number.NaN,
  )
  expect(working.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(parts.get('limit')!)
  expect(parts.get('process')).toBeGreaterThan(parts.get('javascript')!)
})

test('it is asked anew each time, in views and joins too', async () => {
  await db.query('create view parts as select * from heddle_memory()')
  const asked =
    "select (select bytes from parts where part = 'tables') as b, count(*) as n from parts"
  const one = (await rowsOf(asked))[0]
  await db.query('create table more as select x from generate_series(1, 50000) s(x)')
  const other = (await rowsOf(asked))[0]
  expect(other?.['n']).toBe(one?.['n'])
  expect(Number(other?.['b'])).toBeGreaterThan(Number(one?.['b']))
  await db.query('drop table more')
  await db.query('drop view parts')
})

test('200 different queries in a row take no memory for good', async () => {
  const query = (at: number): string =>
    `select count(*), sum(x + ${at}) from generate_series(1, 1000) s(x) where x % ${(at % 97) + 2} < ${at}`
  for (let at = 0; at < 20; at++) await rowsOf(query(at))
  const parts = ['tables', 'queries', 'results', 'readers'] as const
  const before = await Promise.all(parts.map(bytesOf))
  for (let at = 20; at < 220; at++) await rowsOf(query(at))
  expect(await Promise.all(parts.map(bytesOf))).toEqual(before)
})

test.each([
  ['select * from heddle_memory() with ordinality', /not supported: heddle_memory beside other/],
  ['select * from heddle_memory(1)', /function heddle_memory\(integer\) does not exist/],
])('%s', async (sql, message) => {
  await expect(db.query(sql)).rejects.toThrow(message)
})
