import type { DataType } from '../data/types/data-type.ts'
import type { Scalar } from '../data/types/scalar.ts'
import type { Collected } from '../wasm/kernels/value-kinds.ts'
import type { Local } from '../wasm/assembler/function-builder.ts'
import type { InlineContext, Value } from './inline.ts'

/** The accumulators that generated code has. All but `count-star` ignore NULL; it has no argument. */
export type Accumulator =
  | 'count-star'
  | 'count'
  | 'sum'
  /** A sum that is 0 over no rows: merges counts. */
  | 'sum-zero'
  | 'min'
  | 'max'
  | 'bool-and'
  | 'bool-or'
  | 'bit-and'
  | 'bit-or'
  | 'bit-xor'
  | 'any-value'
  /** Sum of the squares of numerics. */
  | 'sum-squares'
  /** Sum of squared deviations from the mean, of float8; and the same from partial states' bytes. */
  | 'deviation'
  | 'deviation-merge'
  /** A state of a few numbers, see {@link FoldedForm}. */
  | 'fold'
  /** The rows themselves, see {@link CollectedForm}. */
  | 'collect'

/** Those that a value seen twice changes no more than one seen once, so that DISTINCT changes nothing. */
export const ignoringRepeats: ReadonlySet<Accumulator> = new Set<Accumulator>([
  'min',
  'max',
  'bool-and',
  'bool-or',
  'bit-and',
  'bit-or',
  'any-value',
])

/** How an aggregate is computed. */
export type AggregateForm = AccumulatorForm | ComposedForm | FoldedForm | CollectedForm

/** One accumulator of generated code. */
export interface AccumulatorForm {
  readonly kind: 'accumulator'
  readonly accumulator: Exclude<Accumulator, 'fold' | 'collect'>
}

/** Other aggregates over the same rows, and what is made of them. */
export interface ComposedForm {
  readonly kind: 'composed'
  compose<E>(parts: Composer<E>, args: readonly E[]): E
}

/** Builds expressions of a plan, whatever these are. */
export interface Composer<E> {
  readonly distinct: boolean
  typeOf(expr: E): DataType
  /** An aggregate with the same DISTINCT and FILTER; equal ones are computed once. */
  aggregate(name: string, arg: E): E
  /**
   * How many rows stand before the direct arguments in the order of WITHIN GROUP, or, for `not-after`, are not
   * behind them.
   */
  standing(of: 'before' | 'not-after'): E
  /** How many rows there are, with the same FILTER. */
  rows(): E
  one(): E
  call(name: string, args: readonly E[]): E
  cast(expr: E, type: DataType): E
}

/**
 * A state of a few numbers: rows are folded into it, states of different threads are merged. Rows in which an
 * argument is NULL are left out. Groups have it by generated code, windows and the reference in TypeScript.
 */
export interface FoldedForm {
  readonly kind: 'folded'
  /** Numbers that the state has; all begin at 0. */
  readonly numbers: number
  step(state: Float64Array, args: readonly Scalar[]): void
  /** Adds the state of other rows. */
  merge(state: Float64Array, other: Float64Array): void
  finish(state: Float64Array): Scalar
  readonly code: FoldCode
}

/** Emits what {@link FoldedForm} does, on f64 locals that hold the numbers of a state. */
export interface FoldCode {
  step(ctx: FoldContext, state: readonly Local[], args: readonly Value[]): void
  merge(ctx: FoldContext, state: readonly Local[], other: readonly Local[]): void
}

export type FoldContext = Pick<InlineContext, 'f' | 'raise'>

/**
 * The form that always works: the rows of the group are kept, sorted and made distinct as the call asks, and
 * the value is made of all of them.
 */
export interface CollectedForm {
  readonly kind: 'collected'
  /** Arguments by their number; rows in which one of them is NULL are left out. */
  readonly required: readonly number[]
  /**
   * Where the order of rows comes from. free: it does not matter; given: ORDER BY, or else the order in which
   * rows come; within-group: WITHIN GROUP (ORDER BY ...), whose values are the last arguments.
   */
  readonly order: 'free' | 'given' | 'within-group'
  /** What is found among the sorted rows; kernels do so for most types. */
  readonly picked?: Picked
  /** What the value is made of the arguments' bytes and numbers; kernels do so where they know the types. */
  readonly made?: Collected
  /** The value; one that lies in memory as bytes may be given as these, see `bytesOfScalar`. */
  finish(rows: CollectedRows): Scalar
}

/** What is found among sorted rows. */
export type Picked =
  /** The values at fractions of the rows. */
  | {
      readonly what: 'fractions'
      /**
       * The fractions that the first argument says, some of them NULL; undefined: TypeScript makes the value.
       * Throws what is wrong with them.
       */
      readonly fractions: (argument: Scalar) => readonly (number | undefined)[] | undefined
      /** Whether the value is an array of what is found. */
      readonly several: boolean
      /** What is made of the two rows around a place; undefined: the first that is at it or behind. */
      readonly between: 'floats' | 'intervals' | undefined
    }
  /** The value that most rows have. */
  | { readonly what: 'mode' }
  /** How many different rows come before the direct arguments, and one more. */
  | { readonly what: 'rank' }

/** The rows of one group, in order, and how the call asked for them. */
export interface CollectedRows {
  readonly count: number
  readonly types: readonly DataType[]
  readonly result: DataType
  /** An argument of a row, both by their number. */
  value(row: number, arg: number): Scalar
  /** A direct argument; undefined where there is no row and it is no constant. */
  direct(arg: number): Scalar | undefined
  /**
   * Copies the bytes of a text or bytea argument to a place of `target`, where they fit, and tells how many
   * there are; undefined for NULL.
   */
  copyBytes(row: number, arg: number, target: Uint8Array, at: number): number | undefined
  /** Whether a row differs from the one before it in what the rows are sorted by; the first one does. */
  startsAnew(row: number): boolean
  /** Compares values of the arguments by which the rows are sorted, as ORDER BY has it. */
  compare(left: readonly Scalar[], right: readonly Scalar[]): number
}
