import { expect, test } from 'vitest'
import { underBudget, type Budget } from '../../src/base/budget.ts'
import type { Steps } from '../../src/base/steps.ts'
import { cutSteps } from '../../src/exec/cut/cut-pipelines.ts'
import { builtInFunctions } from '../../src/functions/built-in.ts'
import { connect } from '../../src/index.ts'
import { bindQuery, bindSteps } from '../../src/plan/binder/bind.ts'
import { optimizeSteps } from '../../src/plan/optimizer/optimize.ts'
import { physicalSteps } from '../../src/plan/physical/plan-query.ts'
import { cutStages } from '../../src/plan/physical/stages.ts'
import { parseStatements } from '../../src/sql/parse.ts'
import { bindContext } from '../plan/binder/binding.ts'

const INPUTS = 400
const listed = (count: number, item: (at: number) => string, separator: string): string =>
  Array.from({ length: count }, (_, at) => item(at)).join(separator)
const union = listed(INPUTS, (i) => `select a + ${i} from t where a > ${i}`, ' union all ')

/** What steps end with, and how often they let others go on. */
function counted<T>(budget: Budget, steps: Steps<T>): readonly [T, yields: number] {
  let yields = 0
  for (;;) {
    const { done, value } = underBudget(budget, () => steps.next())
    if (done === true) return [value, yields]
    yields++
  }
}

function planned(budget: Budget): { readonly plan: unknown; readonly yields: readonly number[] } {
  const [statement] = parseStatements(union)
  if (statement?.kind !== 'select') throw new Error('not a query')
  const { relation } = bindQuery(statement, bindContext())
  const [optimized, first] = counted(
    budget,
    optimizeSteps(relation, { functions: builtInFunctions }),
  )
  const [physical, second] = counted(budget, physicalSteps(optimized, { workers: 1 }))
  const { stages } = cutStages(physical, { workers: 1 })
  const [cut, third] = counted(budget, cutSteps(stages[0]!, 1_024))
  return { plan: { physical, cut }, yields: [first, second, third] }
}

test('a long plan is made in many steps when others wait, and is the same', () => {
  const patient = planned({ check() {} })
  const overdue = planned({ check() {}, isOverdue: true })
  expect(overdue.plan).toEqual(patient.plan)
  expect(patient.yields.slice(0, 2)).toEqual([0, 0])
  expect(Math.min(...overdue.yields)).toBeGreaterThan(INPUTS)
})

test.each([
  ['items', `select ${listed(INPUTS, (i) => `sum(a + ${i})`, ', ')} from t`],
  ['operands', union],
  ['sets', `select count(*) from t group by cube (${listed(9, (i) => `a + ${i}`, ', ')})`],
  ['rows', `select x from (values ${listed(INPUTS, (i) => `(${i})`, ', ')}) v (x)`],
  ['rows of a CTE', `with v as (values ${listed(INPUTS, (i) => `(${i})`, ', ')}) table v`],
  ['members', `select a in (${listed(INPUTS, (i) => `a + ${i}`, ', ')}) from t`],
  ['pairs', `select a from t where (a, a) in (${listed(INPUTS, (i) => `(${i}, a)`, ', ')})`],
  ['terms', `select ${listed(INPUTS, (i) => `a * ${i}`, ' + ')} from t`],
  ['conditions', `select a from t where ${listed(INPUTS, (i) => `a <> ${i}`, ' and ')}`],
  [
    'conditions of a join',
    `select 1 from t x join t y on ${listed(INPUTS, (i) => `x.a <> ${i}`, ' or ')}`,
  ],
])('a query of many %s is bound in many steps when others wait', (_, sql) => {
  const [statement] = parseStatements(sql)
  if (statement?.kind !== 'select') throw new Error('not a query')
  const [patient, none] = counted({ check() {} }, bindSteps(statement, bindContext()))
  const overdue = { check() {}, isOverdue: true }
  const [hurried, many] = counted(overdue, bindSteps(statement, bindContext()))
  expect(hurried.relation).toEqual(patient.relation)
  expect(none).toBe(0)
  expect(many).toBeGreaterThanOrEqual(INPUTS - 1)
})

test('a statement that is planned in steps can be aborted between them, and others run meanwhile', async () => {
  const db = await connect({ threads: 1 })
  await db.query('create table t (a integer)')
  const controller = new AbortController()
  const long = db.query(
    `select count(*) from (${listed(30, () => `(${union})`, ' union all ')}) u`,
    [],
    {
      signal: controller.signal,
    },
  )
  const ended = long.then(
    () => 'rows',
    (error: unknown) => (error as { readonly code: string }).code,
  )
  const short = db.query('select 1 as x').then((result) => result.rows())
  const first = await Promise.race([ended, short])
  expect(first).toEqual([{ x: 1 }])
  controller.abort()
  expect(await ended).toBe('QUERY_CANCELED')
  await db.close()
})
