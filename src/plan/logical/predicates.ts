import { bool } from '../../data/types/data-type.ts'
import type { Span } from '../../base/span.ts'
import { negationFunction } from '../../functions/operators/comparison.ts'
import {
  comparisonFunction,
  negatedFunction,
  truthTestFunction,
} from '../../functions/operators/comparisons.ts'
import type { Comparison, ComparisonOperator, TruthTest } from '../../functions/traits.ts'
import { call } from './build.ts'
import type { Call, Expression } from './expression.ts'

/** The comparison that a call is; undefined for anything else. */
export function comparisonOf(expr: Expression): Comparison | undefined {
  return expr.kind === 'call' ? expr.fn.comparison : undefined
}

/** A comparison in which NULL is unknown: all but IS [NOT] DISTINCT FROM. */
export function operatorOf(expr: Expression): ComparisonOperator | undefined {
  const comparison = comparisonOf(expr)
  return comparison === 'distinct' || comparison === 'not-distinct' ? undefined : comparison
}

const commuted = { '=': '=', '<>': '<>', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const

/** The comparison that says the same of the two sides exchanged. */
export function commutedOperator(operator: ComparisonOperator): ComparisonOperator {
  return commuted[operator]
}

/** Whether an expression is NOT of something. */
export function isNot(expr: Expression): expr is Call {
  return expr.kind === 'call' && expr.fn.negates === true
}

/** IS [NOT] NULL, TRUE, FALSE or UNKNOWN, where the call is one of these. */
export function testOf(expr: Expression): TruthTest | undefined {
  return expr.kind === 'call' ? expr.fn.test : undefined
}

/** The call whose result is NOT of this one's; undefined where the catalogue has none. */
export function oppositeOf(expr: Call): Call | undefined {
  const opposite = negatedFunction(expr.fn)
  return opposite && { ...expr, fn: opposite }
}

export function not(arg: Expression, span?: Span): Call {
  return call(negationFunction, [arg], bool, span)
}

/** IS NULL, IS NOT TRUE and so on. */
export function tested(arg: Expression, of: TruthTest['of'], negated = false): Call {
  return call(truthTestFunction({ of, negated }), [arg], bool)
}

/** A comparison of two values of one type. */
export function compared(
  comparison: Comparison,
  left: Expression,
  right: Expression,
  span?: Span,
): Call {
  return call(comparisonFunction(comparison, left.type.kind), [left, right], bool, span)
}
