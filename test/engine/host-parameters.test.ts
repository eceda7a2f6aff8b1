import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, type Database } from '../../src/index.ts'

let db: Database
beforeAll(async () => {
  db = await connect({ threads: 1 })
})
afterAll(() => db.close())

const foreign: readonly (readonly [string, unknown])[] = [
  ['an object', { a: 1 }],
  ['a Map', new Map()],
  ['a symbol', Symbol('x')],
  ['a function', () => 1],
  ['floats', new Float64Array(2)],
  ['an object without a text', Object.create(null)],
]

test.each(foreign)('%s is no parameter: its text is never taken for one', async (_, value) => {
  for (const text of ['select $1', 'select $1::text', 'select $1::int']) {
    await expect(db.query(text, [value as string])).rejects.toThrow('parameter $1 is no value')
  }
})

test.each([[[1]], [[]]])('an array is a parameter where an array is wanted: %j', async (value) => {
  await expect(db.query('select $1::int', [value])).rejects.toThrow('cannot')
  expect((await db.query('select $1::int[] as x', [value])).rows()).toEqual([{ x: value }])
})

test('a Date that is none', async () => {
  for (const type of ['timestamp', 'timestamptz', 'date', 'text']) {
    const run = db.query(`select $1::${type}`, [new Date(Number.NaN)])
    await expect(run).rejects.toThrow('parameter $1 is an invalid Date')
  }
})

test('a number beyond bigint is a float', async () => {
  expect((await db.query('select $1 as x, $2 as y', [1e21, -(2 ** 63)])).rows()).toEqual([
    { x: 1e21, y: -(2 ** 63) },
  ])
  expect((await db.query('select $1 as x', [2 ** 62])).rows()).toEqual([{ x: 2n ** 62n }])
})

test('arrays and records are JSON where that is wanted, with all digits of their numbers', async () => {
  const value = { a: [1, 'x"', null, true, { b: 2n ** 60n }], when: new Date(0), none: undefined }
  const rows = (
    await db.query('select $1::jsonb as x, ($2::json) ->> 1 as y', [value, [7, 8]])
  ).rows()
  expect(rows).toEqual([
    {
      x: '{"a": [1, "x\\"", null, true, {"b": 1152921504606846976}], "none": null, "when": "1970-01-01T00:00:00.000Z"}',
      y: '8',
    },
  ])
})

test.each([
  ['a number that JSON has none for', { a: Number.NaN }, 'is no JSON'],
  ['a Map', [new Map()], 'is no JSON'],
  ['bytes', { a: new Uint8Array(1) }, 'is no JSON'],
  ['a lone surrogate', { a: '\ud83d' }, 'invalid input syntax for type json'],
])('%s in JSON', async (_, value, message) => {
  await expect(db.query('select $1::jsonb', [value as never])).rejects.toThrow(message)
})

test('JSON that is too deep', async () => {
  let value: unknown = 1
  for (let level = 0; level < 50_000; level++) value = [value]
  await expect(db.query('select $1::jsonb', [value as never])).rejects.toMatchObject({
    code: 'STATEMENT_TOO_COMPLEX',
  })
})
