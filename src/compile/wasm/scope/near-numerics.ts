import { keep } from '../../../functions/emit.ts'
import type { Value } from '../../../functions/inline.ts'
import { wordsOf } from '../../../functions/operators/numeric-inline.ts'
import type { Local } from '../../../wasm/assembler/function-builder.ts'
import type { EmitScope } from './emit-scope.ts'

/** Scales of which there is a power of ten. */
const SCALES = 23
/** A float near a numeric is as near as six roundings leave it. */
const NEAR_ERROR = 1e-15

/** Units of the scales, and no number for all others. */
const units = new Float64Array(
  Array.from({ length: SCALES + 1 }, (_, scale) => (scale < SCALES ? 1 / 10 ** scale : NaN)),
)

/** Pushes 0 where the first of two numerics is certainly not below the second, else 1. */
export function pushMayBeBelow(
  scope: EmitScope,
  [left, right]: readonly [left: Value, right: Value],
): void {
  const { f } = scope
  const [a, b] = [nearFloat(scope, left), nearFloat(scope, right)]
  f.get(a).get(b).op('f64.sub')
  f.get(a).op('f64.abs').get(b).op('f64.abs').op('f64.add').f64(NEAR_ERROR).op('f64.mul')
  // No number is compared as what may be below.
  f.op('f64.gt').op('i32.eqz')
  f.release(a)
  f.release(b)
}

function nearFloat(scope: EmitScope, value: Value): Local {
  const { f } = scope
  const { low, high } = wordsOf(value)
  const table = scope.bytes(new Uint8Array(units.buffer))
  f.get(high).i64(8n).op('i64.shl').i64(8n).op('i64.shr_s')
  const upper = keep(f, 'i64')
  // Of numbers of 64 bits below 0 the upper word would take all digits away.
  f.get(low).op('f64.convert_i64_s')
  f.get(upper)
    .op('f64.convert_i64_s')
    .f64(2 ** 64)
    .op('f64.mul')
  f.get(low).i64(1n).op('i64.shr_u').op('f64.convert_i64_s').f64(2).op('f64.mul').op('f64.add')
  f.get(upper).get(low).i64(63n).op('i64.shr_s').op('i64.eq').op('select')
  f.get(high).i64(56n).op('i64.shr_u').op('i32.wrap_i64')
  const scale = keep(f, 'i32')
  f.get(table).op('i32.wrap_i64')
  f.get(scale).i32(SCALES).get(scale).i32(SCALES).op('i32.lt_u').op('select')
  f.i32(3).op('i32.shl').op('i32.add').memory('f64.load').op('f64.mul')
  const near = keep(f, 'f64')
  f.release(upper)
  f.release(scale)
  return near
}
