/**
 * What an evaluation may cost. Who evaluates on behalf of a query puts its budget in force with
 * {@link underBudget}; whoever may take long (a pattern, a long text, a long list) tells with
 * {@link spend} how far it got, and needs to know nothing of threads, clocks and cancel words.
 */
export interface Budget {
  /**
   * Called when about {@link STEPS_A_CHECK} more steps were spent; `steps` is how many. Throws what
   * the evaluation is to end with: QUERY_CANCELED, a limit's error, or that it goes on elsewhere.
   */
  check(steps: number): void
  /** Whether work that is done in steps is to end this one soon, as others wait; as of the last check. */
  readonly isOverdue?: boolean
}

/** So many steps pass between two checks: some 50 to 200 microseconds. */
export const STEPS_A_CHECK = 16_384

/** What visiting a node of a statement or a plan costs, in steps. */
export const NODE_STEPS = 16

/** For those who have no limit: tests, and what is small by its nature. */
export const unlimited: Budget = { check() {} }

// One a thread: evaluations are synchronous, and a thread is in one of them at a time.
let inForce: Budget = unlimited
let spent = 0

/**
 * Says that so many steps were done, or are about to be done where that is known before. A step is
 * about what looking at a byte, or trying a place of a pattern, takes: a few nanoseconds.
 */
export function spend(steps: number): void {
  spent += steps
  if (spent >= STEPS_A_CHECK) checkBudget()
}

/** Checks at once, however little was spent: for those who do much in one call. */
export function checkBudget(): void {
  const steps = spent
  spent = 0
  inForce.check(steps)
}

/** Whether to end a step here, for those who can: see {@link Budget}. */
export function isOverdue(): boolean {
  return inForce.isOverdue === true
}

/** What `act` gives, with a budget in force until it returns or throws. */
export function underBudget<T>(budget: Budget, act: () => T): T {
  const before = inForce
  const spentBefore = spent
  inForce = budget
  spent = 0
  try {
    return act()
  } finally {
    inForce = before
    // Who spends little between many small evaluations comes to a check all the same.
    spent += spentBefore
  }
}

/** What `act` gives when a budget is added to the one in force, which goes on being asked. */
export function underBoth<T>(budget: Budget, act: () => T): T {
  const outer = inForce
  const both: Budget = {
    check(steps) {
      budget.check(steps)
      outer.check(steps)
    },
    get isOverdue() {
      return budget.isOverdue === true || outer.isOverdue === true
    },
  }
  return underBudget(both, act)
}

/** Ends with `refuse()` when more than `stepsMax` steps were spent; asks `other` as well. */
export function stepBudget(stepsMax: number, refuse: () => Error, other = unlimited): Budget {
  let left = stepsMax
  return {
    check(steps) {
      left -= steps
      if (left < 0) throw refuse()
      other.check(steps)
    },
  }
}
