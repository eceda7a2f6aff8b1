import { beforeAll, describe, expect, test } from 'vitest'
import { QueryError } from '../../src/base/errors.ts'
import { seededRandom } from '../../src/base/world.ts'
import { errorExcerpt } from '../../src/base/error-excerpt.ts'
import { errorText } from '../../src/cli/print/error-text.ts'
import { parseStatements } from '../../src/sql/parse.ts'
import { askOracle, loadOracle } from './oracle.ts'
import { postgresQueries } from './statements.ts'

beforeAll(loadOracle)

function errorOf(text: string): QueryError {
  try {
    parseStatements(text)
  } catch (error) {
    if (error instanceof QueryError) return error
    throw error
  }
  throw new Error(`accepted: ${text}`)
}

/** Message and position, checked against PostgreSQL's parser. */
const errors: readonly (readonly [string, string, number])[] = [
  ['selec 1', 'syntax error at or near "selec"', 0],
  ['select 1 +', 'syntax error at end of input', 10],
  ['select a from', 'syntax error at end of input', 13],
  ['select a from where b', 'syntax error at or near "where"', 14],
  ['select (1', 'syntax error at end of input', 9],
  ['select 1)', 'syntax error at or near ")"', 8],
  ['select a form t x', 'syntax error at or near "t"', 14],
  ['select 1 from t order a', 'syntax error at or near "a"', 22],
  ['select a,, b', 'syntax error at or near ","', 9],
  ['select case when a then b', 'syntax error at end of input', 25],
  ['select cast(a int)', 'syntax error at or near "int"', 14],
  ['select a < b < c', 'syntax error at or near "<"', 13],
  ["select 'abc", 'unterminated quoted string at or near "\'abc"', 7],
  ['select "abc', 'unterminated quoted identifier at or near ""abc"', 7],
  ['select /* x', 'unterminated /* comment at or near "/* x"', 7],
  ['select $$x', 'unterminated dollar-quoted string at or near "$$x"', 7],
  ['select ""', 'zero-length delimited identifier at or near """"', 7],
  ['select 1a', 'trailing junk after numeric literal at or near "1a"', 7],
  ['select 12abc_d', 'trailing junk after numeric literal at or near "12abc_d"', 7],
  ['select 1e+x', 'trailing junk after numeric literal at or near "1e+"', 7],
  ["select B'01", 'unterminated bit string literal at or near "B\'01"', 7],
  ['select * from t limit 1, 2', 'LIMIT #,# syntax is not supported', 16],
  ['select 1 limit 1 limit 2', 'syntax error at or near "limit"', 17],
  ['select * from (select 1', 'syntax error at end of input', 23],
  ['select a from t group by', 'syntax error at end of input', 24],
  ['select a in () from t', 'syntax error at or near ")"', 13],
  ['create table t (a)', 'syntax error at end of input', 18],
  ['insert t values (1)', 'syntax error at or near "t"', 7],
  ['select 1; selec 2', 'syntax error at or near "selec"', 10],
  ['select \u{1f600}x from from', 'syntax error at or near "from"', 16],
  ['select a from t join u', 'syntax error at end of input', 22],
]

describe('errors', () => {
  test.each(errors)('%s', (text, message, position) => {
    const error = errorOf(text)
    expect(error.message).toBe(message)
    expect(error.sqlState).toBe('42601')
    expect(error.details.span?.start).toBe(position)
    const oracle = askOracle(text)
    expect(oracle.accepted).toBe(false)
    if (!message.startsWith('multiple')) expect(oracle.message).toBe(message)
  })

  test('say what was expected and what may be meant', () => {
    expect(errorOf('selec 1').details.hint).toBe('did you mean SELECT?')
    expect(errorOf('select a from order').details.hint).toContain('"order" is a reserved word')
    expect(errorOf('select (1').details.expected).toBe('")"')
    expect(errorOf('select 1 from t x join u').details.expected).toBe('ON or USING')
    expect(errorOf('select 1 limit 2, 1').details.hint).toContain('OFFSET')
  })

  test('frames that cannot be', () => {
    const over = (frame: string): string => `select sum(x) over (order by y ${frame}) from t`
    for (const frame of [
      'rows unbounded following',
      'rows between current row and 1 preceding',
      'range between 1 following and current row',
      'groups between current row and unbounded preceding',
    ]) {
      expect(errorOf(over(frame)).sqlState, frame).toBe('42P20')
    }
  })

  test.each([
    ['select 1 +', 'LINE 1: select 1 +\n                  ^'],
    ['select a\nfrom t\nwhere )', 'LINE 3: where )\n              ^'],
    ['select\t1\r\n\tfrom from', 'LINE 2: \tfrom from\n        \t     ^'],
  ])('excerpt of %j', (text, expected) => {
    expect(errorExcerpt(text, errorOf(text))).toBe(expected)
  })

  test('excerpt of a long line is cut around the place', () => {
    const text = `select ${'a, '.repeat(100)} from from ${', b'.repeat(100)}`
    const lines = errorText(errorOf(text), text).split('\n')
    expect(lines[0]).toBe('ERROR: syntax error at or near "from" (42601)')
    expect(lines[1]!.length).toBeLessThan(130)
    expect(lines[1]!.slice(lines[2]!.indexOf('^'))).toMatch(/^from from|^from ,/)
  })
})

