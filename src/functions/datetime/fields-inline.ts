import { present } from '../../base/assert.ts'
import {
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  TIMESTAMP_MAX,
  TIMESTAMP_MIN,
} from '../../data/types/calendar.ts'
import { date } from '../../data/types/data-type.ts'
import type { ValueBounds } from '../../data/types/value-bounds.ts'
import type { FunctionBuilder, Local } from '../../wasm/assembler/function-builder.ts'
import type { KernelName } from '../../wasm/kernels/signatures.ts'
import { keep, lane, raiseIf, rangeOf } from '../emit.ts'
import type { InlineContext, InlineForm, Value } from '../inline.ts'
import type { FunctionTraits } from '../traits.ts'
import { type CivilField, emitCivilField, emitDay, isCivilField } from './calendar-inline.ts'
import { fieldName } from './fields.ts'
import { JULIAN_1970, julianOfTimestamp, julianOfTimestampFloat } from './julian-inline.ts'
import { intervalEpoch, intervalEpochFloat, pushNumeric } from './interval-epoch.ts'

type Emitter = (ctx: InlineContext, source: Value) => readonly Local[]

const dateFields: Readonly<Record<string, KernelName>> = {
  dow: 'dateWeekday',
  week: 'dateIsoWeek',
  isoyear: 'dateIsoYear',
  isodow: 'dateIsoWeekday',
  decade: 'dateDecade',
}

/** Fields that count spans of so many years. */
const spans: Readonly<Record<string, number>> = { century: 100, millennium: 1_000 }

const SECONDS_PER_DAY = 86_400n
/** Fields of a fraction of a minute, which is in microseconds. */
const seconds: ReadonlySet<string> = new Set(['second', 'milliseconds'])
const SECOND_DIGITS = 6

/** Fields of the time of day: (time % span) / unit, with so many digits behind the point. */
const clockFields: Readonly<
  Record<string, { readonly span: bigint; readonly unit: bigint; readonly scale: number }>
> = {
  hour: { span: MICROS_PER_DAY, unit: MICROS_PER_HOUR, scale: 0 },
  minute: { span: MICROS_PER_HOUR, unit: MICROS_PER_MINUTE, scale: 0 },
  second: { span: MICROS_PER_MINUTE, unit: 1n, scale: 6 },
  milliseconds: { span: MICROS_PER_MINUTE, unit: 1n, scale: 3 },
  microseconds: { span: MICROS_PER_MINUTE, unit: 1n, scale: 0 },
}

const clockUnits: Readonly<Record<string, bigint>> = {
  microseconds: 1n,
  milliseconds: 1_000n,
  second: MICROS_PER_SECOND,
  minute: MICROS_PER_MINUTE,
  hour: MICROS_PER_HOUR,
  day: MICROS_PER_DAY,
}

const dateUnits: Readonly<Record<string, number>> = {
  month: 0,
  quarter: 1,
  year: 2,
  week: 3,
  decade: 4,
  century: 5,
  millennium: 6,
}

/** Months of the units that intervals are cut to. */
const monthUnits: Readonly<Record<string, bigint>> = {
  month: 1n,
  quarter: 3n,
  year: 12n,
  decade: 120n,
  century: 1_200n,
  millennium: 12_000n,
}

/** Types whose fields are computed from integers. */
const emittedKinds: ReadonlySet<string> = new Set([
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'interval',
])

type LiteralForm = NonNullable<FunctionTraits['literalForm']>

/** EXTRACT (as numeric) and date_part (as float8) of a literal field of a date, time or timestamp. */
export function literalFieldForm(as: 'numeric' | 'float'): LiteralForm {
  const finish = as === 'numeric' ? pushNumeric : pushFloat
  const julian = as === 'numeric' ? julianOfTimestamp : julianOfTimestampFloat
  const epochOfInterval = as === 'numeric' ? intervalEpoch : intervalEpochFloat
  return ([field], [, source]) => {
    if (typeof field !== 'string' || source === undefined || !emittedKinds.has(source.kind)) {
      return undefined
    }
    if (source.kind === 'interval' && fieldName(field) === 'epoch') return epochOfInterval
    if (source.kind.startsWith('timestamp') && fieldName(field) === 'julian') return julian
    const extraction = fieldEmitter(fieldName(field), source.kind)
    if (extraction === undefined) return undefined
    const { emit, scale } = extraction
    return (ctx, args) => {
      const value = present(args[1], 'missing source')
      emit(ctx, value)
      const lanes = finish(ctx, scale, !seconds.has(fieldName(field)))
      // Of a date date_part gives what is of its midnight, which has to be a timestamp.
      if (as === 'float' && source.kind === 'date') checkDay(ctx, value, lanes)
      return { lanes }
    }
  }
}

