import { QueryError } from '../base/errors.ts'
import type { Scalar } from '../data/types/scalar.ts'
import { literal } from '../plan/logical/build.ts'
import type { Relation } from '../plan/logical/relation.ts'
import { rewriteAllExpressions } from '../plan/logical/walk.ts'

/** Puts the values of $1, $2, ... into a plan. */
export function substituteParameters(relation: Relation, values: readonly Scalar[]): Relation {
  return rewriteAllExpressions(relation, (expr) => {
    if (expr.kind !== 'parameter') return expr
    const value = values[expr.index]
    if (value !== undefined) return literal(value, expr.type, expr.span)
    throw new QueryError('UNDEFINED_PARAMETER', `there is no parameter $${expr.index + 1}`, {
      ...(expr.span && { span: expr.span }),
      expected: `a value for $${expr.index + 1}`,
      found: `${values.length} values`,
    })
  })
}
