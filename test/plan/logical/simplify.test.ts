import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { evaluate } from '../../../src/plan/logical/evaluate.ts'
import { explainRelation } from '../../../src/plan/logical/explain.ts'
import type { Expression } from '../../../src/plan/logical/expression.ts'
import { simplify } from '../../../src/plan/logical/simplify.ts'
import { inputsOf, rewriteAllExpressions } from '../../../src/plan/logical/walk.ts'
import { bindText } from '../binder/binding.ts'

function predicateOf(condition: string): Expression {
  const filter = inputsOf(bindText(`select 1 from t where ${condition}`).relation)[0]
  if (filter?.kind !== 'filter') throw new Error('no filter')
  return filter.predicate
}

function shown(condition: string): string {
  const { relation } = bindText(`select 1 from t where ${condition}`)
  const simpler = rewriteAllExpressions(relation, simplify)
  const line = explainRelation(simpler).split('\n')[1] ?? ''
  return line.trim().replace('Filter ', '').replaceAll(/#\d+/g, '')
}

const cases: readonly (readonly [string, string])[] = [
  ['a = 1 + 2 * 3', '(a = 7)'],
  ["d < date '1994-01-01' + interval '1 year'", "(d < date '1995-01-01')"],
  ["d <= date '1998-12-01' - interval '90' day", "(d <= date '1998-09-02')"],
  ["d < timestamp '1994-01-01 12:00'", "(d <= date '1994-01-01')"],
  ["d >= timestamp '1994-01-01 12:00'", "(d > date '1994-01-01')"],
  ["timestamp '1969-12-31 23:00' > d", "(d <= date '1969-12-31')"],
  ["timestamp '1994-01-01' >= d", "(d <= date '1994-01-01')"],
  [
    "d = timestamp '1994-01-01 12:00'",
    "(cast(d as timestamp without time zone) = timestamp without time zone '1994-01-01 12:00:00')",
  ],
  ['a > 5::bigint', '(a > 5)'],
  ['3000000000 > a', "(bigint '3000000000' > cast(a as bigint))"],
  ['c between 0.06 - 0.01 and 0.06 + 0.01', '((c >= 0.05) and (c <= 0.07))'],
  ['+ a = + + 7 - (+ a)', '(a = (7 - a))'],
  ['- (+ c) < + 1.5', '((-c) < 1.5)'],
  ['f and true', 'f'],
  ['f and 1 = 2', 'false'],
  ['f or 1 = 1', 'true'],
  ['f and null', '(f and null)'],
  ['a = 1 / 0', '(a = (1 / 0))'],
  ['a = case when 1 = 2 then 1 when f then 2 when true then 3 else 4 end', 'case'],
  ['case when null then f else true end', 'true'],
  ['a = 1', '(a = 1)'],
]

describe('simplify', () => {
  test.each(cases)('%s', (condition, expected) => {
    expect(shown(condition)).toContain(expected)
  })

  test('nothing to do gives the same object', () => {
    const predicate = predicateOf('a = 1 and (b is null or d > ts)')
    expect(simplify(predicate)).toBe(predicate)
  })

  test('a date against any moment compares as before', () => {
    const operators = ['=', '<>', '<', '<=', '>', '>='] as const
    const day = fc.integer({ min: -40_000, max: 40_000 })
    const property = fc.property(
      fc.constantFrom(...operators),
      day,
      day,
      fc.constantFrom(0n, 1n, 43_200_000_000n, 86_399_999_999n),
      fc.boolean(),
      (operator, left, right, offset, mirrored) => {
        const [first, second] = mirrored
          ? ["timestamp '2000-01-01'", 'd']
          : ['d', "timestamp '2000-01-01'"]
        const moment = BigInt(right) * 86_400_000_000n + offset
        const original = replaceMoment(predicateOf(`${first} ${operator} ${second}`), moment)
        const simpler = simplify(original)
        for (const value of [left, right, right + 1, null]) {
          expect(evaluate(simpler, () => value)).toBe(evaluate(original, () => value))
        }
      },
    )
    fc.assert(property, { numRuns: 200 })
  })
})

function replaceMoment(predicate: Expression, moment: bigint): Expression {
  if (predicate.kind !== 'call') throw new Error('no comparison')
  const args = predicate.args.map((arg) =>
    arg.kind === 'literal' ? { ...arg, value: moment } : arg,
  )
  return { ...predicate, args }
}
