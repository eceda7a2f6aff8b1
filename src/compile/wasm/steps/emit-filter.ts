import { compilePredicate } from '../../expressions/expression.ts'
import type { Expression } from '../../../plan/logical/expression.ts'
import type { Local } from '../../../wasm/assembler/function-builder.ts'
import { joinHeader } from '../../model/row-layout.ts'
import {
  emitAppend,
  emitFlush,
  emitLoop,
  FIRST,
  ROWS,
  type StageContext,
} from '../scope/stage-loop.ts'

/**
 * Keeps the rows where a predicate is TRUE, without branches: each row's ids are stored, and the end
 * advances by 0 or 1.
 */
export function emitFilter(stage: StageContext, predicate: Expression): void {
  emitSelection(stage, () => compilePredicate(stage.scope, predicate))
}

/** Keeps the build rows that no probe row has matched. */
export function emitUnmatched(stage: StageContext): void {
  const { f, scope } = stage
  emitSelection(stage, () => {
    const keep = f.local('i32')
    f.get(scope.rowId(0)).memory('i32.load8_u', joinHeader.matched).op('i32.eqz').set(keep)
    return keep
  })
}

function emitSelection(stage: StageContext, emitKeep: () => Local): void {
  const { f } = stage
  const kept = f.local('i32')
  f.i32(0).set(kept)
  emitLoop(stage, () => {
    const keep = emitKeep()
    emitAppend(stage, kept)
    f.get(kept).get(keep).op('i32.add').set(kept)
  })
  emitFlush(stage, kept)
}

/** Calls the host, which answers how many rows to skip (low 16 bits) and to take (the others). */
export function emitLimit(stage: StageContext): void {
  const { f, module } = stage
  const [answer, skip, take, kept] = [
    f.local('i32'),
    f.local('i32'),
    f.local('i32'),
    f.local('i32'),
  ]
  f.i32(stage.position).get(f.param(ROWS))
  module.callHost(f, 'takeLimit')
  f.set(answer)
  f.get(answer).i32(0xffff).op('i32.and').set(skip)
  f.get(answer).i32(16).op('i32.shr_u').set(take)
  f.i32(0).set(kept)
  emitLoop(stage, (row) => {
    emitAppend(stage, kept)
    // Rows before `skip` and past `take` of them are overwritten or left behind.
    f.get(kept).get(row).get(skip).op('i32.ge_s').get(kept).get(take).op('i32.lt_s').op('i32.and')
    f.op('i32.add').set(kept)
  })
  emitFlush(stage, kept)
}

/**
 * Has the host evaluate an expression for the batch. The ids of the rows are handed over in the
 * buffers, where most of them are already; the result's rows are numbered as the batch's.
 */
export function emitCallOut(stage: StageContext, added: number): void {
  const { f, module } = stage
  const there = new Set(stage.given.values())
  const wanted = new Map([...stage.wanted].filter(([, offset]) => !there.has(offset)))
  if (wanted.size > 0) {
    const missing = { ...stage, wanted }
    emitLoop(missing, (row) => emitAppend(missing, row, new Map([[added, row]])))
  }
  f.get(f.param(ROWS)).if()
  f.i32(stage.position).get(f.param(FIRST)).get(f.param(ROWS))
  module.callHost(f, 'callOut')
  f.end()
  emitFlush(stage, f.param(ROWS))
  f.i32(stage.position)
  module.callHost(f, 'callOutDone')
}
