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

/** Nodes of a value that is read several times, so that its constants can be asked about apart. */
const REPEATED_NODES_MAX = 8

/** Whether an expression may stand several times in place of once. */
export function isRepeatable(expr: Expression): boolean {
  const { nodes, hasSubquery, isVolatile } = sizeOf(expr)
  return nodes <= REPEATED_NODES_MAX && !hasSubquery && !isVolatile
}

function combined(expr: Expression, children: readonly ExpressionSize[]): ExpressionSize {
  const changes = expr.kind === 'call' && expr.fn.volatility === 'volatile'
  return {
    nodes: children.reduce((total, child) => total + child.nodes, 1),
    hasSubquery: expr.kind === 'subquery' || children.some((child) => child.hasSubquery),
    isVolatile: changes || children.some((child) => child.isVolatile),
  }
}
