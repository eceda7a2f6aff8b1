import { bool } from '../../../data/types/data-type.ts'
import { and, columnReference, filter, named, project } from '../../logical/build.ts'
import type { Expression } from '../../logical/expression.ts'
import { raisesItself } from '../../logical/raising.ts'
import type { Relation } from '../../logical/relation.ts'
import { visitRelation } from '../../logical/walk.ts'
import { passedOn } from '../output-columns.ts'
import type { RuleContext } from '../rule.ts'
import { tested } from '../../logical/predicates.ts'

/** A subquery that finds rows only for rows of the left side that want it. */
export interface Gated {
  /** The left side with a column that says whether its row wants the subquery. */
  readonly left: Relation
  readonly right: Relation
}

/**
 * Makes a subquery that may end in an error depend on the conditions under which it is wanted: joined as it
 * is, it would be evaluated where no row's CASE gets as far. Undefined where there is no need or no way.
 */
export function gated(
  left: Relation,
  right: Relation,
  guards: readonly Expression[],
  ctx: RuleContext,
): Gated | undefined {
  if (guards.length === 0 || !mayRaise(right)) return undefined
  const test = tested(and(guards), 'true')
  const wanted = named(ctx.ids, 'wanted', test)
  const gate = columnReference({ id: wanted.id, name: wanted.name, type: bool })
  const below = gatedInput(right, gate)
  return below && { left: project(left, [...passedOn(left.columns), wanted]), right: below }
}

/** The relation with a gate under all that is computed row by row; LIMIT does not go with one. */
function gatedInput(relation: Relation, gate: Expression): Relation | undefined {
  switch (relation.kind) {
    case 'project':
    case 'aggregate':
    case 'filter':
    case 'sort': {
      const input = gatedInput(relation.input, gate)
      return input && { ...relation, input }
    }
    case 'scan':
    case 'values':
    case 'cte-reference':
      return filter(relation, gate)
    case 'join': {
      const isSingle = relation.joinKind === 'right' || relation.joinKind === 'full'
      const inner = isSingle ? undefined : gatedInput(relation.left, gate)
      return inner && { ...relation, left: inner }
    }
    case 'apply':
    case 'window':
    case 'limit':
    case 'union-all':
    case 'with':
    case 'expand':
      return undefined
  }
}

/** Whether evaluating the relation can end in an error of its data. */
function mayRaise(relation: Relation): boolean {
  let found = false
  visitRelation(relation, {
    expression: (expr) => {
      found ||= raisesItself(expr)
    },
  })
  return found
}
