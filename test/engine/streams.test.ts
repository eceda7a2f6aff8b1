import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Engine } from '../../src/engine/process/engine.ts'
import { Session } from '../../src/engine/session.ts'
import { runFragment } from '../../src/exec/fragment/fragment.ts'
import type { QueryResult } from '../../src/engine/results/result.ts'

/** Rows of the large table, which are several chunks. */
const ROWS = 700_000

let engine: Engine
let session: Session

beforeAll(async () => {
  // A slice is a chunk at first, and not much more later.
  engine = await Engine.start(
    { threads: 2 },
    {
      runFragment: (task, pool, env) =>
        runFragment({ ...task, tuning: { firstSliceRows: 1 } }, pool, env),
    },
  )
  session = new Session(engine)
  await session.query(
    `create table large as select x, x % 1000 as k, 'text ' || x % 77 as t
     from generate_series(1, ${ROWS}) g(x)`,
  )
  await session.query(
    'create table small as select x as k, x * 2 as v from generate_series(0, 500) g(x)',
  )
})

afterAll(async () => {
  session.close()
  await engine.close()
})

async function streamed(sql: string, signal?: AbortSignal): Promise<QueryResult> {
  return session.query(sql, [], { streams: true, ...(signal && { signal }) })
}

/** All rows as texts, and in how many turns they came. */
async function readAll(result: QueryResult): Promise<{ rows: string[]; turns: number }> {
  const rows: string[] = []
  let turns = 0
  do {
    turns++
    for (const batch of result.batches()) for (const row of batch.texts()) rows.push(row.join('|'))
  } while (result.isPartial && (await result.more()))
  result.release()
  return { rows, turns }
}

/** What queries and results have of the memory. */
function usedBytes(): number {
  return engine.heap.usage.query + engine.heap.usage.result
}

describe('rows come while later ones are made', () => {
  test.each([
    ['a filter', 'select x, t from large where k < 300'],
    ['computed columns', "select x + 1, t || '!' from large"],
    ['a join', 'select large.x, v from large join small using (k)'],
    ['an outer join', 'select large.x, v from large left join small using (k)'],
    [
      'several parts',
      'select x from large where k = 1 union all select x + 1 from large where k > 700',
    ],
    ['a series', 'select x * 2 from generate_series(1, 900000) g(x)'],
    ['few of many', 'select x from large where x % 100000 = 7'],
    ['groups', 'select k, count(*), sum(x) from large group by k order by k'],
    ['all in order', 'select x, t from large where k < 900 order by x desc'],
    ['values that are collected', 'select k, array_agg(x order by x desc) from large group by k'],
    ['no row twice', 'select distinct x / 2, t from large'],
    [
      'windows',
      'select x, sum(x) over (partition by k order by x), rank() over (order by t) from large',
    ],
    ['build rows that nothing matched', 'select * from small right join large using (k)'],
    ['series of each row', 'select x, generate_series(1, x % 3) from large'],
    ['sorted rows, but the first', 'select x, t from large order by t, x offset 300000'],
    ['sorted rows up to one', 'select x, t from large order by t, x limit 600000 offset 7'],
    ['a limit', 'select x + 0 from large where k < 900 limit 400000 offset 1000'],
    ['a limit that none reaches', 'select x + 0 from large limit 900000 offset 1000'],
    ['a limit of nothing', 'select x + 0 from large limit 0'],
    [
      'a limit over several parts',
      'select x from large union all select x + 1 from large limit 1000000 offset 3',
    ],
    [
      'a join of the first rows',
      'select v, x from (select x, k from large limit 500000) l join small using (k)',
    ],
  ])('%s', async (_, sql) => {
    const whole = await session.query(sql)
    const expected = whole.texts().map((row) => row.join('|'))
    whole.release()
    const result = await streamed(sql)
    const { rows } = await readAll(result)
    // Groups come in any order, and so do those of equal keys.
    if (!/ order by [^)]*$| limit \d+[^)]*$/.test(sql)) {
      rows.sort()
      expected.sort()
    }
    expect(rows).toHaveLength(expected.length)
    // A comparison of so many that fails would take minutes to show.
    expect(rows.findIndex((row, index) => row !== expected[index])).toBe(-1)
    expect(result.rowCount).toBe(expected.length)
    expect(result.tag()).toBe(`SELECT ${expected.length}`)
    await expect.poll(usedBytes).toBe(0)
  })

  test('in as many turns as it takes, the first before the last is made', async () => {
    const result = await streamed('select x + 1 from large')
    expect(result.isPartial).toBe(true)
    expect(result.rowCount).toBeLessThan(ROWS)
    const { rows, turns } = await readAll(result)
    expect(turns).toBeGreaterThan(2)
    expect(rows).toHaveLength(ROWS)
    expect(result.isPartial).toBe(false)
  })

  test('rows with one key are sorted as a whole, and given so', async () => {
    const result = await streamed('select x from large order by k / 2000')
    expect(result.isPartial).toBe(false)
    expect(result.rowCount).toBe(ROWS)
    result.release()
  })

  test('a limit ends the making of rows', async () => {
    const result = await streamed('select x + 1 from large limit 100')
    expect(result.isPartial).toBe(false)
    expect(result.rowCount).toBe(100)
  })

  test('for await reads them all', async () => {
    let sum = 0
    for await (const { y } of await streamed('select (x + 1)::int as y from large'))
      sum += y as number
    expect(sum).toBe((ROWS * (ROWS + 3)) / 2)
  })

  test('what wants all rows at once is refused', async () => {
    const result = await streamed('select x + 1 from large')
    expect(() => result.rows()).toThrow('the rows of this result are not there all at once')
    expect(() => result.toArrow()).toThrow('not there all at once')
    result.release()
  })
})

