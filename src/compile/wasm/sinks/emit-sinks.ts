import { present } from '../../../base/assert.ts'
import type { Expression } from '../../../plan/logical/expression.ts'
import type { Local } from '../../../wasm/assembler/function-builder.ts'
import { compileExpression } from '../../expressions/expression.ts'
import { emitHash, emitLess } from '../scope/compare-values.ts'
import { sinkWords } from '../../model/context.ts'
import type { EmitScope } from '../scope/emit-scope.ts'
import { FunctionScope } from '../scope/function-scope.ts'
import { emitTakeRow } from './group-table.ts'
import { isStableText, keepText } from '../scope/keep-text.ts'
import type { BreakerId, JoinBuildSink, SortField, SortShape } from '../../model/pipeline.ts'
import { joinHeader, type RowLayout } from '../../model/row-layout.ts'
import { emitLoop, enterRow, FIRST, ROWS, type StageContext } from '../scope/stage-loop.ts'
import { loadField, storeField, widen } from '../scope/values.ts'

/** Appends each row to the thread's pages. */
export function emitRows(
  stage: StageContext,
  breaker: BreakerId,
  layout: RowLayout,
  values: readonly Expression[],
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

/** Appends rows with their hash; those with a NULL key are dropped or marked, and counted. */
export function emitJoinBuild(stage: StageContext, sink: JoinBuildSink): void {
  const { f, scope } = stage
  const { layout, keyFields, nullSafe } = sink.table
  const state = sinkWord(stage, sink.breaker)
  emitLoop(stage, (number) => {
    const row = f.local('i32')
    const keys = keyFields.map((field) => widen(f, compileExpression(scope, sink.values[field]!)))
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
      f.get(row)
        .get(emitHash(f, scope.kernel.bind(scope), keys))
        .memory('i32.store', joinHeader.hash)
      f.get(row).i32(0).memory('i32.store8', joinHeader.matched)
      f.get(row).get(usable).op('i32.eqz').memory('i32.store8', joinHeader.keyIsNull)
      emitFields(stage, layout, sink.values, number, row)
    }
    if (sink.keepNullKeys) emitRow()
    else scope.branch(emitRow)
    if (!sink.keepNullKeys) f.end()
    f.release(row)
    f.release(usable)
  })
}

/** Appends rows to sort; for top-k, rows behind the worst one that is still in are left out. */
export function emitSort(stage: StageContext, breaker: BreakerId, sort: SortShape): void {
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

/**
 * Values that one function stores: the engine's first compiler keeps the place of each local at each
 * branch.
 */
const FUNCTION_VALUES_MAX = 64

/** Stores the values of the batch's row of that number to the row at an address. */
function emitFields(
  stage: StageContext,
  layout: RowLayout,
  values: readonly Expression[],
  number: Local,
  row: Local,
): void {
  const { f, scope, module } = stage
  if (values.length <= FUNCTION_VALUES_MAX) return storeFields(scope, layout, values, 0, row)
  for (let from = 0; from < values.length; from += FUNCTION_VALUES_MAX) {
    const part = module.builder.defineFunction(['i32', 'i32', 'i32', 'i32', 'i32'], [])
    const own = { ...stage, f: part.builder, scope: new FunctionScope(module, part.builder) }
    enterRow(own, part.builder.param(3))
    const some = values.slice(from, from + FUNCTION_VALUES_MAX)
    storeFields(own.scope, layout, some, from, part.builder.param(4))
    for (const local of [scope.ctx, f.param(FIRST), f.param(ROWS), number, row]) f.get(local)
    f.call(part.index)
  }
}

/** Stores values of the current row, of which the first has number `from`. */
function storeFields(
  scope: EmitScope,
  layout: RowLayout,
  values: readonly Expression[],
  from: number,
  row: Local,
): void {
  values.forEach((expr, index) => {
    const field = present(layout.fields[from + index], 'field of a value')
    const value = compileExpression(scope, expr)
    const kept = isStableText(scope.module, expr) ? value : keepText(scope, value)
    storeField(scope.f, row, field, kept)
  })
}

export function sinkWord(stage: StageContext, breaker: BreakerId): Local {
  return stage.scope.word(stage.module.context.word({ kind: 'state', breaker, part: 'sink' }))
}
