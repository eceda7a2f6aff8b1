import { notSupported, QueryError } from '../../base/errors.ts'
import type { Span } from '../../base/span.ts'
import {
  castKind,
  commonType,
  exactDecimal,
  postgresType,
  shownType,
} from '../../data/types/coercion.ts'
import type { CastKind } from '../../data/types/catalogue/entry.ts'
import { parseScalar } from '../../data/types/parse-scalar.ts'
import {
  DECIMAL64_PRECISION_MAX,
  bool,
  decimal,
  numeric,
  sameType,
  text,
} from '../../data/types/data-type.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { DigitBudget } from '../../data/types/digit-budget.ts'
import type { Locale } from '../../data/types/datetime/locale.ts'
import { isNumeric } from '../../data/types/scalar.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type {
  AggregateFunction,
  ScalarFunction,
  TableColumn,
  TableFunction,
} from '../../functions/function.ts'
import { functionNames, type FunctionCatalogue } from '../../functions/catalogue.ts'
import { isPostgresFunction } from '../../functions/postgres-names.ts'
import { isResolved, resolutionError, takesSoMany } from '../../functions/resolve.ts'
import type { Overload, ResolutionFailure } from '../../functions/resolve.ts'
import { nearestName } from '../catalog/suggest.ts'
import { call, caseOf, literal, type ColumnIds } from './build.ts'
import type { AggregateCall, Call, Expression, Literal, Parameter } from './expression.ts'
import { castInSession, writtenInSession, zoneArgument } from './in-session.ts'
import type { JoinKind } from './relation.ts'
import { noCast, openType, rowAs, type RowItems } from './row-casts.ts'
import { spanDetail } from './span-detail.ts'

/** What the types of expressions depend on besides the expressions: the same for every door. */
export interface Typing {
  /** The functions that can be called. */
  readonly functions: FunctionCatalogue
  /** How results are typed that may be too long for decimals. */
  readonly digits: DigitBudget
  /** Types of $1, $2, ... by index from 0; filled in as uses tell. */
  readonly parameters: (DataType | undefined)[]
  /** How the session reads and writes dates and times; none: as it is everywhere else. */
  readonly locale?: Locale | undefined
  /** What rows are written of, before strings of unknown type in them became texts: what they are cast to decides. */
  readonly rowItems?: RowItems
}

/**
 * A call of a scalar function or operator, its overload chosen and the arguments brought to the types
 * that it takes. `at` is where an error points: the name or the operator's symbol.
 */
export function typedCall(
  typing: Typing,
  name: string,
  args: readonly Expression[],
  span?: Span,
  at: Span | undefined = span,
): Call {
  const { scalar } = typing.functions
  const what = scalar.named(name)[0]?.alternatives
  const given = what === undefined || args.length === 0 ? args : unify(typing, args, what)
  const outcome = scalar.resolve(name, argumentTypes(name, given), typing.digits)
  if (!isResolved(outcome)) throw unresolved(typing, name, given, outcome, at)
  const { writesArguments, inZone } = outcome.fn
  if (writesArguments !== undefined) {
    const written = writtenInSession(typing, given, writesArguments)
    if (written.some((arg, index) => arg !== given[index])) {
      return typedCall(typing, name, written, span, at)
    }
  }
  const kinds = outcome.fn.args
  const coerced = given.map((arg, index) => {
    // A parameter where any type will do waits for another use to tell its type.
    const open = arg.kind === 'parameter' && arg.type.kind === 'unknown'
    if (open && kinds.length === 1 && kinds[0] === 'any') return arg
    return coerce(typing, arg, outcome.argTypes[index] ?? arg.type)
  })
  const zone = inZone === undefined ? undefined : zoneArgument(typing, span)
  if (inZone !== undefined && zone !== undefined) {
    return typedCall(typing, inZone, [...coerced, zone], span, at)
  }
  return call(outcome.fn, coerced, outcome.resultType, span)
}

/** How a value of one type is compared with one of another: the overload, and what both are cast to. */
export interface TypedComparison {
  readonly fn: ScalarFunction
  readonly left: Expression
  /** The type that the other side is brought to. */
  readonly rightType: DataType
}

