import { and, falseLiteral, inList, isSet, literal, or, trueLiteral } from '../../logical/build.ts'
import { nullability } from '../../logical/columns-of.ts'
import { expressionKey } from '../../logical/expression-key.ts'
import type { Call, Case, Expression, Literal, Logical } from '../../logical/expression.ts'
import { bool, sameType, type DecimalType } from '../../../data/types/data-type.ts'
import { isDecided } from '../../logical/simplify.ts'
import type { OutputColumn, Relation } from '../../logical/relation.ts'
import { inputsOf, mapExpressionChildren, mapRelationChildren } from '../../logical/walk.ts'
import { isVolatile } from '../../logical/expression-size.ts'
import type { Rule } from '../rule.ts'
import { comparisonOf, isNot, not, oppositeOf, testOf } from '../../logical/predicates.ts'
import type { ComparisonOperator } from '../../../functions/traits.ts'

/**
 * The laws of three-valued logic that hold for NULL too: TRUE AND x = x, FALSE AND x = FALSE, TRUE OR
 * x = TRUE, x AND x = x, NOT NOT x = x, NOT (a < b) = a >= b (types with a total order: all have one,
 * NaN included), De Morgan. `x AND NOT x` is not FALSE (NULL), so it stays. IS NULL of what cannot be
 * NULL is FALSE. A CASE drops branches that cannot be taken. A filter's and a join's condition, where
 * NULL counts as FALSE, also takes NULL as FALSE.
 */
export const simplifyBooleans: Rule = {
  name: 'simplify-booleans',
  order: 'whole',
  reads: 'expressions',
  rewrite: simplifyRelation,
}

type CanBeNull = (expr: Expression) => boolean

function simplifyRelation(relation: Relation): Relation {
  // Made when it is asked for, which few expressions do.
  let ofInputs: CanBeNull | undefined
  const canBeNull: CanBeNull = (expr) => {
    ofInputs ??= nullability(inputsOf(relation).flatMap(columnsOf))
    return ofInputs(expr)
  }
  const mapped = mapRelationChildren(relation, {
    expression: (expr) => simplify(expr, canBeNull),
    relation: simplifyRelation,
  })
  if (mapped.kind !== 'filter') return mapped
  const predicate = nullIsFalse(mapped.predicate)
  return predicate === mapped.predicate ? mapped : { ...mapped, predicate }
}

function columnsOf({ columns }: Relation): readonly OutputColumn[] {
  return columns
}

/** A NULL among conjuncts, or a NULL disjunct, is FALSE to a filter. */
function nullIsFalse(expr: Expression): Expression {
  if (expr.kind === 'literal' && expr.value === null) return falseLiteral
  if (expr.kind === 'and') {
    const unknown = expr.args.some((arg) => arg.kind === 'literal' && arg.value === null)
    return unknown ? falseLiteral : expr
  }
  if (expr.kind !== 'or') return expr
  const args = expr.args.filter((arg) => arg.kind !== 'literal' || arg.value !== null)
  return args.length === expr.args.length ? expr : or(args)
}

function simplify(expr: Expression, canBeNull: CanBeNull): Expression {
  const inner = mapExpressionChildren(expr, (child) => simplify(child, canBeNull))
  switch (inner.kind) {
    case 'and':
      return simplifyLogical(inner, true)
    case 'or':
      return simplifyLogical(inner, false)
    case 'call':
      return simplifyCall(inner, canBeNull)
    case 'case':
      return simplifyCase(inner)
    case 'column':
    case 'literal':
    case 'parameter':
    case 'cast':
    case 'in-list':
    case 'in-set':
    case 'let':
    case 'subquery':
      return inner
  }
}

function isValue(expr: Expression, value: boolean): boolean {
  return expr.kind === 'literal' && expr.value === value
}

function simplifyLogical(expr: Logical, neutral: boolean): Expression {
  const flat = expr.args.flatMap((arg) => (arg.kind === expr.kind ? arg.args : [arg]))
  if (isDecided(flat, !neutral)) return neutral ? falseLiteral : trueLiteral
  const seen = new Set<string>()
  const kept = flat.filter((arg) => {
    if (isValue(arg, neutral)) return false
    if (isVolatile(arg)) return true
    const key = expressionKey(arg)
    const repeated = seen.has(key)
    seen.add(key)
    return !repeated
  })
  const short = kept.length > LISTED_TERMS_MAX ? withSets(kept, neutral) : kept
  const same = short.length === expr.args.length && short.every((arg, i) => arg === expr.args[i])
  if (same) return expr
  return expr.kind === 'and' ? and(short) : or(short)
}

/** Terms of a condition beyond which those that compare one value with constants are looked for. */
const LISTED_TERMS_MAX = 4

