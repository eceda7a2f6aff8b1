import { QueryError } from '../../base/errors.ts'
import {
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
} from './calendar.ts'
import type { IntervalValue } from './scalar.ts'

type Part = 'months' | 'days' | 'micros'

interface Unit {
  readonly part: Part
  readonly factor: number
}

const month: Unit = { part: 'months', factor: 1 }
const year: Unit = { part: 'months', factor: 12 }
const decade: Unit = { part: 'months', factor: 120 }
const century: Unit = { part: 'months', factor: 1_200 }
const millennium: Unit = { part: 'months', factor: 12_000 }
const day: Unit = { part: 'days', factor: 1 }
const week: Unit = { part: 'days', factor: 7 }
const hour: Unit = { part: 'micros', factor: Number(MICROS_PER_HOUR) }
const minute: Unit = { part: 'micros', factor: Number(MICROS_PER_MINUTE) }
const second: Unit = { part: 'micros', factor: Number(MICROS_PER_SECOND) }
const millisecond: Unit = { part: 'micros', factor: 1_000 }
const microsecond: Unit = { part: 'micros', factor: 1 }

const unitNames: readonly (readonly [Unit, string])[] = [
  [microsecond, 'us usec usecs usecond useconds microsecond microseconds microsecon'],
  [millisecond, 'ms msec msecs msecond mseconds millisecond milliseconds millisecon'],
  [second, 's sec secs second seconds'],
  [minute, 'm min mins minute minutes'],
  [hour, 'h hr hrs hour hours'],
  [day, 'd day days'],
  [week, 'w week weeks'],
  [month, 'mon mons month months'],
  [year, 'y yr yrs year years'],
  [decade, 'dec decs decade decades'],
  [century, 'c cent century centuries'],
  [millennium, 'mil mils millennia millennium'],
]

/** Units of an interval by every name that PostgreSQL reads. */
const units: ReadonlyMap<string, Unit> = new Map(
  unitNames.flatMap(([unit, names]) => names.split(' ').map((name) => [name, unit] as const)),
)

interface Sum {
  months: number
  days: number
  micros: bigint
}

const token =
  /\s*(?:([+-]?)(\d+):(\d{1,2})(?::(\d{1,2})(\.\d*)?)?|([+-]?)(\d+)-(\d{1,2})(?![\d.])|([+-]?\d+\.(?!\d)|[+-]?\d*\.?\d+)|([a-z]+)|@)\s*/gy

/**
 * Reads an interval in any of PostgreSQL's forms: `1 year 2 mons 3 days 04:05:06.7 ago`, SQL's
 * `1-2 3 4:05:06`, ISO 8601's `P1Y2M3DT4H5M6S`. A bare number counts seconds.
 */
export function parseInterval(source: string): IntervalValue {
  const lowered = source.trim().toLowerCase()
  const sum: Sum = { months: 0, days: 0, micros: 0n }
  if (lowered.startsWith('p')) readIso(lowered.slice(1), sum, source)
  else readVerbose(lowered, sum, source)
  const limit = 2_147_483_647
  const micros = BigInt.asIntN(64, sum.micros)
  if (Math.abs(sum.months) > limit || Math.abs(sum.days) > limit || micros !== sum.micros) {
    throw outOfRange(source)
  }
  return { months: sum.months + 0, days: sum.days + 0, micros }
}

function readVerbose(lowered: string, sum: Sum, source: string): void {
  let pending: string | undefined
  const used = new Set<Unit>()
  let consumed = 0
  let ago = false
  let seen = false
  for (const match of lowered.matchAll(token)) {
    const [text, clockSign, hours, minutes, seconds, fraction, yearSign, years, months] = match
    const [number, word] = [match[9], match[10]]
    consumed += text.length
    if (ago) throw invalid(source)
    if (hours !== undefined) {
      if (pending !== undefined) add(sum, pending, day)
      pending = undefined
      addClock(sum, clockSign, [hours, minutes ?? '0', seconds ?? '0', fraction ?? ''], source)
    } else if (years !== undefined) {
      if (Number(months) > 11) throw outOfRange(source)
      const total = Number(years) * 12 + Number(months)
      sum.months += yearSign === '-' ? -total : total
    } else if (number !== undefined) {
      if (pending !== undefined) throw invalid(source)
      pending = number
    } else if (word === 'ago') ago = true
    else if (word !== undefined) {
      const unit = units.get(word)
      if (unit === undefined || pending === undefined || used.has(unit)) throw invalid(source)
      used.add(unit)
      add(sum, pending, unit)
      pending = undefined
    }
    seen ||= !text.includes('@')
  }
  if (pending !== undefined) add(sum, pending, second)
  if (!seen || consumed !== lowered.length) throw invalid(source)
  if (ago) negate(sum)
}

