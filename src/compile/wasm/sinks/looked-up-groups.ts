import type { Value } from '../../../functions/inline.ts'
import type { Local } from '../../../wasm/assembler/function-builder.ts'
import { compileExpression } from '../../expressions/expression.ts'
import { BATCH_ROWS, sinkWords } from '../../model/context.ts'
import type { GroupTable } from '../../model/pipeline.ts'
import { groupHeader } from '../../model/row-layout.ts'
import { resolveColumn } from '../../shape/dense-keys.ts'
import { emitHash } from '../scope/compare-values.ts'
import { emitLoop, type LegContext } from '../scope/leg-loop.ts'
import { withAllLanes } from '../scope/values.ts'

/** Where the context lists, by the rows of the batch, the hash of each and the group that may be its own, 0 for none. */
export interface LookedUp {
  readonly hashes: number
  readonly groups: number
}

/** Whether keys can be read twice at no cost: they are columns as they are. */
export function canLookUpFirst({ module, scope }: LegContext, { keys }: GroupTable): boolean {
  return keys.every((key) => {
    const column = resolveColumn(module.pipeline, key)
    return column.kind === 'column' && !scope.isCalledOut(column.id)
  })
}

/**
 * Looks all rows of the batch up in the directory before groups are compared and updated: nothing hangs on what is read,
 * so that many groups are on their way from memory at once. Groups that the batch itself makes are not found.
 */
export function emitLookUp(leg: LegContext, { breaker, keys }: GroupTable): LookedUp {
  const { f, scope, module } = leg
  const hashes = module.context.scratch(BATCH_ROWS * 4)
  const groups = module.context.scratch(BATCH_ROWS * 4)
  const sink = scope.word(module.context.word({ kind: 'state', breaker, part: 'sink' }))
  const [directory, mask, slot] = [f.local('i32'), f.local('i32'), f.local('i32')]
  f.get(sink).memory('i32.load', sinkWords.directory).set(directory)
  f.get(sink).memory('i32.load', sinkWords.mask).set(mask)
  emitLoop(leg, (row) => {
    const values = keys.map((key): Value => withAllLanes(f, compileExpression(scope, key)))
    const hash = emitHash(f, scope.kernel.bind(scope), values)
    f.get(scope.ctx).get(row).i32(2).op('i32.shl').op('i32.add').tee(slot)
    f.get(hash).memory('i32.store', hashes)
    f.get(slot).get(directory).get(hash).get(mask).op('i32.and').i32(2).op('i32.shl').op('i32.add')
    f.memory('i32.load').memory('i32.store', groups)
    f.release(hash)
  })
  emitLoop(leg, (row) => {
    const group = f.local('i32')
    f.get(scope.ctx).get(row).i32(2).op('i32.shl').op('i32.add').tee(slot)
    f.get(slot).memory('i32.load', groups).tee(group)
    f.i32(0).get(group).memory('i32.load', groupHeader.hash)
    f.get(slot).memory('i32.load', hashes).op('i32.eq').op('select').memory('i32.store', groups)
    f.release(group)
  })
  for (const local of [directory, mask, slot]) f.release(local)
  return { hashes, groups }
}

/** Pushes the entry of a row in a list. */
export function pushEntry({ f, scope }: LegContext, row: Local, list: number): void {
  f.get(scope.ctx).get(row).i32(2).op('i32.shl').op('i32.add').memory('i32.load', list)
}
