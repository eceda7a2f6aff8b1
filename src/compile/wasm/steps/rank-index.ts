import { present } from '../../../base/assert.ts'
import type { Value } from '../../../functions/inline.ts'
import type { Local } from '../../../wasm/assembler/function-builder.ts'
import { compileExpression } from '../../expressions/expression.ts'
import type { StatePart } from '../../model/context.ts'
import type { ProbeStep } from '../../model/pipeline.ts'
import type { LegContext } from '../scope/leg-loop.ts'
import { withAllLanes } from '../scope/values.ts'

export function emitKeys(leg: LegContext, step: ProbeStep): readonly Value[] {
  return step.keys.map((key) => withAllLanes(leg.f, compileExpression(leg.scope, key)))
}

/** 1 when no key is NULL that must not be. */
export function emitUsable(leg: LegContext, step: ProbeStep, keys: readonly Value[]): Local {
  const { f } = leg
  const usable = f.local('i32')
  f.i32(1)
  keys.forEach((key, position) => {
    if (step.table.nullSafe[position] !== true && key.valid !== undefined) {
      f.get(key.valid).op('i32.and')
    }
  })
  f.set(usable)
  return usable
}

/** Where a key is in the range of a rank index, and 1 when it is inside. */
function emitPosition(
  leg: LegContext,
  step: ProbeStep,
  keys: readonly Value[],
): { readonly position: Local; readonly inRange: Local } {
  const { f } = leg
  const lane = present(keys[0], 'rank key').lanes[0]!
  const [position, inRange] = [f.local('i64'), f.local('i32')]
  f.get(lane)
  if (f.typeOf(lane) === 'i32') f.op('i64.extend_i32_s')
  f.get(wideStateWord(leg, step, 'rank-min'))
    .op('i64.sub')
    .tee(position)
  f.get(wideStateWord(leg, step, 'rank-span'))
    .op('i64.le_u')
    .set(inRange)
  return { position, inRange }
}

/**
 * The 16 bytes of a rank index that are about a position: the bits of 64 keys, and how many keys there are
 * before these. Positions outside read the first, whose bits are then ignored.
 */
function emitEntry(leg: LegContext, step: ProbeStep, position: Local, inRange: Local): Local {
  const { f } = leg
  const entry = f.local('i32')
  f.get(stateWord(leg, step, 'rank-words'))
  f.get(position).i64(6n).op('i64.shr_u').op('i32.wrap_i64').i32(0).get(inRange).op('select')
  f.i32(4).op('i32.shl').op('i32.add').set(entry)
  return entry
}

/** Pushes 1 when the key has a row in the rank index. */
export function emitRankTest(leg: LegContext, step: ProbeStep, keys: readonly Value[]): void {
  const { f } = leg
  const { position, inRange } = emitPosition(leg, step, keys)
  if (step.placing === 'by-key') f.get(inRange)
  else {
    const entry = emitEntry(leg, step, position, inRange)
    f.get(entry).memory('i64.load').get(position).op('i64.shr_u').op('i32.wrap_i64')
    f.get(inRange).op('i32.and')
    f.release(entry)
  }
  f.release(position)
  f.release(inRange)
}

/**
 * The address of a key's row where rows are packed, else of the word that holds the address of its first
 * row; of any row or word unless `isFound` is 1.
 */
export function emitRankRow(
  leg: LegContext,
  step: ProbeStep,
  keys: readonly Value[],
): { readonly row: Local; readonly isFound: Local } {
  const { f } = leg
  const { placing, table } = step
  const bytes = placing === 'linked' ? 4 : present(table.carried, 'bytes of packed rows').bytes
  const { position, inRange } = emitPosition(leg, step, keys)
  const [row, isFound] = [f.local('i32'), f.local('i32')]
  f.get(stateWord(leg, step, 'rank-rows'))
  if (placing === 'by-key') {
    f.get(position).op('i32.wrap_i64')
    f.i32(bytes).op('i32.mul').op('i32.add').set(row)
    f.get(inRange).set(isFound)
  } else {
    const entry = emitEntry(leg, step, position, inRange)
    // Rows are listed by key: those before this word, and those before this bit of it.
    f.get(entry).memory('i32.load', 8)
    f.get(entry).memory('i64.load').i64(1n).get(position).op('i64.shl').i64(1n).op('i64.sub')
    f.op('i64.and').op('i64.popcnt').op('i32.wrap_i64').op('i32.add')
    f.i32(bytes).op('i32.mul').op('i32.add').set(row)
    f.get(entry).memory('i64.load').get(position).op('i64.shr_u').op('i32.wrap_i64')
    f.get(inRange).op('i32.and').set(isFound)
    f.release(entry)
  }
  f.release(position)
  f.release(inRange)
  return { row, isFound }
}

export function stateWord(leg: LegContext, step: ProbeStep, part: StatePart): Local {
  const { breaker } = step
  return leg.scope.word(leg.module.context.word({ kind: 'state', breaker, part }))
}

function wideStateWord(leg: LegContext, step: ProbeStep, part: StatePart): Local {
  const { breaker } = step
  return leg.scope.wideWord(leg.module.context.word({ kind: 'state', breaker, part }))
}
