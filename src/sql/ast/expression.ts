import type { Span } from '../../base/span.ts'
import type { SelectStatement } from './select.ts'

/** A name as written: `text` is folded to lower case unless it was quoted. */
export interface Identifier {
  readonly text: string
  readonly quoted: boolean
  readonly span: Span
}

/** A possibly qualified name, outermost part first. */
export interface QualifiedName {
  readonly parts: readonly Identifier[]
  readonly span: Span
}

/** A type as written: `numeric(15,2)`, `timestamp with time zone`, `int[]`. Names are normalized
 * to PostgreSQL's internal ones (`integer` -> `int4`, `double precision` -> `float8`). */
export interface TypeName {
  readonly name: string
  readonly modifiers: readonly number[]
  readonly arrayDimensions: number
  /** Of `interval year to month` as a type. */
  readonly fields?: string
  readonly span: Span
}

export type AstExpression =
  | AstColumn
  | AstStar
  | AstColumns
  | AstNumber
  | AstString
  | AstBoolean
  | AstNull
  | AstTypedLiteral
  | AstIntervalLiteral
  | AstParameter
  | AstUnary
  | AstBinary
  | AstQuantified
  | AstBetween
  | AstIn
  | AstLike
  | AstIs
  | AstCase
  | AstCast
  | AstFunction
  | AstExtract
  | AstSubquery
  | AstExists
  | AstArray
  | AstRow
  | AstSubscript
  | AstField
  | AstCollate
  | AstAtTimeZone
  | AstGrouping
  | AstNamedArgument
  | AstVariadicArgument
  | AstCompositeStar
  | AstDefault

interface AstExpressionBase {
  readonly span: Span
}

/** `a`, `t.a`, `s.t.a`. */
export interface AstColumn extends AstExpressionBase {
  readonly kind: 'column'
  readonly name: QualifiedName
}

/** `*` or `t.*`, with the extensions EXCLUDE (a, b), REPLACE (expr AS a) and RENAME (a AS b). */
export interface AstStar extends AstExpressionBase {
  readonly kind: 'star'
  readonly qualifier: QualifiedName | undefined
  readonly exclude: readonly Identifier[]
  readonly replace: readonly { readonly expr: AstExpression; readonly name: Identifier }[]
  readonly rename: readonly { readonly name: Identifier; readonly to: Identifier }[]
}

/** Extension COLUMNS(...): the expression around it once for each of some columns. */
export interface AstColumns extends AstExpressionBase {
  readonly kind: 'columns'
  readonly star: AstStar
  /** A regular expression that is in their names. */
  readonly pattern: Identifier | undefined
  /** Their names; none: all. */
  readonly names: readonly Identifier[]
}

/** Digits as written (`42`, `1.50`, `1e-3`), without sign. */
export interface AstNumber extends AstExpressionBase {
  readonly kind: 'number'
  readonly text: string
}

export interface AstString extends AstExpressionBase {
  readonly kind: 'string'
  readonly value: string
}

export interface AstBoolean extends AstExpressionBase {
  readonly kind: 'boolean'
  readonly value: boolean
}

export interface AstNull extends AstExpressionBase {
  readonly kind: 'null'
}

/** `DATE '1995-01-01'`: a string literal with its type in front. */
export interface AstTypedLiteral extends AstExpressionBase {
  readonly kind: 'typed-literal'
  readonly type: TypeName
  readonly value: string
  /** Where the string is: errors point at it. */
  readonly valueSpan: Span
}

/** `INTERVAL '3' MONTH`, `INTERVAL '1 day'`; `fields` as written, e.g. `year to month`. */
export interface AstIntervalLiteral extends AstExpressionBase {
  readonly kind: 'interval-literal'
  readonly value: string
  readonly valueSpan: Span
  readonly fields: string | undefined
  readonly precision: number | undefined
}

/** `$1`: index counts from 1 as written. */
export interface AstParameter extends AstExpressionBase {
  readonly kind: 'parameter'
  readonly index: number
}

export interface AstUnary extends AstExpressionBase {
  readonly kind: 'unary'
  /** `not`, `+`, `-`, `~`, `@`, `|/`, `||/`, `!!` */
  readonly operator: string
  readonly arg: AstExpression
}

export interface AstBinary extends AstExpressionBase {
  readonly kind: 'binary'
  /** `and`, `or`, `=`, `<>` (also for !=), `<`, `+`, `||`, `^`, `is distinct from`, `is not distinct from`, ... */
  readonly operator: string
  readonly operatorSpan: Span
  readonly left: AstExpression
  readonly right: AstExpression
}

/** `x < ANY (subquery or array)`. SOME reads as any; `LIKE ANY` is the operator `~~`. */
export interface AstQuantified extends AstExpressionBase {
  readonly kind: 'quantified'
  readonly operator: string
  readonly operatorSpan: Span
  readonly quantifier: 'any' | 'all'
  readonly left: AstExpression
  readonly right: SelectStatement | AstExpression
  readonly subquery: boolean
}

export interface AstBetween extends AstExpressionBase {
  readonly kind: 'between'
  readonly arg: AstExpression
  readonly low: AstExpression
  readonly high: AstExpression
  readonly symmetric: boolean
  readonly negated: boolean
  /** `BETWEEN`, or the `NOT` before it. */
  readonly operatorSpan: Span
}

export interface AstIn extends AstExpressionBase {
  readonly kind: 'in'
  readonly arg: AstExpression
  readonly list: readonly AstExpression[] | undefined
  readonly subquery: SelectStatement | undefined
  readonly negated: boolean
  /** `IN`, or the `NOT` before it. */
  readonly operatorSpan: Span
}

