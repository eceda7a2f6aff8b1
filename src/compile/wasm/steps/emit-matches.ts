import type { PhysicalJoinKind } from '../../../plan/physical/plan.ts'
import type { Label, Local } from '../../../wasm/assembler/function-builder.ts'
import { joinHeader } from '../../model/row-layout.ts'
import { emitAppend, emitFlushIfFull, type StageContext } from '../scope/stage-loop.ts'

/** What a join step knows while it looks for the matches of one probe row. */
export interface Matching {
  readonly kind: PhysicalJoinKind
  readonly nullAware: boolean
  /** The source that the join adds; undefined for semi and anti. */
  readonly added: number | undefined
  /** Rows in the next stage's buffers. */
  readonly out: Local
  /** 1 when the probe row has a match. */
  readonly found: Local
  /** 1 when a comparison was unknown (null-aware joins). */
  readonly unknown: Local
}

export function beginMatching(
  stage: StageContext,
  join: { readonly joinKind: PhysicalJoinKind; readonly nullAware: boolean },
  added: number | undefined,
): Matching {
  const { f } = stage
  const [out, found, unknown] = [f.local('i32'), f.local('i32'), f.local('i32')]
  f.i32(0).set(out)
  return { kind: join.joinKind, nullAware: join.nullAware, added, out, found, unknown }
}

/** Before the candidates of a probe row are looked at. */
export function emitBeginRow(stage: StageContext, matching: Matching): void {
  stage.f.i32(0).set(matching.found).i32(0).set(matching.unknown)
}

/**
 * A build row matches: joins that give pairs append one, the others only note it and leave by `leave`.
 */
export function emitMatch(stage: StageContext, matching: Matching, row: Local, leave: Label): void {
  const { f, scope } = stage
  const { kind, found, out, added } = matching
  if (kind === 'single') {
    f.get(found).if()
    scope.raise('more-than-one-row')
    f.end()
  }
  f.i32(1).set(found)
  if (kind === 'semi' || kind === 'anti' || kind === 'mark') {
    f.branch(leave)
    return
  }
  if (kind === 'full') f.get(row).i32(1).memory('i32.store8', joinHeader.matched)
  emitPair(stage, out, added, row)
}

/** After the candidates of a probe row. */
export function emitEndRow(stage: StageContext, matching: Matching): void {
  const { f, scope } = stage
  const { kind, found, out, added, unknown, nullAware } = matching
  switch (kind) {
    case 'inner':
      return
    case 'left':
    case 'full':
    case 'single':
      f.get(found).op('i32.eqz').if()
      scope.branch(() => {
        const missing = added === undefined ? out : scope.word(scope.nullRowWord(added))
        emitPair(stage, out, added, missing)
      })
      f.end()
      return
    case 'semi':
    case 'anti': {
      emitAppend(stage, out)
      f.get(out).get(found)
      if (kind === 'anti') {
        if (nullAware) f.get(unknown).op('i32.or')
        f.op('i32.eqz')
      }
      f.op('i32.add').set(out)
      emitFlushIfFull(stage, out)
      return
    }
    case 'mark': {
      const mark = f.local('i32')
      f.i32(1)
      if (nullAware) f.i32(2).i32(0).get(unknown).op('select')
      else f.i32(0)
      f.get(found).op('select').set(mark)
      emitPair(stage, out, added, mark)
      f.release(mark)
      return
    }
  }
}

function emitPair(stage: StageContext, out: Local, added: number | undefined, id: Local): void {
  const { f } = stage
  emitAppend(stage, out, added === undefined ? new Map() : new Map([[added, id]]))
  f.get(out).i32(1).op('i32.add').set(out)
  emitFlushIfFull(stage, out)
}
