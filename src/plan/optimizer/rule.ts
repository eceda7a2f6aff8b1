import type { Steps } from '../../base/steps.ts'
import type { DigitBudget } from '../../data/types/digit-budget.ts'
import type { FunctionCatalogue } from '../../functions/catalogue.ts'
import type { ColumnIds } from '../logical/build.ts'
import type { FoldingBudget } from '../logical/folding-budget.ts'
import type { Relation, RelationKind } from '../logical/relation.ts'
import type { Typing } from '../logical/typing.ts'
import type { Estimator } from './cardinality.ts'

/** What a rule may use. */
export interface RuleContext {
  /** The functions that may be called. */
  readonly functions: FunctionCatalogue
  readonly ids: ColumnIds
  /** Estimates for the plan as it is when the rule runs. */
  readonly estimator: Estimator
  /** How results are typed that may be too long for decimals. */
  readonly digits: DigitBudget
  /** What constants may cost yet. */
  readonly folding: FoldingBudget
  /** A number that no CTE of the plan has yet. */
  nextCteId(): number
}

/** How rules type the calls that they make: a plan's parameters have their types already. */
export function typingOf({ functions, digits }: Pick<RuleContext, 'functions' | 'digits'>): Typing {
  return { functions, digits, parameters: [] }
}

/**
 * An equivalence of the algebra, applied wherever it helps. `bottom-up` and `top-down` rules see one
 * relation at a time, inputs first or last, and answer undefined where they do not apply; `whole`
 * rules see the root and recurse themselves.
 */
export interface Rule {
  readonly name: string
  readonly order: 'bottom-up' | 'top-down' | 'whole'
  /**
   * What it needs to have anything to do: a plan, or where the driver recurses a part of one, without any of
   * these is left alone, and `rewrite` is asked for relations of these kinds only. Undefined: anything.
   * `subquery`: expressions with relations inside, which binding makes and no rule; for `whole` rules.
   */
  readonly about?: readonly (RelationKind | 'subquery')[]
  /** What it decides by: one that looks at each expression by itself has nothing new where some are left out. */
  readonly reads?: 'expressions'
  /**
   * It leaves out what is not needed, all of it in one go, and changes no expression: it has nothing more to
   * do itself afterwards, nor have rules that read expressions.
   */
  readonly onlyDrops?: boolean
  /** Physical planning depends on it, so it cannot be disabled. */
  readonly required?: boolean
  rewrite(relation: Relation, ctx: RuleContext): Relation | undefined
  /** As `rewrite`, in steps: for `whole` rules that do much for few nodes. */
  readonly rewriteSteps?: (relation: Relation, ctx: RuleContext) => Steps<Relation | undefined>
}

/** Rules that run together until none of them changes the plan, or so often at most. */
export interface Phase {
  readonly name: string
  readonly passesMax: number
  readonly rules: readonly Rule[]
}