function negate(sum: Sum): void {
  sum.months = -sum.months
  sum.days = -sum.days
  sum.micros = -sum.micros
}

function addClock(
  sum: Sum,
  sign: string | undefined,
  [hours, minutes, seconds, fraction]: readonly [string, string, string, string],
  source: string,
): void {
  if (Number(minutes) > 59 || Number(seconds) > 60) throw outOfRange(source)
  const rest = Math.round(Number(`0${fraction}`) * 1_000_000)
  const micros =
    BigInt(hours) * MICROS_PER_HOUR +
    BigInt(minutes) * MICROS_PER_MINUTE +
    BigInt(seconds) * MICROS_PER_SECOND +
    BigInt(rest)
  sum.micros += sign === '-' ? -micros : micros
}

const isoDate: Readonly<Record<string, Unit>> = { y: year, m: month, w: week, d: day }
const isoTime: Readonly<Record<string, Unit>> = { h: hour, m: minute, s: second }

function readIso(lowered: string, sum: Sum, source: string): void {
  const [datePart = '', timePart] = lowered.split('t')
  readIsoPart(datePart, isoDate, sum, source)
  if (timePart !== undefined) readIsoPart(timePart, isoTime, sum, source)
  if (datePart === '' && (timePart ?? '') === '') throw invalid(source)
}

function readIsoPart(
  part: string,
  letters: Readonly<Record<string, Unit>>,
  sum: Sum,
  source: string,
): void {
  let consumed = 0
  for (const [text, number = '', letter = ''] of part.matchAll(/([+-]?\d*\.?\d+)([a-z])/gy)) {
    const unit = letters[letter]
    if (unit === undefined) throw invalid(source)
    add(sum, number, unit)
    consumed += text.length
  }
  if (consumed !== part.length) throw invalid(source)
}

/** Adds a possibly fractional count; a fraction of months becomes days (30), of days time. */
function add(sum: Sum, number: string, unit: Unit): void {
  if (unit.part === 'micros' && /^[+-]?\d+$/.test(number)) {
    sum.micros += BigInt(number) * BigInt(unit.factor)
    return
  }
  const amount = Number(number) * unit.factor
  if (unit.part === 'micros') {
    sum.micros += BigInt(Math.round(amount))
    return
  }
  const whole = Math.trunc(Math.trunc(Number(number)) * unit.factor)
  const fraction = roundMicro(amount - whole)
  if (unit.part === 'days') addDays(sum, whole, fraction)
  else if (unit.factor === 1) {
    sum.months += whole
    addDays(sum, Math.trunc(roundMicro(fraction * 30)), roundMicro((fraction * 30) % 1))
  } else sum.months += whole + Math.round(fraction)
}

function addDays(sum: Sum, whole: number, fraction: number): void {
  const days = whole + Math.trunc(fraction)
  sum.days += days
  sum.micros += BigInt(Math.round((whole + fraction - days) * Number(MICROS_PER_DAY)))
}

function roundMicro(value: number): number {
  return Math.round(value * 1_000_000) / 1_000_000
}

function invalid(source: string): QueryError {
  const message = `invalid input syntax for type interval: "${source}"`
  return new QueryError('INVALID_DATETIME_FORMAT', message)
}

function outOfRange(source: string): QueryError {
  const message = `interval field value out of range: "${source}"`
  return new QueryError('INTERVAL_OVERFLOW', message)
}
