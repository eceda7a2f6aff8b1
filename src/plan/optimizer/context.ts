/** What the optimizer is told, and where it reports to. */
export interface OptimizeContext {
  /** Names of rules to leave out, for tests and for finding a faulty rule. */
  readonly disabledRules?: ReadonlySet<string>
  /** Collects the names of the rules that changed the plan. */
  readonly firedRules?: Set<string>
}