/** date_trunc of a literal unit. */
export const literalTruncationForm: LiteralForm = ([unit], [, source]) => {
  if (typeof unit !== 'string' || source === undefined) return undefined
  if (source.kind === 'interval') return intervalTruncation(fieldName(unit))
  if (!emittedKinds.has(source.kind)) return undefined
  const emit = truncationOf(fieldName(unit))
  return emit && formOf(emit)
}

function formOf(emit: Emitter): InlineForm {
  return (ctx, args) => ({ lanes: emit(ctx, present(args[1], 'missing source')) })
}

interface FieldEmitter {
  /** Pushes the field as an i64, unscaled. */
  readonly emit: (ctx: InlineContext, source: Value) => void
  readonly scale: number
}

function fieldEmitter(name: string, kind: string): FieldEmitter | undefined {
  if (kind === 'interval') return intervalField(name)
  if (isCivilField(name) && kind !== 'time') {
    return { scale: 0, emit: (ctx, source) => pushCivilField(ctx, source, name) }
  }
  const kernel = dateFields[name]
  if (kernel !== undefined && kind !== 'time') {
    return { scale: 0, emit: (ctx, source) => pushDateField(ctx, source, kernel) }
  }
  if (name === 'quarter' && kind !== 'time') {
    return {
      scale: 0,
      emit: (ctx, source) => {
        pushCivilField(ctx, source, 'month')
        ctx.f.i64(2n).op('i64.add').i64(3n).op('i64.div_s')
      },
    }
  }
  const span = spans[name]
  if (span !== undefined && kind !== 'time') {
    return {
      scale: 0,
      emit(ctx, source) {
        pushDays(ctx, source)
        ctx.f.i32(span).call(ctx.kernel('dateAge')).op('i64.extend_i32_s')
      },
    }
  }
  if (name === 'epoch') return epoch(kind)
  if (name === 'julian' && kind === 'date') {
    return {
      scale: 0,
      emit: ({ f }, source) =>
        void f.get(lane(source)).op('i64.extend_i32_s').i64(JULIAN_1970).op('i64.add'),
    }
  }
  const clock = clockFields[name]
  if (clock === undefined || kind === 'date') return undefined
  const { span: whole, unit, scale } = clock
  return {
    scale,
    emit: (ctx, source) => {
      const { f } = ctx
      f.get(lane(source))
      if (kind !== 'time') {
        f.get(emitDay(ctx, lane(source))).op('i64.extend_i32_s')
        f.i64(MICROS_PER_DAY).op('i64.mul').op('i64.sub')
      }
      f.i64(whole).op('i64.rem_s').i64(unit).op('i64.div_s')
    },
  }
}

function checkDay(ctx: InlineContext, day: Value, lanes: readonly Local[]): void {
  const last = TIMESTAMP_MAX / MICROS_PER_DAY
  if (rangeOf(day).max <= last) return
  const { f } = ctx
  f.get(lane(day)).i32(Number(last)).op('i32.gt_s')
  f.if()
  ctx.elsewhere(lanes)
  f.end()
}

/** Months of units that count years. */
const monthFields: Readonly<Record<string, number>> = {
  year: 12,
  decade: 120,
  century: 1_200,
  millennium: 12_000,
}

/** Fields of an interval: its months, its days, and its time, of which hours are not cut. */
function intervalField(name: string): FieldEmitter | undefined {
  const whole = (
    emit: (f: FunctionBuilder, first: Local, micros: Local) => void,
  ): FieldEmitter => ({
    scale: 0,
    emit: ({ f }, source) => emit(f, lane(source), lane(source, 1)),
  })
  if (name === 'day') return whole((f, first) => void f.get(first).i64(32n).op('i64.shr_s'))
  const span = monthFields[name]
  if (span !== undefined) {
    return whole(
      (f, first) => void f.get(first).op('i64.extend32_s').i64(BigInt(span)).op('i64.div_s'),
    )
  }
  if (name === 'month' || name === 'quarter') {
    return whole((f, first) => {
      f.get(first).op('i64.extend32_s').i64(12n).op('i64.rem_s')
      if (name === 'quarter') f.i64(3n).op('i64.div_s').i64(1n).op('i64.add')
    })
  }
  if (name === 'hour') {
    return whole((f, _first, micros) => void f.get(micros).i64(MICROS_PER_HOUR).op('i64.div_s'))
  }
  const clock = clockFields[name]
  if (clock === undefined) return undefined
  const { span: most, unit, scale } = clock
  return {
    scale,
    emit: ({ f }, source) =>
      void f.get(lane(source, 1)).i64(most).op('i64.rem_s').i64(unit).op('i64.div_s'),
  }
}

