import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { QueryError } from '../../src/base/errors.ts'
import { files, outcome } from './read-location.ts'

/** More rows than the default sample takes. */
const MANY = 21_000

let written = 0

/** One column: so many first values, then one behind the sample. */
function csvWith(first: string, last: string): string {
  const content = `v,w\n${`${first},x\n`.repeat(MANY)}${last},x\n`
  return join(files(`behind-${written++}`, { 'a.csv': content }), 'a.csv')
}

describe('a value behind the sample that its type would cut or round is told', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['2024-01-01', '2024-01-02 10:00:00'],
    ['2024-01-01 00:00:00', '2024-01-02 10:00:00+02'],
    ['10:00:00', '10:00:00+02'],
    ['1', '01234'],
    ['-5', '-007'],
    ['12345678901', '00000000000000001'],
    ['1.5', '007.5'],
    ['1.5', '12345678901234567891234'],
    ['1.5', '12345678901234567'],
    ['1.5', '-9007199254740993'],
    ['1', '99999999999999999999'],
    ['99999999999999999999', '0123'],
    ['true', '1'],
    ['true', 'yes'],
    ['1', '1.5'],
    ['1', 'x'],
  ]
  test.each(cases)('%s, then %s', async (first, last) => {
    const path = csvWith(first, last)
    const error = await outcome(path)
    expect(error).toBeInstanceOf(QueryError)
    const { details } = error as QueryError
    expect(details).toMatchObject({ file: path, row: MANY + 1, column: 'v' })
    expect(details.found).toContain(last)
    expect(details.hint).toContain('sample_rows_max')
  })

  test.each(cases)(
    'and among a larger sample it widens the column: %s, %s',
    async (first, last) => {
      const found = await outcome(csvWith(first, last), {
        fileOptions: { sampleRowsMax: 2 * MANY },
      })
      expect(found).toMatchObject({ rows: { length: MANY + 1 } })
    },
  )
})

describe('a value behind the sample that its type holds is read', () => {
  const cases: readonly (readonly [string, string, unknown])[] = [
    ['2024-01-01 00:00:00', '2024-01-02', 1_704_153_600_000_000n],
    ['1', '0', 0n],
    ['1', '-0', 0n],
    ['1.5', '2', 2],
    ['1.5', '100000000000000000000', 1e20],
    ['1.5', '9007199254740994', 9007199254740994],
    ['1.5', '-123456789012345', -123456789012345],
    ['1.5', '0.5', 0.5],
    ['99999999999999999999', '1.50', { unscaled: 150n, scale: 2 }],
    ['true', 'FALSE', false],
  ]
  test.each(cases)('%s, then %s', async (first, last, value) => {
    const found = await outcome(csvWith(first, last))
    expect(found).not.toBeInstanceOf(QueryError)
    if (!(found instanceof QueryError)) expect(found.rows.at(-1)).toEqual([value, 'x'])
  })
})

test('a JSON key that first appears behind the sample is told', async () => {
  const lines = `${'{"a":1}\n'.repeat(MANY)}{"a":2,"new \\"key\\"":3}\n`
  const path = join(files('late-key', { 'a.json': lines }), 'a.json')
  const error = await outcome(path)
  expect(error).toBeInstanceOf(QueryError)
  expect((error as QueryError).message).toContain('new \\"key\\"')
  expect((error as QueryError).details).toMatchObject({ file: path, row: MANY + 1 })
  expect(await outcome(path, { fileOptions: { sampleRowsMax: 2 * MANY } })).toMatchObject({
    columns: 'a bigint, new "key" bigint',
  })
  const a = { name: 'a', type: { kind: 'int8' }, nullable: true } as const
  // Who declares columns leaves out the others.
  expect(await outcome(path, { columns: [a] })).toMatchObject({ rows: { length: MANY + 1 } })
})

test('a JSON integer beyond bigint keeps its digits', async () => {
  const path = join(
    files('wide', { 'a.json': '{"a":1}\n{"a":12345678901234567890123}\n' }),
    'a.json',
  )
  expect(await outcome(path)).toMatchObject({
    columns: 'a numeric',
    rows: [[{ unscaled: 1n }], [{ unscaled: 12345678901234567890123n }]],
  })
})

test('a JSON number of more digits than any type has is kept as text', async () => {
  const digits = '9'.repeat(50)
  const path = join(files('widest', { 'a.json': `{"a":1}\n{"a":${digits}}\n` }), 'a.json')
  expect(await outcome(path)).toEqual({ columns: 'a text', rows: [['1'], [digits]] })
})

describe('malformed JSON is refused', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['{"a":[1,]}\n', 'malformed JSON value'],
    ['{"a":{"b":1,}}\n', 'a key was expected'],
    ['{"a":{"b" 1}}\n', 'a colon was expected'],
    ['{"a":[1 2]}\n', 'malformed JSON value'],
    ['{"a":["\\q"]}\n', 'malformed escape'],
    ['{"a":01}\n', 'malformed JSON value'],
    ['[{"a":1},{"a":2}', 'unexpected end of an array'],
    ['[{"a":1},{"a":2},]', 'a comma behind the last JSON object'],
  ]
  test.each(cases)('%j', async (content, message) => {
    const path = join(files(`malformed-${written++}`, { 'a.json': content }), 'a.json')
    const error = await outcome(path, {
      columns: [{ name: 'a', type: { kind: 'text' }, nullable: true }],
    })
    expect(error).toBeInstanceOf(QueryError)
    expect((error as QueryError).message).toContain(message)
  })
})

describe('lines that end in carriage returns alone', () => {
  const expected = {
    columns: 'a bigint, b text',
    rows: [
      [1n, 'x'],
      [2n, 'y\rz'],
    ],
  }
  const content = 'a,b\r1,x\r2,"y\rz"\r'
  test('are lines', async () => {
    const folder = files('returns', { 'a.csv': content, 'b.csv.gz': gzipSync(content) })
    expect(await outcome(join(folder, 'a.csv'))).toEqual(expected)
    expect(await outcome(join(folder, 'b.csv.gz'))).toEqual(expected)
  })
})

describe('samples', () => {
  test('hold a first record of any length that readers take', async () => {
    const long = 'x'.repeat(3_000_000)
    const folder = files('long', {
      'a.csv': `a,b\n${'1,'}${long}\n`,
      'b.json': `{"a":1,"b":${JSON.stringify(long)}}\n`,
    })
    for (const name of ['a.csv', 'b.json']) {
      const found = await outcome(join(folder, name))
      if (found instanceof QueryError) throw found
      expect(found.columns).toBe('a bigint, b text')
      expect(found.rows.map(([a, b]) => [a, b === long])).toEqual([[1n, true]])
    }
  })

  test('of a gzip file that is far smaller than its text', async () => {
    const content = `a\n${'0\n'.repeat(4_000_000)}`
    const packed = gzipSync(content, { level: 9 })
    expect(content.length / packed.length).toBeGreaterThan(1_000)
    const path = join(files('bomb', { 'a.csv.gz': packed }), 'a.csv.gz')
    expect(await outcome(path)).toMatchObject({ rows: { length: 4_000_000 } })
  })
})
