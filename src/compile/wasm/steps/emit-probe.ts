import type { Value } from '../../../functions/inline.ts'
import type { Label, Local } from '../../../wasm/assembler/function-builder.ts'
import { compilePredicate } from '../../expressions/expression.ts'
import { emitEqual, emitHash, emitSame } from '../scope/compare-values.ts'
import { BATCH_ROWS } from '../../model/context.ts'
import {
  beginMatching,
  emitBeginRow,
  emitEndRow,
  emitMatch,
  emitSkipNoted,
  type Matching,
} from './emit-matches.ts'
import { loadValidity } from '../scope/load-column.ts'
import type { ProbeStep } from '../../model/pipeline.ts'
import { emitMemo, NO_MATCH, probeMemo, type ProbeMemo } from './probe-memo.ts'
import { emitPlacedProbe, emitRankSelection, isPaired } from './emit-rank-probe.ts'
import { emitKeys, emitRankRow, emitUsable, stateWord } from './rank-index.ts'
import { keepsProbe } from '../../../plan/physical/plan.ts'
import { joinHeader } from '../../model/row-layout.ts'
import { emitFlush, emitLoop, type LegContext } from '../scope/leg-loop.ts'
import { emitAllHashes, emitHeads, emitSurvivorLoop, emitSurvivors } from './survivors.ts'
import { loadField } from '../scope/values.ts'

/**
 * Looks up each row's key in a join table. Rows that cannot match are first dropped without branches
 * (bitmap of a rank index, or bloom filter) where the kind of join allows; only survivors walk chains.
 */
export function emitProbe(leg: LegContext, step: ProbeStep, added: number | undefined): void {
  const { joinKind, residual, table } = step
  if (table.rank !== undefined && residual === undefined) {
    if (joinKind === 'semi') return emitRankSelection(leg, step)
    if (joinKind === 'anti' && !step.nullAware) return emitRankSelection(leg, step)
    if (step.placing !== 'linked' && isPaired(joinKind)) return emitPlacedProbe(leg, step, added)
  }
  const matching = beginMatching(leg, step, added)
  const memo = probeMemo(leg.module, step)
  if (memo !== undefined) return emitMemoProbe(leg, step, matching, memo)
  if (table.rank !== undefined) emitRankProbe(leg, step, matching)
  else emitHashProbe(leg, step, matching)
  emitFlush(leg, matching.out)
}

/** The look-up in a rank index whose rows are in chains, or of whose rows not all match. */
function emitRankProbe(leg: LegContext, step: ProbeStep, matching: Matching): void {
  const { f, scope } = leg
  const probe = (usable: Local | undefined, keys: readonly Value[]): void => {
    const head = f.local('i32')
    f.i32(0).set(head)
    if (usable !== undefined) f.get(usable).if()
    if (usable === undefined) emitHead(leg, step, keys, undefined, head)
    else scope.branch(() => emitHead(leg, step, keys, undefined, head))
    if (usable !== undefined) f.end()
    emitCandidates(leg, step, matching, { keys: () => keys, head, hash: undefined, usable })
    f.release(head)
  }
  if (keepsProbe(step.joinKind)) {
    emitLoop(leg, () => {
      const keys = emitKeys(leg, step)
      probe(emitUsable(leg, step, keys), keys)
    })
    return
  }
  const { end, survivors } = emitSurvivors(leg, step, 0)
  emitSurvivorLoop(leg, end, survivors, () => probe(undefined, emitKeys(leg, step)))
}

/** The look-up by hash: the hashes of all rows first, then where their chains begin, then the rows. */
function emitHashProbe(leg: LegContext, step: ProbeStep, matching: Matching): void {
  const { f, scope, module } = leg
  const hashes = module.context.scratch(BATCH_ROWS * 4)
  const [head, hash] = [f.local('i32'), f.local('i32')]
  if (keepsProbe(step.joinKind)) {
    const end = emitAllHashes(leg, step, hashes)
    const heads = emitHeads(leg, step, end, hashes)
    emitLoop(leg, (row) => {
      const keys = emitKeys(leg, step)
      const usable = emitUsable(leg, step, keys)
      f.get(scope.ctx).get(row).i32(2).op('i32.shl').op('i32.add').tee(hash)
      f.memory('i32.load', heads).i32(0).get(usable).op('select').set(head)
      f.get(hash).memory('i32.load', hashes).set(hash)
      emitCandidates(leg, step, matching, { keys: () => keys, head, hash, usable })
    })
    return
  }
  const { end, survivors } = emitSurvivors(leg, step, hashes)
  const heads = emitHeads(leg, step, end, hashes)
  emitSurvivorLoop(leg, end, survivors, (slot) => {
    const keys = emitKeys(leg, step)
    f.get(slot).memory('i32.load', hashes).set(hash)
    f.get(slot).memory('i32.load', heads).set(head)
    emitCandidates(leg, step, matching, { keys: () => keys, head, hash, usable: undefined })
  })
}

