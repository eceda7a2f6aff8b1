import { assert, present } from '../../../base/assert.ts'
import { sameType, type DataType } from '../../../data/types/data-type.ts'
import { checkDigits } from '../../../functions/emit-wide.ts'
import { laneTypes } from '../../../functions/emit.ts'
import type { Local } from '../../../wasm/assembler/function-builder.ts'
import type { EmitScope } from './emit-scope.ts'
import type { StateShape, SumKind } from '../../model/row-layout.ts'

/** Digits of addends whose sum cannot leave 128 bits, whatever the number of rows. */
const UNCHECKED_DIGITS_MAX = 26

/** Whether a sum of 128 bits may overflow. */
export function isChecked({ argType }: StateShape): boolean {
  return argType?.kind === 'decimal' && argType.precision > UNCHECKED_DIGITS_MAX
}

/** A sum as its type has it, from the cells that it was kept in. */
export function finishSum(
  scope: EmitScope,
  sum: SumKind,
  state: StateShape,
  type: DataType,
  lanes: readonly Local[],
): readonly Local[] {
  const { f } = scope
  const [first, second] = [lanes[0]!, lanes[1]]
  if (sum === 'float') return [finishFloat(scope, type, first, second!)]
  if (sum === 'numeric') putHash(scope, first, present(second, 'upper word'))
  if (sum === 'numeric' || sum === 'interval') return lanes
  const high = second ?? f.local('i64')
  if (second === undefined) f.get(first).i64(63n).op('i64.shr_s').set(high)
  if (type.kind === 'numeric') return packNumeric(scope, state, first, high)
  const argType = present(state.argType, 'sum without a type')
  assert(
    type.kind !== 'decimal' || argType.kind !== 'decimal' || type.scale === argType.scale,
    `sum of ${JSON.stringify(argType)} as ${JSON.stringify(type)}`,
  )
  if (laneTypes(type).length === 2) {
    const isLong = type.kind === 'decimal' && isChecked(state)
    if (isLong) checkDigits(scope, { low: first, high }, type.precision)
    return [first, high]
  }
  if (second !== undefined) {
    f.get(first).i64(63n).op('i64.shr_s').get(high).op('i64.ne').if()
    scope.raise(sameType(type, { kind: 'int8' }) ? 'bigint-out-of-range' : 'numeric-overflow')
    f.end()
  }
  return [first]
}

/** The place of the scale in a numeric's upper word, where its tag says that it has bytes of its own. */
const SCALE_SHIFT = 56n
const WIDE = 255n

/** Sums of long numerics have no hash as long as they grow (wasm/kernels/assembly/long/totals.ts). */
function putHash(scope: EmitScope, low: Local, high: Local): void {
  const { f } = scope
  f.get(high).i64(SCALE_SHIFT).op('i64.shr_u').i64(WIDE).op('i64.eq').if()
  f.get(low).call(scope.kernel('longHash'))
  f.end()
}

function finishFloat(scope: EmitScope, type: DataType, sum: Local, error: Local): Local {
  const { f } = scope
  const total = f.local('f64')
  f.get(sum).get(error).op('f64.add').set(total)
  // The compensation is NaN once the sum is infinite.
  f.get(sum).get(total).get(error).get(error).op('f64.ne').op('select').set(total)
  if (type.kind !== 'float4') return total
  const short = f.local('f32')
  f.get(total).op('f32.demote_f64').set(short)
  f.get(short).op('f32.abs').f64(Infinity).op('f32.demote_f64').op('f32.eq')
  f.get(total).op('f64.abs').f64(Infinity).op('f64.lt').op('i32.and').if()
  scope.raise('float-out-of-range')
  f.end()
  return short
}

/** 120 bits and the scale in the top byte, PostgreSQL's unconstrained numeric as vectors hold it. */
function packNumeric(
  scope: EmitScope,
  state: StateShape,
  low: Local,
  high: Local,
): readonly Local[] {
  const { f } = scope
  const scale = state.argType?.kind === 'decimal' ? state.argType.scale : 0
  f.get(high).i64(8n).op('i64.shl').i64(8n).op('i64.shr_s').get(high).op('i64.ne').if()
  scope.raise('numeric-overflow')
  f.end()
  const packed = f.local('i64')
  f.get(high).i64(0xff_ffff_ffff_ffffn).op('i64.and')
  f.i64(BigInt(scale) << 56n)
    .op('i64.or')
    .set(packed)
  return [low, packed]
}
