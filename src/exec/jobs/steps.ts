import type { Steps } from '../../base/steps.ts'

export { finishSteps, type Steps } from '../../base/steps.ts'

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
