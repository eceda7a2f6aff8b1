import type { RunWay } from '../exec/fragment/fragment-task.ts'
import type { StagedPlan } from '../plan/physical/plan.ts'
import type { RunFigures } from './run-figures.ts'

/** What the fragments of a query have in common. */
export interface QueryContext {
  readonly queryId: string
  readonly plan: StagedPlan
  /**
   * Until when it may take, by the clock of the process that submits it, which tells nobody else. A timer
   * stops all but what holds that process's event loop.
   */
  readonly endsAtMs?: number | undefined
  /** Told how tasks were run; by workers of this process only. */
  readonly noted?: ((way: RunWay) => void) | undefined
  /** Filled in by workers of this process. */
  readonly figures?: RunFigures | undefined
}

/** A fragment: one partition of one stage of its query's plan. */
export interface StageTask {
  readonly stage: number
  readonly partition: number
}
