import type { Brand } from '../../base/brand.ts'
import type { Span } from '../../base/span.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { AggregateFunction, ScalarFunction, TableFunction } from '../../functions/function.ts'
import type { WindowFunction } from '../../functions/window-function.ts'
import type { Relation } from './relation.ts'

/**
 * Names one column of one relation within a plan. Every relation that makes a column gives it a fresh
 * id, so expressions never count positions and survive any reordering of relations. A column whose
 * id the input does not produce is a correlated reference (only before unnesting).
 */
export type ColumnId = Brand<number, 'ColumnId'>

/** An expression over the columns of an input. Every node carries its result type; `span` points at the SQL. */
export type Expression =
  | ColumnReference
  | Literal
  | Parameter
  | Call
  | Cast
  | Case
  | Logical
  | InList
  | InSet
  | Let
  | Subquery

export type ExpressionKind = Expression['kind']
export type ExpressionOf<K extends ExpressionKind> = K extends Logical['kind']
  ? Logical
  : Extract<Expression, { kind: K }>

interface ExpressionBase {
  readonly type: DataType
  readonly span?: Span
}

export interface ColumnReference extends ExpressionBase {
  readonly kind: 'column'
  readonly id: ColumnId
  /** For messages and EXPLAIN only. */
  readonly name: string
}

export interface Literal extends ExpressionBase {
  readonly kind: 'literal'
  readonly value: Scalar
}

/** $1, $2, ...: `index` counts from 0. Replaced by literals before physical planning. */
export interface Parameter extends ExpressionBase {
  readonly kind: 'parameter'
  readonly index: number
}

/**
 * A scalar function or operator with its overload resolved: the call holds the entry, so that nothing that
 * meets it looks one up. Arguments already have exactly the types that the overload declares.
 */
export interface Call extends ExpressionBase {
  readonly kind: 'call'
  readonly fn: ScalarFunction
  readonly args: readonly Expression[]
}

export interface Cast extends ExpressionBase {
  readonly kind: 'cast'
  readonly arg: Expression
  /** TRY_CAST: NULL instead of an error. */
  readonly lenient: boolean
}

/** Searched CASE, also what COALESCE and NULLIF become. Only the branch taken is evaluated. */
export interface Case extends ExpressionBase {
  readonly kind: 'case'
  readonly branches: readonly { readonly when: Expression; readonly then: Expression }[]
  readonly otherwise: Expression
}

/** AND and OR over two or more boolean arguments, in three-valued logic. */
export interface Logical extends ExpressionBase {
  readonly kind: 'and' | 'or'
  readonly args: readonly Expression[]
}

/** `arg IN (list)`: list members are of arg's type; NOT IN is `not` around it. */
export interface InList extends ExpressionBase {
  readonly kind: 'in-list'
  readonly arg: Expression
  readonly list: readonly Expression[]
}

/** `arg IN (...)` over many constants of arg's type: one node however many there are. */
export interface InSet extends ExpressionBase {
  readonly kind: 'in-set'
  readonly arg: Expression
  /** None of them NULL. */
  readonly values: readonly Scalar[]
  /** The list has a NULL too: what is not among the values is unknown. */
  readonly hasNull: boolean
}

/**
 * Names values for what follows: each binding is evaluated once, in order, and read under its id like a
 * column by the bindings after it and by the body. What long chains of operators and large arguments
 * that are read twice become, so that no plan grows or deepens with them. An id is bound once in a plan.
 */
export interface Let extends ExpressionBase {
  readonly kind: 'let'
  readonly bindings: readonly LetBinding[]
  readonly body: Expression
}

export interface LetBinding {
  readonly id: ColumnId
  readonly value: Expression
}

/**
 * A subquery inside an expression; the unnesting rules replace every one by joins.
 * scalar: its single column of at most one row; exists: whether it has rows;
 * any / all: `arg op ANY|ALL (subquery)`, compared by `fn` (IN is `= ANY`).
 */
export interface Subquery extends ExpressionBase {
  readonly kind: 'subquery'
  readonly form: 'scalar' | 'exists' | 'any' | 'all'
  readonly input: Relation
  readonly arg?: Expression
  readonly fn?: ScalarFunction
}

/** An aggregate over a group; lives only in an Aggregate relation. */
export interface AggregateCall {
  readonly id: ColumnId
  readonly name: string
  readonly type: DataType
  readonly fn: AggregateFunction
  readonly args: readonly Expression[]
  readonly distinct: boolean
  readonly filter?: Expression
  readonly orderBy?: readonly SortKey[]
  readonly span?: Span
}

/** A window function, or an aggregate, over a window; lives only in a Window relation. */
export interface WindowCall {
  readonly id: ColumnId
  readonly name: string
  readonly type: DataType
  readonly fn: WindowFunction | AggregateFunction
  readonly args: readonly Expression[]
  /** Aggregates only. */
  readonly filter?: Expression
  readonly frame: Frame
  readonly span?: Span
}

/** The rows of a partition that a call is over, relative to each row. */
export interface Frame {
  readonly unit: 'rows' | 'range' | 'groups'
  readonly start: FrameBound
  readonly end: FrameBound
  readonly exclude: 'current-row' | 'group' | 'ties' | 'no-others'
}

export interface FrameBound {
  readonly kind:
    | 'unbounded-preceding'
    | 'preceding'
    | 'current-row'
    | 'following'
    | 'unbounded-following'
  /**
   * Constant: int8 for rows and groups, for range of the type that is added to the order's key. Its value
   * is looked at when there are rows.
   */
  readonly offset?: Expression
}

/** The frame where none is written: all rows up to the last one that is equal in the order. */
export const defaultFrame: Frame = {
  unit: 'range',
  start: { kind: 'unbounded-preceding' },
  end: { kind: 'current-row' },
  exclude: 'no-others',
}

/** A function that gives rows, with its overload resolved; lives only in an Expand relation. */
export interface RowsCall {
  /** The columns that it makes, as the function says. */
  readonly outputs: readonly RowsOutput[]
  readonly fn: TableFunction
  readonly args: readonly Expression[]
  readonly span?: Span
}

/** A column that a function makes which gives rows. */
export interface RowsOutput {
  readonly id: ColumnId
  readonly name: string
  readonly type: DataType
}

export interface SortKey {
  readonly expr: Expression
  readonly descending: boolean
  readonly nullsFirst: boolean
}

/** An output column: a fresh id, the expression that makes it, and its name. */
export interface NamedExpression {
  readonly id: ColumnId
  readonly name: string
  readonly expr: Expression
}
