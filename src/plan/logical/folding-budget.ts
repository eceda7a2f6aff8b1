import { STEPS_A_CHECK, underBoth, type Budget } from '../../base/budget.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { evaluate } from './evaluate.ts'
import type { Expression } from './expression.ts'

/** What the constants of one statement may cost together while it is planned, in steps: some 50 ms. */
const FOLDING_STEPS_MAX = 4_194_304

/** A constant takes longer than planning may: it is left to whoever runs the query. */
class TooLongToFold extends Error {}

/** What folding the constants of a statement may cost yet. */
export class FoldingBudget {
  #left = FOLDING_STEPS_MAX

  /** The value of a constant; undefined where finding it takes too long. Throws as it would. */
  evaluate(expr: Expression): Scalar | undefined {
    let left = Math.max(this.#left, STEPS_A_CHECK)
    const budget: Budget = {
      check: (steps) => {
        left -= steps
        if (left < 0) throw new TooLongToFold()
        this.#left -= steps
      },
    }
    try {
      return underBoth(budget, () => evaluate(expr, () => null))
    } catch (error) {
      if (error instanceof TooLongToFold) return undefined
      throw error
    }
  }
}
