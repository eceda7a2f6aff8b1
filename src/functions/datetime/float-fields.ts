import { MICROS_PER_MINUTE, MICROS_PER_SECOND, splitMicros } from '../../data/types/calendar.ts'
import { timestamp, type DataType } from '../../data/types/data-type.ts'
import type { IntervalValue, Scalar } from '../../data/types/scalar.ts'
import { zonedTimeOf } from '../../data/types/zoned-time.ts'
import { numericToFloat } from '../cast-scalar.ts'
import { extractField, fieldName } from './fields.ts'
import { dateToTimestamp } from './interval-arithmetic.ts'

const MICROS = 1_000_000
const SECONDS_PER_DAY = 86_400
const SECONDS_PER_MONTH = 30 * SECONDS_PER_DAY
const SECONDS_PER_YEAR = 365.25 * SECONDS_PER_DAY
const JULIAN_1970 = 2_440_588

/**
 * What date_part gives: fields with fractions are sums of floats in PostgreSQL, which differ from what EXTRACT gives
 * in the last bit. Errors: as {@link extractField}.
 */
export function floatField(field: string, value: Scalar, type: DataType): number {
  // Of a date it is that of its midnight.
  if (type.kind === 'date') return floatField(field, dateToTimestamp(value as number), timestamp)
  // Whether there is such a field is said there.
  const exact = numericToFloat(extractField(field, value, type))
  switch (fieldName(field)) {
    case 'second':
      return secondsOf(clockOf(value, type), 1)
    case 'milliseconds':
      return secondsOf(clockOf(value, type), 1_000)
    case 'epoch':
      return epochOf(value, type)
    case 'julian':
      return julianOf(value as bigint)
    default:
      return exact
  }
}

/** Seconds of a minute times `unit`: whole ones, and then the fraction. */
function secondsOf(clock: bigint, unit: number): number {
  const rest = clock % MICROS_PER_MINUTE
  const fraction = Number(rest % MICROS_PER_SECOND)
  return Number(rest / MICROS_PER_SECOND) * unit + fraction / (MICROS / unit)
}

function clockOf(value: Scalar, { kind }: DataType): bigint {
  if (kind === 'interval') return (value as IntervalValue).micros
  if (kind === 'timetz') return zonedTimeOf(value).micros
  return kind === 'time' ? (value as bigint) : splitMicros(value as bigint).rest
}

function epochOf(value: Scalar, { kind }: DataType): number {
  if (kind === 'timetz') {
    const { micros, zone } = zonedTimeOf(value)
    return Number(micros) / MICROS - Number(zone / MICROS_PER_SECOND)
  }
  if (kind !== 'interval') return Number(value) / MICROS
  const { months, days, micros } = value as IntervalValue
  const years = SECONDS_PER_YEAR * Math.trunc(months / 12)
  return (
    Number(micros) / MICROS + years + SECONDS_PER_MONTH * (months % 12) + SECONDS_PER_DAY * days
  )
}

function julianOf(value: bigint): number {
  const { days, rest } = splitMicros(value)
  const seconds = Number(rest / MICROS_PER_SECOND) + Number(rest % MICROS_PER_SECOND) / MICROS
  return days + JULIAN_1970 + seconds / SECONDS_PER_DAY
}
