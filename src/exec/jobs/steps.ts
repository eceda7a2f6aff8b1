import { checkBudget } from '../../base/budget.ts'

/**
 * Work in pieces. Each `next` does a bounded piece, so that who drives it can turn to other work in
 * between; `return` ends it early and gives back what it held.
 */
export type Steps<T> = Generator<undefined, T, undefined>

/** The same steps; `look` is called after each. */
export function* noticed<T>(steps: Steps<T>, look: () => void): Steps<T> {
  try {
    for (;;) {
      const { done, value } = steps.next()
      if (done === true) return value
      look()
      yield
    }
  } finally {
    steps.return(undefined as T)
  }
}

/** Does all of it, without turning to anything else; the budget in force is asked in between. */
export function finishSteps<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next()
    if (done === true) return value
    checkBudget()
  }
}
