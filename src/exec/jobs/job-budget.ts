import { checkBudget, underBudget, type Budget } from '../../base/budget.ts'
import type { Clock } from '../../base/world.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import type { Address } from '../../data/vectors/vector.ts'
import { OutgrownError } from './jobs.ts'
import { canceled } from './raise-error.ts'
import type { Steps } from './steps.ts'

/** Until when a job may run on the calling thread, by a monotonic clock. */
export interface Deadline {
  readonly clock: Pick<Clock, 'nowMs'>
  readonly atMs: number
}

/** One call of so many steps is not begun on the calling thread: it could not be interrupted. */
const INLINE_STEPS_MAX = 1_048_576

/**
 * The budget of a job: it ends with QUERY_CANCELED when its cancel word is set, and with
 * {@link OutgrownError} when it has a deadline and that has passed.
 */
export function jobBudget(heap: Heap, cancel: Address, deadline: Deadline | undefined): Budget {
  const word = cancel >>> 2
  const { i32 } = heap
  return {
    check(steps) {
      if (Atomics.load(i32, word) !== 0) throw canceled()
      if (deadline === undefined) return
      if (steps > INLINE_STEPS_MAX || deadline.clock.nowMs() > deadline.atMs) {
        throw new OutgrownError()
      }
    },
  }
}

/** The same steps, each with the budget in force, which is asked before it. */
export function* budgeted<T>(steps: Steps<T>, budget: Budget): Steps<T> {
  try {
    for (;;) {
      const { done, value } = underBudget(budget, () => {
        checkBudget()
        return steps.next()
      })
      if (done === true) return value
      yield
    }
  } finally {
    steps.return(undefined as T)
  }
}
