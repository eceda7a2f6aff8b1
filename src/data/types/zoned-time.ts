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

/** A value, which is its text. */
export function zonedTimeOf(value: unknown): ZonedTime {
  return parseZonedTime(String(value))
}

/** By the moment; of the same moment, zones in the east come first. */
export function writeZonedTimeKey(out: SortKeyWriter, { micros, zone }: ZonedTime): void {
  out.signed(micros - zone, 8)
  out.signed(-zone, 8)
}