describe('bounds', () => {
  const deep: readonly (readonly [string, string])[] = [
    ['parentheses', `select ${'('.repeat(100_000)}1`],
    ['closed parentheses', `select ${'('.repeat(100_000)}1${')'.repeat(100_000)}`],
    ['queries', `${'select ('.repeat(50_000)}`],
    ['derived tables', `select * from ${'(select * from '.repeat(20_000)}`],
    ['joins', `select * from ${'('.repeat(50_000)}t`],
    ['signs', `select ${'- '.repeat(100_000)}1`],
    ['not', `select ${'not '.repeat(100_000)}a`],
    ['case', `select ${'case when '.repeat(50_000)}a`],
    ['arrays', `select array${'['.repeat(50_000)}`],
    ['sums', `select ${'1+('.repeat(100_000)}1`],
    ['calls', `select ${'f('.repeat(50_000)}`],
    ['casts', `select a${'::int'.repeat(50_000)}`],
    ['subscripts', `select a${'[1]'.repeat(50_000)}`],
    ['set operations', `${'select 1 union select 1 except '.repeat(20_000)}select 1`],
    ['explain', `${'explain '.repeat(50_000)}select 1`],
    ['with', `${'with a as ('.repeat(50_000)}`],
    ['options', `create table t with (a = ${'('.repeat(50_000)}`],
    ['grouping sets', `select a from t group by ${'grouping sets ('.repeat(50_000)}`],
    ['joins without ON', `select * from a ${'join b '.repeat(50_000)}`],
  ]

  test.each(deep)('%s nested too deep', (_, text) => {
    expect(errorOf(text).code).toBe('STATEMENT_TOO_COMPLEX')
  })

  test.each([
    ['sums', `select ${'1+'.repeat(100_000)}1`],
    ['concatenations', `select ${'a||'.repeat(100_000)}a`],
    ['conjunctions', `select ${'a and '.repeat(100_000)}a`],
    ['parentheses', `select ${'('.repeat(700)}1${')'.repeat(700)}`],
    ['unions', `${'select 1 union '.repeat(20_000)}select 1`],
    ['differences', `${'select 1 except all '.repeat(20_000)}select 1`],
    ['cases', `select ${'case when a then b else '.repeat(500)}c${' end'.repeat(500)}`],
  ])('long chains and hundreds of levels are taken: %s', (_, text) => {
    expect(parseStatements(text)).toHaveLength(1)
  })

  test('text that is too long', () => {
    expect(errorOf(' '.repeat(17 * 1024 * 1024)).code).toBe('PROGRAM_LIMIT_EXCEEDED')
  })

  test('random bytes and broken statements never fail in another way', () => {
    const seed = 4711
    const random = seededRandom(seed)
    const below = (count: number): number => Math.floor(random.next() * count)
    for (let round = 0; round < 4000; round += 1) {
      let text = postgresQueries[below(postgresQueries.length)]!
      if (round % 4 === 0) {
        text = String.fromCharCode(...Array.from({ length: below(60) }, () => below(260)))
      }
      const at = below(text.length + 1)
      const junk = String.fromCharCode(below(0x3000), 32 + below(95))
      const broken = `${text.slice(0, at)}${junk}${text.slice(at + below(5))}`
      try {
        parseStatements(broken)
      } catch (error) {
        expect(error, `seed ${seed}: ${JSON.stringify(broken)}`).toBeInstanceOf(QueryError)
      }
    }
  })
})
