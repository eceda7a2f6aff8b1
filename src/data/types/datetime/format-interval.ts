import { MICROS_PER_HOUR, MICROS_PER_MINUTE, MICROS_PER_SECOND } from '../calendar.ts'
import { formatInterval } from '../format-values.ts'
import type { IntervalValue } from '../scalar.ts'
import type { IntervalStyle } from './locale.ts'

/* Intervals in the styles of IntervalStyle: EncodeInterval in PostgreSQL's datetime.c. */

/** The parts of an interval; those of the time are all of its sign. */
interface Parts {
  readonly years: number
  readonly months: number
  readonly days: number
  readonly hours: bigint
  readonly minutes: bigint
  /** With a fraction. */
  readonly micros: bigint
}

export function intervalText(value: IntervalValue, style: IntervalStyle): string {
  switch (style) {
    case 'postgres':
      return formatInterval(value)
    case 'postgres_verbose':
      return verbose(partsOf(value))
    case 'sql_standard':
      return standard(partsOf(value))
    case 'iso_8601':
      return iso(partsOf(value))
  }
}

function partsOf({ months, days, micros }: IntervalValue): Parts {
  return {
    years: Math.trunc(months / 12),
    months: months % 12,
    days,
    hours: micros / MICROS_PER_HOUR,
    minutes: (micros % MICROS_PER_HOUR) / MICROS_PER_MINUTE,
    micros: micros % MICROS_PER_MINUTE,
  }
}

/** Without its sign. */
function secondsText(micros: bigint, digits: number): string {
  const size = micros < 0n ? -micros : micros
  const whole = String(size / MICROS_PER_SECOND).padStart(digits, '0')
  const fraction = String(size % MICROS_PER_SECOND)
    .padStart(6, '0')
    .replace(/0+$/, '')
  return fraction === '' ? whole : `${whole}.${fraction}`
}

function verbose({ years, months, days, hours, minutes, micros }: Parts): string {
  let [text, isAgo] = ['@', false]
  const counts: readonly (readonly [bigint, string])[] = [
    [BigInt(years), 'year'],
    [BigInt(months), 'mon'],
    [BigInt(days), 'day'],
    [hours, 'hour'],
    [minutes, 'min'],
  ]
  for (const [count, unit] of counts) {
    if (count === 0n) continue
    if (text === '@') isAgo = count < 0n
    const shown = isAgo ? -count : count
    text += ` ${shown} ${unit}${shown === 1n ? '' : 's'}`
  }
  if (micros !== 0n) {
    if (text === '@') isAgo = micros < 0n
    const isOne = micros === MICROS_PER_SECOND || micros === -MICROS_PER_SECOND
    text += ` ${micros < 0n === isAgo ? '' : '-'}${secondsText(micros, 1)} sec${isOne ? '' : 's'}`
  }
  return `${text}${text === '@' ? ' 0' : ''}${isAgo ? ' ago' : ''}`
}

function standard(parts: Parts): string {
  const { years, months, days, hours, minutes, micros } = parts
  const all = [BigInt(years), BigInt(months), BigInt(days), hours, minutes, micros]
  const [isBelow, isAbove] = [all.some((part) => part < 0n), all.some((part) => part > 0n)]
  if (!isBelow && !isAbove) return '0'
  const time = `${size(hours)}:${String(size(minutes)).padStart(2, '0')}:${secondsText(micros, 2)}`
  const calendar = `${Math.abs(years)}-${Math.abs(months)}`
  const hasMonths = years !== 0 || months !== 0
  const hasTime = days !== 0 || hours !== 0n || minutes !== 0n || micros !== 0n
  if ((isBelow && isAbove) || (hasMonths && hasTime)) {
    const isTimeBelow = hours < 0n || minutes < 0n || micros < 0n
    const signs = [years < 0 || months < 0, days < 0, isTimeBelow].map((below) =>
      below ? '-' : '+',
    )
    return `${signs[0]}${calendar} ${signs[1]}${Math.abs(days)} ${signs[2]}${time}`
  }
  const shown = hasMonths ? calendar : days === 0 ? time : `${Math.abs(days)} ${time}`
  return `${isBelow ? '-' : ''}${shown}`
}

function size(value: bigint): bigint {
  return value < 0n ? -value : value
}

function iso({ years, months, days, hours, minutes, micros }: Parts): string {
  const part = (count: number | bigint, letter: string): string =>
    Number(count) === 0 ? '' : `${count}${letter}`
  const date = `${part(years, 'Y')}${part(months, 'M')}${part(days, 'D')}`
  const seconds = micros === 0n ? '' : `${micros < 0n ? '-' : ''}${secondsText(micros, 1)}S`
  const time = `${part(hours, 'H')}${part(minutes, 'M')}${seconds}`
  if (date === '' && time === '') return 'PT0S'
  return `P${date}${time === '' ? '' : `T${time}`}`
}
