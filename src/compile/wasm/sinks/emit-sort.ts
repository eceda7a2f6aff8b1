import { present } from '../../../base/assert.ts'
import type { Local } from '../../../wasm/assembler/function-builder.ts'
import { compileExpression } from '../../expressions/expression.ts'
import { emitLess } from '../scope/compare-values.ts'
import { sinkWords } from '../../model/context.ts'
import { emitTakeRow } from './group-table.ts'
import type { SortField, SortShape, SortSink } from '../../model/pipeline.ts'
import { emitLoop, type LegContext } from '../scope/leg-loop.ts'
import { loadField } from '../scope/values.ts'
import { emitFields, sinkWord } from './store-fields.ts'

/** Appends rows to sort; for top-k, rows behind the worst one that is still in are left out. */
export function emitSort(leg: LegContext, { breaker, sort }: SortSink): void {
  const { f, scope } = leg
  const sink = sinkWord(leg, breaker)
  const first = sort.keys[0]
  emitLoop(leg, (number) => {
    const row = f.local('i32')
    const skip = f.block()
    if (sort.limitRows !== undefined && first !== undefined) {
      emitThreshold(leg, sort, first, sink)
      f.branchIf(skip)
    }
    scope.branch(() => {
      emitTakeRow(scope, 0, sort.layout.rowBytes, sink, row)
      emitFields(leg, sort.layout, sort.values, number, row)
    })
    f.end()
    f.release(row)
  })
  if (sort.limitRows !== undefined) {
    leg.module.callHost(f, 'pruneSort')
  }
}

/** Pushes 1 when the row's first key sorts strictly behind that of the threshold row. */
function emitThreshold(leg: LegContext, sort: SortShape, key: SortField, sink: Local): void {
  const { f, scope } = leg
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
