import { finishSteps } from '../../../base/steps.ts'
import type { Rule } from '../rule.ts'
import { unnestSteps } from '../unnest/subqueries.ts'

/**
 * Subquery expressions and Apply become joins (Th. Neumann, A. Kemper: Unnesting Arbitrary Queries,
 * BTW 2015): `Apply(L, R) = L join (D dependent-join R)` on D's columns, NULLs being equal, where D is
 * the distinct outer values and the dependent join is pushed into R until R refers to L no more.
 * Conjuncts EXISTS and IN are semi joins, their negations anti joins (null-aware for NOT IN), other
 * places marks in three-valued logic; scalar subqueries keep the error for a second row (single join).
 */
export const unnestSubqueries: Rule = {
  name: 'unnest-subqueries',
  order: 'whole',
  about: ['apply', 'subquery'],
  required: true,
  rewrite: (relation, ctx) => finishSteps(unnestSteps(relation, ctx)),
  rewriteSteps: unnestSteps,
}
