import type { DigitBudget } from '../../data/types/digit-budget.ts'
import type { FunctionCatalogue } from '../../functions/catalogue.ts'

/** What the optimizer is told, and where it reports to. */
export interface OptimizeContext {
  /** The functions that rules may call. */
  readonly functions: FunctionCatalogue
  /** Names of rules to leave out, for tests and for finding a faulty rule. */
  readonly disabledRules?: ReadonlySet<string>
  /** Collects the names of the rules that changed the plan. */
  readonly firedRules?: Set<string>
  /** How results are typed that may be too long for decimals; in hope by default. */
  readonly digits?: DigitBudget
}
