import { afterEach, expect, test, vi } from 'vitest'
import { seededRandom } from '../../../src/base/world.ts'
import { DigitBudget } from '../../../src/data/types/digit-budget.ts'
import { builtInFunctions } from '../../../src/functions/built-in.ts'
import { newColumnIds } from '../../../src/plan/logical/build.ts'
import { explainRelation } from '../../../src/plan/logical/explain.ts'
import { FoldingBudget } from '../../../src/plan/logical/folding-budget.ts'
import type { Relation } from '../../../src/plan/logical/relation.ts'
import { rewriteRelation, visitRelation } from '../../../src/plan/logical/walk.ts'
import { newEstimator } from '../../../src/plan/optimizer/cardinality.ts'
import { optimize } from '../../../src/plan/optimizer/optimize.ts'
import type { Rule, RuleContext } from '../../../src/plan/optimizer/rule.ts'
import { phases } from '../../../src/plan/optimizer/rules/index.ts'
import { bindText } from '../binder/binding.ts'
import { newGenerator, randomRelation, randomTables } from './random-plan.ts'

const rules = [...new Set(phases.flatMap((phase) => phase.rules))]

afterEach(() => vi.restoreAllMocks())

/** How often each rule was asked while a statement was optimized. */
function asked(sql: string): ReadonlyMap<string, number> {
  const spies = rules.map((rule) => [rule, vi.spyOn(rule, 'rewrite')] as const)
  optimize(bindText(sql).relation, { functions: builtInFunctions })
  return new Map(spies.map(([{ name }, spy]) => [name, spy.mock.calls.length]))
}

test('a rule is asked about nothing in a plan without what it is about', () => {
  const calls = asked('select n_regionkey + 1 from nation')
  const others = rules.filter(({ about }) => about !== undefined && !about.includes('project'))
  expect(others.length).toBeGreaterThan(10)
  for (const { name } of others) expect(calls.get(name), name).toBe(0)
  expect(calls.get('merge-projects')).toBeGreaterThan(0)
  const joined = asked('select 1 from nation join region on n_regionkey = r_regionkey limit 1')
  for (const name of ['push-filters', 'order-joins', 'top-rows']) {
    expect(joined.get(name), name).toBeGreaterThan(0)
  }
})

test('a rule changes nothing but what it is about', () => {
  const limited = rules.filter(({ about }) => about !== undefined)
  for (let seed = 1; seed <= 300; seed++) {
    const random = seededRandom(seed)
    const tables = [...randomTables(random).keys()]
    const plan = randomRelation(newGenerator(random, tables, 2 + (seed % 9)), [])
    for (const rule of limited) {
      const changed = partsOf(plan, rule).find((part) => changes(rule, part, plan))
      expect(changed && `${rule.name}, seed ${seed}:\n${explainRelation(changed)}`).toBeUndefined()
    }
  }
})

test('what only drops has no more to do afterwards, nor have rules that read expressions', () => {
  const dropping = rules.filter(({ onlyDrops }) => onlyDrops === true)
  const reading = rules.filter(({ reads }) => reads === 'expressions')
  expect([dropping.length, reading.length].every((count) => count > 0)).toBe(true)
  let dropped = 0
  for (let seed = 1; seed <= 300; seed++) {
    const random = seededRandom(seed)
    const tables = [...randomTables(random).keys()]
    const plan = randomRelation(newGenerator(random, tables, 2 + (seed % 9)), [])
    const settled = reading.reduce((before, rule) => untilSettled(rule, before), plan)
    for (const rule of dropping) {
      const slim = applied(rule, settled)
      if (slim === settled) continue
      dropped++
      const said = `${rule.name}, seed ${seed}:\n${explainRelation(settled)}`
      expect(applied(rule, slim) === slim, said).toBe(true)
      for (const reader of reading) {
        const isSettled = applied(reader, settled) === settled
        if (isSettled) expect(applied(reader, slim) === slim, `${reader.name} ${said}`).toBe(true)
      }
    }
  }
  expect(dropped).toBeGreaterThan(50)
})

function untilSettled(rule: Rule, plan: Relation): Relation {
  let settled = plan
  for (let round = 0; round < 8; round++) settled = applied(rule, settled)
  return settled
}

/** The plan as the optimizer lets the rule rewrite it. */
function applied(rule: Rule, plan: Relation): Relation {
  const ctx = contextFor(plan)
  if (rule.order === 'whole') return rule.rewrite(plan, ctx) ?? plan
  return rewriteRelation(plan, (relation) => rule.rewrite(relation, ctx) ?? relation)
}

/** The relations for which the rule is not to be asked. */
function partsOf(plan: Relation, { about, order }: Rule): readonly Relation[] {
  const all: Relation[] = []
  visitRelation(plan, { relation: (part) => void all.push(part) })
  const isAbout = ({ kind }: Relation): boolean => about?.includes(kind) === true
  if (order !== 'whole') return all.filter((part) => !isAbout(part))
  return all.filter((part) => {
    let found = false
    visitRelation(part, {
      relation: (inner) => void (found ||= isAbout(inner)),
      expression: ({ kind }) =>
        void (found ||= kind === 'subquery' && about?.includes(kind) === true),
    })
    return !found
  })
}

function changes(rule: Rule, part: Relation, plan: Relation): boolean {
  return (rule.rewrite(part, contextFor(plan)) ?? part) !== part
}

function contextFor(plan: Relation): RuleContext {
  return {
    functions: builtInFunctions,
    ids: newColumnIds(1_000_000),
    estimator: newEstimator(plan),
    digits: new DigitBudget(true),
    folding: new FoldingBudget(),
    nextCteId: () => 1_000_000,
  }
}
