import { emitTakeRow } from './group-table.ts'
import type { ExpandSink, RowsSink } from '../../model/pipeline.ts'
import { joinHeader } from '../../model/row-layout.ts'
import { emitLoop, type LegContext } from '../scope/leg-loop.ts'
import { emitFields, sinkWord } from './store-fields.ts'

/** Appends each row to the thread's pages. */
export function emitRows(
  leg: LegContext,
  { breaker, layout, values }: RowsSink | ExpandSink,
): void {
  const { f } = leg
  const sink = sinkWord(leg, breaker)
  emitLoop(leg, (number) => {
    const row = f.local('i32')
    emitTakeRow(leg.scope, 0, layout.rowBytes, sink, row)
    // Clears the matched flag, for full joins.
    f.get(row).i32(0).memory('i32.store', joinHeader.matched)
    emitFields(leg, layout, values, number, row)
    f.release(row)
  })
}
