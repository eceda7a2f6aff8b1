import type { PhysicalJoinKind } from '../../../plan/physical/plan.ts'
import type { Local } from '../../../wasm/assembler/function-builder.ts'
import type { ProbeStep } from '../../model/pipeline.ts'
import { emitAppend, emitFlush, emitLoop, type LegContext } from '../scope/leg-loop.ts'
import { emitKeys, emitRankRow, emitRankTest, emitUsable } from './rank-index.ts'
import { emitSurvivorLoop, emitSurvivors } from './survivors.ts'

/** A semi or anti join over a rank index needs only its bitmap. */
export function emitRankSelection(leg: LegContext, step: ProbeStep): void {
  const { f } = leg
  const kept = f.local('i32')
  f.i32(0).set(kept)
  emitLoop(leg, () => {
    const keys = emitKeys(leg, step)
    const usable = emitUsable(leg, step, keys)
    emitAppend(leg, kept)
    emitRankTest(leg, step, keys)
    f.get(usable).op('i32.and')
    if (step.joinKind === 'anti') f.op('i32.eqz')
    f.get(kept).op('i32.add').set(kept)
  })
  emitFlush(leg, kept)
}

/** Whether a kind of join gives pairs of rows and reads no row of the build but those. */
export function isPaired(kind: PhysicalJoinKind): boolean {
  return kind === 'inner' || kind === 'left' || kind === 'single'
}

/**
 * Pairs each row with the one row of its key, where rows are packed: no chains, no branches. Joins that
 * keep all probe rows pair one that has no match with the row of NULLs.
 */
export function emitPlacedProbe(leg: LegContext, step: ProbeStep, added: number | undefined): void {
  const { f } = leg
  const out = f.local('i32')
  f.i32(0).set(out)
  const pair = (): void => {
    const keys = emitKeys(leg, step)
    const { row, isFound } = emitRankRow(leg, step, keys)
    const usable = emitUsable(leg, step, keys)
    f.get(isFound).get(usable).op('i32.and').set(isFound)
    emitPair(leg, step, { out, added, row, isFound })
    for (const local of [usable, row, isFound]) f.release(local)
  }
  // Where keys are missing few rows may have one: those that have none are left out by less work.
  if (step.joinKind === 'inner' && step.placing === 'by-rank') {
    const { end, survivors } = emitSurvivors(leg, step, 0)
    emitSurvivorLoop(leg, end, survivors, pair)
  } else emitLoop(leg, pair)
  emitFlush(leg, out)
}

interface Paired {
  /** Pairs so far. */
  readonly out: Local
  readonly added: number | undefined
  readonly row: Local
  readonly isFound: Local
}

function emitPair(leg: LegContext, step: ProbeStep, { out, added, row, isFound }: Paired): void {
  const { f, scope } = leg
  const isInner = step.joinKind === 'inner'
  if (!isInner && added !== undefined) {
    const missing = scope.word(scope.nullRowWord(added))
    f.get(row).get(missing).get(isFound).op('select').set(row)
  }
  // A row that is not kept is overwritten by the next.
  emitAppend(leg, out, added === undefined ? new Map() : new Map([[added, row]]))
  f.get(out)
  if (isInner) f.get(isFound)
  else f.i32(1)
  f.op('i32.add').set(out)
}
