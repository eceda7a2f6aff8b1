import { emitTakeRow } from './group-table.ts'
import type { ExpandSink, RowsSink } from '../../model/pipeline.ts'
import { joinHeader } from '../../model/row-layout.ts'
import { emitLoop, type StageContext } from '../scope/stage-loop.ts'
import { emitFields, sinkWord } from './store-fields.ts'

/** Appends each row to the thread's pages. */
export function emitRows(
  stage: StageContext,
  { breaker, layout, values }: RowsSink | ExpandSink,
): void {
  const { f } = stage
  const sink = sinkWord(stage, breaker)
  emitLoop(stage, (number) => {
    const row = f.local('i32')
    emitTakeRow(stage.scope, 0, layout.rowBytes, sink, row)
    // Clears the matched flag, for full joins.
    f.get(row).i32(0).memory('i32.store', joinHeader.matched)
    emitFields(stage, layout, values, number, row)
    f.release(row)
  })
}
