import type { Expression } from './expression.ts'
import { expressionChildrenOf, isLeaf } from './walk.ts'

const none: readonly never[] = []

/**
 * What `combine` makes of an expression and of what it made of its children: worked out once a node, from
 * the leaves up and without recursion, and remembered as long as the node lives; of leaves it is made anew.
 */
export function leavesUp<T extends object>(
  combine: (expr: Expression, children: readonly T[]) => T,
): (expr: Expression) => T {
  const known = new WeakMap<Expression, T>()
  const of = (expr: Expression): T => {
    if (isLeaf(expr)) return combine(expr, none)
    const done = known.get(expr)
    if (done !== undefined) return done
    const pending = [expr]
    for (let next = pending.at(-1); next !== undefined; next = pending.at(-1)) {
      const children = expressionChildrenOf(next)
      const height = pending.length
      for (const child of children) {
        if (!isLeaf(child) && !known.has(child)) pending.push(child)
      }
      if (pending.length > height) continue
      pending.pop()
      if (!known.has(next)) known.set(next, combine(next, children.map(of)))
    }
    return known.get(expr)!
  }
  return of
}
