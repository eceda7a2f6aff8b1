import type { BreakerId, Pipeline } from '../../compile/model/pipeline.ts'

/** The breakers that a pipeline reads. */
export function breakersRead(pipeline: Pipeline): ReadonlySet<BreakerId> {
  const ids = new Set<BreakerId>()
  if (pipeline.source.kind !== 'chunks') ids.add(pipeline.source.breaker)
  for (const step of pipeline.steps) {
    if (step.kind === 'probe' || step.kind === 'nested-loop') ids.add(step.breaker)
  }
  return ids
}

/** Whether an aggregate takes rows as they come: a group is never begun anew, as its rows would not follow. */
export function takesRowsInOrder({ sink }: Pipeline): boolean {
  if (sink.kind !== 'aggregate') return false
  const calls = sink.tables.flatMap(({ aggregates }) => aggregates)
  return calls.some(({ kept }) => kept?.inOrder === true)
}
