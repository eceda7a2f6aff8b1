import { conjuncts, join } from '../../logical/build.ts'
import type { Relation } from '../../logical/relation.ts'
import { columnIdSet, columnsUsed } from '../../logical/walk.ts'
import type { Rule } from '../rule.ts'

/** A semi or anti join that keeps more of its rows than this is left where it is. */
const KEPT_FRACTION_MAX = 0.7

/**
 * `(A join B) semijoin R = (A semijoin R) join B` where the condition needs A and R only, as which rows
 * of A stay does not depend on B; the same for anti joins, and for A being the preserved side of a left
 * join. Worth it where few rows stay: it runs before the join order is chosen.
 */
export const pushSemiJoins: Rule = {
  name: 'push-semi-joins',
  order: 'top-down',
  about: ['join'],
  rewrite(relation, ctx) {
    if (relation.kind !== 'join' || relation.left.kind !== 'join') return undefined
    const { joinKind, left: input, right, condition } = relation
    if (joinKind !== 'semi' && joinKind !== 'anti') return undefined
    const inner = input.joinKind === 'inner'
    if (!inner && input.joinKind !== 'left') return undefined
    if (conjuncts(condition).length === 0) return undefined
    const before = ctx.estimator.profile(input).rows
    const after = ctx.estimator.profile(relation).rows
    if (after > before * KEPT_FRACTION_MAX) return undefined
    const rightIds = columnIdSet(right.columns)
    const used = [...columnsUsed(condition)].filter((id) => !rightIds.has(id))
    const within = (side: Relation): boolean => {
      const ids = columnIdSet(side.columns)
      return used.length > 0 && used.every((id) => ids.has(id))
    }
    const options = relation.nullAware === undefined ? {} : { nullAware: relation.nullAware }
    if (within(input.left)) {
      const left = join(joinKind, input.left, right, condition, options)
      return join(input.joinKind, left, input.right, input.condition)
    }
    if (!inner || !within(input.right)) return undefined
    const reduced = join(joinKind, input.right, right, condition, options)
    return join('inner', input.left, reduced, input.condition)
  },
}
