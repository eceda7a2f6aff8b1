import { QueryError } from '../../base/errors.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { literal } from '../../plan/logical/build.ts'
import type { Expression } from '../../plan/logical/expression.ts'
import type { Relation, RelationKind } from '../../plan/logical/relation.ts'
import { simplify } from '../../plan/logical/simplify.ts'
import {
  rewriteAllExpressions,
  rewriteExpression,
  someExpression,
  visitRelation,
} from '../../plan/logical/walk.ts'
import { mapStagedExpressions } from '../../plan/physical/plan-expressions.ts'
import type { StagedPlan } from '../../plan/physical/plan.ts'

/** Puts the values of $1, $2, ... into a query that is to be planned for them. */
export function substituteParameters(relation: Relation, values: readonly Scalar[]): Relation {
  return rewriteAllExpressions(relation, (expr) => valueInPlace(expr, values))
}

/** Puts the values of $1, $2, ... into a plan that was made without knowing them. */
export function fillParameters(plan: StagedPlan, values: readonly Scalar[]): StagedPlan {
  return mapStagedExpressions(plan, (expr) => {
    const filled = rewriteExpression(expr, (node) => valueInPlace(node, values))
    return filled === expr ? expr : simplify(filled)
  })
}

function valueInPlace(expr: Expression, values: readonly Scalar[]): Expression {
  if (expr.kind !== 'parameter') return expr
  const value = values[expr.index]
  if (value !== undefined) return literal(value, expr.type, expr.span)
  throw new QueryError('UNDEFINED_PARAMETER', `there is no parameter $${expr.index + 1}`, {
    ...(expr.span && { span: expr.span }),
    expected: `a value for $${expr.index + 1}`,
    found: `${values.length} values`,
  })
}

/** Over more rows planning takes next to nothing beside running, and a plan for the values runs faster. */
const GENERIC_ROWS_MAX = 100_000

/** What is planned the same way whatever the values: nothing whose order or kind hangs on estimates. */
const genericKinds: ReadonlySet<RelationKind> = new Set([
  'scan',
  'values',
  'filter',
  'project',
  'aggregate',
  'sort',
  'limit',
  'union-all',
])

/**
 * Whether one plan serves a query for all values of its parameters. Not so where a rule needs a value
 * (LIMIT $1) or an estimate from it (joins, subqueries), and where many rows are read.
 */
export function isGeneric(relation: Relation): boolean {
  let rows = 0
  let generic = true
  visitRelation(relation, {
    relation(node) {
      generic &&= genericKinds.has(node.kind)
      if (node.kind === 'scan') {
        rows += node.table.statistics.rows
        generic &&= node.table.source.kind === 'memory'
      }
      if (node.kind === 'limit') {
        const bounds = [node.limit, node.offset].filter((expr) => expr !== undefined)
        generic &&= !bounds.some((expr) => someExpression(expr, ({ kind }) => kind === 'parameter'))
      }
    },
    expression(expr) {
      generic &&= expr.kind !== 'subquery'
    },
  })
  return generic && rows <= GENERIC_ROWS_MAX
}
