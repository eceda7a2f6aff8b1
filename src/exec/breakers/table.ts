import type { BreakerId, BreakerKind, Sink, SinkOf } from '../../compile/model/pipeline.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import type { BreakerState } from '../jobs/jobs.ts'
import type { Steps } from '../jobs/steps.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'
import { aggregate } from './aggregate.ts'
import type { Breaker, Contribution, Driving, Finishing, SinkWriter } from './breaker.ts'
import { expand } from './expand.ts'
import { joinBuild } from './join-build.ts'
import { rows } from './rows.ts'
import { sort } from './sort.ts'
import { window } from './window.ts'

/** Every breaker: a kind without an entry does not compile. */
const breakers: { readonly [K in BreakerKind]: Breaker<K> } = {
  aggregate,
  'join-build': joinBuild,
  sort,
  window,
  rows,
  expand,
}

function breakerOf(kind: BreakerKind): Breaker<BreakerKind> {
  return breakers[kind] as Breaker<BreakerKind>
}

/** What a thread writes rows with that reach the sink; an output has writers of its own. */
export function writersOf(sink: Sink, arena: Arena, env: ThreadEnvironment): readonly SinkWriter[] {
  return sink.kind === 'output' || sink.kind === 'nothing'
    ? []
    : breakerOf(sink.kind).writers(sink, arena, env)
}

export function finishBreaker(
  id: BreakerId,
  sink: SinkOf<BreakerKind>,
  written: Contribution,
  finishing: Finishing,
): Promise<BreakerState> {
  return breakerOf(sink.kind).finish(id, sink, written, finishing)
}

export function breakerSize(state: BreakerState): {
  readonly rows: number
  readonly pieces: number
} {
  return breakerOf(state.kind).size(state)
}

/** Rows of a piece of {@link breakerSize}'s. */
export function rowsOfPiece(state: BreakerState, piece: number): number {
  return breakerOf(state.kind).pieceRows(state, piece)
}

export function driveBreaker(state: BreakerState, driving: Driving): Steps<void> {
  return breakerOf(state.kind).drive(state, driving)
}
