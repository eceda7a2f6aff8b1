import { present } from '../../base/assert.ts'
import { MICROS_PER_DAY } from '../../data/types/calendar.ts'
import type { Local } from '../../wasm/assembler/function-builder.ts'
import { keep, lane, raiseIf } from '../emit.ts'
import type { InlineContext, InlineForm, Value } from '../inline.ts'
import { addInt64Checked } from '../operators/integer-inline.ts'

type Direction = 'add' | 'sub'

/** Months, days and microseconds, the first two as i64, too. */
interface Parts {
  readonly months: Local
  readonly days: Local
  readonly micros: Local
}

function partsOf({ f }: InlineContext, value: Value | undefined): Parts {
  const interval = present(value, 'missing interval')
  f.get(lane(interval)).op('i64.extend32_s')
  const months = keep(f, 'i64')
  f.get(lane(interval)).i64(32n).op('i64.shr_s')
  return { months, days: keep(f, 'i64'), micros: lane(interval, 1) }
}

/** An interval's lanes; raises where months or days do not fit 32 bits. */
function lanesOf(ctx: InlineContext, { months, days, micros }: Parts): readonly Local[] {
  const { f } = ctx
  f.get(months).op('i64.extend32_s').get(months).op('i64.ne')
  f.get(days).op('i64.extend32_s').get(days).op('i64.ne').op('i32.or')
  raiseIf(ctx, 'interval-out-of-range')
  f.get(days).i64(32n).op('i64.shl').get(months).i64(0xffff_ffffn).op('i64.and').op('i64.or')
  return [keep(f, 'i64'), micros]
}

/** Sum or difference of two intervals, part by part. */
export function addIntervalsForm(direction: Direction): InlineForm {
  return (ctx, [left, right]) => {
    const { f } = ctx
    const [a, b] = [partsOf(ctx, left), partsOf(ctx, right)]
    const combined = (x: Local, y: Local): Local => {
      f.get(x).get(y).op(`i64.${direction}`)
      return keep(f, 'i64')
    }
    const [months, days] = [combined(a.months, b.months), combined(a.days, b.days)]
    const micros = addInt64Checked(ctx, a.micros, b.micros, direction, 'interval-out-of-range')
    return { lanes: lanesOf(ctx, { months, days, micros }) }
  }
}

export const negateIntervalForm: InlineForm = (ctx, [value]) => {
  const { f } = ctx
  f.i64(0n)
  const zero = keep(f, 'i64')
  const given = partsOf(ctx, value)
  const negated = (part: Local): Local => {
    f.get(zero).get(part).op('i64.sub')
    return keep(f, 'i64')
  }
  const [months, days] = [negated(given.months), negated(given.days)]
  const micros = addInt64Checked(ctx, zero, given.micros, 'sub', 'interval-out-of-range')
  return { lanes: lanesOf(ctx, { months, days, micros }) }
}

/** A time of day plus or minus an interval's time, around the clock. */
export function moveTimeForm(direction: Direction): InlineForm {
  return ({ f }, [time, by]) => {
    f.get(lane(present(time, 'missing time')))
    f.get(lane(present(by, 'missing interval'), 1)).op(`i64.${direction}`)
    f.i64(MICROS_PER_DAY).op('i64.rem_s')
    const rest = keep(f, 'i64')
    f.get(rest).get(rest).i64(63n).op('i64.shr_s').i64(MICROS_PER_DAY).op('i64.and').op('i64.add')
    return { lanes: [keep(f, 'i64')] }
  }
}

/** Time between two times of day. */
export const timeDifferenceForm: InlineForm = ({ f }, [left, right]) => {
  f.i64(0n)
  const days = keep(f, 'i64')
  f.get(lane(present(left, 'missing time')))
  f.get(lane(present(right, 'missing time'))).op('i64.sub')
  return { lanes: [days, keep(f, 'i64')] }
}
