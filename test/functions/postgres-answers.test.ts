import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { sqlValue } from './sql-value.ts'

// Each line: an expression, a tab, and what psql of PostgreSQL 15 showed for it (C collation, UTC).
const answers = readFileSync(new URL('postgres-15.tsv', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line.includes('\t'))
  .map((line) => line.split('\t') as [string, string])

describe('answers recorded from PostgreSQL 15', () => {
  test.each(answers)('select %s', (sql, expected) => {
    expect(sqlValue(sql)).toBe(expected)
  })
})

// The same of random texts, numbers, templates and intervals, each cast to text.
const texts = readFileSync(new URL('postgres-15-text.tsv', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => line.split('\t') as [string, string])

/** Of an interval that is wrong in two ways, which error comes first is not compared. */
function compared(sql: string, answer: string): string {
  return sql.startsWith('interval') && /^22\d{3} /.test(answer) ? 'an error' : answer
}

test('hostile arguments of text functions, intervals and to_char as PostgreSQL 15 answers them', () => {
  const given = texts.map(([sql, expected]) => [sql, expected, sqlValue(`(${sql})::text`)] as const)
  const offered = given.filter(([, , answer]) => !answer.startsWith('0A000'))
  expect(texts.length).toBeGreaterThan(2_000)
  expect(offered.length).toBeGreaterThan(texts.length * 0.9)
  const wrong = offered.filter(
    ([sql, expected, answer]) => compared(sql, answer) !== compared(sql, expected),
  )
  expect(wrong).toEqual([])
})
