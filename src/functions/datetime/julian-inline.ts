import { present } from '../../base/assert.ts'
import { MICROS_PER_DAY, MICROS_PER_SECOND } from '../../data/types/calendar.ts'
import type { Local } from '../../wasm/assembler/function-builder.ts'
import { keep, lane } from '../emit.ts'
import type { InlineContext, InlineForm, Value } from '../inline.ts'
import { takePair } from '../kernel-forms.ts'
import { pushNumeric } from './interval-epoch.ts'

/** The Julian day of 1970-01-01. */
export const JULIAN_1970 = 2_440_588n
const SECONDS_PER_DAY = 86_400

interface Moment {
  /** An i64. */
  readonly julianDay: Local
  /** Microseconds since midnight. */
  readonly rest: Local
}

function momentOf(ctx: InlineContext, args: readonly Value[]): Moment {
  const { f } = ctx
  const moment = lane(present(args[1], 'missing source'))
  f.get(moment).call(ctx.kernel('timestampDate')).op('i64.extend_i32_s')
  f.i64(JULIAN_1970).op('i64.add')
  const julianDay = keep(f, 'i64')
  f.get(moment).call(ctx.kernel('timestampTime'))
  return { julianDay, rest: keep(f, 'i64') }
}

/** The Julian day of a timestamp and the part of it that is over, with the digits of their quotient. */
export const julianOfTimestamp: InlineForm = (ctx, args) => {
  const { f } = ctx
  const { julianDay, rest } = momentOf(ctx, args)
  const work = ctx.workspace()
  f.get(work).get(rest).i64(0n).i32(0).i64(MICROS_PER_DAY).i64(0n).i32(0)
  f.call(ctx.kernel('exactQuotient'))
  const answer = keep(f, 'i32')
  f.get(julianDay)
  const [low, high] = pushNumeric(ctx, 0)
  f.get(answer).op('i32.eqz').if()
  f.get(work)
  for (const at of [0, 8]) f.get(work).memory('i64.load', at)
  f.get(present(low, 'lane of a day')).get(present(high, 'lane of a day'))
  f.i32(0).call(ctx.kernel('numericSum')).set(answer)
  f.end()
  f.get(answer)
  return { lanes: takePair(ctx, work) }
}

/** The same as date_part gives it: in floats, in PostgreSQL's order. */
export const julianOfTimestampFloat: InlineForm = (ctx, args) => {
  const { f } = ctx
  const { julianDay, rest } = momentOf(ctx, args)
  f.get(julianDay).op('f64.convert_i64_s')
  f.get(rest).i64(MICROS_PER_SECOND).op('i64.div_u').op('f64.convert_i64_u')
  f.get(rest).i64(MICROS_PER_SECOND).op('i64.rem_u').op('f64.convert_i64_u')
  f.f64(Number(MICROS_PER_SECOND)).op('f64.div').op('f64.add')
  f.f64(SECONDS_PER_DAY).op('f64.div').op('f64.add')
  return { lanes: [keep(f, 'f64')] }
}
