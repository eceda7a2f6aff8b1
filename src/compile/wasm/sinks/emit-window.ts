import { present } from '../../../base/assert.ts'
import { compileExpression } from '../../expressions/expression.ts'
import { emitHash } from '../scope/compare-values.ts'
import { emitTakeRow } from './group-table.ts'
import type { WindowSink } from '../../model/pipeline.ts'
import { groupHeader } from '../../model/row-layout.ts'
import { emitLoop, type LegContext } from '../scope/leg-loop.ts'
import { withAllLanes } from '../scope/values.ts'
import { emitFields, sinkWord } from './store-fields.ts'

/** Keys that are hashed: any of them tell partitions apart well enough. */
const HASHED_KEYS_MAX = 16

/** Appends rows with the hash of what partitions them; the calls' fields are filled later. */
export function emitWindow(leg: LegContext, sink: WindowSink): void {
  const { f, scope } = leg
  const { layout, values, hashed, breaker } = sink
  const state = sinkWord(leg, breaker)
  emitLoop(leg, (number) => {
    const row = f.local('i32')
    const keys = hashed
      .slice(0, HASHED_KEYS_MAX)
      .map((field) =>
        withAllLanes(f, compileExpression(scope, present(values[field], 'key of a partition'))),
      )
    emitTakeRow(scope, 0, layout.rowBytes, state, row)
    if (keys.length > 0) {
      f.get(row)
        .get(emitHash(f, scope.kernel.bind(scope), keys))
        .memory('i32.store', groupHeader.hash)
    }
    emitFields(leg, layout, values, number, row)
    f.release(row)
  })
}
