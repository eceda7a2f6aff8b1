import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect, type Database } from '../../src/index.ts'

let db: Database
const heapBytes = (): number => db.engine.heap.bytesInUse

beforeAll(async () => {
  db = await connect({ threads: 2 })
})

afterAll(() => db.close())

type Features = readonly (readonly number[])[]

/** Numbers that look random and are the same in every language: see the integers of `share`. */
function share(row: number, k: number): number {
  const [step, turn] = [7_919 + 2 * k * 104_729, (row * row * (k + 3)) % 1_009]
  return ((row * step + k * 31 + turn) % 2_003) / 2_003
}

interface Sample {
  readonly features: Features
  readonly labels: readonly boolean[]
}

function sample(rows: number, features: number): Sample {
  const index = Array.from({ length: rows }, (_, row) => row)
  const logit = (row: number): number => 2 * share(row, 0) - 3 * share(row, 1) + share(row, 2)
  return {
    features: index.map((row) =>
      Array.from({ length: features }, (_, k) => share(row, k) * (k + 1) + (k === 1 ? 100 : 0)),
    ),
    labels: index.map((row) => share(row, features) < 1 / (1 + Math.exp(-logit(row)))),
  }
}

/** Makes a table of columns x0, x1, ... and y. */
async function load(
  to: Database,
  name: string,
  rows: readonly (readonly (number | string | boolean | null)[])[],
  types: string,
): Promise<void> {
  await to.query(`drop table if exists ${name}`)
  await to.query(`create table ${name} (${types})`)
  for (let start = 0; start < rows.length; start += 2_000) {
    const values = rows.slice(start, start + 2_000).map((row) => `(${row.join(', ')})`)
    await to.query(`insert into ${name} values ${values.join(', ')}`)
  }
}

async function loadSample(to: Database, { features, labels }: Sample): Promise<string> {
  const names = features[0]!.map((_, k) => `x${k}`)
  const rows = features.map((row, i) => [...row, labels[i]!])
  await load(to, 'sample', rows, `${names.map((name) => `${name} float8`).join(', ')}, y boolean`)
  return names.join(', ')
}

/** The text of every line of DESCRIBE MODEL after a training. */
async function train(
  by: Database,
  options: string,
  query: string,
): Promise<ReadonlyMap<string, string>> {
  await by.query(`create or replace model fitted with (${options}) as ${query}`)
  const lines = (await by.query('describe model fitted')).texts()
  return new Map(lines.map(([name, value]) => [String(name), String(value)]))
}

/** The intercept, then the coefficients. */
function parameters(described: ReadonlyMap<string, string>): readonly number[] {
  const coefficients = [...described].filter(([name]) => name.startsWith('coefficient of '))
  return [described.get('intercept'), ...coefficients.map(([, value]) => value)].map(Number)
}

const logistic = "model_class = 'LogisticRegression', target_column = 'y'"
const linear = "model_class = 'LinearRegression', target_column = 'y'"

function expectNear(found: readonly number[], expected: readonly number[], share = 1e-6): void {
  expect(found.length).toBe(expected.length)
  found.forEach((value, i) => {
    const least = share * Math.max(1e-3, Math.abs(expected[i]!))
    expect(Math.abs(value - expected[i]!), `parameter ${i}: ${value}`).toBeLessThan(least)
  })
}

// LogisticRegression(C=c, tol=1e-13, solver='newton-cholesky') of scikit-learn 1.9.1.
const byScikitLearn: readonly (readonly [number, number, readonly number[]])[] = [
  [3, 1, [158.17854486626686, 2.0308172299574836, -1.5811626826842553, 0.3374551804153719]],
  [3, 1e6, [159.61809978624802, 2.079239696407667, -1.5956882484288764, 0.3396210731076005]],
  [
    8,
    0.1,
    [
      137.84442913983864, 1.5812638431536208, -1.375752978050058, 0.31711401337015566,
      -0.025578079768913842, 0.027867116527075544, -0.018667394804671413, -0.025419975876061745,
      -0.002281141888226155,
    ],
  ],
]

test.each(byScikitLearn)('%i features, c = %d: as scikit-learn', async (features, c, expected) => {
  const names = await loadSample(db, sample(3_000, features))
  const found = await train(db, `${logistic}, c = ${c}`, `select ${names}, y from sample`)
  expectNear(parameters(found), expected)
  expect(Number(found.get('iterations'))).toBeLessThan(12)
})