/**
 * Resolves `left operator right` where of the right side only the type is settled: its value is computed
 * elsewhere, as the rows of a subquery are.
 */
export function typedComparison(
  typing: Typing,
  operator: string,
  left: Expression,
  right: Expression,
  span: Span,
): TypedComparison {
  const types = [left.type, right.type]
  const outcome = typing.functions.scalar.resolve(operator, types, typing.digits)
  if (!isResolved(outcome)) throw unresolved(typing, operator, [left, right], outcome, span)
  const [leftType = left.type, rightType = right.type] = outcome.argTypes
  return { fn: outcome.fn, left: coerce(typing, left, leftType), rightType }
}

/** An aggregate with its overload chosen and its arguments brought to the types that it takes. */
export interface TypedAggregate {
  readonly fn: AggregateFunction
  readonly args: readonly Expression[]
  readonly type: DataType
}

/** Like {@link typedCall}, for aggregates; `count(*)` has no arguments. */
export function typedAggregate(
  typing: Typing,
  name: string,
  given: readonly Expression[],
  at?: Span,
): TypedAggregate {
  const sums = name === 'sum' || name === 'avg'
  const exprs = sums ? given.map((arg) => asFixedPoint(typing, arg)) : given
  const types = exprs.map((arg) => arg.type)
  const outcome = typing.functions.aggregate.resolve(name, types, typing.digits)
  if (!isResolved(outcome)) throw unresolved(typing, name, exprs, outcome, at)
  checkPolymorphic(outcome.fn, exprs, at)
  const { writesArguments } = outcome.fn
  if (writesArguments !== undefined) {
    const written = writtenInSession(typing, exprs, writesArguments)
    if (written.some((arg, index) => arg !== exprs[index])) {
      return typedAggregate(typing, name, written, at)
    }
  }
  const args = exprs.map((arg, i) => coerce(typing, arg, outcome.argTypes[i] ?? arg.type))
  return { fn: outcome.fn, args, type: outcome.resultType }
}

/** An aggregate that the planner itself writes, over columns. */
export function plainAggregate(
  typing: Typing,
  ids: ColumnIds,
  name: string,
  columns: readonly Expression[],
): AggregateCall {
  const { fn, args, type } = typedAggregate(typing, name, columns)
  return { id: ids.next(), name, type, fn, args, distinct: false }
}

/**
 * The merged column of JOIN ... USING, from the column of either side: that of the side which is never
 * filled with NULLs; of a full join, the one that is there.
 */
export function mergedColumn(
  typing: Typing,
  joinKind: JoinKind,
  left: Expression,
  right: Expression,
  span?: Span,
): Expression {
  const type = commonTypeOf(typing, [left, right], 'JOIN/USING')
  const [first, second] = [coerce(typing, left, type), coerce(typing, right, type)]
  if (joinKind === 'right') return second
  if (joinKind !== 'full') return first
  const when = typedCall(typing, 'is_not_null', [first], span)
  return caseOf([{ when, then: first }], second, span)
}

/** A result that is of an argument's type tells nothing where the argument has none. Errors: DATATYPE_MISMATCH. */
function checkPolymorphic(
  { args, returns }: AggregateFunction,
  exprs: readonly Expression[],
  at: Span | undefined,
): void {
  const open = exprs.some((expr, i) => args[i] === 'any' && expr.type.kind === 'unknown')
  if (!open || typeof returns !== 'function') return
  const message = 'could not determine polymorphic type because input has type unknown'
  throw new QueryError('DATATYPE_MISMATCH', message, spanDetail(at))
}

