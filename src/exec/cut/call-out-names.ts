import { hasInlineForm } from '../../compile/expressions/expression-traits.ts'
import type { Expression } from '../../plan/logical/expression.ts'
import { expressionChildrenOf } from '../../plan/logical/walk.ts'
import { operatorOf } from '../../plan/physical/operators/table.ts'
import type { PhysicalPlan } from '../../plan/physical/plan.ts'

/**
 * What an operator has evaluated in TypeScript, as there is no code for it: functions by their names, else the
 * kinds of expressions. Each once, in the order in which they stand.
 */
export function callOutNames(plan: PhysicalPlan): readonly string[] {
  const names = new Set<string>()
  const collect = (expr: Expression): void => {
    if (!hasInlineForm(expr)) names.add(expr.kind === 'call' ? expr.fn.name : expr.kind)
    else for (const child of expressionChildrenOf(expr)) collect(child)
  }
  operatorOf(plan).expressions(plan, (expr) => {
    collect(expr)
    return expr
  })
  return [...names]
}
