import { and, join } from '../../logical/build.ts'
import type { Relation } from '../../logical/relation.ts'
import { mapInputs } from '../../logical/walk.ts'
import { innerJoins, isInnerJoin, mapLeaves } from '../inner-joins.ts'
import { cheapestTree, type JoinTree } from '../join-order.ts'
import { isVolatile } from '../../logical/expression-size.ts'
import type { Rule, RuleContext } from '../rule.ts'

/**
 * Inner joins commute and associate, and their conjuncts may be tested wherever their columns are
 * there; so a region of inner joins is rebuilt in the order that the estimates favour. Other joins and
 * all other relations are its leaves. A region with volatile conjuncts stays as it is.
 */
export const orderJoins: Rule = {
  name: 'order-joins',
  order: 'whole',
  about: ['join'],
  rewrite: (relation, ctx) => order(relation, ctx),
}

function order(relation: Relation, ctx: RuleContext): Relation {
  if (!isInnerJoin(relation)) return mapInputs(relation, (input) => order(input, ctx))
  const { leaves, conjuncts: parts } = innerJoins(relation)
  const ordered = leaves.map((leaf) => order(leaf, ctx))
  if (ordered.length < 3 || parts.some(isVolatile)) {
    let position = 0
    return mapLeaves(relation, () => ordered[position++] ?? relation)
  }
  return build(cheapestTree(ordered, parts, ctx.estimator))
}

function build(tree: JoinTree): Relation {
  if (tree.kind === 'leaf') return tree.relation
  return join('inner', build(tree.left), build(tree.right), and(tree.conjuncts))
}
