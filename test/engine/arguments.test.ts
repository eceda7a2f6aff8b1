import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, col, connect, lit, sum, when, type Database } from '../../src/index.ts'

let db: Database

beforeAll(async () => {
  db = await connect({ threads: 1 })
  await db.query('create table t (a int, b text)')
})

afterAll(() => db.close())

/** Callers in plain JavaScript give what they like. */
const wrong = (value: unknown): never => value as never

type Attempt = readonly [what: string, act: () => unknown, expected: string, found: string]

const attempts: readonly Attempt[] = [
  ['no text', () => db.query(wrong(1)), 'a string', 'number 1'],
  ['no text at all', () => db.query(wrong(undefined)), 'a string', 'undefined'],
  ['parameters that are none', () => db.query('select 1', wrong('x')), 'an array', '"x"'],
  ['null for parameters', () => db.query('select 1', wrong(null)), 'an array', 'null'],
  ['null for options', () => db.query('select 1', [], wrong(null)), 'an object', 'null'],
  [
    'a signal that is none',
    () => db.query('select 1', [], { signal: wrong({ aborted: true }) }),
    'an AbortSignal',
    'an object',
  ],
  ['a text as template', () => db.sql(wrong('select 1')), 'a template', '"select 1"'],
  ['no text to prepare', () => db.session().prepare(wrong([])), 'a string', 'an array'],
  ['a table without name', () => db.table(wrong(7)), 'a string', 'number 7'],
  ['a load without name', () => db.load(wrong(null), new Uint8Array()), 'a string', 'null'],
  ['a load of nothing', () => db.load('x', wrong(null)), 'an object', 'null'],
  ['a text as data', () => db.load('x', wrong('a,b')), 'an object', '"a,b"'],
  ['null to connect', () => connect(wrong(null)), 'an object', 'null'],
  ['a list to connect', () => connect(wrong([])), 'an object', 'an array'],
  ['a cluster that is none', () => connect({ cluster: wrong(null) }), 'an object', 'null'],
  [
    'threads that are a symbol',
    () => connect({ threads: wrong(Symbol('x')) }),
    'an integer from 1 to 256',
    'a symbol',
  ],
  ['a root alone', () => connect({ allowedRoots: wrong('/') }), 'an array of strings', '"/"'],
  [
    'roots of other kinds',
    () => connect({ allowedRoots: wrong(['/', 3]) }),
    'an array of strings',
    'number 3',
  ],
  ['a word for a flag', () => connect({ allowUrls: wrong('no') }), 'true or false', '"no"'],
  ['filter(true)', () => db.table('t').filter(wrong(true)), 'a column expression', 'boolean true'],
  ['filter()', () => db.table('t').filter(wrong(undefined)), 'a column expression', 'undefined'],
  [
    'select(null)',
    () => db.table('t').select(wrong(null)),
    'a name, or an object of column expressions',
    'null',
  ],
  [
    'select(col)',
    () => db.table('t').select(wrong(col('a'))),
    'a name, or an object of column expressions',
    'an object',
  ],
  [
    'select with a bare value',
    () => db.table('t').select({ a: wrong(1) }),
    'a column expression',
    'number 1',
  ],
  ['withColumns()', () => db.table('t').withColumns(wrong(undefined)), 'an object', 'undefined'],
  [
    'withColumns of text',
    () => db.table('t').withColumns({ c: wrong('a') }),
    'a column expression',
    '"a"',
  ],
  ['a join of nothing', () => db.table('t').join(wrong(null), 'a'), 'a dataframe', 'null'],
  [
    'a join of another kind',
    () => db.table('t').join(db.table('t'), 'a', wrong('cross')),
    'inner, left, right, full, semi, anti',
    '"cross"',
  ],
  ['a join on nothing', () => db.table('t').join(db.table('t'), wrong(null)), 'an object', 'null'],
  [
    'a join on numbers',
    () => db.table('t').join(db.table('t'), wrong([1])),
    'a string',
    'number 1',
  ],
  [
    'groupBy(1)',
    () => db.table('t').groupBy(wrong(1)),
    'a name, or an object of column expressions',
    'number 1',
  ],
  ['agg(null)', () => db.table('t').agg(wrong(null)), 'an object', 'null'],
  [
    'agg of a column',
    () => db.table('t').agg({ x: wrong(col('a')) }),
    'an aggregate, as sum(...)',
    'an object',
  ],
  [
    'sort(1)',
    () => db.table('t').sort(wrong(1)),
    'a name, a column expression or its asc() or desc()',
    'number 1',
  ],
  ['unionAll()', () => db.table('t').unionAll(wrong({})), 'a dataframe', 'an object'],
  ['collect(null)', () => db.table('t').collect(wrong(null)), 'an object', 'null'],
  [
    'explain of another view',
    () => db.table('t').explain(wrong('all')),
    'logical, optimized, physical, stages',
    '"all"',
  ],
  ['col(1)', () => col(wrong(1)), 'a string', 'number 1'],
  ['call(null)', () => call(wrong(null)), 'a string', 'null'],
  [
    'lit of an object',
    () => lit(wrong({})),
    'a column expression, boolean, number, bigint, string or null',
    'an object',
  ],
  [
    'a comparison with nothing',
    () => col('a').eq(wrong(undefined)),
    'a column expression, boolean, number, bigint, string or null',
    'undefined',
  ],
  ['and(true)', () => col('a').and(wrong(true)), 'a column expression', 'boolean true'],
  ['isIn of one', () => col('a').isIn(wrong(1)), 'an array', 'number 1'],
  ['a cast to a word', () => col('a').cast(wrong('int4')), 'a data type', '"int4"'],
  ['when of no list', () => when(wrong({}), 1), 'an array', 'an object'],
  ['when of no pair', () => when([wrong(1)], 1), 'an array', 'number 1'],
  ['when(true)', () => when([[wrong(true), 1]], 1), 'a column expression', 'boolean true'],
  [
    'sum of an array',
    () => sum(wrong([])),
    'a column expression, boolean, number, bigint, string or null',
    'an array',
  ],
]

