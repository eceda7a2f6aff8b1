import { QueryError } from '../../base/errors.ts'
import { DigitBudget } from '../../data/types/digit-budget.ts'

/**
 * Runs a statement typed in the hope that exact results fit decimals; where some do not, again with types
 * that have room. A statement that failed has changed nothing, so it may be run twice.
 */
export async function withRoomForDigits<T>(run: (digits: DigitBudget) => Promise<T>): Promise<T> {
  const digits = new DigitBudget(true)
  try {
    return await run(digits)
  } catch (error) {
    const isOverflow = error instanceof QueryError && error.code === 'NUMERIC_OUT_OF_RANGE'
    if (!isOverflow || !digits.wasCut) throw error
    return run(new DigitBudget(false))
  }
}