/** Like {@link typedCall}, for functions that give rows. */
export function typedTableCall(
  typing: Typing,
  name: string,
  given: readonly Expression[],
  at?: Span,
): TypedRows {
  const types = given.map((arg) => arg.type)
  const outcome = typing.functions.table.resolve(name, types, typing.digits)
  if (!isResolved(outcome)) throw unresolved(typing, name, given, outcome, at)
  const args = given.map((arg, i) => coerce(typing, arg, outcome.argTypes[i] ?? arg.type))
  const zone = outcome.fn.inZone === undefined ? undefined : zoneArgument(typing, at)
  if (outcome.fn.inZone !== undefined && zone !== undefined) {
    return typedTableCall(typing, outcome.fn.inZone, [...args, zone], at)
  }
  const columns = outcome.fn.columns ?? [{ name, type: outcome.resultType }]
  return { fn: outcome.fn, args, columns }
}

/** A function that gives rows, with its overload chosen and its arguments brought to the types that it takes. */
export interface TypedRows {
  readonly fn: TableFunction
  readonly args: readonly Expression[]
  readonly columns: readonly TableColumn[]
}

/** The error for a call without overload, with the nearest name where the name is not known at all. */
export function unresolved(
  { functions }: Pick<Typing, 'functions'>,
  name: string,
  args: readonly Expression[],
  failure: ResolutionFailure,
  span: Span | undefined,
): QueryError {
  const types = args.map((arg) => arg.type)
  if (failure.reason !== 'ambiguous' && isStillToCome(functions, name, args.length)) {
    return notSupported(`function ${name}(${types.map(shownType).join(', ')})`, span)
  }
  const error = resolutionError(name, types, failure, span)
  if (failure.reason !== 'unknown-name') return error
  const nearest = nearestName(name, functionNames(functions))
  if (nearest === undefined) return error
  const hint = `${error.details.hint ?? ''} Perhaps you meant "${nearest}".`.trim()
  return new QueryError(error.code, error.message, { ...error.details, hint })
}

/** Whether PostgreSQL has a function of so many arguments, and we have none. */
function isStillToCome(functions: FunctionCatalogue, name: string, args: number): boolean {
  if (!isPostgresFunction(name, args)) return false
  const { scalar, aggregate, window, table } = functions
  const own = [scalar, aggregate, window, table].flatMap((kind): readonly Overload[] =>
    kind.named(name),
  )
  return !own.some((fn) => takesSoMany(fn, args))
}

const arithmetic = new Set(['+', '-', '*', '/', '%', '=', '<>', '<', '<=', '>', '>='])

/** Beside a decimal operand an integer constant counts with the digits it has, so results stay narrow. */
function argumentTypes(name: string, args: readonly Expression[]): readonly DataType[] {
  const types = args.map((arg) => arg.type)
  const some = types.some((type) => type.kind === 'decimal')
  if (args.length !== 2 || !some || !arithmetic.has(name)) return types
  return args.map((arg) => {
    const { kind } = arg.type
    const integer = kind === 'int2' || kind === 'int4' || kind === 'int8'
    if (arg.kind !== 'literal' || !integer || arg.value === null) return arg.type
    return decimal(String(arg.value).replace('-', '').length, 0)
  })
}

/**
 * Brings an expression to a type that it may become: a string literal of unknown type is read as the
 * type, a parameter takes it, anything else is cast where the types differ. Errors: what the type's
 * input raises for a literal, with its position.
 */
export function coerce(typing: Typing, expr: Expression, type: DataType): Expression {
  if (sameType(expr.type, type)) return expr
  if (type.kind === 'unknown') return expr
  const row =
    type.kind === 'record'
      ? rowAs(typing.rowItems, expr, type, (item, to) => coerce(typing, item, to))
      : undefined
  if (row !== undefined) return row
  if (expr.kind === 'literal') {
    const value = literalAs(expr, type, typing.locale)
    if (value !== undefined) return literal(value, type, expr.span)
  }
  if (expr.kind === 'parameter' && expr.type.kind === 'unknown') {
    return typedParameter(typing, expr, type)
  }
  return castInSession(typing, expr, type, expr.span)
}

/** Gives text to what is still of unknown type: the last resort of every query's outputs. */
export function settle(typing: Typing, expr: Expression): Expression {
  return expr.type.kind === 'unknown' ? coerce(typing, expr, text) : expr
}

