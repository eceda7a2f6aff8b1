import { notSupported } from '../../base/errors.ts'
import type { AggregateCall } from '../logical/expression.ts'
import type { Aggregate } from '../logical/relation.ts'
import { sumWidth, type BoundsAnalysis } from './bounds.ts'
import type { Accumulator, HashAggregate, PhysicalAggregateCall, PhysicalPlan } from './plan.ts'
import { expressionBounds } from './value-bounds.ts'
import { aggregateFunction } from '../../functions/catalogue.ts'

/** The accumulator behind each aggregate that `exec` runs as it is. */
const accumulators: Readonly<Record<string, Accumulator>> = {
  count: 'count',
  sum: 'sum',
  min: 'min',
  max: 'max',
  bool_and: 'bool-and',
  every: 'bool-and',
  bool_or: 'bool-or',
  any_value: 'any-value',
  squared_deviations: 'deviation',
  sum_of_squares: 'sum-squares',
}

export function planAggregate(
  relation: Aggregate,
  input: PhysicalPlan,
  rows: number,
  analysis: BoundsAnalysis,
): HashAggregate {
  const aggregates = relation.aggregates.map((call) => planCall(call, input, analysis))
  const { keys, columns } = relation
  return { kind: 'hash-aggregate', input, keys, aggregates, columns, rows, phase: 'single' }
}

function planCall(
  call: AggregateCall,
  input: PhysicalPlan,
  analysis: BoundsAnalysis,
): PhysicalAggregateCall {
  const { name } = aggregateFunction(call.fn)
  const [arg] = call.args
  const accumulator = name === 'count' && arg === undefined ? 'count-star' : accumulators[name]
  if (accumulator === undefined || call.args.length > 1) {
    throw notSupported(`aggregate function ${name}`, call.span)
  }
  const { id, type, filter } = call
  const base = { id, name: call.name, type, accumulator, arg, filter, distinct: call.distinct }
  if (accumulator !== 'sum' || arg === undefined) return { ...base, fitsInt64: false }
  const { bounds, rowsMax } = analysis.of(input)
  return { ...base, ...sumWidth(expressionBounds(arg, bounds), rowsMax) }
}
