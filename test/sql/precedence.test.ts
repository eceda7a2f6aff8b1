import { beforeAll, describe, expect, test } from 'vitest'
import { QueryError } from '../../src/base/errors.ts'
import { seededRandom } from '../../src/base/world.ts'
import { parseExpression, parseStatements } from '../../src/sql/parse.ts'
import { printStatement } from './printer.ts'
import { askOracle, loadOracle, oracleExpression } from './oracle.ts'
import { oracleShape, shapeOf } from './shape.ts'

beforeAll(loadOracle)

/** Every row is checked against PostgreSQL's parser too. */
const precedence: readonly (readonly [string, string])[] = [
  ['a = 1 and b = 2 or c = 3', '(or (and (= a 1) (= b 2)) (= c 3))'],
  ['a or b and c', '(or a (and b c))'],
  ['a and b and c', '(and a b c)'],
  ['not a = b', '(not (= a b))'],
  ['not a and b', '(and (not a) b)'],
  ['not a is null', '(not (is null a))'],
  ['a = b is null', '(is null (= a b))'],
  ['a is null = b', '(= (is null a) b)'],
  ['a is null is not null', '(is not null (is null a))'],
  ['a < b + c * d ^ e', '(< a (+ b (* c (^ d e))))'],
  ['a ^ b ^ c', '(^ (^ a b) c)'],
  ['a - b - c', '(- (- a b) c)'],
  ['a / b * c % d', '(% (* (/ a b) c) d)'],
  ['- a ^ b', '(^ (- a) b)'],
  ['- a * b', '(* (- a) b)'],
  ['- a :: int', '(- (cast int4 a))'],
  ['a || b + c', '(|| a (+ b c))'],
  ['a || b = c || d', '(= (|| a b) (|| c d))'],
  ['~ a + b', '(~ (+ a b))'],
  ['a * ~ b + c', '(* a (~ (+ b c)))'],
  ['a = not b and c', '(and (= a (not b)) c)'],
  ['a between b and c and d', '(and (between a b c) d)'],
  ['a between b + c and d + e', '(between a (+ b c) (+ d e))'],
  ['a not between symmetric b and c or d', '(or (not between symmetric a b c) d)'],
  ['a = b between c and d', '(= a (between b c d))'],
  ['a like b || c', '(like a (|| b c))'],
  ['a like b escape c and d', '(and (like a b c) d)'],
  ['a not ilike b = c', '(= (not ilike a b) c)'],
  ['a in (b, c) in (d)', '(in (in a b c) d)'],
  ['a + b in (c)', '(in (+ a b) c)'],
  ['a < b in (c)', '(< a (in b c))'],
  ['a is distinct from b = c', '(is distinct from a (= b c))'],
  ['a is not distinct from b and c', '(and (is not distinct from a b) c)'],
  ['a at time zone b + c', '(+ (timezone b a) c)'],
  ['a + b at time zone c', '(+ a (timezone c b))'],
  ['- a at time zone b', '(timezone b (- a))'],
  ['a collate "C" < b', '(< (collate a) b)'],
  ['- a collate "C"', '(collate (- a))'],
  ['a::int::text', '(cast text (cast int4 a))'],
  ['a = any (b) and c', '(and (= any a b) c)'],
  ['a + b < all (c)', '(< all (+ a b) c)'],
  ['(a, b) = (c, d)', '(= (row a b) (row c d))'],
  ['(a + b) * c', '(* (+ a b) c)'],
  ['a operator(pg_catalog.+) b * c', '(+ a (* b c))'],
  ['a[1] + b', '(+ (subscript a 1) b)'],
  ['a isnull = b', '(= (is null a) b)'],
  ['a <= b and c >= d or e <> f', '(or (and (<= a b) (>= c d)) (<> e f))'],
  ['a != b', '(<> a b)'],
  ['case a when b then c end + d', '(+ (case a b=>c) d)'],
]

