import type { Scalar } from '../../data/types/scalar.ts'
import { literal } from '../../plan/logical/build.ts'
import { sizeOf } from '../../plan/logical/expression-size.ts'
import type { Expression } from '../../plan/logical/expression.ts'
import type { Relation } from '../../plan/logical/relation.ts'
import { columnsUsed, rewriteAllRelations, visitRelation } from '../../plan/logical/walk.ts'

/**
 * A plan with values in place of the queries that its LIMIT and OFFSET ask: these are run first, once each, so that it is known
 * how many rows are wanted. What belongs to outer rows stays. The same plan where there is none.
 */
export async function withLimitValues(
  relation: Relation,
  valueOf: (expr: Expression) => Promise<Scalar>,
): Promise<Relation> {
  const asked = new Set<Expression>()
  visitRelation(relation, {
    relation: (node) => {
      if (node.kind !== 'limit') return
      for (const count of [node.limit, node.offset]) {
        if (count !== undefined && isAsked(count)) asked.add(count)
      }
    },
  })
  if (asked.size === 0) return relation
  const values = new Map<Expression, Expression>()
  for (const expr of asked) {
    values.set(expr, literal(await valueOf(expr), expr.type, expr.span))
  }
  return rewriteAllRelations(relation, (node) => {
    if (node.kind !== 'limit') return node
    const limit = node.limit && (values.get(node.limit) ?? node.limit)
    const offset = node.offset && (values.get(node.offset) ?? node.offset)
    return { ...node, ...(limit && { limit }), ...(offset && { offset }) }
  })
}

function isAsked(count: Expression): boolean {
  return sizeOf(count).hasSubquery && columnsUsed(count).size === 0
}
