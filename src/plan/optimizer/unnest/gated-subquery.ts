import { bool } from '../../../data/types/data-type.ts'
import {
  and,
  caseOf,
  columnReference,
  filter,
  literal,
  named,
  project,
} from '../../logical/build.ts'
import type { ColumnId, Expression } from '../../logical/expression.ts'
import { raisesItself } from '../../logical/raising.ts'
import type { Relation } from '../../logical/relation.ts'
import {
  dependsOnlyOn,
  mapExpressionChildren,
  someExpression,
  visitRelation,
} from '../../logical/walk.ts'
import { passedOn } from '../output-columns.ts'
import type { RuleContext } from '../rule.ts'
import { tested } from '../../logical/predicates.ts'

/** A left side with a column that says whether its row wants a subquery. */
export interface Gate {
  readonly left: Relation
  readonly wanted: Expression
}

/**
 * The conditions under which a subquery is wanted as a column: joined as it is, it would be evaluated where no
 * row's CASE gets as far. Undefined where there is no need: no condition, or nothing that may end in an error.
 */
export function gateOf(
  left: Relation,
  guards: readonly Expression[],
  { right, condition }: { readonly right: Relation; readonly condition: Expression },
  ctx: RuleContext,
): Gate | undefined {
  if (guards.length === 0) return undefined
  if (!mayRaise(right) && !someExpression(condition, raisesItself)) return undefined
  const wanted = named(ctx.ids, 'wanted', tested(and(guards), 'true'))
  const gate = columnReference({ id: wanted.id, name: wanted.name, type: bool })
  return { left: project(left, [...passedOn(left.columns), wanted]), wanted: gate }
}

/**
 * A condition over both sides of which the outer side's parts that may end in an error are evaluated only
 * where they are wanted, and NULL elsewhere. Undefined where parts of the inner side may raise one.
 */
export function gatedCondition(
  expr: Expression,
  wanted: Expression,
  outer: ReadonlySet<ColumnId>,
): Expression | undefined {
  if (!someExpression(expr, raisesItself)) return expr
  if (dependsOnlyOn(expr, outer)) {
    return caseOf([{ when: wanted, then: expr }], literal(null, expr.type))
  }
  if (raisesItself(expr)) return undefined
  let fits = true
  const gated = mapExpressionChildren(expr, (child) => {
    const inner = gatedCondition(child, wanted, outer)
    fits &&= inner !== undefined
    return inner ?? child
  })
  return fits ? gated : undefined
}

/** The relation with a gate under all that is computed row by row; LIMIT does not go with one. */
export function gatedInput(relation: Relation, gate: Expression): Relation | undefined {
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
    case 'working-table':
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
    case 'recursion':
      return undefined
  }
}

/** Whether evaluating the relation can end in an error of its data. */
export function mayRaise(relation: Relation): boolean {
  let found = false
  visitRelation(relation, {
    expression: (expr) => {
      found ||= raisesItself(expr)
    },
  })
  return found
}
