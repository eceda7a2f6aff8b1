import type { Local } from '../../wasm/assembler/function-builder.ts'
import type { KernelName } from '../../wasm/kernels/signatures.ts'
import { keep, lane, rangeOf } from '../emit.ts'
import type { InlineContext, Value } from '../inline.ts'

/*
 * Fields of days near ours in code, by few multiplications (C. Neri and L. Schneider 2023, "Euclidean affine functions
 * and their application to calendar algorithms", section 5); wasm/kernels/assembly/datetime.ts has the same, and those
 * of all other days.
 */

const YEARS_PER_ERA = 400
const DAYS_PER_ERA = 146_097
/** Eras of 400 years that are added, so that all that is near is positive. */
const NEAR_ERAS = 3_500
/** From 0000-03-01 to 1970-01-01. */
const EPOCH_DAYS = 719_468
const SHIFT_DAYS = EPOCH_DAYS + NEAR_ERAS * DAYS_PER_ERA
const NEAR_DAYS = 511_000_000n
/** A year's quarter of days as a fraction: 2^32 by 1461. */
const YEAR_FACTOR = 2_939_745
/** January and February belong to the year before, which begins in March. */
const DAYS_TO_JANUARY = 306
const DAYS_TO_MARCH = 59
/** The first fraction of a year, in quarters of days, that is one of January, as an i32. */
const JANUARY = (4 * DAYS_TO_JANUARY * YEAR_FACTOR) | 0
/** 0001-01-01. */
const FIRST_DAY = -719_162n

const kernels = {
  year: 'dateYear',
  month: 'dateMonth',
  day: 'dateDay',
  doy: 'dateDayOfYear',
} as const satisfies Record<string, KernelName>

export type CivilField = keyof typeof kernels

export function isCivilField(name: string): name is CivilField {
  return Object.hasOwn(kernels, name)
}

/** Emits a field of a date, or of days (an i32) since 1970-01-01 that are known to be near: an i32. */
export function emitCivilField(ctx: InlineContext, days: Value, field: CivilField): Local {
  const { f } = ctx
  const { min, max } = rangeOf(days)
  if (min > -NEAR_DAYS && max < NEAR_DAYS) {
    return field === 'year'
      ? emitNearYear(ctx, lane(days), min < FIRST_DAY)
      : emitNearField(ctx, lane(days), field)
  }
  const result = f.local('i32')
  f.get(lane(days)).i32(Number(NEAR_DAYS)).op('i32.add')
  f.i32(Number(2n * NEAR_DAYS))
    .op('i32.lt_u')
    .if()
  if (field === 'year') f.get(emitNearYear(ctx, lane(days), true)).set(result)
  else f.get(emitNearField(ctx, lane(days), field)).set(result)
  f.else()
  f.get(lane(days)).call(ctx.kernel(kernels[field])).set(result)
  f.end()
  return result
}

interface PlacedDay {
  readonly century: Local
  /** Years of the century, and what is over of one as a fraction. */
  readonly product: Local
  readonly yearOfCentury: Local
}

function emitPlacedDay({ f }: InlineContext, days: Local): PlacedDay {
  f.get(days).i32(SHIFT_DAYS).op('i32.add').i32(2).op('i32.shl').i32(3).op('i32.or')
  const centuryQuarters = keep(f, 'i32')
  f.get(centuryQuarters).i32(DAYS_PER_ERA).op('i32.div_u')
  const century = keep(f, 'i32')
  f.get(centuryQuarters).get(century).i32(DAYS_PER_ERA).op('i32.mul').op('i32.sub')
  f.i32(3).op('i32.or').op('i64.extend_i32_u').i64(BigInt(YEAR_FACTOR)).op('i64.mul')
  const product = keep(f, 'i64')
  f.get(product).i64(32n).op('i64.shr_u').op('i32.wrap_i64')
  return { century, product, yearOfCentury: keep(f, 'i32') }
}

/** The day of the year is not needed: its fraction says whether it is one of January or later. */
function emitNearYear(ctx: InlineContext, days: Local, mayBeBeforeChrist: boolean): Local {
  const { f } = ctx
  const { century, product, yearOfCentury } = emitPlacedDay(ctx, days)
  f.get(century).i32(100).op('i32.mul').get(yearOfCentury).op('i32.add')
  f.get(product).op('i32.wrap_i64').i32(JANUARY).op('i32.ge_u').op('i32.add')
  f.i32(NEAR_ERAS * YEARS_PER_ERA).op('i32.sub')
  const year = keep(f, 'i32')
  if (!mayBeBeforeChrist) return year
  // There is no year 0: before 1 comes -1.
  f.get(year).get(year).i32(1).op('i32.lt_s').op('i32.sub')
  return keep(f, 'i32')
}

function emitNearField(ctx: InlineContext, days: Local, field: Exclude<CivilField, 'year'>): Local {
  const { f } = ctx
  const { century, product, yearOfCentury } = emitPlacedDay(ctx, days)
  f.get(product).op('i32.wrap_i64').i32(YEAR_FACTOR).op('i32.div_u').i32(2).op('i32.shr_u')
  const dayOfYear = keep(f, 'i32')
  f.get(dayOfYear).i32(DAYS_TO_JANUARY).op('i32.ge_u')
  const isNext = keep(f, 'i32')
  switch (field) {
    case 'doy': {
      f.get(dayOfYear)
        .i32(DAYS_TO_JANUARY - 1)
        .op('i32.sub')
      // 29 February is there where the year of the century, or the century at its first year, is a multiple of 4.
      f.get(dayOfYear)
        .i32(DAYS_TO_MARCH + 1)
        .op('i32.add')
      f.get(century).get(yearOfCentury).get(yearOfCentury).op('i32.eqz').op('select')
      f.i32(3).op('i32.and').op('i32.eqz').op('i32.add')
      f.get(isNext).op('select')
      return keep(f, 'i32')
    }
    case 'month':
    case 'day': {
      f.get(dayOfYear).i32(2_141).op('i32.mul').i32(197_913).op('i32.add')
      const months = keep(f, 'i32')
      if (field === 'day') {
        f.get(months).i32(0xffff).op('i32.and').i32(2_141).op('i32.div_u').i32(1).op('i32.add')
      } else {
        f.get(months).i32(16).op('i32.shr_u')
        f.get(isNext).i32(12).op('i32.mul').op('i32.sub')
      }
      return keep(f, 'i32')
    }
  }
}

/** A day in units of 2^13 microseconds. */
const UNITS_PER_DAY = 10_546_875

/** The day of a timestamp, rounded down, as an i32: the kernel `timestampDate` says why floats are exact here. */
export function emitDay({ f }: InlineContext, micros: Local): Local {
  f.get(micros).i64(13n).op('i64.shr_s').op('f64.convert_i64_s').f64(UNITS_PER_DAY)
  f.op('f64.div').op('f64.floor').op('i32.trunc_f64_s')
  return keep(f, 'i32')
}
