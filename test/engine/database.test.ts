import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect, type Database } from '../../src/index.ts'

let db: Database

beforeAll(async () => {
  db = await connect({ threads: 2 })
  await db.query('create table t (a int, b text, c numeric(10,2))')
  await db.query("insert into t values (1, 'x', 1.50), (2, 'y', 2.25), (3, null, null)")
})

afterAll(() => db.close())

describe('queries', () => {
  test('rows have host values, exact numbers as text', async () => {
    const result = await db.query(
      'select a, b, c, a::int8 as big, 1.5::float8 as f from t order by a',
    )
    expect(result.rows()).toEqual([
      { a: 1, b: 'x', c: '1.50', big: 1n, f: 1.5 },
      { a: 2, b: 'y', c: '2.25', big: 2n, f: 1.5 },
      { a: 3, b: null, c: null, big: 3n, f: 1.5 },
    ])
  })

  test('parameters take the type of their place', async () => {
    const result = await db.query('select b from t where a = $1 or c > $2 order by a', [1, '2.00'])
    expect(result.values()).toEqual([['x'], ['y']])
  })

  test('a template makes parameters of its values', async () => {
    const wanted = 'y'
    const result = await db.sql`select a from t where b = ${wanted}`
    expect(result.values()).toEqual([[2]])
  })

  test('a number in a place without type stays a number', async () => {
    const result = await db.query('select $1 as n', [41])
    expect(result.rows()).toEqual([{ n: 41 }])
  })

  test('repeated column names are kept by values()', async () => {
    expect((await db.query('select 1 as a, 2 as a')).values()).toEqual([[1, 2]])
  })

  test('arrow tables hold the rows', async () => {
    const table = (await db.query('select a, b from t order by a')).toArrow()
    expect(table.numRows).toBe(3)
    expect([...(table.getChild('b') ?? [])]).toEqual(['x', 'y', null])
  })

  test('Arrow tables and IPC bytes become tables', async () => {
    const result = await db.query('select a, b, c, a > 1 as f from t order by a')
    expect(db.load('from_table', result.toArrow())).toBe(3)
    expect(db.load('from_ipc', result.toIpc())).toBe(3)
    for (const name of ['from_table', 'from_ipc']) {
      const loaded = await db.query(`select * from ${name} order by a`)
      expect(loaded.columns).toEqual(result.columns)
      expect(loaded.texts()).toEqual(result.texts())
      await db.query(`drop table ${name}`)
    }
    expect(() => db.load('broken', new Uint8Array([1, 2, 3]))).toThrow()
    await expect(db.query('select * from broken')).rejects.toThrow(/does not exist/)
  })

  test('columns of one name go out as Arrow and come back numbered', async () => {
    const result = await db.query("select 'x' as a, 1 as a, null as a, 2.5 as b")
    expect(result.toArrow().schema.names).toEqual(['a', 'a', 'a', 'b'])
    expect(db.load('twins', result.toIpc())).toBe(1)
    const loaded = await db.query('select a, a_1, a_2, b from twins')
    expect(loaded.texts()).toEqual([['x', '1', null, '2.5']])
    await db.query('drop table twins')
  })

  test('a command counts the rows it changed and gives none', async () => {
    const result = await db.query('create table counted as select a from t')
    expect(result.rowCount).toBe(3)
    expect([result.rows(), result.values(), result.texts(), [...result.batches()]]).toEqual([
      [],
      [],
      [],
      [],
    ])
    await db.query('drop table counted')
  })

  test('an aborted signal cancels', async () => {
    const abort = new AbortController()
    abort.abort()
    await expect(db.query('select 1', [], { signal: abort.signal })).rejects.toMatchObject({
      code: 'QUERY_CANCELED',
    })
  })
})

const failures: readonly (readonly [string, string, number | undefined])[] = [
  ['select * from nowhere', 'UNDEFINED_TABLE', 14],
  ['select d from t', 'UNDEFINED_COLUMN', 7],
  ['selec 1', 'SYNTAX_ERROR', 0],
  // At the first column without a value.
  ['insert into t (b, a) values (1)', 'SYNTAX_ERROR', 18],
  ['select 1/0', 'DIVISION_BY_ZERO', undefined],
  ['select 2147483647 + 1', 'NUMERIC_OUT_OF_RANGE', undefined],
  ["select 'x'::int", 'INVALID_TEXT_REPRESENTATION', undefined],
  ['create table t (a int)', 'DUPLICATE_TABLE', undefined],
  ["create table f with (location = '/nowhere/x.parquet')", 'INSUFFICIENT_PRIVILEGE', undefined],
]

describe('failed statements', () => {
  for (const [sql, code, start] of failures) {
    test(`${sql}: ${code}, and the session goes on`, async () => {
      const error: unknown = await db.query(sql).then(
        () => undefined,
        (reason: unknown) => reason,
      )
      expect(error).toMatchObject({ code })
      if (start !== undefined) expect(error).toMatchObject({ details: { span: { start } } })
      expect((await db.query('select count(*) from t')).values()).toEqual([[3n]])
    })
  }

  test('a failed insert leaves no row', async () => {
    await expect(db.query("insert into t (a) values (1), ('x')")).rejects.toThrow()
    expect((await db.query('select count(*) from t')).values()).toEqual([[3n]])
  })

  test('memory is given back after success, error and cancel', async () => {
    const before = db.engine.heap.bytesInUse
    await db.query('select a, count(*) from t group by a order by a')
    await db.query('select a / (a - 2) from t').catch(() => undefined)
    expect(db.engine.heap.bytesInUse).toBe(before)
    // Rows that are many, for which code is made.
    const many = 'generate_series(1, 5000) s(n)'
    await db.query(`select n % 7, count(*) from ${many} group by 1 order by 1`)
    await expect(db.query(`select n / (n - 4000) from ${many}`)).rejects.toMatchObject({
      code: 'DIVISION_BY_ZERO',
    })
    expect(db.engine.heap.bytesInUse).toBe(before)
  })
})