describe('a fit has the same digits', () => {
  /** More rows than two threads take at once, in an order that does not depend on threads either. */
  const large = `create table large as select n % 1009 / 7.0::float8 as x0, n * 31 % 2003 / 3.0::float8
    as x1, n * 17 % 4099 / 11.0::float8 as x2, n * 7919 % 8191 < 3000 + n % 1009 as y
    from (select a.n * 500 + b.n as n from few a, few b) t order by n`

  async function onThreads(threads: number, options: string, query: string): Promise<string> {
    const own = await connect({ threads })
    const few = Array.from({ length: 500 }, (_, n) => [n])
    await load(own, 'few', few, 'n int')
    await own.query(large)
    const lines = await train(own, options, query)
    await own.close()
    return [...lines].join('\n')
  }

  test.each([
    [logistic, 'select x0, x1, x2, y from large'],
    [logistic, 'select x0, x1 + x2 as s, y from large where x2 > 100'],
    [linear, 'select x0, x1, sqrt(x2) as y from large'],
  ])('on any number of threads: %s, %s', async (options, query) => {
    const [one, ...others] = await Promise.all(
      [1, 2, 3].map((threads) => onThreads(threads, options, query)),
    )
    for (const other of others) expect(other).toBe(one)
  })
})

test('a cluster trains in the process that was asked', async () => {
  const own = await connect({ cluster: { workers: 2, threadsPerWorker: 1 } })
  const names = await loadSample(own, sample(3_000, 3))
  const found = await train(own, logistic, `select ${names}, y from sample`)
  await own.close()
  expectNear(parameters(found), byScikitLearn[0]![2])
})

describe('rows and columns that are odd', () => {
  test('rows with a NULL are left out', async () => {
    await load(
      db,
      'odd',
      [
        [1, true],
        [2, false],
        [3, true],
        [4, 'null'],
        ['null', true],
      ],
      'x int, y boolean',
    )
    const found = await train(db, logistic, 'select x, y from odd')
    expect(found.get('trained_rows')).toBe('3')
  })

  test.each([logistic, linear])('a constant has the coefficient 0: %s', async (options) => {
    const names = await loadSample(db, sample(3_000, 3))
    const y = options === logistic ? 'y' : 'case when y then 1 else 0 end as y'
    const plain = parameters(await train(db, options, `select ${names}, ${y} from sample`))
    const query = `select 0.1::float8 as c, ${names}, 12345678.9 as d, ${y} from sample`
    const [intercept, c, ...rest] = parameters(await train(db, options, query))
    expect([c, rest.pop()]).toEqual([0, 0])
    expectNear([intercept!, ...rest], plain, 1e-9)
  })

  test('features that depend on each other share their weight', async () => {
    const names = await loadSample(db, sample(3_000, 3))
    const query = `select ${names}, x0 * 2 as twice, y from sample`
    const found = parameters(await train(db, `${logistic}, c = 1000000`, query))
    const [, x0, x1, x2, twice] = found
    expectNear([x0! + 2 * twice!, x1!, x2!], byScikitLearn[1]![2].slice(1), 1e-5)
  })

  test.each([1, 1e6])('classes that a line divides, c = %d', async (c) => {
    const rows = Array.from({ length: 200 }, (_, i) => [i, i >= 100])
    await load(db, 'divided', rows, 'x int, y boolean')
    const found = await train(db, `${logistic}, c = ${c}`, 'select x, y from divided')
    expect(parameters(found).every(Number.isFinite)).toBe(true)
    const wrong =
      await db.query(`select count(*) from predict(model fitted, select x from divided) p
      join divided d on d.x = p.x where p.y <> d.y`)
    expect(wrong.texts()).toEqual([['0']])
  })

  test('numbers of any type are features', async () => {
    const rows = sample(3_000, 3).features.map((row, i) => [
      ...row.map((x) => x.toFixed(3)),
      i % 3 === 0,
    ])
    const types = ['float8', 'decimal(20,3)', 'numeric', 'decimal(38,3)']
    const fits = []
    for (const type of types) {
      await load(db, 'typed', rows, `x0 ${type}, x1 ${type}, x2 ${type}, y boolean`)
      fits.push(parameters(await train(db, logistic, 'select x0, x1, x2, y from typed')))
    }
    for (const fit of fits) expectNear(fit, fits[0]!, 1e-9)
    const mixed = 'select (x0 * 1000)::int8 as x0, x1 > 101 as x1, x2::float4 as x2, y from typed'
    const floats = `select floor(x0 * 1000 + 0.5)::float8 as x0,
      case when x1 > 101 then 1.0 else 0.0 end as x1, x2::float4::float8 as x2, y from typed`
    const found = parameters(await train(db, logistic, mixed))
    expectNear(found, parameters(await train(db, logistic, floats)), 1e-9)
  })

  test('texts and numbers are classes', async () => {
    const query = "select x0, case when y then 'yes' else 'no' end as y from sample"
    const plain = parameters(await train(db, logistic, 'select x0, y from sample'))
    const found = await train(db, logistic, query)
    expect(found.get('classes')).toBe('no, yes')
    expectNear(parameters(found), plain, 1e-9)
  })

  test('128 features are fitted, 129 refused', async () => {
    const wide = (count: number): string =>
      Array.from({ length: count }, (_, k) => `n * ${k + 3} % 4099 as f${k}`).join(', ')
    const rows = Array.from({ length: 3_000 }, (_, n) => [n, n % 7 < 3])
    await load(db, 'many', rows, 'n int, y boolean')
    const found = parameters(await train(db, logistic, `select ${wide(128)}, y from many`))
    expect(found.length).toBe(129)
    expect(found.every(Number.isFinite)).toBe(true)
    await expect(train(db, logistic, `select ${wide(129)}, y from many`)).rejects.toMatchObject({
      code: 'INVALID_PARAMETER_VALUE',
    })
  })

  test('one row has a mean and nothing else', async () => {
    const found = parameters(await train(db, linear, 'select 3 as x, 7.5 as y'))
    expect(found).toEqual([7.5, 0])
  })
})

