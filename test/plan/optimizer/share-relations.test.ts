import { describe, expect, test } from 'vitest'
import { present } from '../../../src/base/assert.ts'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import { DigitBudget } from '../../../src/data/types/digit-budget.ts'
import { builtInFunctions } from '../../../src/functions/built-in.ts'
import {
  columnReference,
  crossJoin,
  distinct,
  newColumnIds,
  project,
  unionAll,
} from '../../../src/plan/logical/build.ts'
import { explainRelation } from '../../../src/plan/logical/explain.ts'
import { FoldingBudget } from '../../../src/plan/logical/folding-budget.ts'
import { freshCopy } from '../../../src/plan/logical/fresh.ts'
import type { Relation } from '../../../src/plan/logical/relation.ts'
import { verifyRelation } from '../../../src/plan/logical/verify.ts'
import { newEstimator } from '../../../src/plan/optimizer/cardinality.ts'
import { optimize } from '../../../src/plan/optimizer/optimize.ts'
import { shareRelations, sharing } from '../../../src/plan/optimizer/rules/share-relations.ts'
import { bindText } from '../binder/binding.ts'
import { tpchCatalogWithStatistics } from '../tpch-statistics.ts'
import { outcomeOf } from './naive.ts'
import { newGenerator, randomRelation, randomTables, type Generator } from './random-plan.ts'

const PLANS = Number(process.env['PLANS'] ?? 600)
const FIRST_SEED = Number(process.env['SEED'] ?? 1)

function optimized(sql: string): string {
  const { relation } = bindText(sql, { catalog: tpchCatalogWithStatistics })
  return explainRelation(optimize(relation, { functions: builtInFunctions }))
}

const count = (text: string, part: string): number => text.split(part).length - 1

describe('joins and groups that a plan has several times', () => {
  const stock = `partsupp, supplier, nation where ps_suppkey = s_suppkey and s_nationkey = n_nationkey and n_name = 'PERU'`

  test('are worked out once, with the columns that each of them is read for', () => {
    const text = optimized(
      `select ps_partkey, sum(ps_supplycost) from ${stock} group by ps_partkey
        having sum(ps_supplycost) > (select sum(ps_availqty) / 10 from ${stock})`,
    )
    expect(count(text, 'With shared')).toBe(1)
    expect(count(text, 'CteReference shared')).toBe(2)
    expect(count(text, 'Scan partsupp')).toBe(1)
  })

  test('with all aggregates, where these differ', () => {
    const groups = (calls: string): string =>
      `(select l_suppkey, ${calls} from lineitem where l_quantity < 10 group by l_suppkey)`
    const text = optimized(
      `select * from ${groups('sum(l_tax) as t, count(*) as n')} a join ${groups('max(l_tax) as m')} b using (l_suppkey)`,
    )
    expect(count(text, 'Aggregate')).toBe(1)
    expect(count(text, 'CteReference shared')).toBe(2)
    for (const call of ['sum(', 'count', 'max(']) expect(text).toContain(call)
  })

  test('are told apart by their filters', () => {
    const text = optimized(
      `select (select count(*) from ${stock}), (select count(*) from ${stock} and ps_availqty > 5)`,
    )
    expect(count(text, 'Scan partsupp')).toBe(2)
  })

  test.each([
    [
      'left and inner joins',
      'orders left join customer on o_custkey = c_custkey and c_acctbal < 0',
      'orders join customer on o_custkey = c_custkey and c_acctbal < 0',
    ],
    [
      'EXISTS and NOT EXISTS',
      'orders where exists (select from customer where c_custkey = o_custkey and c_acctbal < 0)',
      'orders where not exists (select from customer where c_custkey = o_custkey and c_acctbal < 0)',
    ],
    [
      'keys of groups',
      '(select l_suppkey from lineitem group by l_suppkey, l_returnflag) a',
      '(select l_suppkey from lineitem group by l_suppkey) a',
    ],
    [
      'columns that are joined',
      'partsupp a, supplier where a.ps_suppkey = s_suppkey and s_acctbal < 0',
      'partsupp a, supplier where a.ps_partkey = s_suppkey and s_acctbal < 0',
    ],
  ])('are told apart by %s', (_, one, other) => {
    const text = optimized(`select (select count(*) from ${one}), (select count(*) from ${other})`)
    expect(text).not.toContain('shared')
  })

  test('are not what is random over them', () => {
    const text = optimized(
      `select (select sum(random()) from ${stock}), (select sum(random()) from ${stock})`,
    )
    expect([count(text, 'Scan partsupp'), count(text, 'sum(random')]).toEqual([1, 2])
  })

  test('tell aggregates from those over finer groups that they are grouped by', () => {
    const fine =
      '(select l_returnflag, l_linenumber, count(*) as n from lineitem group by 1, 2) fine'
    const coarse = `(select n, count(*) as times from ${fine} group by n)`
    const text = optimized(`select * from ${coarse} a join ${coarse} b on a.n = b.times`)
    expect(count(text, 'CteReference shared')).toBe(2)
    expect(count(text, 'count(*)')).toBe(2)
  })

  test('stay where few of their rows are wanted', () => {
    const some = (rows: number): string => `(select ps_partkey, n_name from ${stock} limit ${rows})`
    expect(optimized(`select * from ${some(1)} a, ${some(2)} b`)).not.toContain('shared')
  })

  test('stay where they have about as many rows as they read', () => {
    const bought =
      '(select o_orderkey, o_orderdate, c_name from orders join customer on o_custkey = c_custkey)'
    const text = optimized(`select * from ${bought} a join ${bought} b using (o_orderdate)`)
    expect(text).not.toContain('shared')
  })
})

