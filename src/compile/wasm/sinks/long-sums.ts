import { NUMERIC_SLOT_BYTES } from '../../../data/vectors/numeric-slots.ts'
import { keep } from '../../../functions/emit.ts'
import type { Words } from '../../../functions/operators/numeric-inline.ts'
import type { EmitScope } from '../scope/emit-scope.ts'
import { keepView } from '../scope/keep-text.ts'
import type { StateCells } from '../scope/state-cells.ts'

/** What is added: numbers or their squares. */
export type Addition = 'addNumeric' | 'addNumericSquare'

/** What a kernel answers for what it leaves to the thread. */
const ELSEWHERE = -1n

/**
 * Emits: adds a numeric where the sum, or a part of it, may not fit 16 bytes. A kernel does so, of what is very long the
 * thread. Within {@link StateCells.inMemory}.
 */
export function addLongNumeric(
  scope: EmitScope,
  addition: Addition,
  cells: StateCells,
  { low, high }: Words,
): void {
  const { f } = scope
  const isSquare = addition === 'addNumericSquare' ? 1 : 0
  cells.address(0)
  const sum = keep(f, 'i32')
  const [answer, kept] = [f.local('i64'), f.local('i64')]
  const [target, bytes] = [f.local('i32'), f.local('i32')]
  f.i64(ELSEWHERE).set(answer)
  f.get(sum).get(low).get(high).i32(isSquare).call(scope.kernel('longSumBytes')).tee(bytes).if()
  f.get(bytes)
  scope.allocateText()
  f.set(target).get(sum).get(low).get(high).i32(isSquare).get(target)
  f.call(scope.kernel('longSumInto')).set(answer)
  f.end()
  f.get(answer).i64(ELSEWHERE).op('i64.eq').if()
  addByThread(scope, addition, sum, { low, high })
  f.else()
  f.get(answer).op('i64.eqz').op('i32.eqz').if()
  keepView(scope, answer, kept)
  f.get(sum).get(kept).op('i32.wrap_i64').memory('i32.store')
  f.end()
  f.end()
  f.get(bytes).if()
  // Nothing of what was computed is needed any more.
  f.i64(0n).set(answer)
  scope.settleText(target, answer)
  f.end()
  for (const local of [sum, answer, target, bytes, kept]) f.release(local)
}

function addByThread(
  { f, ctx, module }: EmitScope,
  addition: Addition,
  sum: Words['low'],
  { low, high }: Words,
): void {
  const addend = module.context.scratch(NUMERIC_SLOT_BYTES)
  f.get(ctx).get(low).memory('i64.store', addend)
  f.get(ctx)
    .get(high)
    .memory('i64.store', addend + 8)
  f.get(sum).get(ctx).i32(addend).op('i32.add')
  module.callHost(f, addition)
}