export interface AstLike extends AstExpressionBase {
  readonly kind: 'like'
  /** `similar` is SIMILAR TO. */
  readonly operator: 'like' | 'ilike' | 'similar'
  readonly arg: AstExpression
  readonly pattern: AstExpression
  readonly escape: AstExpression | undefined
  readonly negated: boolean
  /** `LIKE`, or the `NOT` before it. */
  readonly operatorSpan: Span
}

export interface AstIs extends AstExpressionBase {
  readonly kind: 'is'
  readonly test: 'null' | 'true' | 'false' | 'unknown'
  readonly arg: AstExpression
  readonly negated: boolean
}

export interface AstBranch {
  readonly when: AstExpression
  readonly then: AstExpression
  /** `WHEN`, which compares where CASE has an operand. */
  readonly operatorSpan: Span
}

export interface AstCase extends AstExpressionBase {
  readonly kind: 'case'
  readonly operand: AstExpression | undefined
  readonly branches: readonly AstBranch[]
  readonly otherwise: AstExpression | undefined
}

export interface AstCast extends AstExpressionBase {
  readonly kind: 'cast'
  readonly arg: AstExpression
  readonly type: TypeName
  /** TRY_CAST. */
  readonly lenient: boolean
}

/**
 * A call. COALESCE, NULLIF, GREATEST, LEAST, SUBSTRING(x FROM ..), POSITION, TRIM, OVERLAY,
 * CURRENT_DATE, ... are calls of the lower-case name with arguments in PostgreSQL's function order
 * (`trim(both 'x' from y)` is `btrim(y, 'x')`, `position(a in b)` is `position(b, a)`).
 */
export interface AstFunction extends AstExpressionBase {
  readonly kind: 'function'
  readonly name: QualifiedName
  readonly args: readonly AstExpression[]
  /** `f(*)` */
  readonly star: boolean
  readonly distinct: boolean
  readonly orderBy: readonly OrderItem[]
  readonly filter: AstExpression | undefined
  readonly withinGroup: readonly OrderItem[] | undefined
  readonly over: WindowSpecification | Identifier | undefined
  readonly nulls: 'respect' | 'ignore' | undefined
}

/** `EXTRACT(field FROM source)`; field in lower case. */
export interface AstExtract extends AstExpressionBase {
  readonly kind: 'extract'
  readonly field: string
  readonly source: AstExpression
}

export interface AstSubquery extends AstExpressionBase {
  readonly kind: 'subquery'
  readonly query: SelectStatement
}

export interface AstExists extends AstExpressionBase {
  readonly kind: 'exists'
  readonly query: SelectStatement
}

export interface AstArray extends AstExpressionBase {
  readonly kind: 'array'
  readonly items: readonly AstExpression[] | undefined
  readonly query: SelectStatement | undefined
}

/** `ROW(a, b)` or `(a, b)`. */
export interface AstRow extends AstExpressionBase {
  readonly kind: 'row'
  readonly items: readonly AstExpression[]
}

export interface AstSubscript extends AstExpressionBase, Subscript {
  readonly kind: 'subscript'
  readonly arg: AstExpression
  /** Whether `arg` is a subscript that this one follows, as `[2]` in `a[1][2]` but not in `(a[1])[2]`. */
  readonly follows: boolean
}

/** `[1]`, or `[1:2]`, where either bound may be left out. */
export interface Subscript {
  readonly lower: AstExpression | undefined
  readonly upper: AstExpression | undefined
  readonly slice: boolean
  readonly span: Span
}

/** `(expr).name` */
export interface AstField extends AstExpressionBase {
  readonly kind: 'field'
  readonly arg: AstExpression
  readonly name: Identifier
}

export interface AstCollate extends AstExpressionBase {
  readonly kind: 'collate'
  readonly arg: AstExpression
  readonly collation: QualifiedName
}

export interface AstAtTimeZone extends AstExpressionBase {
  readonly kind: 'at-time-zone'
  readonly arg: AstExpression
  readonly zone: AstExpression
}

export interface AstGrouping extends AstExpressionBase {
  readonly kind: 'grouping'
  readonly args: readonly AstExpression[]
}

/** `name => value` in a call. */
export interface AstNamedArgument extends AstExpressionBase {
  readonly kind: 'named-argument'
  readonly name: Identifier
  readonly value: AstExpression
}

/** `VARIADIC array` in a call. */
export interface AstVariadicArgument extends AstExpressionBase {
  readonly kind: 'variadic-argument'
  readonly value: AstExpression
}

/** `(expr).*` */
export interface AstCompositeStar extends AstExpressionBase {
  readonly kind: 'composite-star'
  readonly arg: AstExpression
}

/** `DEFAULT` as a value of INSERT. */
export interface AstDefault extends AstExpressionBase {
  readonly kind: 'default'
}

export interface OrderItem {
  readonly expr: AstExpression
  /** `USING <` is ascending, `USING >` descending. */
  readonly descending: boolean
  /** undefined: PostgreSQL's default (last when ascending, first when descending). */
  readonly nullsFirst: boolean | undefined
  readonly span: Span
}

export interface WindowSpecification {
  readonly kind: 'window'
  readonly base: Identifier | undefined
  readonly partitionBy: readonly AstExpression[]
  readonly orderBy: readonly OrderItem[]
  readonly frame: WindowFrame | undefined
  readonly span: Span
}

export interface WindowFrame {
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
  readonly offset: AstExpression | undefined
}
