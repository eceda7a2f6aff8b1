import { present } from '../../../base/assert.ts'
import type { Local } from '../../../wasm/assembler/function-builder.ts'
import { compileExpression } from '../../expressions/expression.ts'
import { emitLess } from '../scope/compare-values.ts'
import { sinkWords } from '../../model/context.ts'
import { emitTakeRow } from './group-table.ts'
import type { SortField, SortShape, SortSink } from '../../model/pipeline.ts'
import { emitLoop, type StageContext } from '../scope/stage-loop.ts'
import { loadField } from '../scope/values.ts'
import { emitFields, sinkWord } from './store-fields.ts'

/** Appends rows to sort; for top-k, rows behind the worst one that is still in are left out. */
export function emitSort(stage: StageContext, { breaker, sort }: SortSink): void {
  const { f, scope } = stage
  const sink = sinkWord(stage, breaker)
  const first = sort.keys[0]
  emitLoop(stage, (number) => {
    const row = f.local('i32')
    const skip = f.block()
    if (sort.limitRows !== undefined && first !== undefined) {
      emitThreshold(stage, sort, first, sink)
      f.branchIf(skip)
    }
    scope.branch(() => {
      emitTakeRow(scope, 0, sort.layout.rowBytes, sink, row)
      emitFields(stage, sort.layout, sort.values, number, row)
    })
    f.end()
    f.release(row)
  })
  if (sort.limitRows !== undefined) {
    stage.module.callHost(f, 'pruneSort')
  }
}

/** Pushes 1 when the row's first key sorts strictly behind that of the threshold row. */
function emitThreshold(stage: StageContext, sort: SortShape, key: SortField, sink: Local): void {
  const { f, scope } = stage
  const field = present(sort.layout.fields[key.field], 'field of a sort key')
  const value = compileExpression(scope, present(sort.values[key.field], 'sort key'))
  const threshold = f.local('i32')
  const behind = f.local('i32')
  f.i32(0).set(behind)
  f.get(sink).memory('i32.load', sinkWords.threshold).tee(threshold).if()
  const worst = loadField(f, threshold, field)
  const [before, after] = key.descending ? [value, worst] : [worst, value]
  emitLess(f, scope.kernel.bind(scope), before, after)
  for (const side of [value, worst]) {
    if (side.valid !== undefined) f.get(side.valid).op('i32.and')
  }
  f.set(behind)
  f.end()
  f.get(behind)
  f.release(threshold)
  f.release(behind)
}
