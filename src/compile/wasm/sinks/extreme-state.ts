import { equalsLookDifferent } from '../../../data/types/compare-scalar.ts'
import { laneTypes } from '../../../functions/emit.ts'
import type { Value } from '../../../functions/inline.ts'
import type { Local } from '../../../wasm/assembler/function-builder.ts'
import type { StateShape } from '../../model/row-layout.ts'
import { emitLess } from '../scope/compare-values.ts'
import type { EmitScope } from '../scope/emit-scope.ts'
import { keepText } from '../scope/keep-text.ts'
import { pushMayBeBelow } from '../scope/near-floats.ts'
import type { StateCells } from '../scope/state-cells.ts'
import { withAllLanes } from '../scope/values.ts'

/**
 * Emits: the smallest, the greatest or any value so far becomes `arg` where that is it and `when` holds (undefined:
 * always). Text is copied when `stable` is false.
 */
export function emitExtreme(
  scope: EmitScope,
  state: StateShape,
  cells: StateCells,
  arg: Value,
  when: Local | undefined,
  stable: boolean,
): void {
  const { f } = scope
  const value = withAllLanes(f, arg)
  const take = (): void => {
    const kept = stable ? value : keepText(scope, value)
    kept.lanes.forEach((lane, index) => cells.set(index, () => f.get(lane)))
    cells.setSeen(() => f.i32(1))
  }
  cells.getSeen()
  f.op('i32.eqz')
  if (state.accumulator === 'any-value') {
    if (when !== undefined) f.get(when).op('i32.and')
    f.if()
    take()
    f.end()
    return
  }
  // Of equal values that may look different the last one stays, as in PostgreSQL.
  const isTieTaken = equalsLookDifferent(value.type)
  const isMin = (state.accumulator === 'min') !== isTieTaken
  const current = currentOf(scope, cells, value)
  const [below, above] = isMin ? [value, current] : [current, value]
  const pushLess = (): void => {
    emitLess(f, (name) => scope.kernel(name), below, above)
    if (isTieTaken) f.op('i32.eqz')
  }
  // Mostly a first look says that it is not the one, which is foretold.
  const hasFirstLook = pushFirstLook(scope, isTieTaken ? [above, below] : [below, above])
  if (!hasFirstLook) pushLess()
  f.op('i32.or')
  if (when !== undefined) f.get(when).op('i32.and')
  f.if()
  if (hasFirstLook) {
    cells.getSeen()
    f.op('i32.eqz')
    pushLess()
    f.op('i32.or').if()
  }
  take()
  if (hasFirstLook) f.end()
  f.end()
}

function currentOf({ f }: EmitScope, cells: StateCells, { type }: Value): Value {
  const lanes = laneTypes(type).map((laneType, index) => {
    const local = f.local(laneType)
    cells.get(index)
    f.set(local)
    return local
  })
  return { type, lanes, valid: undefined, range: undefined }
}

/** Pushes 0 where the first is certainly not below the second, else 1, if that takes less than to compare them. */
function pushFirstLook(scope: EmitScope, [left, right]: readonly [Value, Value]): boolean {
  const { f } = scope
  const [a, b] = [left.lanes[0]!, right.lanes[0]!]
  const { kind } = left.type
  if (kind === 'numeric' || kind === 'interval') pushMayBeBelow(scope, [left, right])
  // Nothing is said of NaN, and of equal ones, as 0 and -0 are.
  else if (kind === 'float4') f.get(a).get(b).op('f32.gt').op('i32.eqz')
  else if (kind === 'float8') f.get(a).get(b).op('f64.gt').op('i32.eqz')
  else return false
  return true
}
