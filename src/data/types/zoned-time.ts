import { MICROS_PER_HOUR, MICROS_PER_MINUTE, MICROS_PER_SECOND } from './calendar.ts'
import { formatTime } from './format-values.ts'
import { parseZonedTime, type ZonedTime } from './parse-datetime.ts'
import type { SortKeyWriter } from './sort-key.ts'

/** PostgreSQL's text: `10:00:00+02`, with minutes and seconds of the zone where it has some. */
export function zonedTimeText({ micros, zone }: ZonedTime): string {
  const size = zone < 0n ? -zone : zone
  const parts = [
    size / MICROS_PER_HOUR,
    (size % MICROS_PER_HOUR) / MICROS_PER_MINUTE,
    (size % MICROS_PER_MINUTE) / MICROS_PER_SECOND,
  ]
  while (parts.length > 1 && parts.at(-1) === 0n) parts.pop()
  const shown = parts.map((part) => String(part).padStart(2, '0')).join(':')
  return `${formatTime(micros)}${zone < 0n ? '-' : '+'}${shown}`
}

/** A value, which is its text. Zones of intervals may be further away than those that are read. */
export function zonedTimeOf(value: unknown): ZonedTime {
  const text = String(value)
  const [clock, sign, ...parts] = farAway.exec(text)?.slice(1) ?? []
  if (clock === undefined) return parseZonedTime(text)
  const [hours = '0', minutes = '0', seconds = '0'] = parts.map((part?: string) => part ?? '0')
  const away =
    BigInt(hours) * MICROS_PER_HOUR +
    BigInt(minutes) * MICROS_PER_MINUTE +
    BigInt(seconds) * MICROS_PER_SECOND
  return { micros: parseZonedTime(clock).micros, zone: sign === '-' ? -away : away }
}

const farAway = /^([\d:.]+)([+-])(\d{2,})(?::(\d{2}))?(?::(\d{2}))?$/

/** By the moment; of the same moment, zones in the east come first. */
export function writeZonedTimeKey(out: SortKeyWriter, { micros, zone }: ZonedTime): void {
  out.signed(micros - zone, 8)
  out.signed(-zone, 8)
}
