import { checkBudget } from './budget.ts'

/**
 * Work in pieces. Each `next` does a bounded piece, so that who drives it can turn to other work in
 * between; `return` ends it early and gives back what it held.
 */
export type Steps<T> = Generator<undefined, T, undefined>

/** Does all of it, without turning to anything else; the budget in force is asked in between. */
export function finishSteps<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next()
    if (done === true) return value
    checkBudget()
  }
}
