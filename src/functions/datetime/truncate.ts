import { QueryError } from '../../base/errors.ts'
import {
  civilFromDays,
  daysFromCivil,
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  splitMicros,
} from '../../data/types/calendar.ts'
import { typeName, type DataType } from '../../data/types/data-type.ts'
import type { IntervalValue } from '../../data/types/scalar.ts'
import { fieldName, weekday } from './fields.ts'
import { checkTimestamp } from './interval-arithmetic.ts'

const clockUnits: Readonly<Record<string, bigint>> = {
  microseconds: 1n,
  milliseconds: 1_000n,
  second: MICROS_PER_SECOND,
  minute: MICROS_PER_MINUTE,
  hour: MICROS_PER_HOUR,
  day: MICROS_PER_DAY,
}

/** Start of the unit that a timestamp lies in. Throws INVALID_PARAMETER_VALUE for unknown units. */
export function truncateTimestamp(unit: string, micros: bigint, type: DataType): bigint {
  const name = fieldName(unit)
  const clock = clockUnits[name]
  if (clock !== undefined) return checkTimestamp(micros - (((micros % clock) + clock) % clock))
  const days = truncateDays(name, splitMicros(micros).days)
  if (days === undefined) throw unknownUnit(unit, type)
  return checkTimestamp(BigInt(days) * MICROS_PER_DAY)
}

/** An interval with the parts below a unit set to zero. */
export function truncateInterval(
  unit: string,
  value: IntervalValue,
  type: DataType,
): IntervalValue {
  const name = fieldName(unit)
  const clock = clockUnits[name]
  if (clock !== undefined) {
    const micros = name === 'day' ? 0n : value.micros - (value.micros % clock)
    return { ...value, micros }
  }
  const months = monthUnits[name]
  if (name === 'week') throw noWeeks(unit, type)
  if (months === undefined) throw unknownUnit(unit, type)
  return { months: value.months - (value.months % months) + 0, days: 0, micros: 0n }
}

const monthUnits: Readonly<Record<string, number>> = {
  month: 1,
  quarter: 3,
  year: 12,
  decade: 120,
  century: 1_200,
  millennium: 12_000,
}

function truncateDays(name: string, days: number): number | undefined {
  const { year, month } = civilFromDays(days)
  switch (name) {
    case 'week':
      return days - ((weekday(days) + 6) % 7)
    case 'month':
      return daysFromCivil(year, month, 1)
    case 'quarter':
      return daysFromCivil(year, month - ((month - 1) % 3), 1)
    case 'year':
      return daysFromCivil(year, 1, 1)
    case 'decade':
      return daysFromCivil(Math.floor(year / 10) * 10, 1, 1)
    case 'century':
      return daysFromCivil(Math.floor((year - 1) / 100) * 100 + 1, 1, 1)
    case 'millennium':
      return daysFromCivil(Math.floor((year - 1) / 1_000) * 1_000 + 1, 1, 1)
    default:
      return undefined
  }
}

function noWeeks(unit: string, type: DataType): QueryError {
  const message = `unit "${unit.toLowerCase()}" not supported for type ${typeName(type)}`
  const detail = 'Months usually have fractional weeks.'
  return new QueryError('FEATURE_NOT_SUPPORTED', message, { detail })
}

function unknownUnit(unit: string, type: DataType): QueryError {
  const message = `unit "${unit.toLowerCase()}" not recognized for type ${typeName(type)}`
  return new QueryError('INVALID_PARAMETER_VALUE', message)
}
