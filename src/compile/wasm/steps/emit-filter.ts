import { compilePredicate } from '../../expressions/expression.ts'
import type { Expression } from '../../../plan/logical/expression.ts'
import type { Local } from '../../../wasm/assembler/function-builder.ts'
import type { Noted } from '../../model/pipeline.ts'
import { joinHeader } from '../../model/row-layout.ts'
import { emitAppend, emitFlush, emitLoop, FIRST, ROWS, type LegContext } from '../scope/leg-loop.ts'

/**
 * Keeps the rows where a predicate is TRUE, without branches: each row's ids are stored, and the end
 * advances by 0 or 1.
 */
export function emitFilter(leg: LegContext, predicate: Expression): void {
  emitSelection(leg, () => compilePredicate(leg.scope, predicate))
}

/** Keeps the build rows of which a join has noted this. */
export function emitNoted(leg: LegContext, are: Noted): void {
  const { f, scope } = leg
  emitSelection(leg, () => {
    const keep = f.local('i32')
    f.get(scope.rowId(0)).memory('i32.load8_u', joinHeader.matched)
    if (are === 'unmatched') f.op('i32.eqz')
    f.set(keep)
    return keep
  })
}

function emitSelection(leg: LegContext, emitKeep: () => Local): void {
  const { f } = leg
  const kept = f.local('i32')
  f.i32(0).set(kept)
  emitLoop(leg, () => {
    const keep = emitKeep()
    emitAppend(leg, kept)
    f.get(kept).get(keep).op('i32.add').set(kept)
  })
  emitFlush(leg, kept)
}

/** Calls the host, which answers how many rows to skip (low 16 bits) and to take (the others). */
export function emitLimit(leg: LegContext): void {
  const { f, module } = leg
  const [answer, skip, take, kept] = [
    f.local('i32'),
    f.local('i32'),
    f.local('i32'),
    f.local('i32'),
  ]
  f.i32(leg.position).get(f.param(ROWS))
  module.callHost(f, 'takeLimit')
  f.set(answer)
  f.get(answer).i32(0xffff).op('i32.and').set(skip)
  f.get(answer).i32(16).op('i32.shr_u').set(take)
  f.i32(0).set(kept)
  emitLoop(leg, (row) => {
    emitAppend(leg, kept)
    // Rows before `skip` and past `take` of them are overwritten or left behind.
    f.get(kept).get(row).get(skip).op('i32.ge_s').get(kept).get(take).op('i32.lt_s').op('i32.and')
    f.op('i32.add').set(kept)
  })
  emitFlush(leg, kept)
}

/**
 * Has the host evaluate an expression for the batch. The ids of the rows are handed over in the
 * buffers, where most of them are already; the result's rows are numbered as the batch's.
 */
export function emitCallOut(leg: LegContext, added: number): void {
  const { f, module } = leg
  const there = new Set(leg.given.values())
  const wanted = new Map([...leg.wanted].filter(([, offset]) => !there.has(offset)))
  if (wanted.size > 0) {
    const missing = { ...leg, wanted }
    emitLoop(missing, (row) => emitAppend(missing, row, new Map([[added, row]])))
  }
  f.get(f.param(ROWS)).if()
  f.i32(leg.position).get(f.param(FIRST)).get(f.param(ROWS))
  module.callHost(f, 'callOut')
  f.end()
  emitFlush(leg, f.param(ROWS))
  f.i32(leg.position)
  module.callHost(f, 'callOutDone')
}
