import type { ValueBounds } from '../../../data/types/value-bounds.ts'
import type { ColumnId, Expression } from '../../logical/expression.ts'
import { bytesOf, type Distributed } from '../distribution.ts'
import type { PhysicalKind, PhysicalOf, PhysicalPlan } from '../plan.ts'
import type { BoundsByColumn } from '../value-bounds.ts'

/** What planning has to know of one kind of operator; `exec` has tables of its own beside this one. */
export interface PhysicalOperator<K extends PhysicalKind> {
  /** Replaces the inputs, in order; the plan itself when none changed. */
  inputs(plan: PhysicalOf<K>, to: (input: PhysicalPlan) => PhysicalPlan): PhysicalOf<K>
  /** Replaces the expressions that the operator itself holds. */
  expressions(plan: PhysicalOf<K>, to: (expr: Expression) => Expression): PhysicalOf<K>
  explain(plan: PhysicalOf<K>): Description
  /** Bytes that it keeps until its last row came, as estimated; none where it is left out. */
  keeps?(plan: PhysicalOf<K>): number
  /** What is guaranteed of the result; `of` tells the same of an input. */
  guarantees(plan: PhysicalOf<K>, of: (input: PhysicalPlan) => Guarantees): Guarantees
  /** The operator over its inputs, placed, with the exchanges that it needs. */
  place(plan: PhysicalOf<K>, placing: Placing): Distributed
}

/** A line of EXPLAIN. */
export interface Description {
  readonly node: string
  readonly detail: string
}

/** What is guaranteed of a plan's result: how many rows at most, and the columns' values. */
export interface Guarantees {
  /** Undefined: no limit is known. */
  readonly rowsMax: bigint | undefined
  /** Bounds of every integer-like column made anywhere in the plan. */
  readonly bounds: BoundsByColumn
}

/** What placing needs to know and remember. */
export interface Placing {
  readonly workers: number
  readonly broadcastBytesMax: number
  /** Tasks are parts of what one process could not hold at once; see `PhysicalContext`. */
  readonly isInParts: boolean
  readonly attempt: number
  /** Placed definitions of CTEs. */
  readonly definitions: Map<number, Distributed>
  /** A number that nobody else of this plan is given, from 1. */
  fresh(): number
  /** Places an input. */
  place(plan: PhysicalPlan): Distributed
  /** Places the step of a recursion in one task: what is the same in each round comes to it from all tasks. */
  placeStep(plan: PhysicalPlan): PhysicalPlan
}

/** What each row takes beside its values, in a table of groups, joined rows or rows to sort. */
const ROW_OVERHEAD_BYTES = 16

/** Bytes of the rows of a plan where an operator keeps them all. */
export function rowsKept(plan: PhysicalPlan): number {
  return bytesOf(plan) + plan.rows * ROW_OVERHEAD_BYTES
}

/** For operators with one input. */
export function mapInput<T extends PhysicalPlan & { readonly input: PhysicalPlan }>(
  plan: T,
  to: (input: PhysicalPlan) => PhysicalPlan,
): T {
  const input = to(plan.input)
  return input === plan.input ? plan : { ...plan, input }
}

export function mapItems<T extends { readonly expr: Expression }>(
  items: readonly T[],
  to: (expr: Expression) => Expression,
): readonly T[] {
  return items.map((item) => ({ ...item, expr: to(item.expr) }))
}

export function setBounds(
  bounds: Map<ColumnId, ValueBounds>,
  id: ColumnId,
  value: ValueBounds | undefined,
): void {
  if (value !== undefined) bounds.set(id, value)
}

/** The fewer of two limits. */
export function least(
  rowsMax: bigint | undefined,
  limitRows: number | undefined,
): bigint | undefined {
  if (limitRows === undefined || !Number.isFinite(limitRows)) return rowsMax
  const limit = BigInt(limitRows)
  return rowsMax === undefined || limit < rowsMax ? limit : rowsMax
}

/** More rows than can ever be are as good as no limit; products of them would only grow and grow. */
const ROWS_TOLD_MAX = 2n ** 64n

export function told(rows: bigint): bigint | undefined {
  return rows > ROWS_TOLD_MAX ? undefined : rows
}
