import { conjuncts } from '../logical/build.ts'
import type { ColumnId, Expression } from '../logical/expression.ts'
import type { ColumnProfile, RelationProfile } from './profile.ts'
import { realLiteral } from './integer-value.ts'
import { commutedOperator, operatorOf } from '../logical/predicates.ts'
import { present } from '../../base/assert.ts'
import type { ScalarFunction } from '../../functions/function.ts'

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

/** `column < literal` and its likes. */
function boundOf(
  predicate: Expression,
): { readonly id: ColumnId; readonly value: number; readonly upper: boolean } | undefined {
  if (predicate.kind !== 'call' || predicate.args.length !== 2) return undefined
  const comparison = operatorOf(predicate)
  if (comparison === undefined || comparison === '=' || comparison === '<>') return undefined
  const [first, second] = predicate.args.map(withoutCasts)
  if (first === undefined || second === undefined) return undefined
  const straight = first.kind === 'column' && second.kind === 'literal'
  const [column, bound] = straight ? [first, second] : [second, first]
  if (column.kind !== 'column' || bound.kind !== 'literal') return undefined
  const value = realLiteral(bound.value, bound.type)
  if (value === undefined) return undefined
  const operator = straight ? comparison : commutedOperator(comparison)
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
    case 'column':
    case 'parameter':
    case 'cast':
    case 'case':
    case 'let':
    case 'subquery':
      return predicate.type.kind === 'bool' ? 0.5 : unknownSelectivity
  }
}

function callSelectivity(
  profile: RelationProfile,
  fn: ScalarFunction,
  args: readonly Expression[],
): number {
  const argument = (index: number): Expression => present(args[index], 'argument to estimate')
  return (
    fn.selectivity?.({
      holds: (index) => conjunctSelectivity(profile, argument(index)),
      isNull: (index) => nullFraction(profile, argument(index)),
      equals: (index) => equalitySelectivity(profile, argument(index)),
      constant: (index) => {
        const arg = argument(index)
        return arg.kind === 'literal' ? arg.value : undefined
      },
    }) ?? unknownSelectivity
  )
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
