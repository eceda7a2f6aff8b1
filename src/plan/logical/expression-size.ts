import type { Expression } from './expression.ts'
import { leavesUp } from './leaves-up.ts'

/** What decides whether an expression may be repeated, moved or merged. */
export interface ExpressionSize {
  /** Nodes, those that occur twice counted twice; a subquery's relation is one. */
  readonly nodes: number
  readonly hasSubquery: boolean
  /** Whether two evaluations over the same values may differ. */
  readonly isVolatile: boolean
}

/** The size of an expression, whatever its height. */
export const sizeOf = leavesUp<ExpressionSize>(combined)

/** Whether each evaluation may give another value, so that it must not be moved or doubled. */
export function isVolatile(expr: Expression): boolean {
  return sizeOf(expr).isVolatile
}

export function hasSubquery(expr: Expression): boolean {
  return sizeOf(expr).hasSubquery
}

function combined(expr: Expression, children: readonly ExpressionSize[]): ExpressionSize {
  const changes = expr.kind === 'call' && expr.fn.volatility === 'volatile'
  return {
    nodes: children.reduce((total, child) => total + child.nodes, 1),
    hasSubquery: expr.kind === 'subquery' || children.some((child) => child.hasSubquery),
    isVolatile: changes || children.some((child) => child.isVolatile),
  }
}
