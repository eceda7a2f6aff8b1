import { QueryError } from '../../base/errors.ts'
import type { Span } from '../../base/span.ts'
import { castKind, commonType, exactDecimal, postgresKind } from '../../data/types/coercion.ts'
import type { CastKind } from '../../data/types/coercion.ts'
import { parseScalar } from '../../data/types/parse-scalar.ts'
import {
  DECIMAL64_PRECISION_MAX,
  bool,
  decimal,
  numeric,
  sameType,
  text,
  typeName,
} from '../../data/types/data-type.ts'
import type { DataType } from '../../data/types/data-type.ts'
import { isNumeric } from '../../data/types/scalar.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { cast, caseOf, literal } from '../logical/build.ts'
import type { Expression, Literal, Parameter } from '../logical/expression.ts'
import type { Relation } from '../logical/relation.ts'
import { rewriteAllExpressions } from '../logical/walk.ts'
import { spanDetail } from './context.ts'
import type { Binder, BindTarget } from './context.ts'

/**
 * Brings an expression to a type that it may become: a string literal of unknown type is read as the
 * type, a parameter takes it, anything else is cast where the types differ. Errors: what the type's
 * input raises for a literal, with its position.
 */
export function coerce(binder: Binder, expr: Expression, type: DataType): Expression {
  if (sameType(expr.type, type)) return expr
  if (type.kind === 'unknown') return expr
  if (expr.kind === 'literal') {
    const value = literalAs(expr, type)
    if (value !== undefined) return literal(value, type, expr.span)
  }
  if (expr.kind === 'parameter' && expr.type.kind === 'unknown') {
    return typedParameter(binder, expr, type)
  }
  return cast(expr, type, expr.span)
}

/** Gives text to what is still of unknown type: the last resort of every query's outputs. */
export function settle(binder: Binder, expr: Expression): Expression {
  return expr.type.kind === 'unknown' ? coerce(binder, expr, text) : expr
}

/** A condition. Errors: DATATYPE_MISMATCH, naming the clause as PostgreSQL does. */
export function coerceToBoolean(binder: Binder, expr: Expression, clause: string): Expression {
  return coerceTo(binder, expr, bool, clause, 'implicit')
}

/** The argument of a clause that wants one type, by implicit casts or also by assignment casts. */
export function coerceTo(
  binder: Binder,
  expr: Expression,
  type: DataType,
  clause: string,
  strongest: Exclude<CastKind, 'explicit'>,
): Expression {
  const kind = castKind(expr.type, type)
  if (kind === 'implicit' || (kind === 'assignment' && strongest === 'assignment')) {
    return coerce(binder, expr, type)
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
  binder: Binder,
  exprs: readonly Expression[],
  what: string,
): readonly Expression[] {
  const type = commonTypeOf(binder, exprs, what)
  return exprs.map((expr) => coerce(binder, expr, type))
}

/**
 * The type of values that are shown as they are: where exact numbers of different scales meet, numeric, as
 * each keeps its own digits behind the point (1 beside 2.50 stays 1).
 */
export function commonTypeOf(
  { digits }: Pick<Binder, 'digits'>,
  exprs: readonly Expression[],
  what: string,
): DataType {
  const type = commonType(
    exprs.map((expr) => expr.type),
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
export function asFixedPoint(binder: Binder, expr: Expression): Expression {
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
    coerce(binder, result, type),
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

/** Brings a value to the type of the column that it is stored in. Errors: DATATYPE_MISMATCH. */
export function assign(binder: Binder, expr: Expression, target: BindTarget): Expression {
  const kind = castKind(expr.type, target.type)
  if (kind === 'implicit' || kind === 'assignment') return coerce(binder, expr, target.type)
  const [expected, found] = [shownType(target.type), shownType(expr.type)]
  throw new QueryError(
    'DATATYPE_MISMATCH',
    `column "${target.name}" is of type ${expected} but expression is of type ${found}`,
    {
      ...spanDetail(expr.span),
      expected,
      found,
      hint: 'You will need to rewrite or cast the expression.',
    },
  )
}

/** Gives the parameters of a finished plan that were left open the type that their other uses told. */
export function settleParameters(binder: Binder, relation: Relation): Relation {
  if (binder.parameters.length === 0) return relation
  return rewriteAllExpressions(relation, (expr) => {
    if (expr.kind !== 'parameter' || expr.type.kind !== 'unknown') return expr
    return { ...expr, type: binder.parameters[expr.index] ?? text }
  })
}

/** `$n` in a place that tells nothing of its type yet, or with the type that is known by now. */
export function parameter(binder: Binder, index: number, span: Span): Parameter {
  const type = binder.parameters[index]
  if (index >= binder.parameters.length) binder.parameters[index] = undefined
  return { kind: 'parameter', index, type: type ?? { kind: 'unknown' }, span }
}

/** The type's name as PostgreSQL's messages have it: without precision and scale. */
export function shownType(type: DataType): string {
  return typeName({ kind: postgresKind(type.kind) })
}

function typedParameter(binder: Binder, expr: Parameter, type: DataType): Expression {
  const known = binder.parameters[expr.index]
  if (known !== undefined && postgresKind(known.kind) !== postgresKind(type.kind)) {
    throw new QueryError(
      'AMBIGUOUS_PARAMETER',
      `inconsistent types deduced for parameter $${expr.index + 1}`,
      { ...spanDetail(expr.span), detail: `${shownType(known)} versus ${shownType(type)}` },
    )
  }
  // A parameter's value has no declared precision: as a decimal it is cast like any numeric.
  const own = type.kind === 'decimal' ? { kind: 'numeric' as const } : type
  binder.parameters[expr.index] = own
  const typed: Parameter = { ...expr, type: own }
  return sameType(own, type) ? typed : cast(typed, type, expr.span)
}

/** Decimal digits of which every number is a bigint. */
const INT8_DIGITS = 18

/** The literal's value as another type where that is exact and cannot fail; else undefined. */
function literalAs(expr: Literal, type: DataType): Scalar | undefined {
  if (expr.value === null) return null
  if (expr.type.kind === 'unknown') return parsed(expr, type)
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

function parsed(expr: Literal, type: DataType): Scalar {
  if (type.kind === 'text') return expr.value
  try {
    return parseScalar(String(expr.value), type)
  } catch (error) {
    if (!(error instanceof QueryError) || expr.span === undefined) throw error
    throw new QueryError(error.code, error.message, { ...error.details, span: expr.span })
  }
}
