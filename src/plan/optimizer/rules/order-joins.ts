import { and, conjuncts, join } from '../../logical/build.ts'
import type { Expression } from '../../logical/expression.ts'
import type { Join, Relation } from '../../logical/relation.ts'
import { mapInputs } from '../../logical/walk.ts'
import { cheapestTree, type JoinTree } from '../join-order.ts'
import { isVolatile } from '../properties.ts'
import type { Rule, RuleContext } from '../rule.ts'

/**
 * Inner joins commute and associate, and their conjuncts may be tested wherever their columns are
 * there; so a region of inner joins is rebuilt in the order that the estimates favour. Other joins and
 * all other relations are its leaves. A region with volatile conjuncts stays as it is.
 */
export const orderJoins: Rule = {
  name: 'order-joins',
  order: 'whole',
  rewrite: (relation, ctx) => order(relation, ctx),
}

function order(relation: Relation, ctx: RuleContext): Relation {
  if (!isInner(relation)) return mapInputs(relation, (input) => order(input, ctx))
  const leaves: Relation[] = []
  const parts: Expression[] = []
  collect(relation, leaves, parts)
  const ordered = leaves.map((leaf) => order(leaf, ctx))
  if (ordered.length < 3 || parts.some(isVolatile)) {
    let position = 0
    return replaceLeaves(relation, () => ordered[position++] ?? relation)
  }
  return build(cheapestTree(ordered, parts, ctx.estimator))
}

function isInner(relation: Relation): relation is Join {
  return relation.kind === 'join' && relation.joinKind === 'inner'
}

function collect(relation: Relation, leaves: Relation[], parts: Expression[]): void {
  if (!isInner(relation)) leaves.push(relation)
  else {
    collect(relation.left, leaves, parts)
    collect(relation.right, leaves, parts)
    parts.push(...conjuncts(relation.condition))
  }
}

function replaceLeaves(relation: Relation, next: () => Relation): Relation {
  return isInner(relation) ? mapInputs(relation, (input) => replaceLeaves(input, next)) : next()
}

function build(tree: JoinTree): Relation {
  if (tree.kind === 'leaf') return tree.relation
  return join('inner', build(tree.left), build(tree.right), and(tree.conjuncts))
}