/** The look-up through a memo: one load a row instead of hashing and comparing its text. */
function emitMemoProbe(
  leg: LegContext,
  step: ProbeStep,
  matching: Matching,
  memo: ProbeMemo,
): void {
  const { f, module } = leg
  const [head, first, hash] = [f.local('i32'), f.local('i32'), f.local('i32')]
  const keys = (): readonly Value[] => emitKeys(leg, step)
  const walk = (usable: Local | undefined): void => {
    f.get(head).set(first)
    f.get(head).memory('i32.load', joinHeader.hash).set(hash)
    emitCandidates(leg, step, matching, { keys, head, hash, usable, first })
  }
  const lookUp = (): Local => emitFirstRow(leg, step)
  if (keepsProbe(step.joinKind)) {
    emitLoop(leg, () => {
      const entry = emitMemo(leg, memo, lookUp)
      const usable = memo.nullable ? loadValidity(leg.scope, memo.place) : undefined
      f.i32(0).get(entry).get(entry).i32(NO_MATCH).op('i32.eq').op('select').set(head)
      walk(usable)
      f.release(entry)
    })
    emitFlush(leg, matching.out)
    return
  }
  const survivors = module.context.scratch(BATCH_ROWS * 4)
  const heads = module.context.scratch(BATCH_ROWS * 4)
  const end = f.local('i32')
  f.i32(0).set(end)
  emitLoop(leg, (row) => {
    const entry = emitMemo(leg, memo, lookUp)
    f.get(leg.scope.ctx).get(end).op('i32.add').get(row).memory('i32.store', survivors)
    f.get(leg.scope.ctx).get(end).op('i32.add').get(entry).memory('i32.store', heads)
    f.get(end).get(entry).i32(NO_MATCH).op('i32.ne').i32(2).op('i32.shl').op('i32.add').set(end)
    f.release(entry)
  })
  emitSurvivorLoop(leg, end, survivors, (slot) => {
    f.get(slot).memory('i32.load', heads).set(head)
    walk(undefined)
  })
  emitFlush(leg, matching.out)
}

/** The first row of the table with the current row's keys, which are not NULL; 0 when there is none. */
function emitFirstRow(leg: LegContext, step: ProbeStep): Local {
  const { f, scope } = leg
  const keys = emitKeys(leg, step)
  const head = f.local('i32')
  const hash =
    step.table.rank === undefined ? emitHash(f, scope.kernel.bind(scope), keys) : undefined
  emitHead(leg, step, keys, hash, head)
  const done = f.block()
  const again = f.loop()
  f.get(head).op('i32.eqz').branchIf(done)
  const nextRow = f.block()
  if (hash !== undefined) emitSameKeys(leg, step, keys, head, hash, nextRow)
  f.branch(done)
  f.end()
  f.get(head).memory('i32.load', joinHeader.next).set(head)
  f.branch(again)
  f.end()
  f.end()
  return head
}

/** Leaves by `differs` unless a build row has these keys. */
function emitSameKeys(
  leg: LegContext,
  step: ProbeStep,
  keys: readonly Value[],
  row: Local,
  hash: Local,
  differs: Label,
): void {
  const { f, scope } = leg
  f.get(row).memory('i32.load', joinHeader.hash).get(hash).op('i32.ne').branchIf(differs)
  keys.forEach((key, position) => {
    const field = step.table.layout.fields[step.table.keyFields[position]!]!
    const same = step.table.nullSafe[position] === true ? emitSame : emitEqual
    same(f, scope.kernel.bind(scope), key, loadField(f, row, field))
    f.op('i32.eqz').branchIf(differs)
  })
}

