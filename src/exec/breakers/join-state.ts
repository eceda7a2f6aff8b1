import { joinHeader, type RowLayout } from '../../compile/model/row-layout.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import { NO_ADDRESS } from '../../data/vectors/vector.ts'
import type {
  BreakerId,
  NestedLoopStep,
  Pipeline,
  ProbeStep,
  Step,
} from '../../compile/model/pipeline.ts'
import { isProduct } from '../../compile/shape/row-buffers.ts'
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

/**
 * Rows of a build side for each of which a batch flows on once. Behind the first step batches may have few rows, and a
 * pass costs some calls.
 */
const PASSES_MAX = 1_024
const PASSES_OF_SOME_MAX = 64

/**
 * A pipeline whose joins know where the rows of their tables are and how many; the same one for the same places.
 * `keepsOrder`: rows leave in the order in which they came.
 */
export function placedJoins(
  pipeline: Pipeline,
  breakers: ReadonlyMap<BreakerId, BreakerState>,
  keepsOrder: boolean,
): Pipeline {
  const placed = pipeline.steps.map((step, at): Step => {
    if (step.kind === 'probe') return placedProbe(step, breakers.get(step.breaker))
    if (step.kind !== 'nested-loop' || !isProduct(step)) return step
    return placedLoop(step, at, pipeline, breakers.get(step.breaker), keepsOrder)
  })
  if (placed.every((step, at) => step === pipeline.steps[at])) return pipeline
  const known = placedBefore.get(pipeline) ?? new Map<string, Pipeline>()
  placedBefore.set(pipeline, known)
  const key = placed.map(placeOf).join(' ')
  const before = known.get(key)
  if (before !== undefined) return before
  const made = { ...pipeline, steps: placed }
  if (known.size >= PLACINGS_MAX) known.clear()
  known.set(key, made)
  return made
}

/** Ways in which the tables of one pipeline came out that are remembered. */
const PLACINGS_MAX = 4

function placeOf(step: Step): string {
  if (step.kind === 'probe') return step.placing
  return step.kind === 'nested-loop' ? step.outer : ''
}

function placedProbe(step: ProbeStep, state: BreakerState | undefined): ProbeStep {
  const placing = state?.kind === 'join-build' ? state.join.placing : step.placing
  return placing === step.placing ? step : { ...step, placing }
}

/** A product whose build rows are few has these outside, where rows may change their order and no call-out asks for ids. */
function placedLoop(
  step: NestedLoopStep,
  at: number,
  { steps }: Pipeline,
  state: BreakerState | undefined,
  keepsOrder: boolean,
): NestedLoopStep {
  if (state?.kind !== 'rows') return step
  const most = keepsOrder ? 1 : at === 0 ? PASSES_MAX : PASSES_OF_SOME_MAX
  if (state.rows > most || steps.slice(at + 1).some(({ kind }) => kind === 'call-out')) return step
  return { ...step, outer: 'build' }
}
