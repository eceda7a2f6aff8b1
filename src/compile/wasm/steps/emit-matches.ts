import { choosesBuild, notesMatches, type PhysicalJoinKind } from '../../../plan/physical/plan.ts'
import type { Label, Local } from '../../../wasm/assembler/function-builder.ts'
import { joinHeader } from '../../model/row-layout.ts'
import { emitAppend, emitFlushIfFull, type LegContext } from '../scope/leg-loop.ts'

/** What a join step knows while it looks for the matches of one probe row. */
export interface Matching {
  readonly kind: PhysicalJoinKind
  readonly nullAware: boolean
  /** The source that the join adds; undefined for semi and anti, whichever side is built. */
  readonly added: number | undefined
  /** Rows in the next leg's buffers. */
  readonly out: Local
  /** 1 when the probe row has a match. */
  readonly found: Local
  /** 1 when a comparison was unknown (null-aware joins). */
  readonly unknown: Local
}

export function beginMatching(
  leg: LegContext,
  join: { readonly joinKind: PhysicalJoinKind; readonly nullAware: boolean },
  added: number | undefined,
): Matching {
  const { f } = leg
  const [out, found, unknown] = [f.local('i32'), f.local('i32'), f.local('i32')]
  f.i32(0).set(out)
  return { kind: join.joinKind, nullAware: join.nullAware, added, out, found, unknown }
}

/** Before the candidates of a probe row are looked at. */
export function emitBeginRow(leg: LegContext, matching: Matching): void {
  leg.f.i32(0).set(matching.found).i32(0).set(matching.unknown)
}

/**
 * A build row matches: joins that give pairs append one, the others only note it and leave by `leave`.
 */
export function emitMatch(leg: LegContext, matching: Matching, row: Local, leave: Label): void {
  const { f, scope } = leg
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
  if (notesMatches(kind)) f.get(row).i32(1).memory('i32.store8', joinHeader.matched)
  if (choosesBuild(kind)) return
  emitPair(leg, out, added, row)
}

/** Leaves by `leave` when it is noted already that the build row has a match, and nothing else is wanted of it. */
export function emitSkipNoted(
  { f }: LegContext,
  { kind }: Matching,
  row: Local,
  leave: Label,
): void {
  if (choosesBuild(kind)) f.get(row).memory('i32.load8_u', joinHeader.matched).branchIf(leave)
}

/** After the candidates of a probe row. */
export function emitEndRow(leg: LegContext, matching: Matching): void {
  const { f, scope } = leg
  const { kind, found, out, added, unknown, nullAware } = matching
  switch (kind) {
    case 'inner':
    case 'right':
    case 'right-semi':
    case 'right-anti':
      return
    case 'left':
    case 'full':
    case 'single':
      f.get(found).op('i32.eqz').if()
      scope.branch(() => {
        const missing = added === undefined ? out : scope.word(scope.nullRowWord(added))
        emitPair(leg, out, added, missing)
      })
      f.end()
      return
    case 'semi':
    case 'anti': {
      emitAppend(leg, out)
      f.get(out).get(found)
      if (kind === 'anti') {
        if (nullAware) f.get(unknown).op('i32.or')
        f.op('i32.eqz')
      }
      f.op('i32.add').set(out)
      emitFlushIfFull(leg, out)
      return
    }
    case 'mark': {
      const mark = f.local('i32')
      f.i32(1)
      if (nullAware) f.i32(2).i32(0).get(unknown).op('select')
      else f.i32(0)
      f.get(found).op('select').set(mark)
      emitPair(leg, out, added, mark)
      f.release(mark)
      return
    }
  }
}

function emitPair(leg: LegContext, out: Local, added: number | undefined, id: Local): void {
  const { f } = leg
  emitAppend(leg, out, added === undefined ? new Map() : new Map([[added, id]]))
  f.get(out).i32(1).op('i32.add').set(out)
  emitFlushIfFull(leg, out)
}
