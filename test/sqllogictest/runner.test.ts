import { describe, expect, test } from 'vitest'
import { compareResult, hashValues, renderValue } from '../../sqllogictest/runner/compare.ts'
import type { Rendering, TextRows } from '../../sqllogictest/runner/compare.ts'
import { EngineError } from '../../sqllogictest/runner/engine.ts'
import type { SqlEngine } from '../../sqllogictest/runner/engine.ts'
import { readRecords } from '../../sqllogictest/runner/read-records.ts'
import type { SltRecord, SortMode } from '../../sqllogictest/runner/record.ts'
import { runFile } from '../../sqllogictest/runner/run-file.ts'
import type { SkipEntry } from '../../sqllogictest/runner/skip-list.ts'

async function* linesOf(text: string): AsyncGenerator<string> {
  yield* text.split('\n')
}

async function recordsOf(text: string): Promise<SltRecord[]> {
  const records: SltRecord[] = []
  for await (const record of readRecords(linesOf(text))) records.push(record)
  return records
}

describe('records', () => {
  const base = { conditions: [], line: 1 }
  const table: readonly (readonly [string, readonly unknown[]])[] = [
    ['statement ok\nselect 1', [{ ...base, kind: 'statement', sql: 'select 1', expect: 'ok' }]],
    ['statement maybe\r\nx\r\n', [{ ...base, kind: 'statement', sql: 'x', expect: 'maybe' }]],
    [
      'statement error (42P01) no .* table\nx',
      [{ kind: 'statement', expect: { sqlState: '42P01', pattern: /no .* table/is } }],
    ],
    [
      'statement error\nx\n----\na.b (c)',
      [{ expect: { sqlState: undefined, pattern: /a\.b \(c\)/is } }],
    ],
    ['query error\nx', [{ kind: 'query', expect: { sqlState: undefined, pattern: undefined } }]],
    [
      '# note\n\nquery IT rowsort lab\nselect 1,\n# inside\n2\n----\n1\n2\n\nhalt',
      [
        { kind: 'query', line: 3, sql: 'select 1,\n2', types: 'IT', sort: 'rowsort', label: 'lab' },
        { kind: 'halt', line: 11 },
      ],
    ],
    ['query I lab\nx', [{ sort: 'nosort', label: 'lab', expect: [] }]],
    [
      'skipif mysql # why\nonlyif PostgreSQL\nquery I\nx\n----\n1',
      [
        {
          conditions: [
            { only: false, engine: 'mysql' },
            { only: true, engine: 'postgresql' },
          ],
          expect: ['1'],
        },
      ],
    ],
    ['hash-threshold 8', [{ kind: 'hash-threshold', valuesMax: 8 }]],
    ['control sortmode rowsort', [{ kind: 'control', name: 'sortmode', value: 'rowsort' }]],
    ['require icu\n\nhalt', [{ kind: 'unsupported', scope: 'file' }, { kind: 'halt' }]],
    [
      'loop i 0 3\n\nquery I\nselect ${i}\n----\n1\n\nendloop\n\nhalt',
      [{ kind: 'unsupported', scope: 'record' }, { kind: 'halt' }],
    ],
    ['wibble\nx', [{ kind: 'unsupported', scope: 'record' }]],
  ]

  test.each(table)('%j', async (text, expected) => {
    const records = await recordsOf(text)
    expect(records).toHaveLength(expected.length)
    expect(records).toMatchObject(expected)
  })
})

