import { describe, expect, test } from 'vitest'
import { QueryError } from '../../../src/base/errors.ts'
import { int4, text, typeName } from '../../../src/data/types/data-type.ts'
import type { FileOptions } from '../../../src/plan/catalog/catalog.ts'
import { inspect } from './read-csv.ts'

async function columnsOf(content: string, options: FileOptions = {}): Promise<string> {
  const { columns } = await inspect(content, options)
  return columns.map(({ name, type }) => `${name} ${typeName(type)}`).join(', ')
}

describe('types come from the sample', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['1\n-2\n', 'bigint'],
    ['1\n2.5\n', 'double precision'],
    ['1e5\n', 'double precision'],
    ['9223372036854775807\n', 'bigint'],
    ['9223372036854775808\n', 'numeric'],
    ['1.5\n9223372036854775808\n', 'numeric'],
    ['1e5\n9223372036854775808\n', 'double precision'],
    [`${'9'.repeat(36)}\n`, 'text'],
    ['01234\n1\n', 'text'],
    ['0\n0.5\n-0\n', 'double precision'],
    ['007.5\n', 'text'],
    ['25:00:00\n', 'text'],
    ['true\nFALSE\n', 'boolean'],
    ['true\n1\n', 'text'],
    ['2024-02-29\n', 'date'],
    ['2023-02-29\n', 'text'],
    ['2024-01-01\n2024-01-01 10:00:00\n', 'timestamp without time zone'],
    ['2024-01-01T10:00:00Z\n', 'timestamp with time zone'],
    ['10:00:00\n', 'time without time zone'],
    ['\n\n', 'text'],
    ['1\n\n2\n', 'bigint'],
    ['1\nx\n', 'text'],
    ['"1"\n', 'bigint'],
  ]
  test.each(cases)('%j is %s', async (content, type) => {
    const lines = content.split('\n').slice(0, -1)
    const columns = await columnsOf(`v,w\n${lines.map((line) => `${line},x`).join('\n')}\n`)
    expect(columns).toBe(`v ${type}, w text`)
  })

  test('no more rows than asked for', async () => {
    expect(await columnsOf('v\n1\n2\nx\n', { sampleRowsMax: 2 })).toBe('v bigint')
    expect(await columnsOf('v\n1\n2\nx\n', { sampleRowsMax: 3 })).toBe('v text')
  })
})

describe('the dialect', () => {
  const cases: readonly (readonly [string, FileOptions])[] = [
    ['a,b\n1,2\n', { delimiter: ',', header: true }],
    ['a;b\n1;2\n', { delimiter: ';', header: true }],
    ['a\tb\n1\t2\n', { delimiter: '\t', header: true }],
    ['a|b\n1|2,3\n', { delimiter: '|', header: true }],
    ['"a;b",c\n"1;2",3\n', { delimiter: ',', header: true }],
    ['1,2\n3,4\n', { delimiter: ',', header: false }],
    ['a,1\nb,2\n', { delimiter: ',', header: false }],
    ['a,b\nc,d\n', { delimiter: ',', header: true }],
    // Names may come twice or be left out, as long as the records below show that they are names.
    ['a,a\nc,d\n', { delimiter: ',', header: true }],
    ['a,a,b\n1,2,3\n', { delimiter: ',', header: true }],
    ['a,\n1,2\n', { delimiter: ',', header: true }],
    [',a,b\n0,1,x\n1,2,y\n', { delimiter: ',', header: true }],
    ['"","a"\n"r1","x"\n"r2","y"\n', { delimiter: ',', header: true }],
    [',name\n0,foo\n1,bar\n', { delimiter: ',', header: true }],
    ['a,b,\n1,2,\n3,4,\n', { delimiter: ',', header: true }],
    ['red,small\nred,large\nblue,small\n', { delimiter: ',', header: false }],
    ['no,no,yes\nno,yes,no\n', { delimiter: ',', header: false }],
    [',x\n,y\nb,z\n', { delimiter: ',', header: false }],
    [',\n1,2\n', { delimiter: ',', header: false }],
    ['a b\n1 2\n', { delimiter: ',', header: true }],
    ['a;b,c\n1;2,5\n3;4,5\n', { delimiter: ';', header: true }],
  ]
  test.each(cases.slice(0, -1))('of %j', async (content, expected) => {
    expect((await inspect(content)).options).toMatchObject(expected)
  })

  test('names', async () => {
    expect(await columnsOf('1,x\n')).toBe('column0 bigint, column1 text')
    expect(await columnsOf('a,a,\n', { header: true })).toBe('a text, a_1 text, column2 text')
    expect(await columnsOf(',a,a\n0,1,2\n')).toBe('column0 bigint, a bigint, a_1 bigint')
    expect(await columnsOf('\ufeff"a b",c\r\n1,2\r\n')).toBe('a b bigint, c bigint')
  })

  test('rows are counted when the sample is the file, else estimated', async () => {
    expect((await inspect('a\n1\n2\n')).rows).toBe(2)
    const { rows } = await inspect(`a,b\n${'123,abcdefgh\n'.repeat(300_000)}`)
    expect(rows).toBeGreaterThan(280_000)
    expect(rows).toBeLessThan(320_000)
  })
})

describe('declared columns', () => {
  const declared = [
    { name: 'id', type: int4, nullable: true },
    { name: 'note', type: text, nullable: true },
  ]

  const headers: readonly (readonly [string, boolean])[] = [
    ['id,note\n1,x\n', true],
    ['ID,Note\n1,x\n', true],
    ['number,remark\n1,x\n', true],
    ['1,x\n2,y\n', false],
    ['1,x\n', false],
  ]
  test.each(headers)('%j has a header: %s', async (content, header) => {
    expect((await inspect(content, {}, declared)).options.header).toBe(header)
  })

  test('must be as many as the fields', async () => {
    const error: unknown = await inspect('1\n', {}, declared).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(QueryError)
    expect((error as QueryError).details).toMatchObject({ expected: '2 fields', found: '1 fields' })
  })

  test('make an empty file readable', async () => {
    expect((await inspect('', {}, declared)).columns).toEqual(declared)
    await expect(inspect('')).rejects.toThrow(/is empty: its columns are unknown/)
  })
})

describe('options that make no sense', () => {
  const cases: readonly (readonly [FileOptions, RegExp])[] = [
    [{ delimiter: ';;' }, /delimiter must be one ASCII character/],
    [{ delimiter: '\n' }, /cannot be a newline/],
    [{ delimiter: '"' }, /must differ/],
    [{ quote: 'ä' }, /quote must be one ASCII character/],
    [{ nullStrings: ['a,b'] }, /NULL string cannot hold the delimiter/],
    [{ nullStrings: ['x'.repeat(29)] }, /at most 28 bytes/],
  ]
  test.each(cases)('%j', async (options, message) => {
    await expect(inspect('a,b\n1,2\n', options)).rejects.toThrow(message)
  })
})
