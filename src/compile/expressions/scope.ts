import type { InlineContext, Value } from '../../functions/inline.ts'
import type { Local } from '../../wasm/assembler/function-builder.ts'
import type {
  Call,
  Cast,
  ColumnId,
  Expression,
  InSet,
  Literal,
  Parameter,
} from '../../plan/logical/expression.ts'

/**
 * What the expression compiler needs of the loop it emits into. The pipeline compiler implements it:
 * it knows where the rows of the current batch come from.
 */
export interface CodeScope extends Omit<InlineContext, 'elsewhere'> {
  /** The column's value in the current row; loads are emitted once and reused while they dominate. */
  column(id: ColumnId): Value
  /** Gives a column its value, as long as what was computed dominates. */
  bind(id: ColumnId, value: Value): void
  /** A literal's value as a part of the code. */
  literal(expr: Literal): Value
  /** The value of a literal that the run keeps for the code, so that modules are shared. */
  parameter(expr: Parameter): Value
  /** The address of the set that the run makes of the members, see exec/thread/member-sets.ts. */
  memberSet(expr: InSet): Local
  /**
   * How to tell the result of a condition that was decided ahead for every entry of a dictionary; calling
   * it emits the look-up. Undefined for other expressions.
   */
  decision(expr: Expression): (() => Value) | undefined
  /**
   * How to have the value of an expression that hangs on a dictionary's entry alone, for the rows that the
   * guard lets through; `compute` emits what finds it. Undefined for other expressions.
   */
  entryValue(
    expr: Expression,
  ): ((guard: Local | undefined, compute: () => Value) => Value) | undefined
  /**
   * Emits: evaluates a call or cast in TypeScript for the current row; its lanes go to the locals `into`.
   * See {@link InlineContext.elsewhere}.
   */
  evaluateHere(
    expr: Call | Cast,
    args: readonly Value[],
    into: readonly Local[],
    valid?: Local,
  ): void
  /** Whether the column's value is asked of the thread, a call for each row that needs it. */
  isCalledOut(id: ColumnId): boolean
  /** Whether expressions cost less than a branch around them, for those looked at so far. */
  readonly cheap: WeakMap<Expression, boolean>
  /**
   * Names the expression that {@link InlineContext.raise} blames from here on; returns the one before
   * it, to be restored.
   */
  blame(expr: Expression | undefined): Expression | undefined
  /**
   * Runs `emit` for code under a branch: values that it loads or computes are forgotten afterwards,
   * as they do not dominate what follows.
   */
  branch(emit: () => void): void
}
