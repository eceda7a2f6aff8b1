import { unreachable } from '../../base/assert.ts'
import { NODE_STEPS, spend } from '../../base/budget.ts'
import type { PhysicalPlan } from './plan.ts'

/** The plans that a plan reads, in order. */
export function planInputs(plan: PhysicalPlan): readonly PhysicalPlan[] {
  spend(NODE_STEPS)
  switch (plan.kind) {
    case 'scan':
    case 'values':
    case 'stage-input':
      return []
    case 'filter':
    case 'project':
    case 'hash-aggregate':
    case 'sort':
    case 'limit':
    case 'exchange':
      return [plan.input]
    case 'hash-join':
    case 'nested-loop-join':
      return [plan.probe, plan.build]
    case 'union-all':
      return plan.inputs
    default:
      return unreachable(plan)
  }
}

/** Replaces the inputs of a plan; the plan itself when none changed. */
export function mapPlanInputs(
  plan: PhysicalPlan,
  map: (input: PhysicalPlan) => PhysicalPlan,
): PhysicalPlan {
  spend(NODE_STEPS)
  switch (plan.kind) {
    case 'scan':
    case 'values':
    case 'stage-input':
      return plan
    case 'filter':
    case 'project':
    case 'hash-aggregate':
    case 'sort':
    case 'limit':
    case 'exchange': {
      const input = map(plan.input)
      return input === plan.input ? plan : { ...plan, input }
    }
    case 'hash-join':
    case 'nested-loop-join': {
      const probe = map(plan.probe)
      const build = map(plan.build)
      return probe === plan.probe && build === plan.build ? plan : { ...plan, probe, build }
    }
    case 'union-all': {
      const inputs = plan.inputs.map(map)
      return inputs.every((input, i) => input === plan.inputs[i]) ? plan : { ...plan, inputs }
    }
    default:
      return unreachable(plan)
  }
}
