import type { DataType } from '../data/types/data-type.ts'
import type { Scalar } from '../data/types/scalar.ts'
import type { ValueBounds } from '../data/types/value-bounds.ts'
import type { InlineForm } from './inline.ts'

export type ComparisonOperator = '=' | '<>' | '<' | '<=' | '>' | '>='

/** The comparisons, and those that take NULL as a value like others: IS [NOT] DISTINCT FROM. */
export type Comparison = ComparisonOperator | 'distinct' | 'not-distinct'

/** IS [NOT] NULL, TRUE, FALSE or UNKNOWN: what is asked of the argument, and whether the answer is turned round. */
export interface TruthTest {
  readonly of: 'null' | 'true' | 'false' | 'unknown'
  readonly negated: boolean
}

/** How a function writes values. */
export type WrittenAs = 'text' | 'elements' | 'json'

/** An argument of which the values are bounded. */
export interface BoundedArgument {
  readonly bounds: ValueBounds
  readonly type: DataType
}

/** What is known of a call's arguments when the part of the rows is estimated for which it is TRUE. */
export interface EstimatedArguments {
  /** The part of the rows for which the argument, a condition, is TRUE. */
  holds(index: number): number
  /** The part of the rows in which the argument is NULL. */
  isNull(index: number): number
  /** The part of the rows in which the argument has some one value. */
  equals(index: number): number
  /** The argument's value where it is a constant; undefined where it is none. */
  constant(index: number): Scalar | undefined
}

/**
 * What those who plan, prune and compile may know of a function besides its types and its value: nothing is
 * ever read from its name. All may be left out; what is left out is not used.
 */
export interface FunctionTraits {
  readonly comparison?: Comparison
  readonly test?: TruthTest
  /** NOT: gives the truth of its argument the other way round. */
  readonly negates?: boolean
  /** Gives its one argument as it is: a call of it need not be made. */
  readonly identity?: boolean
  /**
   * What clients are told of the result's type beyond the type itself is what was declared of the first argument, or of
   * all arguments as far as they agree.
   */
  readonly declaredAs?: 'first' | 'all'
  /** The comparison or test whose result is NOT of this one's for the same arguments, by name. */
  readonly negated?: string
  /** The function that gives the same with its two arguments exchanged, by name. */
  readonly commuted?: string
  /**
   * When the result is NULL. `never`; `of-null`: for NULL arguments only; `any`: it may also be for others.
   * By default `of-null` for strict operators and `any` for all else.
   */
  readonly nullResult?: 'never' | 'of-null' | 'any'
  /** Bounds of the result from those of all arguments, in the units that the types are stored in. */
  bounds?(args: readonly BoundedArgument[], result: DataType): ValueBounds | undefined
  /** A condition's estimate of the part of the rows for which it is TRUE, 0 to 1. */
  selectivity?(args: EstimatedArguments): number
  /** How many values it gives for arguments of so many values, where these are fewer. */
  distinctValues?(ofArguments: number): number
  /**
   * A WebAssembly form that depends on constant arguments (the others are undefined); undefined where these
   * have none. It is tried before `inline`, and code is shared by calls with the same constants only.
   */
  literalForm?(
    constants: readonly (Scalar | undefined)[],
    types: readonly DataType[],
  ): InlineForm | undefined
  /**
   * It counts by the clock of UTC: in a session of another time zone it becomes the function of this name that takes
   * the zone as one argument more.
   */
  readonly inZone?: string
  /** It writes its arguments as texts, or elements of them, or as JSON; a session may write them in another way. */
  readonly writesArguments?: WrittenAs
  /** Multiplies its two arguments, exactly: the sum of products with one factor is that factor's product with a sum. */
  readonly multiplies?: boolean
  /** Code for a constant last argument is much faster than for one that varies. */
  readonly divides?: boolean
}
