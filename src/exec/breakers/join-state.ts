import { joinHeader, type RowLayout } from '../../compile/model/row-layout.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import { NO_ADDRESS } from '../../data/vectors/vector.ts'
import type { BreakerId, Pipeline, Step } from '../../compile/model/pipeline.ts'
import type { BreakerState, JoinState, Page } from '../jobs/jobs.ts'

/** Rows that a join meets one by one: no directory leads to them. */
export function noTable(arena: Arena, layout: RowLayout, pages: readonly Page[]): JoinState {
  const pageList = arena.allocate(Math.max(1, pages.length) * 8)
  pages.forEach(({ address, rows }, index) => {
    arena.heap.u32[(pageList >>> 2) + index * 2] = address
    arena.heap.u32[(pageList >>> 2) + index * 2 + 1] = rows
  })
  return {
    directory: NO_ADDRESS,
    shift: 0,
    bloom: NO_ADDRESS,
    bloomShift: 0,
    rankWords: NO_ADDRESS,
    rankRows: NO_ADDRESS,
    placing: 'linked',
    rankMin: 0n,
    rankSpan: 0n,
    nullRow: arena.allocateZeroed(Math.max(layout.rowBytes, joinHeader.bytes)),
    isEmpty: false,
    hasNull: false,
    pageList,
    pageCount: pages.length,
  }
}

/** A pipeline whose probes know where the rows of their tables are. */
export function placedProbes(
  pipeline: Pipeline,
  breakers: ReadonlyMap<BreakerId, BreakerState>,
): Pipeline {
  const placed = (step: Step): Step => {
    const state = step.kind === 'probe' ? breakers.get(step.breaker) : undefined
    if (step.kind !== 'probe' || state?.kind !== 'join-build') return step
    return { ...step, placing: state.join.placing }
  }
  const isProbing = pipeline.steps.some(({ kind }) => kind === 'probe')
  return isProbing ? { ...pipeline, steps: pipeline.steps.map(placed) } : pipeline
}
