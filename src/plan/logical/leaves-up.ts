import type { Expression } from './expression.ts'
import { expressionChildrenOf, isLeaf } from './walk.ts'

const none: readonly never[] = []

/** Expressions nested deeper are gone through without recursion. */
const HEIGHT_MAX = 200

/**
 * What `combine` makes of an expression and of what it made of its children: worked out once a node, from
 * the leaves up and whatever the height, and remembered as long as the node lives; of leaves it is made anew.
 */
export function leavesUp<T extends object>(
  combine: (expr: Expression, children: readonly T[]) => T,
): (expr: Expression) => T {
  const known = new WeakMap<Expression, T>()
  const of = (expr: Expression, height: number): T => {
    if (isLeaf(expr)) return combine(expr, none)
    const before = known.get(expr)
    if (before !== undefined) return before
    if (height === HEIGHT_MAX) combineBelow(expr)
    const made = combine(
      expr,
      expressionChildrenOf(expr).map((child) => of(child, height + 1)),
    )
    known.set(expr, made)
    return made
  }
  /** So that what is below an expression is known. */
  const combineBelow = (top: Expression): void => {
    const pending = [...expressionChildrenOf(top)]
    for (let next = pending.at(-1); next !== undefined; next = pending.at(-1)) {
      const height = pending.length
      for (const child of expressionChildrenOf(next)) {
        if (!isLeaf(child) && !known.has(child)) pending.push(child)
      }
      if (pending.length > height) continue
      pending.pop()
      of(next, 0)
    }
  }
  return (expr) => of(expr, 0)
}
