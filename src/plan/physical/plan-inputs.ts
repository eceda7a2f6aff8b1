import { NODE_STEPS, spend } from '../../base/budget.ts'
import { operatorOf } from './operators/table.ts'
import type { PhysicalPlan } from './plan.ts'

/** The plans that a plan reads, in order. */
export function planInputs(plan: PhysicalPlan): readonly PhysicalPlan[] {
  spend(NODE_STEPS)
  const inputs: PhysicalPlan[] = []
  operatorOf(plan).inputs(plan, (input) => {
    inputs.push(input)
    return input
  })
  return inputs
}

/** Replaces the inputs of a plan; the plan itself when none changed. */
export function mapPlanInputs(
  plan: PhysicalPlan,
  map: (input: PhysicalPlan) => PhysicalPlan,
): PhysicalPlan {
  spend(NODE_STEPS)
  return operatorOf(plan).inputs(plan, map)
}
