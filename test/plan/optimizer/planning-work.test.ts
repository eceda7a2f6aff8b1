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

/** As those, the counts being halves of what is tried. */
const chained: typeof growing = [
  [
    'EXISTS behind OR that may end in an error',
    30,
    (n) =>
      `select 1 from t x where ${listed(n, (i) => `exists (select 1 from t y where y.a = x.a + ${i})`, ' or ')}`,
  ],
  [
    'subqueries behind OR whose rows may end in an error',
    15,
    (n) =>
      `select 1 from t x where ${listed(n, (i) => `a in (select y.a + ${i} from t y)`, ' or ')}`,
  ],
  [
    'tables around one',
    120,
    (n) => `select 1 from t x ${listed(n, (i) => `join t y${i} on y${i}.a = x.a`, ' ')}`,
  ],
  ['keys of GROUP BY', 400, (n) => `select 1 from t group by ${listed(n, (i) => `a + ${i}`)}`],
  [
    'keys of an aggregate',
    400,
    (n) => `select array_agg(a order by ${listed(n, (i) => `a + ${i}`)}) from t`,
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

test.each([...growing, ...chained])('planning work grows with the number of %s', (_, size, sql) => {
  const [less, more] = [stepsOf(sql(size)), stepsOf(sql(2 * size))]
  expect(more / less).toBeLessThan(3)
})
