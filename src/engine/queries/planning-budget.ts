import { checkBudget, underBudget, type Budget } from '../../base/budget.ts'
import { QueryError } from '../../base/errors.ts'
import type { EventLoop, LoopShare } from '../../base/event-loop.ts'
import type { Steps } from '../../base/steps.ts'
import type { Clock } from '../../base/world.ts'

/** When planning has to end. */
export interface PlanningLimits {
  readonly clock: Pick<Clock, 'nowMs'>
  /** By the clock, when the statement began. */
  readonly beganMs: number
  /** PostgreSQL's statement_timeout; 0: none. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  /** Whose turns are shared with others. */
  readonly eventLoop?: EventLoop | undefined
}

/**
 * The budget that a text is parsed, bound and planned with: QUERY_CANCELED once the statement has taken
 * too long or was aborted. Planning is never async, so no timer could say so.
 */
export function planningBudget({
  clock,
  beganMs,
  timeoutMs,
  signal,
  eventLoop,
}: PlanningLimits): Budget {
  const endMs = beganMs + timeoutMs
  let isOverdue = false
  return {
    get isOverdue() {
      return isOverdue
    },
    check() {
      signal?.throwIfAborted()
      isOverdue = eventLoop?.isOver === true
      if (timeoutMs === 0 || clock.nowMs() <= endMs) return
      throw new QueryError('QUERY_CANCELED', 'canceling statement due to statement timeout')
    },
  }
}

/** What `act` gives under the budget, which is asked before it. */
export function inTime<T>(budget: Budget, act: () => T): T {
  return underBudget(budget, () => {
    checkBudget()
    return act()
  })
}

/** What steps end with, which let others have the event loop where they take long. */
export async function inTurns<T>(budget: Budget, share: LoopShare, steps: Steps<T>): Promise<T> {
  try {
    for (;;) {
      if (share.isOver) await share.next()
      const { done, value } = inTime(budget, () => steps.next())
      if (done === true) return value
    }
  } finally {
    steps.return(undefined as T)
  }
}