interface Candidates {
  readonly keys: () => readonly Value[]
  readonly head: Local
  readonly hash: Local | undefined
  /** The row that is known to have the keys. */
  readonly first?: Local
  /** 0 when a key is NULL; undefined when such rows were dropped before. */
  readonly usable: Local | undefined
}

/** Walks the chain that begins at `head` and deals with each match. Changes `head`. */
function emitCandidates(
  leg: LegContext,
  step: ProbeStep,
  matching: Matching,
  candidates: Candidates,
): void {
  const { f, scope, module } = leg
  const { head, hash, keys, usable, first } = candidates
  emitBeginRow(leg, matching)
  // Ids read here serve every match; inside the loop they would be read again for each.
  for (const source of leg.wanted.keys()) if (source !== matching.added) scope.rowId(source)
  const done = f.block()
  const again = f.loop()
  f.get(head).op('i32.eqz').branchIf(done)
  const nextRow = f.block()
  scope.branch(() => {
    if (hash === undefined) {
      // The rows behind a row of a rank index have its key, and so, without a condition, its matches.
      emitSkipNoted(leg, matching, head, step.residual === undefined ? done : nextRow)
    } else {
      // With a condition, keys need no look where the row is noted.
      if (step.residual !== undefined) emitSkipNoted(leg, matching, head, nextRow)
      if (first !== undefined) f.get(head).get(first).op('i32.ne').if()
      scope.branch(() => emitSameKeys(leg, step, keys(), head, hash, nextRow))
      if (first !== undefined) f.end()
      // Without one, whoever noted the first row of these keys notes all of them.
      if (step.residual === undefined) emitSkipNoted(leg, matching, head, done)
    }
    if (step.residual !== undefined) {
      scope.setRowId(module.conditionSource(step), head)
      f.get(compilePredicate(scope, step.residual)).op('i32.eqz').branchIf(nextRow)
    }
    emitMatch(leg, matching, head, done)
  })
  f.end()
  emitNext(leg, step, head, hash)
  f.branch(again)
  f.end()
  f.end()
  if (matching.nullAware) emitUnknown(leg, step, matching, usable)
  emitEndRow(leg, matching)
}

/** Goes on to the next row that may have the keys, 0 when there is none. */
function emitNext(leg: LegContext, step: ProbeStep, head: Local, hash: Local | undefined): void {
  const { f } = leg
  // A row that is packed has no others behind it.
  if (step.placing !== 'linked') return void f.i32(0).set(head)
  if (hash === undefined) return void f.get(head).memory('i32.load', joinHeader.next).set(head)
  f.i32(0).get(head).memory('i32.load', joinHeader.next)
  f.get(head).memory('i32.load', joinHeader.hash).get(hash).op('i32.eq')
  f.get(head).memory('i32.load8_u', joinHeader.isLast).op('i32.and')
  f.op('select').set(head)
}

/** x IN (...) is unknown when x or a member is NULL, unless there are no members at all. */
function emitUnknown(
  leg: LegContext,
  step: ProbeStep,
  matching: Matching,
  usable: Local | undefined,
): void {
  const { f } = leg
  f.get(stateWord(leg, step, 'build-has-null'))
  if (usable !== undefined) f.get(usable).op('i32.eqz').op('i32.or')
  f.get(stateWord(leg, step, 'build-is-empty'))
    .op('i32.eqz')
    .op('i32.and')
  f.set(matching.unknown)
}

/** Sets `head` to the first row of the key's chain, 0 when there is none. */
function emitHead(
  leg: LegContext,
  step: ProbeStep,
  keys: readonly Value[],
  hash: Local | undefined,
  head: Local,
): void {
  const { f } = leg
  if (hash !== undefined) {
    f.get(stateWord(leg, step, 'directory'))
    f.get(hash)
      .get(stateWord(leg, step, 'shift'))
      .op('i32.shr_u')
    f.i32(2).op('i32.shl').op('i32.add').memory('i32.load').set(head)
    return
  }
  const { row, isFound } = emitRankRow(leg, step, keys)
  if (step.placing === 'linked') {
    f.i32(0).set(head)
    f.get(isFound).if()
    f.get(row).memory('i32.load').set(head)
    f.end()
  } else f.get(row).i32(0).get(isFound).op('select').set(head)
  f.release(row)
  f.release(isFound)
}