/** `x = 1 OR x = 2 OR ...` is `x IN (1, 2, ...)`, and `x <> 1 AND x <> 2 AND ...` is NOT IN. */
function withSets(terms: readonly Expression[], isAnd: boolean): readonly Expression[] {
  // In order of their first terms: conditions are not moved about.
  const groups = new Map<string, Compared[] | Expression>()
  for (const term of terms) {
    const compared = comparedWithConstant(term, isAnd ? '<>' : '=')
    const key = compared === undefined ? `term ${groups.size}` : expressionKey(compared.value)
    const group = groups.get(key)
    if (compared === undefined) groups.set(key, term)
    else if (Array.isArray(group)) group.push(compared)
    else groups.set(key, [compared])
  }
  const isWorth = [...groups.values()].some(
    (group) => Array.isArray(group) && isSet(group[0]!.value.type, group.length),
  )
  if (!isWorth) return terms
  return [...groups.values()].flatMap((group) =>
    Array.isArray(group) ? asSet(group as readonly Compared[], isAnd) : [group as Expression],
  )
}

/** The comparisons of one value: one look-up where there are many. */
function asSet(group: readonly Compared[], isAnd: boolean): readonly Expression[] {
  const [{ value }] = group as [Compared]
  if (!isSet(value.type, group.length)) return group.map(({ term }) => term)
  const members = group.flatMap(({ member }) => (member === undefined ? [] : [member]))
  const list: Expression =
    members.length === 0
      ? { kind: 'in-set', arg: value, values: [], hasNull: false, type: bool }
      : inList(value, members)
  return [isAnd ? not(list) : list]
}

interface Compared {
  readonly term: Expression
  readonly value: Expression
  /** The constant as the value's type has it; undefined where no value of the type equals it. */
  readonly member: Literal | undefined
}

/** A comparison of a value with a constant that is not NULL, either way round. */
function comparedWithConstant(
  term: Expression,
  operator: ComparisonOperator,
): Compared | undefined {
  if (term.kind !== 'call' || comparisonOf(term) !== operator) return undefined
  const [left, right] = term.args
  const isFlipped = left?.kind === 'literal'
  const [value, constant] = isFlipped ? [right, left] : [left, right]
  if (value === undefined || constant?.kind !== 'literal' || constant.value === null) {
    return undefined
  }
  if (isVolatile(value)) return undefined
  if (sameType(value.type, constant.type)) return { term, value, member: constant }
  if (value.type.kind !== 'decimal' || constant.type.kind !== 'decimal') return undefined
  return { term, value, member: ofScale(constant, value.type) }
}

function ofScale(constant: Literal, type: DecimalType): Literal | undefined {
  const { scale } = constant.type as DecimalType
  const unscaled = constant.value as bigint
  const up = 10n ** BigInt(Math.max(type.scale - scale, 0))
  const down = 10n ** BigInt(Math.max(scale - type.scale, 0))
  if (unscaled % down !== 0n) return undefined
  const value = (unscaled / down) * up
  const limit = 10n ** BigInt(type.precision)
  return value < limit && value > -limit ? literal(value, type, constant.span) : undefined
}

function simplifyCall(expr: Call, canBeNull: CanBeNull): Expression {
  const [arg] = expr.args
  if (arg === undefined || expr.type.kind !== 'bool') return expr
  const { nulls, negates, test } = expr.fn
  if (negates === true) return negated(arg) ?? expr
  if (test?.of === 'null') {
    if (canBeNull(arg)) return expr
    return test.negated ? trueLiteral : falseLiteral
  }
  if (test?.of === 'true' && !test.negated) return canBeNull(arg) ? expr : arg
  const isNull = expr.args.some((item) => item.kind === 'literal' && item.value === null)
  return nulls === 'strict' && isNull && !expr.args.some(isVolatile) ? literal(null, bool) : expr
}

function negated(arg: Expression): Expression | undefined {
  if (arg.kind === 'and' || arg.kind === 'or') {
    const args = arg.args.map((item) => negated(item) ?? not(item, item.span))
    return arg.kind === 'and' ? or(args) : and(args)
  }
  if (arg.kind === 'literal') {
    return arg.value === null ? arg : arg.value === true ? falseLiteral : trueLiteral
  }
  if (arg.kind !== 'call') return undefined
  return isNot(arg) ? arg.args[0] : exactOpposite(arg)
}

/** The call that is TRUE where this is FALSE, NULL where it is NULL. */
function exactOpposite(arg: Call): Expression | undefined {
  return comparisonOf(arg) === undefined && testOf(arg) === undefined ? undefined : oppositeOf(arg)
}

function simplifyCase(expr: Case): Expression {
  const branches: { when: Expression; then: Expression }[] = []
  let { otherwise } = expr
  for (const branch of expr.branches) {
    const never = branch.when.kind === 'literal' && branch.when.value !== true
    if (never) continue
    if (isValue(branch.when, true)) {
      otherwise = branch.then
      break
    }
    branches.push(branch)
  }
  if (branches.length === 0) return otherwise
  return branches.length === expr.branches.length ? expr : { ...expr, branches, otherwise }
}
