import type { Expression } from '../logical/expression.ts'
import type { PhysicalAggregateCall } from './plan.ts'

/** Replaces the expressions of an aggregate. */
export function mapCall<T extends PhysicalAggregateCall>(
  call: T,
  to: (expr: Expression) => Expression,
): T {
  const { arg, filter, kept } = call
  return {
    ...call,
    arg: arg && to(arg),
    filter: filter && to(filter),
    ...(kept && { kept: { ...kept, exprs: kept.exprs.map(to) } }),
  }
}