describe('a linear fit keeps the digits that matter', () => {
  /** Rows of n, the query over them, what to predict for, and the prediction. */
  const fits: readonly (readonly [string, string, string, number])[] = [
    ['two equal features', 'n as a, n as b, 2 * n as y', '4 as a, 4 as b', 8],
    ['a feature and its double', 'n as a, 2 * n as b, 5 * n as y', '4 as a, 8 as b', 20],
    [
      'a large mean',
      '1e12::float8 + n as a, 1e12::float8 + n as y',
      '1e12::float8 + 9 as a',
      1e12 + 9,
    ],
    ['large numbers', '1e300::float8 * n as a, n as y', '9e300::float8 as a', 9],
    ['both ends of the range', 'n * 1.7e308 - 3.4e308 as a, n as y', '0 as a', 2],
    ['small numbers', '1e-300::float8 * n as a, n as y', '9e-300::float8 as a', 9],
    ['a constant beside', '0.1::float8 as a, n as b, n as y', '0.1::float8 as a, 9 as b', 9],
    ['a constant target', 'n as a, 0.1::float8 as y', '9 as a', 0.1],
    [
      'nearly equal ones',
      'n as a, n + n % 2 / 1e9::float8 as b, n + n % 2 * 7 as y',
      '4 as a, 4 as b',
      4,
    ],
    [
      'features of all sizes',
      '1e-300::float8 * n as a, n * n as b, 1e300::float8 * n * n * n as c, 3 * n * n + 1 as y',
      '3e-300::float8 as a, 9 as b, 2.7e301::float8 as c',
      28,
    ],
  ]

  test.each(fits)('%s', async (_, columns, predicted, expected) => {
    const rows = '(values (1), (2), (3), (4), (5), (7)) v(n)'
    const where = columns.includes('1.7e308') ? 'where n in (1, 2, 3)' : ''
    const found = await train(db, linear, `select ${columns} from ${rows} ${where}`)
    const [row] = (
      await db.query(`select y from predict(model fitted, select ${predicted}) p`)
    ).values()
    expect(Math.abs(Number(row![0]) - expected)).toBeLessThanOrEqual(4e-15 * expected)
    expect(found.get('r2')).toBe('1')
  })

  test('of many solutions the one of least norm', async () => {
    const rows = '(values (1), (2), (3), (4)) v(n)'
    const query = `select n as a, 2 * n as b, n % 2 as c, 3 * (n % 2) as d,
      5 * n + 10 * (n % 2) + 1 as y from ${rows}`
    expectNear(parameters(await train(db, linear, query)), [1, 1, 2, 1, 3], 1e-13)
  })

  test('features that differ in their last digits only', async () => {
    const names = await loadSample(db, sample(3_000, 3))
    const query = `select ${names}, x0 + x1 + x2 * 1e-9 as close, x0 - x1 + 3 * x2 as y from sample`
    const [, x0, x1, x2, close] = parameters(await train(db, linear, query))
    expectNear([x0! + close!, x1! + close!, x2! + 1e-9 * close!], [1, -1, 3], 1e-5)
  })
})

