import { expect, test } from 'vitest'
import { underBudget } from '../../../src/base/budget.ts'
import { bindQuery } from '../../../src/plan/binder/bind.ts'
import { optimize } from '../../../src/plan/optimizer/optimize.ts'
import { planPhysical } from '../../../src/plan/physical/plan-query.ts'
import { cutStages } from '../../../src/plan/physical/stages.ts'
import { parseStatements } from '../../../src/sql/parse.ts'
import { bindContext } from '../binder/binding.ts'
import { builtInFunctions } from '../../../src/functions/built-in.ts'

const listed = (count: number, item: (at: number) => string, separator = ', '): string =>
  Array.from({ length: count }, (_, at) => item(at)).join(separator)

/** Statements that grow with a number, and a number of which twice as much may take twice as long. */
const growing: readonly (readonly [string, number, (size: number) => string])[] = [
  [
    'correlated subqueries',
    20,
    (n) =>
      `select ${listed(n, (i) => `(select max(y.a) from t y where y.a < x.a + ${i})`)} from t x`,
  ],
  [
    'correlated subqueries over a join',
    20,
    (n) =>
      `select ${listed(n, (i) => `(select max(y.a) from t y where y.a < x.a + ${i})`)} from t x join t z on x.a = z.a`,
  ],
  [
    'correlated subqueries of branches',
    10,
    (n) =>
      `select ${listed(n, (i) => `case when x.a > ${i} then (select max(10 / y.a) from t y where y.a < x.a + ${i}) end`)} from t x`,
  ],
  [
    'correlated subqueries in conditions',
    20,
    (n) =>
      `select 1 from t x where ${listed(n, (i) => `(select max(y.a) from t y where y.a < x.a + ${i}) > 1`, ' and ')}`,
  ],
]

/** Steps that planning spends on a statement: nodes that it looks at. */
function stepsOf(sql: string): number {
  let steps = 0
  const [statement] = parseStatements(sql)
  if (statement?.kind !== 'select') throw new Error(`not a query: ${sql}`)
  underBudget({ check: (more) => void (steps += more) }, () => {
    const optimized = optimize(bindQuery(statement, bindContext()).relation, {
      functions: builtInFunctions,
    })
    cutStages(planPhysical(optimized, { workers: 1 }), { workers: 1 })
  })
  return steps
}

test.each(growing)('planning work grows with the number of %s', (_, size, sql) => {
  const [less, more] = [stepsOf(sql(size)), stepsOf(sql(2 * size))]
  expect(more / less).toBeLessThan(3)
})