/** CAST(expr AS type). Errors: CANNOT_COERCE, or what the type's input raises for a literal. */
export function castExplicitly(
  typing: Typing,
  expr: Expression,
  type: DataType,
  span?: Span,
): Expression {
  checkCast(expr.type, type, span)
  const coerced = saidToBe(coerce(typing, expr, type), type)
  const added = coerced.kind === 'cast' && coerced.arg === expr
  return added && span !== undefined ? { ...coerced, span } : coerced
}

/** A text as a cast leaves it: said to be varchar, or text. */
export function saidToBe(expr: Expression, type: DataType): Expression {
  if (expr.type.kind !== 'text' || type.kind !== 'text') return expr
  return expr.type.varying === type.varying ? expr : { ...expr, type }
}

/** Errors: CANNOT_COERCE where there is no cast at all. */
export function checkCast(from: DataType, to: DataType, span?: Span): void {
  if (castKind(from, to) !== undefined) return
  throw noCast(from, to, span)
}

/** A condition. Errors: DATATYPE_MISMATCH, naming the clause as PostgreSQL does. */
export function coerceToBoolean(typing: Typing, expr: Expression, clause: string): Expression {
  return coerceTo(typing, expr, bool, clause, 'implicit')
}

/** The argument of a clause that wants one type, by implicit casts or also by assignment casts. */
export function coerceTo(
  typing: Typing,
  expr: Expression,
  type: DataType,
  clause: string,
  strongest: Exclude<CastKind, 'explicit'>,
): Expression {
  const kind = castKind(expr.type, type)
  if (kind === 'implicit' || (kind === 'assignment' && strongest === 'assignment')) {
    return coerce(typing, expr, type)
  }
  const [expected, found] = [shownType(type), shownType(expr.type)]
  throw new QueryError(
    'DATATYPE_MISMATCH',
    `argument of ${clause} must be type ${expected}, not type ${found}`,
    { ...spanDetail(expr.span), expected, found },
  )
}

/**
 * Brings alternatives to one type. `what` names the construct in the message: `CASE types integer and
 * text cannot be matched`. Errors: DATATYPE_MISMATCH.
 */
export function unify(
  typing: Typing,
  exprs: readonly Expression[],
  what: string,
): readonly Expression[] {
  const type = commonTypeOf(typing, exprs, what)
  return exprs.map((expr) => saidToBe(coerce(typing, expr, type), type))
}

/**
 * The type of values that are shown as they are: where exact numbers of different scales meet, numeric, as
 * each keeps its own digits behind the point (1 beside 2.50 stays 1).
 */
export function commonTypeOf(
  { digits, rowItems }: Pick<Typing, 'digits' | 'rowItems'>,
  exprs: readonly Expression[],
  what: string,
): DataType {
  const type = commonType(
    exprs.map((expr) => openType(rowItems, expr)),
    digits,
  )
  if (type?.kind === 'decimal') {
    const { scale } = type
    const alike = exprs.every(
      (expr) => (exactDecimal(expr.type)?.scale ?? scale) === scale || isNull(expr),
    )
    return alike ? type : numeric
  }
  if (type !== undefined) return type
  const types = exprs.map((expr) => expr.type)
  const matched = matchedTypes(types)
  const expr = exprs[matched]
  if (expr === undefined) return text
  const left = commonType(types.slice(0, matched)) ?? text
  throw new QueryError(
    'DATATYPE_MISMATCH',
    `${what} types ${shownType(left)} and ${shownType(expr.type)} cannot be matched`,
    spanDetail(expr.span),
  )
}

/** How many types from the first on have one in common, found by halving: there may be very many. */
function matchedTypes(types: readonly DataType[]): number {
  let [matched, failed] = [0, types.length + 1]
  while (failed - matched > 1) {
    const middle = (matched + failed) >> 1
    if (commonType(types.slice(0, middle)) === undefined) failed = middle
    else matched = middle
  }
  return matched
}

/**
 * A CASE of numeric whose results are decimals of one scale beside constants of a smaller scale, as a
 * fixed-point decimal; any other expression as it is. For the arguments of sum and avg alone: their kernels
 * are far faster on it, and of a constant's own scale only the sum of nothing but constants could tell.
 */
