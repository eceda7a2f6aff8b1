import { DECIMAL_PRECISION_MAX, decimal, numeric, type DataType } from './data-type.ts'

/**
 * How an exact result is typed that may have more digits than a decimal holds. Nearly all such results
 * fit: the sum of a product of three prices has 47 digits by its type, and 14 in fact. So a statement is
 * typed in hope first, which keeps it in fixed point, where code that meets a value without room raises;
 * then it is run again with types that have room for everything, numeric.
 */
export class DigitBudget {
  readonly hopeful: boolean
  #wasCut = false

  constructor(hopeful: boolean) {
    this.hopeful = hopeful
  }

  /** Some type has fewer digits than its values may have: an overflow can be of our making. */
  get wasCut(): boolean {
    return this.#wasCut
  }

  /** Says that a plan made earlier was cut. */
  markCut(): void {
    this.#wasCut = true
  }

  /** The type for results of so many digits in all and behind the point: decimal, or else numeric. */
  fit(precision: number, scale: number): DataType {
    if (precision <= DECIMAL_PRECISION_MAX) return decimal(precision, scale)
    if (!this.hopeful || scale > DECIMAL_PRECISION_MAX) return numeric
    this.#wasCut = true
    return decimal(DECIMAL_PRECISION_MAX, scale)
  }
}

/** Never gives a type less digits than its values may have. */
export const exactDigits = new DigitBudget(false)
