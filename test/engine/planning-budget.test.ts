import { expect, test } from 'vitest'
import { stepBudget, underBudget } from '../../src/base/budget.ts'
import { QueryError } from '../../src/base/errors.ts'
import { planningBudget } from '../../src/engine/queries/planning-budget.ts'
import { cutFragment } from '../../src/exec/cut/cut-pipelines.ts'
import { connect } from '../../src/index.ts'
import { bindQuery } from '../../src/plan/binder/bind.ts'
import { optimize } from '../../src/plan/optimizer/optimize.ts'
import { planPhysical } from '../../src/plan/physical/plan-query.ts'
import { cutStages } from '../../src/plan/physical/stages.ts'
import type { SelectStatement } from '../../src/sql/ast/select.ts'
import { parseStatements } from '../../src/sql/parse.ts'
import { bindContext } from '../plan/binder/binding.ts'
import { builtInFunctions } from '../../src/functions/built-in.ts'

const listed = (count: number, item: (at: number) => string): readonly string[] =>
  Array.from({ length: count }, (_, at) => item(at))

const huge: readonly (readonly [string, string])[] = [
  ['operands', `select ${listed(3_000, () => 'a').join(' + ')} from t`],
  ['members', `select * from t where a in (${listed(3_000, (i) => `a + ${i}`).join(', ')})`],
  ['rows', `values ${listed(3_000, (i) => `(${i} + 1)`).join(', ')}`],
  ['columns', `select ${listed(1_500, (i) => `a + ${i} as c${i}`).join(', ')} from t`],
  ['unions', listed(300, (i) => `select a + ${i} from t where a > ${i}`).join(' union all ')],
  [
    'names',
    `with c0 as (select a x from t), ${listed(300, (i) => `c${i + 1} as (select x + 1 x from c${i})`).join(', ')} select * from c300`,
  ],
]

const canceled = (): QueryError => new QueryError('QUERY_CANCELED', 'so many steps')

/** How `act` ends when it may do so few steps. */
function endOf(act: () => unknown, stepsMax = 20_000): string {
  try {
    underBudget(stepBudget(stepsMax, canceled), act)
    return 'done'
  } catch (error) {
    return error instanceof QueryError ? error.code : String(error)
  }
}

function parsed(sql: string): SelectStatement {
  const [statement] = parseStatements(sql)
  if (statement?.kind !== 'select') throw new Error(`not a query: ${sql}`)
  return statement
}

test.each(huge)('parsing, binding and optimizing thousands of %s can be ended', (_, sql) => {
  const statement = parsed(sql)
  const { relation } = bindQuery(statement, bindContext())
  const ends = {
    parse: endOf(() => parseStatements(sql)),
    bind: endOf(() => bindQuery(statement, bindContext())),
    optimize: endOf(() => optimize(relation, { functions: builtInFunctions })),
  }
  const canceled = 'QUERY_CANCELED'
  expect(ends).toEqual({ parse: canceled, bind: canceled, optimize: canceled })
})

test('choosing how thousands of relations are computed can be ended, and so can cutting them', () => {
  const arms = listed(1_000, (i) => `select a + ${i} from t where a > ${i}`)
  const optimized = optimize(bindQuery(parsed(arms.join(' union all ')), bindContext()).relation, {
    functions: builtInFunctions,
  })
  expect(endOf(() => planPhysical(optimized, { workers: 2 }))).toBe('QUERY_CANCELED')
  const physical = planPhysical(optimized, { workers: 2 })
  expect(endOf(() => cutStages(physical, { workers: 2 }))).toBe('QUERY_CANCELED')
})

test('cutting thousands of branches into pipelines can be ended', () => {
  const branches = listed(4_000, (i) => `when a > ${i} then ${i}`).join(' ')
  const { relation } = bindQuery(parsed(`select case ${branches} end from t`), bindContext())
  const { stages } = cutStages(
    planPhysical(optimize(relation, { functions: builtInFunctions }), { workers: 1 }),
    { workers: 1 },
  )
  expect(endOf(() => stages.map((stage) => cutFragment(stage, 1_024)))).toBe('QUERY_CANCELED')
})

test('planning has the time of its statement, and its signal', () => {
  let nowMs = 100
  const controller = new AbortController()
  const { signal } = controller
  const clock = { nowMs: () => nowMs }
  const limited = planningBudget({ clock, beganMs: 100, timeoutMs: 50, signal })
  const free = planningBudget({ clock, beganMs: 100, timeoutMs: 0, signal })
  nowMs = 150
  expect(() => limited.check(1)).not.toThrow()
  nowMs = 151
  expect(() => limited.check(1)).toThrow('canceling statement due to statement timeout')
  expect(() => free.check(1)).not.toThrow()
  controller.abort()
  expect(() => free.check(1)).toThrow('aborted')
})

test('a statement ends while it is planned, and the session goes on', async () => {
  const db = await connect({ threads: 1 })
  try {
    await db.query('set statement_timeout = 1')
    const operands = listed(100_000, () => '1').join(' + ')
    for (const text of [`explain select ${operands}`, `select ${operands}`]) {
      const error = { code: 'QUERY_CANCELED', message: expect.stringMatching(/timeout/) }
      await expect(db.query(text)).rejects.toMatchObject(error)
    }
    await db.query('set statement_timeout = 0')
    expect((await db.query('select 1')).texts()).toEqual([['1']])
  } finally {
    await db.close()
  }
})

test('constants that take long are left to whoever runs the query', () => {
  const quoted = Array.from({ length: 40 }).reduce<string>((e) => `quote_literal(${e})`, "'a'")
  const { relation } = bindQuery(parsed(`select ${quoted}`), bindContext())
  let steps = 0
  const counting = { check: (more: number) => void (steps += more) }
  const optimized = underBudget(counting, () => optimize(relation, { functions: builtInFunctions }))
  expect(steps).toBeLessThan(100_000_000)
  expect(optimized.kind).toBe('project')
  const [column] = optimized.kind === 'project' ? optimized.exprs : []
  expect(column?.expr.kind).toBe('call')
})
