import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from 'vitest'
import { connect, type Database } from '../../src/index.ts'

const ROWS = 9_000
/** Every layout that a column is stored in, dictionaries and NULLs among them. */
const COLUMNS = `n, (n % 100)::int8 as tiny, n::int8 * 10000000000 as wide, n % 3 = 0 as odd,
  'text ' || n as s, nullif(n % 7, 3) as gaps, n::numeric(12, 2) / 4 as cents, n::numeric(30, 4) as long,
  n::numeric / 7 as free, n / 8.0::float8 as f, (n / 2)::real as r, date '2020-01-01' + n as d,
  timestamp '2020-01-01' + n * interval '1 second' as ts, n * interval '1 minute' as i,
  array[n, n + 1] as a, 'k' || n % 5 as few, case when n % 4 > 0 then 'some ' || n % 300 end as some,
  ('x' || n % 4)::char(5) as c, n % 9 = 0 and null as none, ('{"a": ' || n % 3 || '}')::jsonb as j`

let db: Database

beforeAll(async () => {
  db = await connect({ threads: 2 })
})
afterAll(() => db.close())
beforeEach(() => db.query(`create table t as select ${COLUMNS} from generate_series(1, ${ROWS}) n`))
afterEach(() => db.query('drop table if exists t'))

/** The same rows, run as a query. */
const RUN = 'select * from t where n + 0 > 0'

describe('a table that is asked for as it is', () => {
  test('is read where it is stored', async () => {
    const result = await db.query('select * from t')
    expect(db.engine.heap.usage.result).toBe(0)
    expect(db.engine.heap.usage.query).toBe(0)
    const run = await db.query(RUN)
    expect(db.engine.heap.usage.result).toBeGreaterThan(ROWS * 100)
    expect(result.texts()).toEqual(run.texts())
    expect(result.values()).toEqual(run.values())
    expect(result.rowCount).toBe(ROWS)
    expect(result.tag()).toBe(`SELECT ${ROWS}`)
    run.release()
    result.release()
  })

  test('has the types in Arrow that any query has', async () => {
    const [result, run] = [await db.query('select * from t'), await db.query(RUN)]
    const [left, right] = [result.toArrow(), run.toArrow()]
    expect(String(left.schema)).toBe(String(right.schema))
    expect(left.toArray().map(String)).toEqual(right.toArray().map(String))
    run.release()
    result.release()
  })

  test('gives its columns in any order, also twice', async () => {
    const result = await db.query('select s, n, s as again from t')
    expect(db.engine.heap.usage.result).toBe(0)
    expect(result.values().at(-1)).toEqual([`text ${ROWS}`, ROWS, `text ${ROWS}`])
    result.release()
  })

  test('gives a column of any name as an own property', async () => {
    const result = await db.query('select n as "__proto__", s as "constructor" from t')
    const rows = result.rows()
    expect(Object.entries(rows[0]!)).toEqual([
      ['__proto__', 1],
      ['constructor', 'text 1'],
    ])
    expect(rows).toHaveLength(ROWS)
    result.release()
  })

  test('stays as it was read while it is changed and dropped, and is given back with the result', async () => {
    const before = db.engine.heap.bytesInUse
    const result = await db.query('select n, s from t')
    const expected = result.texts()
    await db.query('insert into t (n, s) values (0, $1)', ['one more'])
    await db.query('drop table t')
    await db.query(
      `create table u as select n * 2 as n, 'other ' || n as s from generate_series(1, 50000) n`,
    )
    expect(result.texts()).toEqual(expected)
    await db.query('drop table u')
    expect(db.engine.heap.bytesInUse).toBeGreaterThan(before * 0.9)
    expect(db.engine.catalog.rootsHeld).toBe(1)
    result.release()
    expect(db.engine.heap.bytesInUse).toBeLessThan(before * 0.1)
  })

  test('is seen by a transaction with the rows that it wrote', async () => {
    const session = db.session()
    await session.query('begin')
    await session.query(`insert into t (n) select 0 from generate_series(1, 7)`)
    const result = await session.query('select n, s from t')
    await session.query('rollback')
    session.close()
    expect(result.rowCount).toBe(ROWS + 7)
    expect(result.scalars(0).filter((n) => n === 0)).toHaveLength(7)
    result.release()
  })
})
