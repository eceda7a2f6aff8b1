import { present } from '../../../base/assert.ts'
import type { Value } from '../../../functions/inline.ts'
import type { FunctionBuilder, Local } from '../../../wasm/assembler/function-builder.ts'
import { compileExpression } from '../../expressions/expression.ts'
import { emitEqual, emitLess } from '../scope/compare-values.ts'
import { KEYS_COMPARED_MAX } from '../../shape/sinks.ts'
import { sinkWords } from '../../model/context.ts'
import { emitTakeRow } from './group-table.ts'
import { emitBlockLoop, topKey } from './top-blocks.ts'
import { emitTextLoop } from './top-texts.ts'
import type { SortShape, SortSink } from '../../model/pipeline.ts'
import { emitLoop, type LegContext } from '../scope/leg-loop.ts'
import { loadField } from '../scope/values.ts'
import { emitFields, sinkWord } from './store-fields.ts'

/** Appends rows to sort; for top-k, rows behind the worst one that is still in are left out. */
export function emitSort(leg: LegContext, { breaker, sort }: SortSink): void {
  const { f, scope } = leg
  const sink = sinkWord(leg, breaker)
  const threshold = sort.limitRows === undefined ? undefined : loadThreshold(leg, sort, sink)
  const taken = f.local('i32')
  f.i32(0).set(taken)
  loopOf(
    leg,
    sort,
    threshold,
  )((number) => {
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
    if (threshold !== undefined) f.get(taken).i32(1).op('i32.add').set(taken)
    f.end()
    f.release(row)
  })
  if (threshold !== undefined) emitPrune(leg, sink, taken)
}

/** The loop over the rows that may be wanted. */
function loopOf(
  leg: LegContext,
  sort: SortShape,
  threshold: Threshold | undefined,
): (body: (number: Local) => void) => void {
  const key = threshold === undefined ? undefined : topKey(leg, sort)
  if (threshold === undefined || key === undefined) return (body) => emitLoop(leg, body)
  const known = [threshold.row, present(threshold.values[0], 'value of the first key')] as const
  if (key.by === 'text') return (body) => emitTextLoop(leg, key, ...known, body)
  return (body) => emitBlockLoop(leg, key, ...known, body)
}

/** Has rows that are not wanted any more taken away, once as many came as the host wants to wait for. */
function emitPrune({ f, module }: LegContext, sink: Local, taken: Local): void {
  f.get(taken).if()
  f.get(sink).get(sink).memory('i32.load', sinkWords.count).get(taken).op('i32.add').tee(taken)
  f.memory('i32.store', sinkWords.count)
  f.get(taken).get(sink).memory('i32.load', sinkWords.countMax).op('i32.ge_u').if()
  module.callHost(f, 'pruneSort')
  f.end()
  f.end()
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
 * Sets whether a row is behind another, or as far, that has the same keys before number `at`. The next key is only computed where
 * all before are equal, as it is when the row is taken.
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
    const kernel = scope.kernel.bind(scope)
    const pair: Pair = { value, worst, nullsFirst: key.nullsFirst }
    const [before, after] = key.descending ? [value, worst] : [worst, value]
    if (at + 1 === sort.keys.length) {
      // What has the same keys comes later, and is not wanted either.
      pushOfBoth(f, pair, 'behind-or-same', () => {
        emitLess(f, kernel, after, before)
        f.op('i32.eqz')
      })
      f.set(behind)
      return
    }
    pushOfBoth(f, pair, 'behind', () => emitLess(f, kernel, before, after))
    f.tee(behind).op('i32.eqz').if()
    pushOfBoth(f, pair, 'same', () => emitEqual(f, kernel, value, worst))
    f.if()
    emitBehind(leg, sort, at + 1, threshold, behind)
    f.end()
    f.end()
  })
}

/** A row's value of a key, and that of the worst row. */
interface Pair {
  readonly value: Value
  readonly worst: Value
  readonly nullsFirst: boolean
}

type Question = 'behind' | 'behind-or-same' | 'same'

/** Pushes the answer of `compare` where neither is NULL; else what NULLs say, which are the same among themselves. */
function pushOfBoth(f: FunctionBuilder, pair: Pair, asked: Question, compare: () => void): void {
  const { value, worst } = pair
  if (value.valid === undefined && worst.valid === undefined) {
    compare()
    return
  }
  pushValid(f, value)
  pushValid(f, worst)
  f.op('i32.and').if('i32')
  compare()
  f.else()
  pushWithNull(f, pair, asked)
  f.end()
}

/** The answer where at least one of the two is NULL. */
function pushWithNull(
  f: FunctionBuilder,
  { value, worst, nullsFirst }: Pair,
  asked: Question,
): void {
  if (asked === 'same') {
    pushValid(f, value)
    pushValid(f, worst)
    f.op('i32.or').op('i32.eqz')
    return
  }
  // Where NULLs come first a row is behind if the worst is NULL, where they come last if it is NULL itself: or the same.
  const [isNull, other] = nullsFirst ? [worst, value] : [value, worst]
  pushValid(f, isNull)
  f.op('i32.eqz')
  if (asked === 'behind-or-same') return
  pushValid(f, other)
  f.op('i32.and')
}

function pushValid(f: FunctionBuilder, { valid }: Value): void {
  if (valid === undefined) f.i32(1)
  else f.get(valid)
}