describe('what is held ends with the stream', () => {
  test.each([
    ['at once', 0],
    ['after a turn', 1],
    ['after two turns', 2],
  ])('released %s', async (_, turns) => {
    const result = await streamed('select x + 1, t from large')
    for (let turn = 0; turn < turns; turn++) await result.more()
    result.release()
    await expect.poll(usedBytes).toBe(0)
    expect((await session.query('select 1')).texts()).toEqual([['1']])
  })

  test('a loop that is left early lets go', async () => {
    for await (const row of await streamed('select x + 1 as y from large')) {
      expect(row).toEqual({ y: 2 })
      break
    }
    await expect.poll(usedBytes).toBe(0)
  })

  test('a table that is dropped meanwhile is read to its end', async () => {
    await session.query(`create table gone as select x from generate_series(1, ${ROWS}) g(x)`)
    const tables = engine.heap.usage.table
    const result = await streamed('select x + 1 from gone')
    await session.query('drop table gone')
    expect(engine.heap.usage.table).toBe(tables)
    const { rows } = await readAll(result)
    expect(rows).toHaveLength(ROWS)
    await expect.poll(() => engine.heap.usage.table).toBeLessThan(tables)
  })

  test('an error comes where its rows would, and ends it', async () => {
    const result = await streamed(`select 1 / (${ROWS} - x) from large`)
    await expect(readAll(result)).rejects.toMatchObject({ code: 'DIVISION_BY_ZERO' })
    result.release()
    await expect.poll(usedBytes).toBe(0)
  })

  test('an abort ends it with QUERY_CANCELED', async () => {
    const abort = new AbortController()
    const result = await streamed('select x + 1 from large', abort.signal)
    await result.more()
    abort.abort()
    await expect(readAll(result)).rejects.toMatchObject({ code: 'QUERY_CANCELED' })
    result.release()
    await expect.poll(usedBytes).toBe(0)
  })

  test('an engine that closes ends it with ADMIN_SHUTDOWN', async () => {
    const other = await Engine.start({ threads: 2 })
    const own = new Session(other)
    const result = await own.query('select x + 1 from generate_series(1, 9000000) g(x)', [], {
      streams: true,
    })
    expect(result.isPartial).toBe(true)
    own.close()
    await other.close()
    await expect(readAll(result)).rejects.toMatchObject({ code: 'ADMIN_SHUTDOWN' })
  })
})
