import type { Local } from '../../../wasm/assembler/function-builder.ts'
import { BATCH_ROWS } from '../../model/context.ts'
import type { ProbeStep } from '../../model/pipeline.ts'
import { emitHash } from '../scope/compare-values.ts'
import { emitLoop, enterRow, type LegContext } from '../scope/leg-loop.ts'
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
