import { bool } from '../../data/types/data-type.ts'
import { directArguments } from '../../functions/aggregates/ordered-sets.ts'
import { and, caseOf, falseLiteral, literal, or } from '../logical/build.ts'
import type { AggregateCall, Case, Expression } from '../logical/expression.ts'
import { compared, tested } from '../logical/predicates.ts'

/** A value that rows are sorted by, what it is compared with, and how it is sorted. */
interface Pair {
  readonly value: Expression
  readonly wanted: Expression
  readonly descending: boolean
  readonly nullsFirst: boolean
}

/**
 * Whether a row stands before the direct arguments of a call in the order of WITHIN GROUP, by the first key that
 * tells, or, for `not-after`, is not behind them. Never NULL.
 */
export function standsBefore(call: AggregateCall, of: 'before' | 'not-after'): Expression {
  const count = directArguments(call.fn, call.args.length)
  const pairs = (call.orderBy ?? []).map((key, at): Pair => {
    return { ...key, value: call.args[count + at]!, wanted: call.args[at]! }
  })
  const last: Expression = literal(of === 'not-after', bool)
  return pairs.reduceRight<Expression>(
    (rest, pair) => or([precedes(pair), and([equals(pair), rest])]),
    last,
  )
}

/** NULLs stand where the order has them. */
function precedes({ value, wanted, descending, nullsFirst }: Pair): Expression {
  const branches: Case['branches'] = [
    { when: tested(value, 'null'), then: nullsFirst ? tested(wanted, 'null', true) : falseLiteral },
    { when: tested(wanted, 'null'), then: literal(!nullsFirst, bool) },
  ]
  return caseOf(branches, compared(descending ? '>' : '<', value, wanted))
}

function equals({ value, wanted }: Pair): Expression {
  const branches: Case['branches'] = [
    { when: tested(value, 'null'), then: tested(wanted, 'null') },
    { when: tested(wanted, 'null'), then: falseLiteral },
  ]
  return caseOf(branches, compared('=', value, wanted))
}
