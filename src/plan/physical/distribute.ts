import { DEFAULT_BROADCAST_BYTES_MAX, type PhysicalContext } from './context.ts'
import { gathered } from './distribution.ts'
import type { Placing } from './operators/operator.ts'
import { operatorOf } from './operators/table.ts'
import { mapPlanInputs } from './plan-inputs.ts'
import type { PhysicalPlan } from './plan.ts'
import { workingTablesOf } from './recursion.ts'

/**
 * Places exchanges so that the plan runs on `ctx.workers` tasks a stage and ends in one; one worker
 * needs none. Rows move only where they must: an input that is already hashed by the keys stays.
 */
export function distribute(plan: PhysicalPlan, ctx: PhysicalContext): PhysicalPlan {
  if (ctx.workers <= 1) return plan
  const broadcastBytesMax = ctx.broadcastBytesMax ?? DEFAULT_BROADCAST_BYTES_MAX
  let numbers = 0
  const placing: Placing = {
    workers: ctx.workers,
    broadcastBytesMax,
    isInParts: ctx.isInParts === true,
    attempt: ctx.attempt ?? 1,
    definitions: new Map(),
    fresh: () => ++numbers,
    place: (part) => operatorOf(part).place(part, placing),
    placeStep: (part) =>
      workingTablesOf(part).size === 0
        ? gathered(placing.place(part))
        : mapPlanInputs(part, placing.placeStep),
  }
  return gathered(placing.place(plan))
}
