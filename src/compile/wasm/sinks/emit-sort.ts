import { present } from '../../../base/assert.ts'
import type { Local } from '../../../wasm/assembler/function-builder.ts'
import { compileExpression } from '../../expressions/expression.ts'
import { emitEqual, emitLess } from '../scope/compare-values.ts'
import { sinkWords } from '../../model/context.ts'
import { emitTakeRow } from './group-table.ts'
import type { SortShape, SortSink } from '../../model/pipeline.ts'
import { emitLoop, type LegContext } from '../scope/leg-loop.ts'
import { loadField } from '../scope/values.ts'
import { emitFields, sinkWord } from './store-fields.ts'

/** Keys by which a row is held against the worst one that is kept: code grows with each. */
const KEYS_COMPARED_MAX = 4

/** Appends rows to sort; for top-k, rows behind the worst one that is still in are left out. */
export function emitSort(leg: LegContext, { breaker, sort }: SortSink): void {
  const { f, scope } = leg
  const sink = sinkWord(leg, breaker)
  emitLoop(leg, (number) => {
    const row = f.local('i32')
    const skip = f.block()
    if (sort.limitRows !== undefined) {
      emitThreshold(leg, sort, sink)
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

/** Pushes 1 when the row sorts strictly behind the threshold row. */
function emitThreshold(leg: LegContext, sort: SortShape, sink: Local): void {
  const { f } = leg
  const threshold = f.local('i32')
  const behind = f.local('i32')
  f.i32(0).set(behind)
  f.get(sink).memory('i32.load', sinkWords.threshold).tee(threshold).if()
  emitBehind(leg, sort, 0, threshold, behind)
  f.end()
  f.get(behind)
  f.release(threshold)
  f.release(behind)
}

/**
 * Sets whether a row is behind another that has the same keys before number `at`. A key that is NULL in either leaves
 * that open: the row is taken. The next key is only computed where all before are equal, as it is when the row is taken.
 */
function emitBehind(
  leg: LegContext,
  sort: SortShape,
  at: number,
  threshold: Local,
  behind: Local,
): void {
  const { f, scope } = leg
  const key = sort.keys[at]
  if (key === undefined || at === KEYS_COMPARED_MAX) return
  const field = present(sort.layout.fields[key.field], 'field of a sort key')
  scope.branch(() => {
    const value = compileExpression(scope, present(sort.values[key.field], 'sort key'))
    const worst = loadField(f, threshold, field)
    const [before, after] = key.descending ? [value, worst] : [worst, value]
    const kernel = scope.kernel.bind(scope)
    const pushBothThere = (): void => {
      for (const side of [value, worst]) {
        if (side.valid !== undefined) f.get(side.valid).op('i32.and')
      }
    }
    emitLess(f, kernel, before, after)
    pushBothThere()
    f.tee(behind)
    if (at + 1 === Math.min(sort.keys.length, KEYS_COMPARED_MAX)) {
      f.op('drop')
      return
    }
    f.op('i32.eqz').if()
    emitEqual(f, kernel, value, worst)
    pushBothThere()
    f.if()
    emitBehind(leg, sort, at + 1, threshold, behind)
    f.end()
    f.end()
  })
}
