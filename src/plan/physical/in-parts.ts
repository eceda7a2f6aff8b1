import { distribute } from './distribute.ts'
import type { StagedPlan } from './plan.ts'
import { cutStages } from './stages.ts'

export interface Parts {
  /** Into how many parts rows are divided wherever their number matters. */
  readonly parts: number
  /** A side of a join of more estimated bytes is divided rather than kept by each part. */
  readonly broadcastBytesMax: number
  /** How often the plan was tried in parts, this time included: what was divided by keys did not fit the time before. */
  readonly attempt: number
}

/**
 * A plan for one task a stage as a plan of many tasks, each of which has a part of the rows: the same exchanges
 * as between workers, in one process. Undefined where there is nothing to divide: no task would need less.
 */
export function planInParts(
  { whole }: StagedPlan,
  { parts, broadcastBytesMax, attempt }: Parts,
): StagedPlan | undefined {
  if (whole === undefined) return undefined
  const ctx = { workers: parts, broadcastBytesMax, isInParts: true, attempt }
  const { stages, columns } = cutStages(distribute(whole, ctx), ctx)
  const isDivided = stages.some(({ partitions }) => partitions > 1)
  return isDivided ? { stages, columns, isInParts: true } : undefined
}
