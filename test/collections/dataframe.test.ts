import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { avg, call, col, connect, count, lit, sum, when, type Database } from '../../src/index.ts'

let db: Database

beforeAll(async () => {
  db = await connect({ threads: 2 })
  await db.query('create table flights (origin text, delay int, distance int)')
  await db.query(`insert into flights values ('SFO', 10, 300), ('SFO', 30, 500), ('LAX', -5, 300),
    ('LAX', null, 200), ('ATL', 7, 100)`)
  await db.query('create table airports (iata text, state text)')
  await db.query("insert into airports values ('SFO', 'CA'), ('LAX', 'CA'), ('JFK', 'NY')")
})

afterAll(() => db.close())

test('a chain of methods gives what the SQL gives, by the same plan', async () => {
  const frame = db
    .table('flights')
    .filter(col('distance').ge(200))
    .join(db.table('airports'), { origin: 'iata' })
    .groupBy('state')
    .agg({ flights: count(), mean: avg(col('delay')), total: sum(col('distance')) })
    .sort(col('flights').desc())
    .limit(5)
  const sql = `select state, count(*) as flights, avg(delay) as mean, sum(distance) as total
    from flights join airports on origin = iata where distance >= 200
    group by state order by flights desc limit 5`
  expect((await frame.collect()).texts()).toEqual((await db.query(sql)).texts())
  const explained = await explainedSql(sql)
  expect((await frame.explain()).trimEnd().split('\n').map(operator)).toEqual(
    explained.map(operator),
  )
})

test('EXPLAIN is the same to the letter where SQL gives no new names', async () => {
  const frame = db
    .table('flights')
    .filter(col('distance').ge(200))
    .join(db.table('airports'), { origin: 'iata' })
    .select('origin', 'delay', 'state')
    .sort(col('delay').desc(), 'origin')
    .limit(3)
  const explained =
    await explainedSql(`select origin, delay, state from flights join airports on origin = iata
    where distance >= 200 order by delay desc, origin limit 3`)
  expect(renumbered((await frame.explain()).trimEnd())).toBe(renumbered(explained.join('\n')))
})

async function explainedSql(sql: string): Promise<string[]> {
  return (await db.query(`explain ${sql}`)).texts().map(([line]) => line ?? '')
}

/** Indentation, operator and rows of a line: SQL's aliases are columns of their own, names differ. */
function operator(line: string): string {
  return `${/^\s*\w+/.exec(line)?.[0]} ${/\(rows=\d+\)/.exec(line)?.[0]}`
}

/** Column ids numbered by first appearance. */
function renumbered(plan: string): string {
  const ids = new Map<string, number>()
  return plan.replaceAll(/#\d+/g, (id) => {
    if (!ids.has(id)) ids.set(id, ids.size)
    return `#${ids.get(id)}`
  })
}

test('computed columns, CASE and functions', async () => {
  const frame = db
    .table('flights')
    .withColumns({ late: when([[col('delay').gt(8), 'yes']], lit('no')) })
    .select('origin', 'late', { code: call('lower', col('origin')) })
    .sort('origin', 'late')
  expect((await frame.collect()).texts()).toEqual([
    ['ATL', 'no', 'atl'],
    ['LAX', 'no', 'lax'],
    ['LAX', 'no', 'lax'],
    ['SFO', 'yes', 'sfo'],
    ['SFO', 'yes', 'sfo'],
  ])
})

test('semi and anti joins, isIn, distinct, unionAll', async () => {
  const flights = db.table('flights').select('origin').distinct()
  const airports = db.table('airports').select({ origin: col('iata') })
  const rows = async (frame: typeof flights): Promise<unknown[]> =>
    (await frame.sort('origin').collect()).values().flat()
  expect(await rows(flights.join(airports, 'origin', 'semi'))).toEqual(['LAX', 'SFO'])
  expect(await rows(flights.join(airports, 'origin', 'anti'))).toEqual(['ATL'])
  expect(await rows(flights.filter(col('origin').isIn(['ATL', 'LAX'])))).toEqual(['ATL', 'LAX'])
  expect(await rows(flights.unionAll(airports))).toEqual(['ATL', 'JFK', 'LAX', 'LAX', 'SFO', 'SFO'])
})

test('mistakes name the column and a near one', async () => {
  await expect(db.table('flights').filter(col('delai').gt(1)).collect()).rejects.toMatchObject({
    code: 'UNDEFINED_COLUMN',
    details: { hint: expect.stringContaining('delay') },
  })
  await expect(db.table('flights').filter(col('delay')).collect()).rejects.toThrow(/boolean/)
})

describe('texts that UTF-8 cannot have', () => {
  const half = '\ud800'
  test.each<readonly [string, () => unknown]>([
    ['a constant', () => lit(half)],
    ['a constant with NUL', () => lit('a\0')],
    ['an operand', () => col('origin').eq(`a${half}`)],
    ['a member of a list', () => col('origin').isIn(['a', half])],
    ['a pattern', () => col('origin').like(half)],
    ['the name of a column', () => db.table('flights').select({ [half]: col('delay') })],
    ['the name of one that is added', () => db.table('flights').withColumns({ [half]: lit(1) })],
    ['the name of a key', () => db.table('flights').groupBy({ [half]: col('origin') })],
    ['the name of an aggregate', () => db.table('flights').agg({ 'n\0': count() })],
  ])('are refused: %s', (_, make) => {
    expect(make).toThrow(expect.objectContaining({ sqlState: '22021' }) as Error)
  })
})
