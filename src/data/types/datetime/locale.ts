import { utc, type TimeZone } from '../../zones/time-zone.ts'
import type { ObjectNames } from '../object-names.ts'
import { zoneNamed } from '../../zones/zone-names.ts'

/** `XSD` is that of JSON, which no session has. */
export type DateStyle = 'ISO' | 'SQL' | 'Postgres' | 'German' | 'XSD'
export type DateOrder = 'MDY' | 'DMY' | 'YMD'
export type IntervalStyle = 'postgres' | 'postgres_verbose' | 'sql_standard' | 'iso_8601'

/** What the texts of dates, times and intervals hang on besides their values: a session's settings. */
export interface Locale {
  readonly zone: TimeZone
  readonly dateStyle: DateStyle
  readonly dateOrder: DateOrder
  readonly intervalStyle: IntervalStyle
  /** When the transaction began, in microseconds since 1970-01-01 UTC; whoever has no time to tell raises. */
  readonly nowMicros?: () => bigint
  /** Names of objects; none: these are numbers. */
  readonly objectNames?: ObjectNames
}

/** That of texts which nobody sees in a session: a fixed point for files, plans and other processes. */
export const plainLocale: Locale = {
  zone: utc,
  dateStyle: 'ISO',
  dateOrder: 'MDY',
  intervalStyle: 'postgres',
}

/** A locale as a text, which plans carry; see {@link localeOf}. */
export function localeText({ zone, dateStyle, dateOrder, intervalStyle }: Locale): string {
  return [zone.name, dateStyle, dateOrder, intervalStyle].join(' ')
}

let last: { readonly text: string; readonly locale: Locale } | undefined

export function localeOf(text: string): Locale {
  if (last?.text === text) return last.locale
  const words = text.split(' ')
  const [dateStyle, dateOrder, intervalStyle] = words.slice(-3)
  const locale = {
    zone: zoneNamed(words.slice(0, -3).join(' ')) ?? utc,
    dateStyle: dateStyle as DateStyle,
    dateOrder: dateOrder as DateOrder,
    intervalStyle: intervalStyle as IntervalStyle,
  }
  last = { text, locale }
  return locale
}
