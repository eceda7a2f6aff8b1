import { joinHeader, type RowLayout } from '../../compile/model/row-layout.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import { NO_ADDRESS } from '../../data/vectors/vector.ts'
import type { BreakerId, Pipeline, RowPlacing, Step } from '../../compile/model/pipeline.ts'
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

/** By the pipeline that was cut: what is known of one is known of it again when its plan runs again. */
const placedBefore = new WeakMap<Pipeline, Map<string, Pipeline>>()

/** A pipeline whose probes know where the rows of their tables are; the same one for the same places. */
export function placedProbes(
  pipeline: Pipeline,
  breakers: ReadonlyMap<BreakerId, BreakerState>,
): Pipeline {
  const placings = pipeline.steps.map((step) => placingOf(step, breakers))
  if (placings.every((placing) => placing === undefined || placing === 'linked')) return pipeline
  const known = placedBefore.get(pipeline) ?? new Map<string, Pipeline>()
  placedBefore.set(pipeline, known)
  const key = placings.join(' ')
  const before = known.get(key)
  if (before !== undefined) return before
  const steps = pipeline.steps.map((step, at): Step => {
    const placing = placings[at]
    return step.kind === 'probe' && placing !== undefined ? { ...step, placing } : step
  })
  const placed = { ...pipeline, steps }
  if (known.size >= PLACINGS_MAX) known.clear()
  known.set(key, placed)
  return placed
}

/** Ways in which the tables of one pipeline came out that are remembered. */
const PLACINGS_MAX = 4

function placingOf(
  step: Step,
  breakers: ReadonlyMap<BreakerId, BreakerState>,
): RowPlacing | undefined {
  const state = step.kind === 'probe' ? breakers.get(step.breaker) : undefined
  return state?.kind === 'join-build' ? state.join.placing : undefined
}
