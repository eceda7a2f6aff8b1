import { compileExpression } from '../../expressions/expression.ts'
import { emitHash } from '../scope/compare-values.ts'
import { sinkWords } from '../../model/context.ts'
import { emitTakeRow } from './group-table.ts'
import type { JoinBuildSink } from '../../model/pipeline.ts'
import { joinHeader } from '../../model/row-layout.ts'
import { emitLoop, type LegContext } from '../scope/leg-loop.ts'
import { withAllLanes } from '../scope/values.ts'
import { emitFields, sinkWord } from './store-fields.ts'

/** Appends rows with their hash; those with a NULL key are dropped or marked, and counted. */
export function emitJoinBuild(leg: LegContext, sink: JoinBuildSink): void {
  const { f, scope } = leg
  const { layout, keyFields, nullSafe, rank } = sink.table
  const state = sinkWord(leg, sink.breaker)
  emitLoop(leg, (number) => {
    const row = f.local('i32')
    const keys = keyFields.map((field) =>
      withAllLanes(f, compileExpression(scope, sink.values[field]!)),
    )
    const usable = f.local('i32')
    f.i32(1)
    keys.forEach((key, position) => {
      if (nullSafe[position] !== true && key.valid !== undefined) f.get(key.valid).op('i32.and')
    })
    f.set(usable)
    // NULL keys are counted: null-aware joins ask whether there was one.
    f.get(state).get(state).memory('i32.load', sinkWords.count)
    f.get(usable).op('i32.eqz').op('i32.add').memory('i32.store', sinkWords.count)
    if (!sink.keepNullKeys) f.get(usable).if()
    const emitRow = (): void => {
      emitTakeRow(scope, 0, layout.rowBytes, state, row)
      // A rank index is asked by the key itself.
      if (rank === undefined) {
        const hash = emitHash(f, scope.kernel.bind(scope), keys)
        f.get(row).get(hash).memory('i32.store', joinHeader.hash)
      }
      f.get(row).i32(0).memory('i32.store8', joinHeader.matched)
      f.get(row).get(usable).op('i32.eqz').memory('i32.store8', joinHeader.keyIsNull)
      emitFields(leg, layout, sink.values, number, row)
    }
    if (sink.keepNullKeys) emitRow()
    else scope.branch(emitRow)
    if (!sink.keepNullKeys) f.end()
    f.release(row)
    f.release(usable)
  })
}
