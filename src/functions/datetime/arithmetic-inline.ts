import type { ValueBounds } from '../../data/types/value-bounds.ts'
import { assert, present } from '../../base/assert.ts'
import {
  DATE_MAX,
  DATE_MIN,
  MICROS_PER_DAY,
  TIMESTAMP_MAX,
  TIMESTAMP_MIN,
} from '../../data/types/calendar.ts'
import type { Local } from '../../wasm/assembler/function-builder.ts'
import { addRanges, intersect, keep, lane, negateRange, raiseIf, rangeOf, within } from '../emit.ts'
import type { InlineContext, InlineForm, Value } from '../inline.ts'
import { addInt64Checked } from '../operators/integer-inline.ts'

const dateBounds: ValueBounds = { min: BigInt(DATE_MIN), max: BigInt(DATE_MAX) }

/** Days whose microseconds 64 bits hold. */
const DAYS_MAX = 106_751_991

/** Bounds of timestamps, for range checks. */
export const timestampBounds: ValueBounds = { min: TIMESTAMP_MIN, max: TIMESTAMP_MAX }

export const addDays: InlineForm = (ctx, args) => {
  const [days, count] = pair(args)
  return moveDate(ctx, days, count, 'add', addRanges(rangeOf(days), rangeOf(count)))
}

export const subtractDays: InlineForm = (ctx, args) => {
  const [days, count] = pair(args)
  return moveDate(ctx, days, count, 'sub', addRanges(rangeOf(days), negateRange(rangeOf(count))))
}

export const dateDifference: InlineForm = ({ f }, args) => {
  const [left, right] = pair(args)
  f.get(lane(left)).get(lane(right)).op('i32.sub')
  const range = addRanges(
    intersect(rangeOf(left), dateBounds),
    negateRange(intersect(rangeOf(right), dateBounds)),
  )
  const fits = range.max < 2n ** 31n && range.min >= -(2n ** 31n)
  return { lanes: [keep(f, 'i32')], range: fits ? range : undefined }
}

/** Days and time between two timestamps, of one sign. */
export const momentDifference: InlineForm = (ctx, args) => {
  const { f } = ctx
  const [left, right] = pair(args)
  const micros = addInt64Checked(ctx, lane(left), lane(right), 'sub', 'interval-out-of-range')
  f.get(micros).i64(MICROS_PER_DAY).op('i64.div_s').i64(32n).op('i64.shl')
  const days = keep(f, 'i64')
  f.get(micros).i64(MICROS_PER_DAY).op('i64.rem_s')
  return { lanes: [days, keep(f, 'i64')] }
}

/** The same on the calendar, in months, days and time. */
export const ageForm: InlineForm = (ctx, args) => {
  const { f } = ctx
  const [later, earlier] = pair(args)
  const work = ctx.workspace()
  f.get(work).get(lane(later)).get(lane(earlier)).call(ctx.kernel('timestampAge'))
  f.get(work).memory('i64.load')
  const first = keep(f, 'i64')
  f.get(work).memory('i64.load', 8)
  return { lanes: [first, keep(f, 'i64')] }
}

/** A date or timestamp plus or minus an interval, as a timestamp. */
export function addIntervalForm(direction: 'add' | 'sub'): InlineForm {
  return (ctx, args) => {
    const [moment, by] = pair(args)
    const { f } = ctx
    const start = moment.type.kind === 'date' ? startOfDate(ctx, moment) : lane(moment)
    // The interval's first lane has the days above the months.
    f.get(lane(by)).op('i32.wrap_i64')
    if (direction === 'sub') negate32(ctx)
    const months = keep(f, 'i32')
    f.get(lane(by)).i64(32n).op('i64.shr_s').op('i32.wrap_i64')
    if (direction === 'sub') negate32(ctx)
    const days = keep(f, 'i32')
    f.get(start)
    const moved = keep(f, 'i64')
    f.get(months).if()
    f.get(start).get(months)
    f.call(ctx.kernel('timestampAddMonths')).set(moved)
    checkMoment(ctx, moved)
    f.end()
    const later = addDaysChecked(ctx, moved, days)
    checkMoment(ctx, later)
    const end = addInt64Checked(ctx, later, lane(by, 1), direction, 'datetime-out-of-range')
    checkMoment(ctx, end)
    return { lanes: [end], range: timestampBounds }
  }
}

