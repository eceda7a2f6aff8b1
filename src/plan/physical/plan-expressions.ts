import { NODE_STEPS, spend } from '../../base/budget.ts'
import type { Expression } from '../logical/expression.ts'
import { mapPartitioning } from './operators/moves.ts'
import { operatorOf } from './operators/table.ts'
import { mapPlanInputs } from './plan-inputs.ts'
import type { PhysicalPlan, StagedPlan } from './plan.ts'

/** The expressions that an operator itself holds. */
export function expressionsOf(plan: PhysicalPlan): readonly Expression[] {
  const exprs: Expression[] = []
  operatorOf(plan).expressions(plan, (expr) => {
    exprs.push(expr)
    return expr
  })
  return exprs
}

/** What to put in the place of an expression; the expression itself leaves it. */
export type ExpressionMapper = (expr: Expression) => Expression

/** Replaces every expression of a staged plan. What was one object, stays one. */
export function mapStagedExpressions(plan: StagedPlan, mapper: ExpressionMapper): StagedPlan {
  const known = new Map<Expression, Expression>()
  const map = (expr: Expression): Expression => {
    const before = known.get(expr)
    if (before !== undefined) return before
    const mapped = mapper(expr)
    known.set(expr, mapped)
    return mapped
  }
  const stages = plan.stages.map((stage) => ({
    ...stage,
    root: mapTree(stage.root, map),
    output: mapPartitioning(stage.output, map),
  }))
  let whole: PhysicalPlan | undefined
  return {
    ...plan,
    stages,
    // Wanted only where the plan turns out not to fit the memory.
    get whole() {
      return (whole ??= plan.whole && mapTree(plan.whole, map))
    },
  }
}

function mapTree(root: PhysicalPlan, map: ExpressionMapper): PhysicalPlan {
  const done = new Map<PhysicalPlan, PhysicalPlan>()
  const visit = (plan: PhysicalPlan): PhysicalPlan => {
    const before = done.get(plan)
    if (before !== undefined) return before
    const mapped = mapOwn(mapPlanInputs(plan, visit), map)
    done.set(plan, mapped)
    return mapped
  }
  return visit(root)
}

function mapOwn(plan: PhysicalPlan, map: ExpressionMapper): PhysicalPlan {
  spend(NODE_STEPS)
  return operatorOf(plan).expressions(plan, map)
}
