import type { Local } from '../../../wasm/assembler/function-builder.ts'
import { joinHeader } from '../../model/row-layout.ts'
import { BATCH_ROWS } from '../../model/context.ts'
import type { ProbeStep } from '../../model/pipeline.ts'
import { emitHash } from '../scope/compare-values.ts'
import { emitLoop, enterRow, ROWS, type LegContext } from '../scope/leg-loop.ts'
import { emitKeys, emitRankTest, emitUsable, stateWord } from './rank-index.ts'

/** The rows of a batch that go on, by their number in it. */
export interface Survivors {
  /** How many, times 4. */
  readonly end: Local
  /** Where the context lists them. */
  readonly survivors: number
}

/** Lists the rows that may have a match, and at `hashes` the hash of each unless there is a rank index. */
export function emitSurvivors(leg: LegContext, step: ProbeStep, hashes: number): Survivors {
  const { f, scope, module } = leg
  const survivors = module.context.scratch(BATCH_ROWS * 4)
  const end = f.local('i32')
  f.i32(0).set(end)
  emitLoop(leg, (row) => {
    const keys = emitKeys(leg, step)
    const usable = emitUsable(leg, step, keys)
    const slot = f.local('i32')
    f.get(scope.ctx).get(end).op('i32.add').tee(slot).get(row).memory('i32.store', survivors)
    if (step.table.rank === undefined) {
      const hash = emitHash(f, scope.kernel.bind(scope), keys)
      f.get(slot).get(hash).memory('i32.store', hashes)
      emitBloomTest(leg, step, hash)
      f.release(hash)
    } else emitRankTest(leg, step, keys)
    f.get(usable).op('i32.and').i32(2).op('i32.shl').get(end).op('i32.add').set(end)
    f.release(slot)
  })
  return { end, survivors }
}

/** Pushes 1 when the hash may be in the table: three bits of one 64-bit word. */
function emitBloomTest(leg: LegContext, step: ProbeStep, hash: Local): void {
  const { f } = leg
  const mask = f.local('i64')
  ;[0, 6, 12].forEach((shift, index) => {
    f.i64(1n).get(hash).i32(shift).op('i32.shr_u').op('i64.extend_i32_u').op('i64.shl')
    if (index > 0) f.op('i64.or')
  })
  f.set(mask)
  f.get(stateWord(leg, step, 'bloom'))
  f.get(hash)
    .get(stateWord(leg, step, 'bloom-shift'))
    .op('i32.shr_u')
  f.i32(3).op('i32.shl').op('i32.add').memory('i64.load')
  f.get(mask).op('i64.and').get(mask).op('i64.eq')
  f.release(mask)
}

/** Loops over the listed rows; `body` gets the address from which the hash is read. */
export function emitSurvivorLoop(
  leg: LegContext,
  end: Local,
  survivors: number,
  body: (slot: Local) => void,
): void {
  const { f, scope } = leg
  const [at, slot, row] = [f.local('i32'), f.local('i32'), f.local('i32')]
  f.i32(0).set(at)
  const done = f.block()
  const again = f.loop()
  f.get(at).get(end).op('i32.ge_u').branchIf(done)
  f.get(scope.ctx).get(at).op('i32.add').tee(slot).memory('i32.load', survivors).set(row)
  enterRow(leg, row)
  body(slot)
  f.get(at).i32(4).op('i32.add').set(at)
  f.branch(again)
  f.end()
  f.end()
}

/** Lists the hash of each row of the batch; returns how many there are, times 4. */
export function emitAllHashes(leg: LegContext, step: ProbeStep, hashes: number): Local {
  const { f, scope } = leg
  const [slot, end] = [f.local('i32'), f.local('i32')]
  emitLoop(leg, (row) => {
    const hash = emitHash(f, scope.kernel.bind(scope), emitKeys(leg, step))
    f.get(scope.ctx).get(row).i32(2).op('i32.shl').op('i32.add').set(slot)
    f.get(slot).get(hash).memory('i32.store', hashes)
    f.release(hash)
  })
  f.get(f.param(ROWS)).i32(2).op('i32.shl').set(end)
  f.release(slot)
  return end
}

/**
 * Lists for each hash the first row that has it, 0 when there is none: where the chains begin first, then
 * one row further in those that begin with another hash, until none is left. Nothing hangs on what is read,
 * so that many rows are on their way from memory at once.
 */
export function emitHeads(leg: LegContext, step: ProbeStep, end: Local, hashes: number): number {
  const { f, scope, module } = leg
  const heads = module.context.scratch(BATCH_ROWS * 4)
  const open = module.context.scratch(BATCH_ROWS * 4)
  const [directory, shift] = [stateWord(leg, step, 'directory'), stateWord(leg, step, 'shift')]
  const [at, slot, head] = [f.local('i32'), f.local('i32'), f.local('i32')]
  const [left, kept] = [f.local('i32'), f.local('i32')]
  /** Takes a row as the head of the slot, and keeps the slot open when it has another hash. */
  const take = (): void => {
    f.get(slot).get(head).memory('i32.store', heads)
    f.get(scope.ctx).get(kept).op('i32.add').get(slot).memory('i32.store', open)
    f.get(head).i32(0).op('i32.ne')
    f.get(head).memory('i32.load', joinHeader.hash).get(slot).memory('i32.load', hashes)
    f.op('i32.ne').op('i32.and').i32(2).op('i32.shl').get(kept).op('i32.add').set(kept)
  }
  f.i32(0).set(kept).get(end).set(left)
  emitWalk(leg, at, left, () => {
    f.get(scope.ctx).get(at).op('i32.add').set(slot)
    f.get(directory).get(slot).memory('i32.load', hashes).get(shift).op('i32.shr_u')
    f.i32(2).op('i32.shl').op('i32.add').memory('i32.load').set(head)
    take()
  })
  const done = f.block()
  const again = f.loop()
  f.get(kept).tee(left).op('i32.eqz').branchIf(done)
  f.i32(0).set(kept)
  emitWalk(leg, at, left, () => {
    f.get(scope.ctx).get(at).op('i32.add').memory('i32.load', open).tee(slot)
    f.memory('i32.load', heads).memory('i32.load', joinHeader.next).set(head)
    take()
  })
  f.branch(again)
  f.end()
  f.end()
  for (const local of [at, slot, head, left, kept]) f.release(local)
  return heads
}

/** Runs `body` for every multiple of 4 below `end`. */
function emitWalk({ f }: LegContext, at: Local, end: Local, body: () => void): void {
  f.i32(0).set(at)
  const done = f.block()
  f.get(end).op('i32.eqz').branchIf(done)
  const again = f.loop()
  body()
  f.get(at).i32(4).op('i32.add').tee(at).get(end).op('i32.lt_u').branchIf(again)
  f.end()
  f.end()
}
