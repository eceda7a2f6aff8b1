import { project } from '../../logical/build.ts'
import type { ColumnId, Expression } from '../../logical/expression.ts'
import { expressionChildrenOf, replaceColumns } from '../../logical/walk.ts'
import { isTrivial } from '../properties.ts'
import { isVolatile } from '../../logical/expression-size.ts'
import type { Rule } from '../rule.ts'

/**
 * `Project(f, Project(g, X)) = Project(f after g, X)`. Not where a computed column is used more than
 * once: it would be computed as often, and nested often enough the expression would grow exponentially;
 * nor where g is volatile and used at all.
 */
export const mergeProjects: Rule = {
  name: 'merge-projects',
  order: 'bottom-up',
  about: ['project'],
  rewrite(relation) {
    if (relation.kind !== 'project' || relation.input.kind !== 'project') return undefined
    const inner = relation.input
    const uses = new Map<ColumnId, number>()
    for (const { expr } of relation.exprs) countUses(expr, uses)
    const mergeable = inner.exprs.every(({ id, expr }) => {
      const count = uses.get(id) ?? 0
      return count === 0 || isTrivial(expr) || (count === 1 && !isVolatile(expr))
    })
    if (!mergeable) return undefined
    const exprs = new Map(inner.exprs.map(({ id, expr }) => [id, expr]))
    const merged = relation.exprs.map((item) => ({
      ...item,
      expr: replaceColumns(item.expr, (id) => exprs.get(id)),
    }))
    return project(inner.input, merged)
  },
}

function countUses(expr: Expression, uses: Map<ColumnId, number>): void {
  if (expr.kind === 'column') uses.set(expr.id, (uses.get(expr.id) ?? 0) + 1)
  for (const child of expressionChildrenOf(expr)) countUses(child, uses)
}
