import { callingAt, offsetAt } from '../../zones/time-zone.ts'
import { civilFromDays, MICROS_PER_SECOND, splitMicros } from '../calendar.ts'
import { formatDate, formatTime, formatTimestamp } from '../format-values.ts'
import type { Locale } from './locale.ts'

/* Dates and timestamps in the styles of DateStyle: EncodeDateOnly and EncodeDateTime in PostgreSQL's datetime.c. */

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
/** 1970-01-01 was a Thursday. */
const EPOCH_WEEKDAY = 4
const ABBREVIATION_LETTERS_MAX = 10

export function dateText(days: number, locale: Locale): string {
  if (locale.dateStyle === 'ISO' || locale.dateStyle === 'XSD') return formatDate(days)
  return `${numbersOf(days, locale)}${eraOf(days)}`
}

export function timestampText(micros: bigint, locale: Locale): string {
  if (locale.dateStyle === 'ISO') return formatTimestamp(micros, '')
  if (locale.dateStyle === 'XSD') return formatTimestamp(micros, '').replace(' ', 'T')
  return momentText(micros, '', locale)
}

/** By the clock of the locale's zone. */
export function zonedTimestampText(micros: bigint, locale: Locale): string {
  const { zone, dateStyle } = locale
  const seconds = Number((micros - positiveRemainder(micros)) / MICROS_PER_SECOND)
  const offset = offsetAt(zone, seconds)
  const local = micros + BigInt(offset) * MICROS_PER_SECOND
  if (dateStyle === 'ISO') return formatTimestamp(local, offsetText(offset))
  if (dateStyle === 'XSD') {
    const shown = offsetText(offset)
    const zoneText = shown.includes(':') ? shown : `${shown}:00`
    return formatTimestamp(local, zoneText).replace(' ', 'T')
  }
  const name = callingAt(zone, seconds).name.slice(0, ABBREVIATION_LETTERS_MAX)
  return momentText(local, ` ${name}`, locale)
}

function positiveRemainder(micros: bigint): bigint {
  const rest = micros % MICROS_PER_SECOND
  return rest < 0n ? rest + MICROS_PER_SECOND : rest
}

function momentText(micros: bigint, zone: string, locale: Locale): string {
  const { days, rest } = splitMicros(micros)
  const clock = formatTime(rest)
  const era = eraOf(days)
  if (locale.dateStyle !== 'Postgres') return `${numbersOf(days, locale)} ${clock}${zone}${era}`
  const { year, month, day } = civilFromDays(days)
  const weekday = weekdays[(((days + EPOCH_WEEKDAY) % 7) + 7) % 7] ?? ''
  const name = months[month - 1] ?? ''
  const date = locale.dateOrder === 'DMY' ? `${pad(day)} ${name}` : `${name} ${pad(day)}`
  return `${weekday} ${date} ${clock} ${yearText(year)}${zone}${era}`
}

const separators = { ISO: '-', XSD: '-', SQL: '/', Postgres: '-', German: '.' } as const

function numbersOf(days: number, { dateStyle, dateOrder }: Locale): string {
  const { year, month, day } = civilFromDays(days)
  const isDayFirst = dateStyle === 'German' || dateOrder === 'DMY'
  const parts = isDayFirst ? [pad(day), pad(month)] : [pad(month), pad(day)]
  return [...parts, yearText(year)].join(separators[dateStyle])
}

/** An offset as it stands behind a time: `+05:30`. */
export function offsetText(offset: number): string {
  const size = Math.abs(offset)
  const parts = [Math.floor(size / 3_600), Math.floor(size / 60) % 60, size % 60]
  while (parts.length > 1 && parts.at(-1) === 0) parts.pop()
  return `${offset < 0 ? '-' : '+'}${parts.map(pad).join(':')}`
}

function eraOf(days: number): string {
  return civilFromDays(days).year <= 0 ? ' BC' : ''
}

function yearText(year: number): string {
  return String(year > 0 ? year : 1 - year).padStart(4, '0')
}

function pad(value: number): string {
  return String(value).padStart(2, '0')
}
