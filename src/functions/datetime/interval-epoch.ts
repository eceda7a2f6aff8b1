import { present } from '../../base/assert.ts'
import { MICROS_PER_DAY, MICROS_PER_SECOND } from '../../data/types/calendar.ts'
import type { Local } from '../../wasm/assembler/function-builder.ts'
import { keep, lane } from '../emit.ts'
import type { InlineContext, InlineForm, Value } from '../inline.ts'

/** Parts of an interval of which the seconds have room in 64 bits, as microseconds. */
const MONTHS_MAX = 1_000_000n
const DAYS_MAX = 10_000_000n
const MICROS_MAX = 2n ** 62n

/** A year counts 365.25 days, a month beyond whole years 30. */
const YEAR_MICROS = (1_461n * MICROS_PER_DAY) / 4n
const MONTH_MICROS = 30n * MICROS_PER_DAY
const SECONDS_PER_YEAR = 31_557_600
const SECONDS_PER_MONTH = 2_592_000
const SECONDS_PER_DAY = 86_400

/** The months, days and microseconds of an interval, each as an i64. */
function partsOf(
  { f }: InlineContext,
  interval: Value,
): Readonly<Record<'months' | 'days' | 'micros', Local>> {
  f.get(lane(interval)).op('i64.extend32_s')
  const months = keep(f, 'i64')
  f.get(lane(interval)).i64(32n).op('i64.shr_s')
  return { months, days: keep(f, 'i64'), micros: lane(interval, 1) }
}

/** Pops a number of 64 bits: the lanes of a numeric with so many digits of it behind the point. */
export function pushNumeric({ f }: InlineContext, scale: number): readonly Local[] {
  const low = keep(f, 'i64')
  f.get(low).i64(63n).op('i64.shr_s').i64(0x00ff_ffff_ffff_ffffn).op('i64.and')
  f.i64(BigInt(scale) << 56n).op('i64.or')
  return [low, keep(f, 'i64')]
}

/** The seconds of an interval, as EXTRACT gives them. */
export const intervalEpoch: InlineForm = (ctx, args) => {
  const { f } = ctx
  const { months, days, micros } = partsOf(ctx, present(args[1], 'missing interval'))
  f.get(months).i64(12n).op('i64.div_s').i64(YEAR_MICROS).op('i64.mul')
  f.get(months).i64(12n).op('i64.rem_s').i64(MONTH_MICROS).op('i64.mul').op('i64.add')
  f.get(days).i64(MICROS_PER_DAY).op('i64.mul').op('i64.add').get(micros).op('i64.add')
  const lanes = pushNumeric(ctx, 6)
  const limits = [
    [months, MONTHS_MAX],
    [days, DAYS_MAX],
    [micros, MICROS_MAX],
  ] as const
  f.i32(0)
  for (const [part, most] of limits) {
    f.get(part).i64(most).op('i64.add')
    f.i64(2n * most)
      .op('i64.gt_u')
      .op('i32.or')
  }
  f.if()
  ctx.elsewhere(lanes)
  f.end()
  return { lanes }
}

/** The same as date_part gives them: part by part in floats, in PostgreSQL's order. */
export const intervalEpochFloat: InlineForm = (ctx, args) => {
  const { f } = ctx
  const { months, days, micros } = partsOf(ctx, present(args[1], 'missing interval'))
  f.get(micros).op('f64.convert_i64_s').f64(Number(MICROS_PER_SECOND)).op('f64.div')
  f.get(months).i64(12n).op('i64.div_s').op('f64.convert_i64_s')
  f.f64(SECONDS_PER_YEAR).op('f64.mul').op('f64.add')
  f.get(months).i64(12n).op('i64.rem_s').op('f64.convert_i64_s')
  f.f64(SECONDS_PER_MONTH).op('f64.mul').op('f64.add')
  f.get(days).op('f64.convert_i64_s').f64(SECONDS_PER_DAY).op('f64.mul').op('f64.add')
  return { lanes: [keep(f, 'f64')] }
}
