import type { Sink, SinkKind, SinkOf } from '../../model/pipeline.ts'
import type { LegContext } from '../scope/leg-loop.ts'
import { emitAggregate } from './emit-aggregate.ts'
import { emitJoinBuild } from './emit-join-build.ts'
import { emitOutput } from './emit-output.ts'
import { emitRows } from './emit-rows.ts'
import { emitSort } from './emit-sort.ts'
import { emitWindow } from './emit-window.ts'

/** What each sink does with the rows that reach it: a kind without an entry does not compile. */
const emitters: { readonly [K in SinkKind]: (leg: LegContext, sink: SinkOf<K>) => void } = {
  aggregate: emitAggregate,
  'join-build': emitJoinBuild,
  sort: emitSort,
  window: emitWindow,
  rows: emitRows,
  expand: emitRows,
  nothing: () => {},
  output: emitOutput,
}

export function emitSink(leg: LegContext, sink: Sink): void {
  const emit = emitters[sink.kind] as (leg: LegContext, sink: Sink) => void
  emit(leg, sink)
}
