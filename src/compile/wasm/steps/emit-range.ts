import type { Expression } from '../../../plan/logical/expression.ts'
import type { Label, Local } from '../../../wasm/assembler/function-builder.ts'
import { compileExpression } from '../../expressions/expression.ts'
import { rangePage } from '../../model/context.ts'
import type { RangeOf } from '../../model/pipeline.ts'
import type { LegContext } from '../scope/leg-loop.ts'

/** What the rows of pages keep to, in the order of 64-bit integers; `valid`: 0 where no row does. */
export interface RangeKeys extends RangeOf<Local> {
  readonly valid: Local | undefined
}

/** A walk over pages: the next one, and how many there are from it on. */
interface Walk {
  readonly page: Local
  readonly left: Local
}

/** Computes a probe row's keys. */
export function emitRange(leg: LegContext, range: RangeOf<Expression>): RangeKeys {
  const { f } = leg
  let valid: Local | undefined
  const keyOf = (expr: Expression | undefined): Local | undefined => {
    if (expr === undefined) return undefined
    const value = compileExpression(leg.scope, expr)
    if (value.valid !== undefined) {
      const both = f.local('i32')
      f.get(value.valid)
      if (valid !== undefined) f.get(valid).op('i32.and')
      f.set(both)
      valid = both
    }
    return emitOrdered(leg, value.lanes[0]!)
  }
  const low = keyOf(range.low)
  const high = keyOf(range.high)
  return { low, high, valid }
}

/** A value as an integer of its order, as the kernels that sort have it: every NaN is the largest, -0 equals 0. */
function emitOrdered({ f }: LegContext, lane: Local): Local {
  const key = f.local('i64')
  const type = f.typeOf(lane)
  if (type === 'i32') f.get(lane).op('i64.extend_i32_s').set(key)
  else if (type === 'i64') f.get(lane).set(key)
  else {
    const float = f.local('f64')
    f.get(lane)
    if (type === 'f32') f.op('f64.promote_f32')
    f.set(float)
    f.get(float).f64(0).op('f64.add').op('i64.reinterpret_f64').set(key)
    f.get(key).get(key).i64(63n).op('i64.shr_s').i64(LARGEST).op('i64.and').op('i64.xor').set(key)
    f.i64(LARGEST).get(key).get(float).get(float).op('f64.ne').op('select').set(key)
    f.release(float)
  }
  return key
}

const LARGEST = 2n ** 63n - 1n

/**
 * Leaves for `done` where no page has rows of the range, else begins with the first page that may: of it or one before
 * some row reaches as high as the range. Halves what is left of the list until that is found.
 */
export function emitFirstPage(
  { f }: LegContext,
  { page, left }: Walk,
  { high, valid }: RangeKeys,
  done: Label,
): void {
  if (valid !== undefined) f.get(valid).op('i32.eqz').branchIf(done)
  if (high === undefined) return
  const [half, middle, size] = [f.local('i32'), f.local('i32'), f.local('i32')]
  f.get(left).set(size)
  const found = f.block()
  const again = f.loop()
  f.get(size).op('i32.eqz').branchIf(found)
  f.get(size).i32(1).op('i32.shr_u').set(half)
  f.get(page).get(half).i32(rangePage.bytes).op('i32.mul').op('i32.add').set(middle)
  f.get(middle).memory('i64.load', rangePage.highest).get(high).op('i64.lt_s').if()
  // All up to the middle end below.
  f.get(middle).i32(rangePage.bytes).op('i32.add').set(page)
  f.get(left).get(half).op('i32.sub').i32(1).op('i32.sub').set(left)
  f.get(size).get(half).op('i32.sub').i32(1).op('i32.sub').set(size)
  f.else()
  f.get(half).set(size)
  f.end()
  f.branch(again)
  f.end()
  f.end()
  for (const local of [half, middle, size]) f.release(local)
}
