import { civilFromDays } from '../types/calendar.ts'
import { offsetText } from '../types/datetime/format-moment.ts'
import { offsetAt, type TimeZone } from '../zones/time-zone.ts'
import type { ByteWriter } from './byte-writer.ts'

/* Texts of moments and spans, as `format-values.ts` has them, of numbers that a double holds. */

const MICROS_PER_SECOND = 1_000_000
const MICROS_PER_MINUTE = 60 * MICROS_PER_SECOND
const MICROS_PER_HOUR = 60 * MICROS_PER_MINUTE
const MICROS_PER_DAY = 24 * MICROS_PER_HOUR
const BLANK = 0x20
const PLUS = 0x2b
const MINUS = 0x2d

export function writeDate(out: ByteWriter, days: number): void {
  if (!writeDay(out, days)) out.ascii(' BC')
}

/** Whether the year is one of our era; the caller says so of others. */
function writeDay(out: ByteWriter, days: number): boolean {
  const { year, month, day } = civilFromDays(days)
  const shown = year > 0 ? year : 1 - year
  if (shown < 10_000) out.padded(shown, 4)
  else out.integer(shown)
  out.byte(0x2d)
  out.padded(month, 2)
  out.byte(0x2d)
  out.padded(day, 2)
  return year > 0
}

export function writeTime(out: ByteWriter, micros: number): void {
  const hours = Math.floor(micros / MICROS_PER_HOUR)
  const minutes = Math.floor((micros % MICROS_PER_HOUR) / MICROS_PER_MINUTE)
  const seconds = Math.floor((micros % MICROS_PER_MINUTE) / MICROS_PER_SECOND)
  if (hours < 100) out.padded(hours, 2)
  else out.integer(hours)
  out.byte(0x3a)
  out.padded(minutes, 2)
  out.byte(0x3a)
  out.padded(seconds, 2)
  const fraction = micros % MICROS_PER_SECOND
  if (fraction === 0) return
  out.byte(0x2e)
  out.padded(fraction, 6)
  while (out.bytes[out.at - 1] === 0x30) out.at--
}

export function writeTimestamp(out: ByteWriter, micros: number, zone: string): void {
  const days = Math.floor(micros / MICROS_PER_DAY)
  const isOurs = writeDay(out, days)
  out.byte(0x20)
  writeTime(out, micros - days * MICROS_PER_DAY)
  out.ascii(zone)
  if (!isOurs) out.ascii(' BC')
}

/** Writes moments by the clock of a zone. What was found last is kept: rows beside each other are near. */
export function zonedWriter(zone: TimeZone): (out: ByteWriter, micros: number) => void {
  let [from, to, offset, text] = [0, 0, 0, '']
  return (out, micros) => {
    const seconds = Math.floor(micros / MICROS_PER_SECOND)
    if (seconds < from || seconds >= to) {
      const found = offsetAt(zone, seconds)
      if (found !== offset || text === '') text = offsetText(found)
      offset = found
      // A day's beginning and end tell whether it changes between.
      from = Math.floor(seconds / DAY_SECONDS) * DAY_SECONDS
      to = from + DAY_SECONDS
      const isSame = offsetAt(zone, from) === found && offsetAt(zone, to) === found
      if (!isSame) to = from
    }
    writeTimestamp(out, micros + offset * MICROS_PER_SECOND, text)
  }
}

const DAY_SECONDS = 86_400

export function writeInterval(out: ByteWriter, months: number, days: number, micros: number): void {
  const start = out.at
  const years = Math.trunc(months / 12)
  let isBelow = writePart(out, start, years, 'year', false)
  isBelow = writePart(out, start, months % 12, 'mon', isBelow)
  isBelow = writePart(out, start, days, 'day', isBelow)
  if (micros === 0 && out.at > start) return
  if (out.at > start) out.byte(BLANK)
  if (micros < 0) out.byte(MINUS)
  else if (isBelow) out.byte(PLUS)
  writeTime(out, Math.abs(micros))
}

/** So many of a unit, unless none; `isBelow`: whether the part before is negative. Whether the last part now is. */
function writePart(
  out: ByteWriter,
  start: number,
  count: number,
  unit: string,
  isBelow: boolean,
): boolean {
  if (count === 0) return isBelow
  if (out.at > start) out.byte(BLANK)
  if (isBelow && count > 0) out.byte(PLUS)
  out.integer(count)
  out.byte(BLANK)
  out.ascii(unit)
  if (count !== 1) out.byte(LETTER_S)
  return count < 0
}

const LETTER_S = 0x73
