import type { Sink } from '../../compile/model/pipeline.ts'
import { equalsLookDifferent } from '../../data/types/compare-scalar.ts'
import type { PhysicalAggregateCall } from '../../plan/physical/plan.ts'

/** Whether the order of the rows tells which of several values is given. */
export function needsOrder({ accumulator, arg }: PhysicalAggregateCall): boolean {
  if (accumulator === 'any-value') return true
  if (accumulator !== 'min' && accumulator !== 'max') return false
  return arg !== undefined && equalsLookDifferent(arg.type)
}

/**
 * Whether what comes of the rows shows in which order they came. SQL promises no order there, but who unnests arrays or
 * joins with a series without ORDER BY gets the rows of each row together from PostgreSQL.
 */
export function showsOrder(sink: Sink): boolean {
  if (sink.kind === 'join-build' || sink.kind === 'nothing') return false
  if (sink.kind !== 'aggregate') return true
  return sink.tables.some(({ aggregates }) =>
    aggregates.some((call) => call.kept !== undefined || needsOrder(call)),
  )
}
