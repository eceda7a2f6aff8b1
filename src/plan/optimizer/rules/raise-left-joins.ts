import { join } from '../../logical/build.ts'
import type { Join, JoinKind, Relation } from '../../logical/relation.ts'
import { columnIdSet, columnsUsed } from '../../logical/walk.ts'
import { innerJoins, isInnerJoin, mapLeaves } from '../inner-joins.ts'
import { isVolatile } from '../../logical/expression-size.ts'
import type { Rule } from '../rule.ts'

/** Inner joins that keep more than this of a relation's rows make nothing cheaper that comes after them. */
const KEPT_FRACTION_MAX = 0.7

/**
 * `(A left join B) join C = (A join C) left join B` where the inner join's conjuncts do not need B: which
 * rows of A stay does not depend on B; the same for `B right join A`, and for semi and anti joins, unless these keep
 * fewer rows themselves. Worth it where few rows stay, as each of them is looked up in B;
 * C stands for all that is joined in the region, whose order is chosen afterwards without B in its way.
 */
export const raiseLeftJoins: Rule = {
  name: 'raise-left-joins',
  order: 'top-down',
  about: ['join'],
  rewrite(relation, ctx) {
    if (!isInnerJoin(relation)) return undefined
    const { leaves, conjuncts } = innerJoins(relation)
    if (conjuncts.some(isVolatile)) return undefined
    const used = new Set(conjuncts.flatMap((part) => [...columnsUsed(part)]))
    for (const leaf of leaves) {
      if (!isOneSided(leaf) || isVolatile(leaf.condition)) continue
      const { joinKind, left, right, condition, nullAware } = leaf
      const [preserved, optional] = joinKind === 'right' ? [right, left] : [left, right]
      if ([...columnIdSet(optional.columns)].some((id) => used.has(id))) continue
      const inner = mapLeaves(relation, (other) => (other === leaf ? preserved : other))
      const before = ctx.estimator.profile(preserved).rows
      const kept = ctx.estimator.profile(inner).rows
      if (kept > before * KEPT_FRACTION_MAX) continue
      if (joinKind === 'left' || joinKind === 'right') {
        return join('left', inner, optional, condition)
      }
      if (kept > ctx.estimator.profile(leaf).rows) continue
      return join(
        joinKind,
        inner,
        optional,
        condition,
        nullAware === undefined ? {} : { nullAware },
      )
    }
    return undefined
  },
}

function isOneSided(relation: Relation): relation is Join {
  return relation.kind === 'join' && oneSided.has(relation.joinKind)
}

const oneSided: ReadonlySet<JoinKind> = new Set(['left', 'right', 'semi', 'anti'])