describe('values', () => {
  test.each<[string | null, string, Rendering, string]>([
    [null, 'I', 'classic', 'NULL'],
    ['', 'T', 'text', '(empty)'],
    ['1.50', 'R', 'text', '1.50'],
    ['1.5', 'R', 'classic', '1.500'],
    ['2.7', 'I', 'classic', '2'],
    ['-2.7', 'I', 'classic', '-2'],
    ['true', 'I', 'classic', '0'],
    ['t', 'I', 'classic', '1'],
    ['12345678901234567890', 'I', 'classic', '12345678901234567890'],
    ['a\tb\u00e9', 'T', 'classic', 'a@b@'],
  ])('%j as %s, %s', (value, type, rendering, expected) => {
    expect(renderValue(value, type, rendering)).toBe(expected)
  })

  test('hash', () => {
    // printf '1\\n2\\n3\\n' | md5sum
    expect(hashValues(['1', '2', '3'])).toBe('c0710d6b4f15dfa88f600b0e6b624077')
  })

  const rows: TextRows = [
    ['2', 'b c'],
    ['1', null],
  ]
  test.each<[string, SortMode, TextRows, readonly string[], boolean]>([
    ['value-wise', 'nosort', rows, ['2', 'b c', '1', 'NULL'], true],
    ['value-wise, other order', 'nosort', rows, ['1', 'NULL', '2', 'b c'], false],
    ['value-wise, sorted by row', 'rowsort', rows, ['1', 'NULL', '2', 'b c'], true],
    ['value-wise, sorted by value', 'valuesort', rows, ['1', '2', 'NULL', 'b c'], true],
    ['row-wise', 'nosort', rows, ['2 b c', '1 NULL'], true],
    ['row-wise, more space', 'nosort', rows, ['2   b  c', '1 NULL '], true],
    ['row-wise, tabs', 'nosort', rows, ['2\tb c', '1\tNULL'], true],
    ['row-wise, tabs, other value', 'nosort', rows, ['2\tb  c', '1\tNULL'], false],
    ['row-wise, other order', 'nosort', rows, ['1 NULL', '2 b c'], false],
    ['row-wise, sorted', 'rowsort', rows, ['1 NULL', '2 b c'], true],
    ['too few', 'nosort', rows, ['2 b c'], false],
    ['empty', 'nosort', [], [], true],
    ['not empty', 'nosort', rows, [], false],
    ['no rows', 'nosort', [], ['1 2'], false],
  ])('%s', (_, sort, actual, expected, equal) => {
    expect(compareResult({ types: 'IT', sort }, expected, actual, 'text').equal).toBe(equal)
  })

  test('number of columns counts', () => {
    const answer = compareResult({ types: 'I', sort: 'nosort' }, ['1', '2'], [['1', '2']], 'text')
    expect(answer.equal).toBe(false)
  })

  test('hash of sorted values', () => {
    const line = [`3 values hashing to ${hashValues(['1', '2', '3'])}`]
    const three: TextRows = [['3'], ['1'], ['2']]
    expect(compareResult({ types: 'I', sort: 'rowsort' }, line, three, 'text').equal).toBe(true)
    expect(compareResult({ types: 'I', sort: 'nosort' }, line, three, 'text').equal).toBe(false)
    expect(compareResult({ types: 'I', sort: 'rowsort' }, line, [['1']], 'text').equal).toBe(false)
  })
})

/** Answers `rows: 1,2;3,4` with those rows and `fail: XXXXX` with that error. */
function scriptedEngine(): SqlEngine {
  const run = async (sql: string): Promise<{ rows: TextRows }> => {
    const failure = /^fail: (\w+)/.exec(sql)
    if (failure !== null) throw new EngineError('it failed', failure[1]!)
    const rows = /^rows: (.*)$/.exec(sql)?.[1] ?? ''
    return { rows: rows === '' ? [] : rows.split(';').map((row) => row.split(',')) }
  }
  return {
    names: ['heddle', 'postgresql'],
    open: async () => ({ run, close: async () => {} }),
    close: async () => {},
  }
}

async function counts(text: string, skips: readonly SkipEntry[] = []): Promise<readonly number[]> {
  const options = { rendering: 'text', skips } as const
  const report = await runFile('dir/a.slt', readRecords(linesOf(text)), scriptedEngine(), options)
  return [report.passed, report.failed, report.skipped]
}

describe('a file', () => {
  test.each<[string, readonly number[]]>([
    ['statement ok\nx', [1, 0, 0]],
    ['statement ok\nfail: 42601', [0, 1, 0]],
    ['statement error\nfail: 42601', [1, 0, 0]],
    ['statement error (22012)\nfail: 42601', [0, 1, 0]],
    ['statement error it .*ed\nfail: 42601', [1, 0, 0]],
    ['statement error other\nfail: 42601', [0, 1, 0]],
    ['statement error\nx', [0, 1, 0]],
    ['query error (42601)\nfail: 42601', [1, 0, 0]],
    ['query I\nrows: 1\n----\n1', [1, 0, 0]],
    ['query I\nrows: 1\n----\n2', [0, 1, 0]],
    ['query I\nfail: 42601\n----\n2', [0, 1, 0]],
    ['query I nosort a\nrows: 1\n----\n1\n\nquery I nosort a\nrows: 2\n----\n2', [1, 1, 0]],
    ['onlyif mysql\nstatement ok\nfail: 1', [0, 0, 1]],
    ['skipif postgresql\nstatement ok\nfail: 1', [0, 0, 1]],
    ['onlyif postgresql\nstatement ok\nx', [1, 0, 0]],
    ['onlyif mssql\nhalt\n\nstatement ok\nx', [1, 0, 0]],
    ['statement ok\nx\n\nhalt\n\nstatement ok\nfail: 1', [1, 0, 0]],
    ['require icu\n\nstatement ok\nx', [0, 0, 1]],
    ['control sortmode rowsort\n\nquery I\nrows: 2;1\n----\n1\n2', [1, 0, 0]],
  ])('%j', async (text, expected) => {
    expect(await counts(text)).toEqual(expected)
  })

  test('skip list', async () => {
    const text = 'statement ok\nfail: 1\n\nstatement ok\nx'
    const entry = { file: 'a.slt', reason: 'not yet' }
    expect(await counts(text, [{ ...entry, record: 1 }])).toEqual([1, 0, 1])
    expect(await counts(text, [{ ...entry, record: '*' }])).toEqual([0, 0, 2])
    expect(await counts(text, [{ ...entry, file: 'b.slt', record: 1 }])).toEqual([1, 1, 0])
  })
})