test.each(attempts)('%s is refused by name', async (_, act, expected, found) => {
  const error: unknown = await Promise.resolve()
    .then(act)
    .catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({
    code: 'INVALID_PARAMETER_VALUE',
    sqlState: '22023',
    details: { expected, found },
  })
})

describe('a session that was closed', () => {
  const asked: readonly (readonly [
    string,
    (closed: ReturnType<Database['session']>) => unknown,
  ])[] = [
    ['query', (session) => session.query('select 1')],
    ['query of nothing', (session) => session.query('')],
    ['query with parameters', (session) => session.query('select $1', [1])],
    ['commit', (session) => session.query('commit')],
    ['set', (session) => session.query('set search_path to x')],
    ['show', (session) => session.query('show search_path')],
    ['prepare', (session) => session.prepare('select 1')],
    ['load', (session) => session.load('x', new Uint8Array())],
    ['begin', (session) => session.beginImplicit()],
  ]

  test.each(asked)('answers to %s that it is', async (_, ask) => {
    const session = db.session()
    session.close()
    const answer = Promise.resolve(session).then(ask)
    await expect(answer).rejects.toMatchObject({
      code: 'ADMIN_SHUTDOWN',
      message: 'the session was closed',
    })
  })

  test('so do frames, and closing it again is nothing', async () => {
    const other = await connect({ threads: 1 })
    await other.query('create table t (a int)')
    const frame = other.table('t')
    await other.close()
    await other.close()
    const closed = { code: 'ADMIN_SHUTDOWN' }
    await expect(frame.collect()).rejects.toMatchObject(closed)
    await expect(frame.explain()).rejects.toMatchObject(closed)
    await expect(other.query('select 1')).rejects.toMatchObject(closed)
    await expect(other.session().query('select 1')).rejects.toMatchObject(closed)
  })
})
