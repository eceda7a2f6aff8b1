import { scalarFunction } from '../../functions/catalogue.ts'
import type { Expression } from './expression.ts'
import { expressionChildrenOf } from './walk.ts'

/** What decides whether an expression may be repeated, moved or merged. */
export interface ExpressionSize {
  /** Nodes, those that occur twice counted twice; a subquery's relation is one. */
  readonly nodes: number
  readonly hasSubquery: boolean
  /** Whether two evaluations over the same values may differ. */
  readonly isVolatile: boolean
}

const known = new WeakMap<Expression, ExpressionSize>()

/** The size of an expression, worked out once a node from the leaves up, whatever its height. */
export function sizeOf(expr: Expression): ExpressionSize {
  const done = known.get(expr)
  if (done !== undefined) return done
  const pending = [expr]
  for (let next = pending.at(-1); next !== undefined; next = pending.at(-1)) {
    const children = expressionChildrenOf(next)
    const open = children.filter((child) => !known.has(child))
    if (open.length > 0) {
      for (const child of open) pending.push(child)
      continue
    }
    pending.pop()
    if (!known.has(next)) known.set(next, combined(next, children.map(sizeOf)))
  }
  return known.get(expr)!
}

function combined(expr: Expression, children: readonly ExpressionSize[]): ExpressionSize {
  const changes = expr.kind === 'call' && scalarFunction(expr.fn).volatility === 'volatile'
  return {
    nodes: children.reduce((total, child) => total + child.nodes, 1),
    hasSubquery: expr.kind === 'subquery' || children.some((child) => child.hasSubquery),
    isVolatile: changes || children.some((child) => child.isVolatile),
  }
}