describe('transactions', () => {
  test('a rolled back table was never there', async () => {
    const session = db.session()
    await session.query('begin')
    await session.query('create table temp_t as select 1 as a')
    expect((await session.query('select a from temp_t')).values()).toEqual([[1]])
    await expect(db.query('select a from temp_t')).rejects.toMatchObject({
      code: 'UNDEFINED_TABLE',
    })
    await session.query('rollback')
    await expect(session.query('select a from temp_t')).rejects.toMatchObject({
      code: 'UNDEFINED_TABLE',
    })
    session.close()
  })

  test('after an error only the end of the transaction is accepted', async () => {
    const session = db.session()
    await session.query('begin')
    await expect(session.query('select 1/0')).rejects.toThrow()
    await expect(session.query('select 1')).rejects.toMatchObject({ code: 'FAILED_TRANSACTION' })
    expect((await session.query('commit')).command).toBe('ROLLBACK')
    session.close()
  })
})

describe('objects', () => {
  test('views, drop, show and describe', async () => {
    await db.query('create view v as select a * 2 as double from t')
    expect((await db.query('select sum(double) from v')).values()).toEqual([[12n]])
    const shown = (await db.query('show tables')).texts()
    expect(shown).toContainEqual(['public', 'v', 'view'])
    expect((await db.query('describe t')).texts()).toEqual([
      ['a', 'integer', 'YES', null],
      ['b', 'text', 'YES', null],
      ['c', 'numeric(10,2)', 'YES', null],
    ])
    await db.query('drop view v')
    await expect(db.query('select * from v')).rejects.toMatchObject({ code: 'UNDEFINED_TABLE' })
  })

  test('dropping a table gives its memory back', async () => {
    const before = db.engine.heap.bytesInUse
    await db.query('create table big as select a, b from t')
    await db.query('drop table big')
    expect(db.engine.heap.bytesInUse).toBe(before)
  })

  test('explain analyze says whether code was made for the rows', async () => {
    const ran = async (query: string): Promise<readonly unknown[]> => {
      const lines = (await db.query(`explain (analyze, summary off) ${query}`)).texts().flat()
      return lines.filter((line) => line?.startsWith('R') === true)
    }
    expect(await ran('select a from t where a > 1')).toContain('Run: 1 task row by row')
    const many = 'select sum(n) from generate_series(1, 5000) s(n)'
    expect((await ran(many)).at(-1)).toMatch(/^Run: \d pipelines? (?:compiled|interpreted)/)
    const twice = 'with w as materialized (select a from t) select * from w x, w y'
    expect((await ran(twice)).at(-1)).toBe('Run: 2 tasks row by row')
    const json = (await db.query('explain (analyze, format json) select a from t')).texts()
    expect(JSON.parse(String(json[0]?.[0]))).toMatchObject({
      actual: { rows: 3, ways: { 'row by row': 1 } },
    })
  })

  test('explain names what an operator has evaluated without code', async () => {
    // Back references are tried out: there is no table of them, and of plain patterns there is.
    const query = String.raw`select b ~ '(a)\1' or b ~ 'c' from t`
    const explained = async (options: string): Promise<string> =>
      (await db.query(`explain (${options}) ${query}`)).texts().flat().join('\n')
    for (const options of ['costs off', 'stages, costs off']) {
      const lines = (await explained(options)).split('\n')
      expect(lines.filter((line) => line.endsWith('call-out: ~')).length, options).toBe(1)
    }
    const json: unknown = JSON.parse(await explained('format json'))
    expect(json).toMatchObject({ node: 'Project', callOuts: ['~'] })
    const inCode = (await db.query("explain select b ~ 'c+' from t")).texts().flat()
    expect(inCode.join('\n')).not.toContain('call-out')
  })

  test('explain says by what range a nested loop finds rows', async () => {
    const joined = async (on: string): Promise<string> =>
      (await db.query(`explain select 1 from t x join t y on ${on}`)).texts().flat().join('\n')
    expect(await joined('x.a between y.a and y.a + 5')).toMatch(/ by range of a#\d+ and \(/)
    expect(await joined('x.a < y.a')).toMatch(/ by range of a#\d+ /)
    expect(await joined('x.a <> y.a')).not.toContain('by range')
  })

  test('explain shows every step', async () => {
    for (const view of ['logical', 'optimized', 'physical', 'stages']) {
      const lines = (await db.query(`explain (${view}) select a from t where a > 1`)).texts()
      expect(lines.length).toBeGreaterThan(0)
    }
    const [json] = (await db.query('explain (format json) select a from t')).texts()
    expect(() => JSON.parse(json?.[0] ?? '')).not.toThrow()
  })
})
