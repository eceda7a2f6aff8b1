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

test('a model that views are over goes with them or not at all', async () => {
  const lines = `create model line with (model_class = 'LinearRegression', target_column = 'z')
    as select x, z from points`
  await db.query(lines)
  await db.query('create table line (a int)')
  await db.query(`create view guesses as
    select z from (select * from predict(model line, select 1 as x)) p`)
  await db.query('create view guessed as select z + 1 as z from guesses')
  await db.query('drop table line')
  await expect(db.query('drop model line')).rejects.toMatchObject({
    sqlState: '2BP01',
    message: 'cannot drop model line because other objects depend on it',
  })
  expect((await db.query('select count(*) from guessed')).values()).toEqual([[1n]])
  await db.query('drop model line cascade')
  await expect(db.query('select * from guessed')).rejects.toMatchObject({ sqlState: '42P01' })
  await db.query(lines)
  await db.query('drop model line')
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

test('logistic regression gives the coefficients of a hand-made Newton iteration', async () => {
  const data: readonly (readonly [number, number, boolean])[] = [
    [0.5, 2, false],
    [1, 1, false],
    [1.5, 4, true],
    [2, 0.5, false],
    [2.5, 3, true],
    [3, 1, true],
    [3.5, 0, false],
    [4, 2, true],
    [1.2, 2.5, true],
    [2.8, 1.1, false],
  ]
  await db.query('create table few (x float8, y float8, hit boolean)')
  const rows = data.map((row) => `(${row.join(', ')})`).join(', ')
  await db.query(`insert into few values ${rows}`)
  await db.query(`create model hits with (model_class = 'LogisticRegression',
    target_column = 'hit', c = 2) as select x, y, hit from few`)
  const described = new Map(
    (await db.query('describe model hits')).texts().map(([name, value]) => [name, Number(value)]),
  )
  const [intercept = NaN, x = NaN, y = NaN] = penalizedNewton(data, 2)
  expect(described.get('intercept')).toBeCloseTo(intercept, 7)
  expect(described.get('coefficient of x')).toBeCloseTo(x, 7)
  expect(described.get('coefficient of y')).toBeCloseTo(y, 7)
})

/** Minimizes log loss + |slopes|^2 / (2 c), in the features' own units. */
function penalizedNewton(
  data: readonly (readonly [number, number, boolean])[],
  c: number,
): readonly number[] {
  let weights = [0, 0, 0]
  for (let iteration = 0; iteration < 50; iteration++) {
    const gradient = weights.map((weight, i) => (i === 0 ? 0 : weight / c))
    const hessian = [0, 1, 2].map((i) => [0, 1, 2].map((j) => (i === j && i > 0 ? 1 / c : 0)))
    for (const [x, y, hit] of data) {
      const features = [1, x, y]
      const logit = features.reduce((all, value, i) => all + value * weights[i]!, 0)
      const probability = 1 / (1 + Math.exp(-logit))
      features.forEach((value, i) => {
        gradient[i]! += (probability - (hit ? 1 : 0)) * value
        features.forEach((other, j) => {
          hessian[i]![j]! += probability * (1 - probability) * value * other
        })
      })
    }
    const step = cramer(hessian, gradient)
    weights = weights.map((weight, i) => weight - step[i]!)
  }
  return weights
}

function cramer(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const replaced = (column: number): number[][] =>
    matrix.map((row, i) => row.map((value, j) => (j === column ? right[i]! : value)))
  return [0, 1, 2].map((column) => determinant(replaced(column)) / determinant(matrix))
}

function determinant(matrix: readonly (readonly number[])[]): number {
  const [[a, b, c], [d, e, f], [g, h, i]] = matrix as [number[], number[], number[]] as [
    [number, number, number],
    [number, number, number],
    [number, number, number],
  ]
  return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
}
