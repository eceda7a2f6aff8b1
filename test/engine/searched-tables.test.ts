import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect, type Database } from '../../src/index.ts'

const ROWS = 150_000

/** A row of the table, by what its number is. */
interface Row {
  readonly n: number
  readonly few: number
  readonly day: number
  readonly back: number
  readonly mixed: number
}

function rowAt(index: number): Row {
  const n = index * 3 - 7_000
  return {
    n,
    few: Math.floor(index / 500),
    day: Math.floor(index / 100),
    back: ROWS - index,
    mixed: (index * 7_919) % 1_009,
  }
}

const rows = Array.from({ length: ROWS }, (_, index) => rowAt(index))

const columns = {
  /** SQL of a value of the column. */
  n: (value: number) => String(value),
  few: (value: number) => `${value}::numeric(12, 2)`,
  day: (value: number) => `date '2000-01-01' + ${value}`,
  back: (value: number) => String(value),
  mixed: (value: number) => String(value),
} as const satisfies Record<keyof Row, (value: number) => string>

const operators = {
  '=': (a: number, b: number) => a === b,
  '<>': (a: number, b: number) => a !== b,
  '<': (a: number, b: number) => a < b,
  '<=': (a: number, b: number) => a <= b,
  '>': (a: number, b: number) => a > b,
  '>=': (a: number, b: number) => a >= b,
} as const

interface Condition {
  readonly sql: string
  readonly holds: (row: Row) => boolean
}

const comparison: fc.Arbitrary<Condition> = fc
  .record({
    column: fc.constantFrom(...(Object.keys(columns) as (keyof Row)[])),
    operator: fc.constantFrom(...(Object.keys(operators) as (keyof typeof operators)[])),
    index: fc.integer({ min: -5, max: ROWS + 5 }),
    off: fc.integer({ min: -1, max: 1 }),
    swapped: fc.boolean(),
  })
  .map(({ column, operator, index, off, swapped }) => {
    const value = rowAt(index)[column] + off
    const [left, right] = [column, columns[column](value)]
    const commuted = { '=': '=', '<>': '<>', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const
    return {
      sql: swapped ? `${right} ${commuted[operator]} ${left}` : `${left} ${operator} ${right}`,
      holds: (row) => operators[operator](row[column], value),
    }
  })

const list: fc.Arbitrary<Condition> = fc
  .array(fc.integer({ min: -5, max: ROWS + 5 }), { minLength: 1, maxLength: 3 })
  .map((indexes) => {
    const values = indexes.map((index) => rowAt(index).n)
    return { sql: `n in (${values.join(', ')})`, holds: ({ n }) => values.includes(n) }
  })

const condition = fc.oneof(
  { weight: 5, arbitrary: comparison },
  { weight: 1, arbitrary: list },
  {
    weight: 1,
    arbitrary: fc.tuple(comparison, comparison).map(([a, b]): Condition => ({
      sql: `(${a.sql} or ${b.sql})`,
      holds: (row) => a.holds(row) || b.holds(row),
    })),
  },
)

describe('a table whose rows ascend', () => {
  let db: Database
  beforeAll(async () => {
    db = await connect({ threads: 2 })
    await db.query(`create table t as select n, few::numeric(12, 2) as few, date '2000-01-01' + day as day,
      back, case when mixed % 7 > 0 then mixed end as gaps, mixed, 'text ' || mixed as label
      from (select i * 3 - 7000 as n, i / 500 as few, i / 100 as day, ${ROWS} - i as back,
        (i::bigint * 7919 % 1009)::int as mixed from generate_series(0, ${ROWS - 1}) i) s order by n`)
  })
  afterAll(() => db.close())

  test('gives the rows that meet conditions, wherever they begin and end', async () => {
    const conditions = fc.array(condition, { minLength: 1, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(conditions, async (all) => {
        const expected = rows.filter((row) => all.every(({ holds }) => holds(row)))
        const where = all.map(({ sql }) => sql).join(' and ')
        const result = await db.query(
          `select count(*)::int as rows, count(gaps)::int as gaps, min(n) as first, max(n) as last,
            count(distinct label)::int as labels, sum(mixed)::int as sum from t where ${where}`,
        )
        const [found] = result.rows()
        const anys = expected.map(({ mixed }) => mixed)
        expect(found, where).toEqual({
          rows: expected.length,
          gaps: anys.filter((mixed) => mixed % 7 > 0).length,
          first: expected[0]?.n ?? null,
          last: expected.at(-1)?.n ?? null,
          labels: new Set(anys).size,
          sum: anys.length === 0 ? null : anys.reduce((sum, mixed) => sum + mixed, 0),
        })
      }),
      { numRuns: 150 },
    )
  })

  test.each([
    ['n = $1', (index: number) => rowAt(index).n],
    ['n = $1', (index: number) => rowAt(index).n + 1],
    ['n between $1 - 6 and $1', (index: number) => rowAt(index).n],
    ['$1 < n and n < $1 + 10', (index: number) => rowAt(index).n],
    ['back = $1', (index: number) => index],
  ])('one plan serves %s for all values', async (where, valueOf) => {
    for (const index of [0, 1, 65_535, 65_536, 77_777, ROWS - 1, ROWS, -1]) {
      const value = valueOf(index)
      const found = await db.query(`select n, label from t where ${where} order by n`, [value])
      const text = where.replaceAll('$1', `(${value})`)
      const expected = await db.query(`select n, label from t where ${text} order by n`)
      expect(found.texts(), `${value}`).toEqual(expected.texts())
    }
  })
})

describe('how rows are found', () => {
  const wayOf = async (sql: string): Promise<string> => {
    const db = await connect({ threads: 1 })
    await db.query(
      'create table t as select i as id, i % 97 as k from generate_series(1, 200000) i',
    )
    const lines = (await db.query(`explain analyze ${sql}`)).texts().flat()
    await db.close()
    return lines.find((line) => line?.startsWith('Run: ') === true) ?? ''
  }
  test('few rows of many are looked for where they lie, without code', async () => {
    expect(await wayOf('select k from t where id = 123456')).toBe('Run: 1 task row by row')
    expect(await wayOf('select k from t where id > 199990')).toBe('Run: 1 task row by row')
    expect(await wayOf('select id from t where k = 5')).not.toContain('row by row')
  })
})