/** Seconds since 1970, or since midnight. */
function epoch(kind: string): FieldEmitter {
  if (kind === 'date') {
    return {
      scale: 0,
      emit: ({ f }, source) =>
        void f.get(lane(source)).op('i64.extend_i32_s').i64(SECONDS_PER_DAY).op('i64.mul'),
    }
  }
  return { scale: 6, emit: ({ f }, source) => void f.get(lane(source)) }
}

function pushDateField(ctx: InlineContext, source: Value, kernel: KernelName): void {
  pushDays(ctx, source)
  ctx.f.call(ctx.kernel(kernel)).op('i64.extend_i32_s')
}

function pushDays(ctx: InlineContext, source: Value): void {
  ctx.f.get(source.type.kind === 'date' ? lane(source) : emitDay(ctx, lane(source)))
}

/** Days of timestamps: these end within 300,000 years. */
const timestampDays: ValueBounds = {
  min: TIMESTAMP_MIN / MICROS_PER_DAY - 1n,
  max: TIMESTAMP_MAX / MICROS_PER_DAY,
}

function pushCivilField(ctx: InlineContext, source: Value, field: CivilField): void {
  const days: Value =
    source.type.kind === 'date'
      ? source
      : { ...source, type: date, lanes: [emitDay(ctx, lane(source))], range: timestampDays }
  ctx.f.get(emitCivilField(ctx, days, field)).op('i64.extend_i32_s')
}

/** A float: of fields with fractions the whole seconds, and then the fraction, as PostgreSQL adds them. */
function pushFloat({ f }: InlineContext, scale: number, isWhole: boolean): readonly Local[] {
  const exact = keep(f, 'i64')
  if (isWhole) {
    f.get(exact).op('f64.convert_i64_s')
    if (scale > 0) f.f64(10 ** scale).op('f64.div')
    return [keep(f, 'f64')]
  }
  const unit = 10 ** (SECOND_DIGITS - scale)
  f.get(exact)
    .i64(MICROS_PER_SECOND)
    .op('i64.div_s')
    .op('f64.convert_i64_s')
    .f64(unit)
    .op('f64.mul')
  f.get(exact).i64(MICROS_PER_SECOND).op('i64.rem_s').op('f64.convert_i64_s')
  f.f64(10 ** scale)
    .op('f64.div')
    .op('f64.add')
  return [keep(f, 'f64')]
}

/** date_trunc of a unit of timestamps. */
export function truncationOf(name: string): Emitter | undefined {
  const unit = dateUnits[name]
  if (unit !== undefined) {
    return (ctx, source) => {
      const { f } = ctx
      pushDays(ctx, source)
      f.i32(unit).call(ctx.kernel('dateTruncate'))
      f.op('i64.extend_i32_s').i64(MICROS_PER_DAY).op('i64.mul')
      return [checkedStart(ctx, source)]
    }
  }
  const clock = clockUnits[name]
  if (clock === undefined) return undefined
  return (ctx, source) => {
    const { f } = ctx
    // Rounds down: the remainder of a time before 1970 is negative.
    f.get(lane(source)).i64(clock).op('i64.rem_s')
    const rest = keep(f, 'i64')
    f.get(lane(source)).get(rest).op('i64.sub')
    f.get(rest).i64(63n).op('i64.shr_s').i64(clock).op('i64.and').op('i64.sub')
    return [checkedStart(ctx, source)]
  }
}

/** No unit is longer: a millennium. */
const UNIT_MICROS_MAX = 366_000n * MICROS_PER_DAY

/** Pops the start of a unit; raises where that is before the first timestamp. */
function checkedStart(ctx: InlineContext, source: Value): Local {
  const { f } = ctx
  const start = keep(f, 'i64')
  if (rangeOf(source).min < TIMESTAMP_MIN + UNIT_MICROS_MAX) {
    f.get(start).i64(TIMESTAMP_MIN).op('i64.lt_s')
    raiseIf(ctx, 'datetime-out-of-range')
  }
  return start
}

/** The parts of an interval below a unit set to zero. */
function intervalTruncation(name: string): InlineForm | undefined {
  const [clock, months] = [clockUnits[name], monthUnits[name]]
  if (clock === undefined && months === undefined) return undefined
  return ({ f }, [, source]) => {
    const interval = present(source, 'missing interval')
    const [first, micros] = [lane(interval), lane(interval, 1)]
    if (months !== undefined) {
      f.get(first).op('i64.extend32_s').get(first).op('i64.extend32_s').i64(months)
      f.op('i64.rem_s').op('i64.sub').i64(0xffff_ffffn).op('i64.and')
      const whole = keep(f, 'i64')
      f.i64(0n)
      return { lanes: [whole, keep(f, 'i64')] }
    }
    if (name === 'day') f.i64(0n)
    else f.get(micros).get(micros).i64(present(clock, 'unit')).op('i64.rem_s').op('i64.sub')
    return { lanes: [first, keep(f, 'i64')] }
  }
}
