import { conjuncts } from '../logical/build.ts'
import type { Expression } from '../logical/expression.ts'
import type { Join, Relation } from '../logical/relation.ts'
import { mapInputs } from '../logical/walk.ts'

/** Inner joins directly below each other: what they join, and the conjuncts of all their conditions. */
export interface InnerJoins {
  readonly leaves: readonly Relation[]
  readonly conjuncts: readonly Expression[]
}

export function isInnerJoin(relation: Relation): relation is Join {
  return relation.kind === 'join' && relation.joinKind === 'inner'
}

/** The region of inner joins that begins at a relation; leaves from left to right. */
export function innerJoins(relation: Relation): InnerJoins {
  if (!isInnerJoin(relation)) return { leaves: [relation], conjuncts: [] }
  const [left, right] = [innerJoins(relation.left), innerJoins(relation.right)]
  return {
    leaves: [...left.leaves, ...right.leaves],
    conjuncts: [...left.conjuncts, ...right.conjuncts, ...conjuncts(relation.condition)],
  }
}

/** The region with other leaves; they are visited from left to right. */
export function mapLeaves(relation: Relation, map: (leaf: Relation) => Relation): Relation {
  return isInnerJoin(relation)
    ? mapInputs(relation, (input) => mapLeaves(input, map))
    : map(relation)
}
