import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, type Database } from '../../src/index.ts'

let db: Database

beforeAll(async () => {
  db = await connect({ threads: 2 })
  const rows = Array.from({ length: 400 }, (_, i) => {
    const [x, y] = [i % 20, Math.floor(i / 20)]
    return `(${x}, ${y}, ${3 * x - 2 * y + 7}, ${x + y > 19})`
  })
  await db.query('create table points (x int, y float8, z numeric(10,2), far boolean)')
  await db.query(`insert into points values ${rows.join(', ')}`)
})

afterAll(() => db.close())

test('linear regression finds the plane that the points lie on', async () => {
  await db.query(`create model plane with (model_class = 'LinearRegression', target_column = 'z')
    as select x, y, z from points`)
  const described = new Map(
    (await db.query('describe model plane')).texts().map(([name, value]) => [name, value]),
  )
  expect(Number(described.get('intercept'))).toBeCloseTo(7, 8)
  expect(Number(described.get('coefficient of x'))).toBeCloseTo(3, 8)
  expect(Number(described.get('coefficient of y'))).toBeCloseTo(-2, 8)
  const predicted = await db.query(
    `select p.z from predict(model plane, select 10 as x, 1.0 as y) p where p.z > 0`,
  )
  expect(Number(predicted.values()[0]?.[0])).toBeCloseTo(35, 8)
})

test('logistic regression separates two classes', async () => {
  await db.query(`create or replace model side with (model_class = 'LogisticRegression',
    target_column = 'far', c = 1000) as select x, y, far from points`)
  const wrong = await db.query(`select count(*) from points t
    join predict(model side, select x, y from points) p on p.x = t.x and p.y = t.y
    where p.far <> t.far`)
  expect(Number(wrong.values()[0]?.[0])).toBeLessThan(8)
})

test('models are listed, replaced only on demand, and dropped', async () => {
  const create = `create model twice with (model_class = 'LinearRegression', target_column = 'z')
    as select x, z from points`
  await db.query(create)
  await expect(db.query(create)).rejects.toMatchObject({ code: 'DUPLICATE_OBJECT' })
  expect((await db.query('show models')).texts().map((row) => row[1])).toContain('twice')
  await db.query('drop model twice')
  expect((await db.query('show models')).texts().map((row) => row[1])).not.toContain('twice')
})

const refused: readonly (readonly [string, string, RegExp])[] = [
  ["model_class = 'Oracle', target_column = 'z'", 'select x, z from points', /not supported/],
  ["model_class = 'LinearRegression'", 'select x, z from points', /target_column/],
  ["model_class = 'LinearRegression', target_column = 'q'", 'select x, z from points', /"q"/],
  [
    "model_class = 'LinearRegression', target_column = 'z'",
    "select 'a'::text as t, z from points",
    /feature "t" is not numeric/,
  ],
  [
    "model_class = 'LogisticRegression', target_column = 'x'",
    'select x, y from points',
    /two classes/,
  ],
  [
    "model_class = 'LinearRegression', target_column = 'z'",
    'select x, z from points where x > 1000',
    /no rows/,
  ],
]

for (const [options, query, message] of refused) {
  test(`refused: ${options} over ${query}`, async () => {
    await expect(db.query(`create model bad with (${options}) as ${query}`)).rejects.toThrow(
      message,
    )
    expect((await db.query('show models')).texts().map((row) => row[1])).not.toContain('bad')
  })
}