function asFixedPoint(typing: Typing, expr: Expression): Expression {
  if (expr.kind !== 'case' || expr.type.kind !== 'numeric') return expr
  const results = [...expr.branches.map(({ then }) => then), expr.otherwise].map(asGiven)
  const scales = new Set(
    results.flatMap((result) => {
      if (result.kind === 'literal') return []
      return result.type.kind === 'decimal' ? [result.type.scale] : [undefined]
    }),
  )
  const [scale] = scales
  const type = commonType(results.map((result) => result.type))
  if (scales.size !== 1 || type?.kind !== 'decimal' || type.scale !== scale) return expr
  const [otherwise, ...thens] = [...results.slice(-1), ...results.slice(0, -1)].map((result) =>
    coerce(typing, result, type),
  )
  const branches = expr.branches.map(({ when }, index) => ({ when, then: thens[index]! }))
  return caseOf(branches, otherwise!, expr.span)
}

/** The expression under the cast to numeric that unification added; a constant as a decimal again. */
function asGiven(expr: Expression): Expression {
  if (expr.kind === 'cast' && !expr.lenient && expr.arg.type.kind === 'decimal') return expr.arg
  if (expr.kind !== 'literal' || !isNumeric(expr.value)) return expr
  const { unscaled, scale } = expr.value
  const digits = String(unscaled).replace('-', '').length
  if (digits > DECIMAL64_PRECISION_MAX || scale > digits) return expr
  return literal(unscaled, decimal(Math.max(1, digits), scale), expr.span)
}

function isNull(expr: Expression): boolean {
  return expr.kind === 'literal' && expr.value === null
}

function typedParameter(typing: Typing, expr: Parameter, type: DataType): Expression {
  const known = typing.parameters[expr.index]
  if (known !== undefined && !sameType(postgresType(known), postgresType(type))) {
    throw new QueryError(
      'AMBIGUOUS_PARAMETER',
      `inconsistent types deduced for parameter $${expr.index + 1}`,
      { ...spanDetail(expr.span), detail: `${shownType(known)} versus ${shownType(type)}` },
    )
  }
  // A parameter's value has no declared precision: as a decimal it is cast like any numeric.
  const own = postgresType(type)
  typing.parameters[expr.index] = own
  const typed: Parameter = { ...expr, type: own }
  return sameType(own, type) ? typed : castInSession(typing, typed, type, expr.span)
}

/** Decimal digits of which every number is a bigint. */
const INT8_DIGITS = 18

/** The literal's value as another type where that is exact and cannot fail; else undefined. */
function literalAs(expr: Literal, type: DataType, locale: Locale | undefined): Scalar | undefined {
  if (expr.value === null) return null
  if (expr.type.kind === 'unknown') return parsed(expr, type, locale)
  const source = exactDecimal(expr.type)
  if (source === undefined) return undefined
  if (type.kind === 'int8') {
    const fits = source.scale === 0 && source.precision <= INT8_DIGITS
    return fits ? unscaledOf(expr) : undefined
  }
  if (type.kind === 'float8' && source.scale === 0) {
    const value = Number(unscaledOf(expr))
    return Number.isSafeInteger(value) ? value : undefined
  }
  if (type.kind === 'numeric') return { unscaled: unscaledOf(expr), scale: source.scale }
  if (type.kind !== 'decimal' || type.scale < source.scale) return undefined
  const value = unscaledOf(expr) * 10n ** BigInt(type.scale - source.scale)
  const magnitude = value < 0n ? -value : value
  return magnitude < 10n ** BigInt(type.precision) ? value : undefined
}

function unscaledOf(expr: Literal): bigint {
  return BigInt(expr.value as number | bigint)
}

function parsed(expr: Literal, type: DataType, locale: Locale | undefined): Scalar {
  if (type.kind === 'text') return expr.value
  try {
    return parseScalar(String(expr.value), type, locale)
  } catch (error) {
    if (!(error instanceof QueryError) || expr.span === undefined) throw error
    throw new QueryError(error.code, error.message, { ...error.details, span: expr.span })
  }
}
