import { present } from '../../../base/assert.ts'
import type { Value } from '../../../functions/inline.ts'
import type { Local } from '../../../wasm/assembler/function-builder.ts'
import { compileExpression } from '../../expressions/expression.ts'
import { emitEqual, emitLess } from '../scope/compare-values.ts'
import { KEYS_COMPARED_MAX } from '../../shape/sinks.ts'
import { sinkWords } from '../../model/context.ts'
import { emitTakeRow } from './group-table.ts'
import type { SortShape, SortSink } from '../../model/pipeline.ts'
import { emitLoop, type LegContext } from '../scope/leg-loop.ts'
import { loadField } from '../scope/values.ts'
import { emitFields, sinkWord } from './store-fields.ts'

/** Appends rows to sort; for top-k, rows behind the worst one that is still in are left out. */
export function emitSort(leg: LegContext, { breaker, sort }: SortSink): void {
  const { f, scope } = leg
  const sink = sinkWord(leg, breaker)
  const threshold = sort.limitRows === undefined ? undefined : loadThreshold(leg, sort, sink)
  const cursor = f.local('i32')
  f.get(sink).memory('i32.load', sinkWords.cursor).set(cursor)
  emitLoop(leg, (number) => {
    const row = f.local('i32')
    const skip = f.block()
    if (threshold !== undefined) {
      emitThreshold(leg, sort, threshold)
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
    f.get(sink).memory('i32.load', sinkWords.cursor).get(cursor).op('i32.ne').if()
    leg.module.callHost(f, 'pruneSort')
    f.end()
  }
}

/** The worst row that is still in, as it is while a batch is looked at: 0 where there is none yet. */
interface Threshold {
  readonly row: Local
  /** By sort key, those that are compared. */
  readonly values: readonly Value[]
}

function loadThreshold({ f }: LegContext, sort: SortShape, sink: Local): Threshold {
  const row = f.local('i32')
  f.get(sink).memory('i32.load', sinkWords.threshold).tee(row).if()
  const values = sort.keys.slice(0, KEYS_COMPARED_MAX).map(({ field }) => {
    return loadField(f, row, present(sort.layout.fields[field], 'field of a sort key'))
  })
  f.end()
  return { row, values }
}

/** Pushes 1 when the row sorts behind the threshold row, or as far as there is to tell beside it. */
function emitThreshold(leg: LegContext, sort: SortShape, threshold: Threshold): void {
  const { f } = leg
  const behind = f.local('i32')
  f.i32(0).set(behind)
  f.get(threshold.row).if()
  emitBehind(leg, sort, 0, threshold, behind)
  f.end()
  f.get(behind)
  f.release(behind)
}

/**
 * Sets whether a row is behind another, or as far, that has the same keys before number `at`. A key that is NULL in either leaves
 * that open: the row is taken. The next key is only computed where all before are equal, as it is when the row is taken.
 */
function emitBehind(
  leg: LegContext,
  sort: SortShape,
  at: number,
  threshold: Threshold,
  behind: Local,
): void {
  const { f, scope } = leg
  const [key, worst] = [sort.keys[at], threshold.values[at]]
  if (key === undefined || worst === undefined) return
  scope.branch(() => {
    const value = compileExpression(scope, present(sort.values[key.field], 'sort key'))
    const [before, after] = key.descending ? [value, worst] : [worst, value]
    const kernel = scope.kernel.bind(scope)
    const pushBothThere = (): void => {
      for (const side of [value, worst]) {
        if (side.valid !== undefined) f.get(side.valid).op('i32.and')
      }
    }
    if (at + 1 === sort.keys.length) {
      // What has the same keys comes later, and is not wanted either.
      emitLess(f, kernel, after, before)
      f.op('i32.eqz')
      pushBothThere()
      f.set(behind)
      return
    }
    emitLess(f, kernel, before, after)
    pushBothThere()
    f.tee(behind).op('i32.eqz').if()
    emitEqual(f, kernel, value, worst)
    pushBothThere()
    f.if()
    emitBehind(leg, sort, at + 1, threshold, behind)
    f.end()
    f.end()
  })
}
