import { checkBudget, underBudget, type Budget } from '../../base/budget.ts'
import type { Clock, ScriptHeap } from '../../base/world.ts'
import type { Address } from '../../data/vectors/vector.ts'
import { OutgrownError } from './jobs.ts'
import { canceled, scriptHeapFull } from './raise-error.ts'
import type { Steps } from './steps.ts'
import type { ThreadEnvironment } from './thread.ts'

/** Until when a job may run on the calling thread, by a monotonic clock. */
export interface Deadline {
  readonly clock: Pick<Clock, 'nowMs'>
  readonly atMs: number
}

/** One call of so many steps is not begun on the calling thread: it could not be interrupted. */
const INLINE_STEPS_MAX = 1_048_576

/** Beyond this part of JavaScript's heap a job ends; V8 ends the process when there is no more. */
const SCRIPT_HEAP_PART_MAX = 0.9
/** Looking at it takes as long as a thousand steps. */
const CHECKS_A_LOOK = 16

/**
 * The budget of a job: it ends with QUERY_CANCELED when its cancel word is set, with OUT_OF_MEMORY when the values
 * of its functions have nearly filled JavaScript's heap, and with {@link OutgrownError} when it has a deadline and
 * that has passed.
 */
export function jobBudget(
  { heap, scriptHeap }: Pick<ThreadEnvironment, 'heap' | 'scriptHeap'>,
  cancel: Address,
  deadline: Deadline | undefined,
): Budget {
  const word = cancel >>> 2
  const { i32 } = heap
  let checks = 0
  return {
    check(steps) {
      if (Atomics.load(i32, word) !== 0) throw canceled()
      if (scriptHeap !== undefined && ++checks % CHECKS_A_LOOK === 0) requireRoom(scriptHeap)
      if (deadline === undefined) return
      if (steps > INLINE_STEPS_MAX || deadline.clock.nowMs() > deadline.atMs) {
        throw new OutgrownError()
      }
    },
  }
}

function requireRoom(scriptHeap: ScriptHeap): void {
  if (scriptHeap.takenPart() > SCRIPT_HEAP_PART_MAX) throw scriptHeapFull()
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