describe('precedence', () => {
  test.each(precedence)('%s', (text, expected) => {
    expect(shapeOf(parseExpression(text))).toBe(expected)
    const oracle = askOracle(`select ${text}`)
    expect(oracle.message).toBe('')
    if (!text.includes('operator(')) {
      expect(oracleShape(oracleExpression(oracle.tree))).toBe(expected)
    }
  })

  const refused: readonly string[] = [
    'a < b < c',
    'a = b = c',
    'a between b and c between d and e',
    'a like b like c',
    'a is distinct from b is null',
    'a like b in (c)',
    'a between b and c in (d)',
    'a between not b and c',
    'a between b is null and c',
    'a + ',
    'a not b',
  ]

  test.each(refused)('%s is refused', (text) => {
    expect(() => parseExpression(text)).toThrow(QueryError)
    expect(askOracle(`select 1 where ${text}`).accepted).toBe(false)
  })
})

const atoms = ['a', 'b', 'c', '(a)', "'s'", 'f(a)', '1']
const infix = [
  'or',
  'and',
  '=',
  '<',
  '>',
  '<=',
  '>=',
  '<>',
  '!=',
  '+',
  '-',
  '*',
  '/',
  '%',
  '^',
  '||',
  '~',
  '!~~',
  '@>',
  'like',
  'not like',
  'ilike',
  'is distinct from',
  'at time zone',
  'is not distinct from',
  'similar to',
  '->',
  '&&',
  '|',
]
const prefix = ['not', '+', '~', '@', '|/']
const postfix = [
  'is null',
  'is not null',
  'isnull',
  'notnull',
  '::int',
  'collate "C"',
  'is true',
  'is not unknown',
  'in (a, b)',
  'not in (c)',
  'between a and b',
  'not between 1 and c',
  '= any (a)',
  '< all (b)',
  "like a escape '!'",
  'between a + 1 and b is null',
]

describe('agreement with PostgreSQL on random expressions', () => {
  test('accepts the same and builds the same tree', () => {
    const seed = 20_260_101
    const random = seededRandom(seed)
    const pick = (items: readonly string[]): string =>
      items[Math.floor(random.next() * items.length)]!
    const operand = (): string => {
      const sign = random.next() < 0.2 ? `${pick(prefix)} ` : ''
      const tail = random.next() < 0.2 ? ` ${pick(postfix)}` : ''
      return `${sign}${pick(atoms)}${tail}`
    }
    for (let round = 0; round < 4000; round += 1) {
      const parts = [operand()]
      while (random.next() < 0.65) parts.push(pick(infix), operand())
      const text = parts.join(' ')
      const oracle = askOracle(`select ${text}`)
      let shape = 'rejected'
      try {
        shape = shapeOf(parseExpression(text))
      } catch (error) {
        if (!(error instanceof QueryError)) throw error
      }
      const expected = oracle.accepted ? oracleShape(oracleExpression(oracle.tree)) : 'rejected'
      expect(shape, `seed ${seed}: ${text}`).toBe(expected)
    }
  })
})

describe('clauses after a query in parentheses', () => {
  test.each([
    ['(select a from t limit 3) order by a', 'select a from t order by a limit 3'],
    ['((select a from t order by a)) limit 1', 'select a from t order by a limit 1'],
    ['with x as (select 1) (select 2) offset 1', 'with x as (select 1) select 2 offset 1'],
  ])('%s is %s', (text, same) => {
    expect(parseStatements(text).map(printStatement)).toEqual(
      parseStatements(same).map(printStatement),
    )
  })

  test.each([
    '(select 1 order by 1) order by 1',
    '(select 1 limit 1) limit 1',
    '(select 1 offset 1) offset 1',
    'with x as (select 1) (with y as (select 1) select 2)',
  ])('%s is refused as PostgreSQL refuses it', (text) => {
    expect(() => parseStatements(text)).toThrow(askOracle(text).message)
  })
})
