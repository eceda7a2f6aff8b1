import { notSupported } from '../../base/errors.ts'
import type { PhysicalContext } from './context.ts'
import type { PhysicalPlan } from './plan.ts'

/** Places exchanges so that the plan runs on `ctx.workers` tasks a stage; one worker needs none. */
export function distribute(plan: PhysicalPlan, ctx: PhysicalContext): PhysicalPlan {
  if (ctx.workers > 1) throw notSupported('plans for more than one worker')
  return plan
}