/** Some columns of the rows of a relation, in any order, or some more. */
function view(random: Random, g: Generator, relation: Relation): Relation {
  const kept = relation.columns.filter(() => random.next() < 0.6)
  const columns = kept.length === 0 ? relation.columns : kept
  const exprs = columns
    .toSorted(() => random.next() - 0.5)
    .map((column) => ({ id: g.ids.next(), name: column.name, expr: columnReference(column) }))
  return project(relation, exprs)
}

function twice(random: Random, g: Generator, relation: Relation): Relation {
  const copy = freshCopy(g.ids, relation, () => g.cteId++).relation
  const [one, other] = [view(random, g, relation), view(random, g, copy)]
  const isAlike =
    one.columns.length === other.columns.length &&
    one.columns.every(({ type }, i) => type.kind === other.columns[i]!.type.kind)
  return isAlike && random.next() < 0.5
    ? unionAll(g.ids, [one, other])
    : crossJoin(distinct(g.ids, one), distinct(g.ids, other))
}

test('rows that are shared are the rows of each', () => {
  const rule = sharing({ rowsMin: -Infinity, timesMin: 0 })
  const disabledRules = new Set([shareRelations.name])
  let fired = 0
  for (let seed = FIRST_SEED; seed < FIRST_SEED + PLANS; seed++) {
    const random = seededRandom(seed)
    const tables = randomTables(random)
    const g = newGenerator(random, [...tables.keys()], 2 + (seed % 5))
    const plan = optimize(twice(random, g, randomRelation(g, [])), {
      functions: builtInFunctions,
      disabledRules,
    })
    let cteId = 1_000_000
    const shared = rule.rewrite(plan, {
      functions: builtInFunctions,
      ids: newColumnIds(1_000_000),
      estimator: newEstimator(plan),
      digits: new DigitBudget(true),
      folding: new FoldingBudget(),
      nextCteId: () => cteId++,
    })
    if (shared === undefined || cteId === 1_000_000) continue
    fired++
    verifyRelation(shared)
    const [expected, actual] = [plan, shared].map((of) =>
      outcomeOf({ tables, ctes: new Map() }, of).join('\n'),
    )
    const shown = `seed ${seed}\n${explainRelation(plan)}\n-- became\n${explainRelation(shared)}`
    expect(present(actual, shown), shown).toBe(expected)
  }
  expect(fired).toBeGreaterThan(PLANS / 20)
})
