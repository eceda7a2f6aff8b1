import { MICROS_PER_DAY } from '../../../data/types/calendar.ts'
import { keep } from '../../../functions/emit.ts'
import type { Value } from '../../../functions/inline.ts'
import { wordsOf } from '../../../functions/operators/numeric-inline.ts'
import type { Local } from '../../../wasm/assembler/function-builder.ts'
import type { EmitScope } from './emit-scope.ts'

/** Scales of which there is a power of ten. */
const SCALES = 23
/** A float near a value is as near as six roundings of what it is made of leave it. */
const NEAR_ERROR = 1e-15

/** Units of the scales, and no number for all others. */
const units = new Float64Array(
  Array.from({ length: SCALES + 1 }, (_, scale) => (scale < SCALES ? 1 / 10 ** scale : NaN)),
)

/** A float near a value, and how large what it is made of is. */
interface Near {
  readonly float: Local
  readonly size: Local
}

/** Pushes 0 where the first of two numerics or intervals is certainly not below the second, else 1. */
export function pushMayBeBelow(
  scope: EmitScope,
  [left, right]: readonly [left: Value, right: Value],
): void {
  const { f } = scope
  const near = left.type.kind === 'interval' ? nearInterval : nearNumeric
  const [a, b] = [near(scope, left), near(scope, right)]
  f.get(a.float).get(b.float).op('f64.sub')
  f.get(a.size).get(b.size).op('f64.add').f64(NEAR_ERROR).op('f64.mul')
  // No number is compared as what may be below.
  f.op('f64.gt').op('i32.eqz')
  for (const { float, size } of [a, b]) {
    f.release(float)
    f.release(size)
  }
}

/** Microseconds of days, of which a month counts 30, and those of the time: their signs may differ. */
function nearInterval({ f }: EmitScope, { lanes: [parts, micros] }: Value): Near {
  f.get(parts!).op('i64.extend32_s').i64(30n).op('i64.mul')
  f.get(parts!).i64(32n).op('i64.shr_s').op('i64.add').op('f64.convert_i64_s')
  f.f64(Number(MICROS_PER_DAY)).op('f64.mul')
  const days = keep(f, 'f64')
  f.get(micros!).op('f64.convert_i64_s')
  const time = keep(f, 'f64')
  f.get(days).get(time).op('f64.add')
  const float = keep(f, 'f64')
  f.get(days).op('f64.abs').get(time).op('f64.abs').op('f64.add')
  const size = keep(f, 'f64')
  f.release(days)
  f.release(time)
  return { float, size }
}

function nearNumeric(scope: EmitScope, value: Value): Near {
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
  const float = keep(f, 'f64')
  f.get(float).op('f64.abs')
  const size = keep(f, 'f64')
  f.release(upper)
  f.release(scale)
  return { float, size }
}
