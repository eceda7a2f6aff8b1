import { conjuncts } from '../logical/build.ts'
import { functionName } from '../logical/columns-of.ts'
import type { ColumnId, Expression } from '../logical/expression.ts'
import type { ColumnProfile, RelationProfile } from './profile.ts'
import { realLiteral } from './integer-value.ts'

const unknownSelectivity = 0.3
const rangeSelectivity = 0.33

interface Interval {
  from: number
  to: number
}

/**
 * The part of the rows that satisfies all predicates, taken as independent, except that bounds on
 * one column are first joined into an interval.
 */
export function predicateSelectivity(
  profile: RelationProfile,
  predicates: readonly Expression[],
): number {
  const intervals = new Map<ColumnId, Interval>()
  let selectivity = 1
  for (const predicate of predicates.flatMap(conjuncts)) {
    const bound = boundOf(predicate)
    const column = bound && profile.columns.get(bound.id)
    if (bound && column?.min !== undefined && column.max !== undefined) {
      const interval = intervals.get(bound.id) ?? { from: column.min, to: column.max }
      if (bound.upper) interval.to = Math.min(interval.to, bound.value)
      else interval.from = Math.max(interval.from, bound.value)
      intervals.set(bound.id, interval)
    } else selectivity *= conjunctSelectivity(profile, predicate)
  }
  for (const [id, interval] of intervals) {
    const column = profile.columns.get(id)
    if (column !== undefined) selectivity *= intervalSelectivity(column, interval)
  }
  return selectivity
}

function intervalSelectivity(column: ColumnProfile, { from, to }: Interval): number {
  if (column.min === undefined || column.max === undefined) return rangeSelectivity
  const width = column.max - column.min
  const least = 1 / Math.max(1, column.domain)
  if (to < from) return least / 10
  return width <= 0 ? 1 : Math.min(1, Math.max(least, (to - from) / width))
}

const flipped: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' }

/** `column < literal` and its likes. */
function boundOf(
  predicate: Expression,
): { readonly id: ColumnId; readonly value: number; readonly upper: boolean } | undefined {
  if (predicate.kind !== 'call' || predicate.args.length !== 2) return undefined
  const name = functionName(predicate.fn)
  if (flipped[name] === undefined) return undefined
  const [first, second] = predicate.args.map(withoutCasts)
  if (first === undefined || second === undefined) return undefined
  const straight = first.kind === 'column' && second.kind === 'literal'
  const [column, bound] = straight ? [first, second] : [second, first]
  if (column.kind !== 'column' || bound.kind !== 'literal') return undefined
  const value = realLiteral(bound.value, bound.type)
  if (value === undefined) return undefined
  const operator = straight ? name : flipped[name]
  return { id: column.id, value, upper: operator === '<' || operator === '<=' }
}

function withoutCasts(expr: Expression): Expression {
  return expr.kind === 'cast' ? withoutCasts(expr.arg) : expr
}

function conjunctSelectivity(profile: RelationProfile, predicate: Expression): number {
  switch (predicate.kind) {
    case 'literal':
      return predicate.value === true ? 1 : 0
    case 'and':
      return predicateSelectivity(profile, predicate.args)
    case 'or': {
      const misses = predicate.args.map((arg) => 1 - predicateSelectivity(profile, [arg]))
      return 1 - misses.reduce((product, miss) => product * miss, 1)
    }
    case 'in-list': {
      const equal = equalitySelectivity(profile, predicate.arg)
      return Math.min(0.9, equal * predicate.list.length)
    }
    case 'in-set':
      return Math.min(0.9, equalitySelectivity(profile, predicate.arg) * predicate.values.length)
    case 'call':
      return callSelectivity(profile, predicate.fn, predicate.args)
    default:
      return predicate.type.kind === 'bool' ? 0.5 : unknownSelectivity
  }
}

function callSelectivity(
  profile: RelationProfile,
  fn: string,
  args: readonly Expression[],
): number {
  const [first, second] = args
  if (first === undefined) return unknownSelectivity
  switch (functionName(fn)) {
    case 'not':
      return 1 - conjunctSelectivity(profile, first)
    case '=':
    case 'is_not_distinct_from': {
      const constant =
        second?.kind === 'literal' ? first : first.kind === 'literal' ? second : undefined
      if (constant !== undefined) return equalitySelectivity(profile, constant)
      const other = second === undefined ? 1 : equalitySelectivity(profile, second)
      return Math.min(equalitySelectivity(profile, first), other)
    }
    case '<>':
      return 1 - equalitySelectivity(profile, first)
    case '<':
    case '<=':
    case '>':
    case '>=':
      return rangeSelectivity
    case 'is_null':
      return Math.max(0.001, nullFraction(profile, first))
    case 'is_not_null':
      return 1 - nullFraction(profile, first)
    case '~~':
    case '~~*':
      return patternSelectivity(second)
    case '!~~':
    case '!~~*':
      return 1 - patternSelectivity(second)
    case 'starts_with':
      return 0.05
    default:
      return unknownSelectivity
  }
}

/** The more letters a LIKE pattern asks for, the fewer rows have them. */
function patternSelectivity(pattern: Expression | undefined): number {
  if (pattern?.kind !== 'literal' || typeof pattern.value !== 'string') return 0.1
  const letters = pattern.value.replaceAll(/[%_]/g, '').length
  return Math.max(0.005, 0.4 * 0.7 ** letters)
}

function nullFraction(profile: RelationProfile, expr: Expression): number {
  const column = expr.kind === 'column' ? profile.columns.get(expr.id) : undefined
  return column?.nullFraction ?? 0.02
}

function equalitySelectivity(profile: RelationProfile, expr: Expression): number {
  const plain = withoutCasts(expr)
  if (plain.kind !== 'column') return 0.05
  const column = profile.columns.get(plain.id)
  return column === undefined ? 0.05 : (1 - column.nullFraction) / Math.max(1, column.domain)
}