test('features of any size separate classes', async () => {
  for (const size of ['1e300', '1e-3', '1e-300']) {
    const query = `select ${size}::float8 * n as x, n % 7 as z, n > 20 as y from generated`
    await load(
      db,
      'generated',
      Array.from({ length: 40 }, (_, n) => [n]),
      'n int',
    )
    const found = parameters(await train(db, logistic, query))
    expect(found.every(Number.isFinite), size).toBe(true)
  }
})

const refused: readonly (readonly [string, string, RegExp])[] = [
  [logistic, 'select x, y from odd_values', /"x" has values that are not finite/],
  [linear, 'select x, 1 as y from odd_values', /"x" has values that are not finite/],
  [linear, 'select 1 as z, x as y from odd_values', /"y" has values that are not finite/],
  [linear, "select 'infinity'::float8 as x, n as y from odd_values", /"x" has values/],
  [
    linear,
    'select 1e-300 * n as x, 1e300 * n as y from odd_values',
    /coefficient of "x" is out of/,
  ],
  [logistic, 'select n as x, true as y from odd_values', /two classes/],
  [logistic, 'select n as x, y from odd_values where n < 0', /two classes/],
  [logistic, 'select n as x, n as y from odd_values', /two classes/],
  [logistic, 'select n as x, n * 1.5 as y from odd_values where n < 3', /not supported/],
]

test.each(refused)('%s: %s is refused', async (options, query, message) => {
  await db.query(`create or replace table odd_values as select n::float8 / nullif(n - 3, 0) as z,
    case when n = 2 then 'NaN'::float8 when n = 3 then 'infinity'::float8 else n end as x,
    n, n > 2 as y from (values (1), (2), (3), (4)) v(n)`)
  const before = heapBytes()
  await expect(train(db, options, query)).rejects.toThrow(message)
  expect(heapBytes()).toBe(before)
})

describe('memory', () => {
  test('is free again after a training', async () => {
    await loadSample(db, sample(20_000, 3))
    const query = 'select x0, x1, x2, y from sample'
    await train(db, logistic, query)
    const before = heapBytes()
    for (let i = 0; i < 3; i++) await train(db, logistic, query)
    expect(heapBytes()).toBe(before)
  })

  test('is free again after an end in any round', async () => {
    await loadSample(db, sample(20_000, 3))
    const query =
      'create or replace model ended with (' + logistic + ') as select x0, x1, y from sample'
    const before = heapBytes()
    let ended = 0
    for (let last = 0; ; last++) {
      const abort = new AbortController()
      // The signal comes in the first round, then in the second, and so on.
      let begun = 0
      const restore = watchRounds(db, () => {
        if (begun++ === last) abort.abort()
      })
      const running = db.query(query, [], { signal: abort.signal })
      const outcome = await running.catch((error: unknown) => error)
      restore()
      expect(heapBytes()).toBe(before)
      if (begun <= last) break
      expect(outcome).toMatchObject({ code: 'QUERY_CANCELED' })
      ended++
    }
    expect(ended).toBeGreaterThan(4)
  })
})

/** Calls `before` whenever a round is about to run, until the returned function is called. */
function watchRounds({ engine }: Database, before: (timeoutMs: number) => void): () => void {
  const original = engine.rounds
  engine.rounds = (options, work) =>
    original.call(engine, options, (rounds) => {
      const run: typeof rounds.run = (round) => {
        const running = rounds.run(round)
        before(options.timeoutMs)
        return running
      }
      return work({ ...rounds, run })
    }) as ReturnType<typeof work>
  return () => {
    engine.rounds = original
  }
}

test('statement_timeout is for the statement, not for each of its parts', async () => {
  await loadSample(db, sample(3_000, 3))
  const timeouts: number[] = []
  const restore = watchRounds(db, (timeoutMs) => timeouts.push(timeoutMs))
  await db.query('set statement_timeout = 1000000')
  await train(db, logistic, 'select x0, x1, y from sample')
  await db.query('set statement_timeout = 0')
  restore()
  expect(timeouts.length).toBeGreaterThan(4)
  for (const timeoutMs of timeouts) expect(timeoutMs).toBeLessThan(1_000_000)
})

test('closing the database ends a training', async () => {
  const own = await connect({ threads: 2 })
  await loadSample(own, sample(20_000, 3))
  let closed: Promise<void> | undefined
  watchRounds(own, () => {
    closed ??= own.close()
  })
  const training = train(own, logistic, 'select x0, x1, y from sample')
  await expect(training).rejects.toMatchObject({ code: 'ADMIN_SHUTDOWN' })
  await closed
})