/** A date and a time of day as a timestamp. */
export const addTimeOfDay: InlineForm = (ctx, args) => {
  const [date, time] = pair(args)
  const start = startOfDate(ctx, date)
  const moment = addInt64Checked(ctx, start, lane(time), 'add', 'datetime-out-of-range')
  checkMoment(ctx, moment)
  return { lanes: [moment], range: timestampBounds }
}

/** A timestamp so many microseconds later. */
export function moveMomentForm(by: bigint): InlineForm {
  return (ctx, [, moment]) => {
    const { f } = ctx
    f.i64(by)
    const later = addInt64Checked(
      ctx,
      lane(present(moment, 'missing timestamp')),
      keep(f, 'i64'),
      'add',
      'datetime-out-of-range',
    )
    checkMoment(ctx, later)
    return { lanes: [later], range: timestampBounds }
  }
}

/** A moment so many days later, in two steps: from the last moment to the first one there are more than 64 bits hold. */
export function addDaysChecked(ctx: InlineContext, moment: Local, days: Local): Local {
  const { f } = ctx
  f.get(days)
    .i32(2 * DAYS_MAX)
    .op('i32.add')
    .i32(4 * DAYS_MAX)
    .op('i32.gt_u')
  raiseIf(ctx, 'datetime-out-of-range')
  f.get(days).i32(1).op('i32.shr_s').op('i64.extend_i32_s').i64(MICROS_PER_DAY).op('i64.mul')
  const half = keep(f, 'i64')
  const between = addInt64Checked(ctx, moment, half, 'add', 'datetime-out-of-range')
  f.get(half).get(days).i32(1).op('i32.and').op('i64.extend_i32_s').i64(MICROS_PER_DAY)
  f.op('i64.mul').op('i64.add')
  return addInt64Checked(ctx, between, keep(f, 'i64'), 'add', 'datetime-out-of-range')
}

export function negate32(ctx: InlineContext): void {
  const { f } = ctx
  const value = keep(f, 'i32')
  f.get(value).i32(-2_147_483_648).op('i32.eq')
  raiseIf(ctx, 'interval-out-of-range')
  f.i32(0).get(value).op('i32.sub')
  f.release(value)
}

/** Midnight of a date; raises past the last timestamp. */
export function startOfDate(ctx: InlineContext, value: Value): Local {
  const { f } = ctx
  f.get(lane(value)).op('i64.extend_i32_s')
  const days = keep(f, 'i64')
  const last = TIMESTAMP_MAX / MICROS_PER_DAY
  if (rangeOf(value).max > last) {
    f.get(days).i64(last).op('i64.gt_s')
    raiseIf(ctx, 'date-beyond-timestamps')
  }
  f.get(days).i64(MICROS_PER_DAY).op('i64.mul')
  return keep(f, 'i64')
}

export function checkMoment(ctx: InlineContext, micros: Local): void {
  const { f } = ctx
  f.get(micros).i64(timestampBounds.min).op('i64.lt_s')
  f.get(micros).i64(timestampBounds.max).op('i64.gt_s').op('i32.or')
  raiseIf(ctx, 'datetime-out-of-range')
}

function moveDate(
  ctx: InlineContext,
  days: Value,
  count: Value,
  operation: 'add' | 'sub',
  range: ValueBounds,
): ReturnType<InlineForm> {
  const { f } = ctx
  if (within(range, dateBounds)) {
    f.get(lane(days)).get(lane(count)).op(`i32.${operation}`)
    return { lanes: [keep(f, 'i32')], range }
  }
  f.get(lane(days)).op('i64.extend_i32_s').get(lane(count)).op('i64.extend_i32_s')
  f.op(`i64.${operation}`)
  const moved = keep(f, 'i64')
  f.get(moved).i64(dateBounds.min).op('i64.lt_s')
  f.get(moved).i64(dateBounds.max).op('i64.gt_s').op('i32.or')
  raiseIf(ctx, 'datetime-out-of-range')
  f.get(moved).op('i32.wrap_i64')
  return { lanes: [keep(f, 'i32')], range: intersect(range, dateBounds) }
}

function pair(args: readonly Value[]): readonly [Value, Value] {
  const [left, right] = args
  assert(left !== undefined && right !== undefined, 'operator without two operands')
  return [left, right]
}
