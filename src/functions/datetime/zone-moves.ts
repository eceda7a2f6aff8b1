import {
  MICROS_PER_DAY,
  MICROS_PER_SECOND,
  splitMicros,
  addMonths,
} from '../../data/types/calendar.ts'
import type { IntervalValue, Scalar } from '../../data/types/scalar.ts'
import { abbreviations, meaningOf, type Abbreviation } from '../../data/zones/abbreviations.ts'
import { callingAt, offsetAt, offsetByClock, type TimeZone } from '../../data/zones/time-zone.ts'
import { zoneNamed } from '../../data/zones/zone-names.ts'
import { checkTimestamp } from './interval-arithmetic.ts'
import { fieldName } from './fields.ts'
import { truncateTimestamp } from './truncate.ts'
import { unknownZone } from '../../data/types/datetime/errors.ts'

/* Moments by the clocks of zones. */

/** A zone by its table, or by an abbreviation, which has one offset or that which it had in a zone. */
export type Zone =
  | { readonly kind: 'zone'; readonly zone: TimeZone }
  | { readonly kind: 'abbreviation'; readonly name: string; readonly meaning: Abbreviation }

/** What stands before a name that is no abbreviation. */
const ZONE_ONLY = ':'

/** The zone of a session as functions are told it. */
export function toldZone({ name }: TimeZone): string {
  return abbreviations.has(name.toLowerCase()) ? `${ZONE_ONLY}${name}` : name
}

/** What a text means behind AT TIME ZONE: abbreviations go first. Errors: INVALID_PARAMETER_VALUE. */
export function zoneOf(value: Scalar | undefined): Zone {
  const zone = knownZone(String(value))
  if (zone === undefined) throw unknownZone(String(value))
  return zone
}

/** The same; undefined where there is none. */
export function knownZone(text: string): Zone | undefined {
  const name = text.toLowerCase()
  const meaning = abbreviations.get(name)
  if (meaning !== undefined) return { kind: 'abbreviation', name, meaning }
  const zone = zoneNamed(text.startsWith(ZONE_ONLY) ? text.slice(ZONE_ONLY.length) : text)
  return zone && { kind: 'zone', zone }
}

/** The zone of a text as a table, as far as one says it; else undefined. */
export function tableOf(value: Scalar | undefined): TimeZone | number | undefined {
  const zone = value === null ? undefined : knownZone(String(value))
  if (zone?.kind === 'zone') return zone.zone
  return zone?.meaning.kind === 'fixed' ? zone.meaning.offset : undefined
}

function floorSeconds(micros: bigint): number {
  const seconds = micros / MICROS_PER_SECOND
  return Number(micros < seconds * MICROS_PER_SECOND ? seconds - 1n : seconds)
}

/** East of Greenwich, in microseconds. */
export function offsetOfMoment(zone: Zone, micros: bigint): bigint {
  const seconds = floorSeconds(micros)
  const offset =
    zone.kind === 'zone'
      ? offsetAt(zone.zone, seconds)
      : meaningOf(zone.name, zone.meaning, seconds, false)
  return BigInt(offset) * MICROS_PER_SECOND
}

export function offsetOfClock(zone: Zone, local: bigint): bigint {
  const seconds = floorSeconds(local)
  const offset =
    zone.kind === 'zone'
      ? offsetByClock(zone.zone, seconds)
      : meaningOf(zone.name, zone.meaning, seconds, true)
  return BigInt(offset) * MICROS_PER_SECOND
}

/** What the clocks of a zone show. */
export function localOf(zone: Zone, micros: bigint): bigint {
  return checkTimestamp(micros + offsetOfMoment(zone, micros))
}

/** When the clocks of a zone show that. */
export function momentOf(zone: Zone, local: bigint): bigint {
  return checkTimestamp(local - offsetOfClock(zone, local))
}

/** What an offset at a moment is called. */
export function nameAt(zone: Zone, micros: bigint): string {
  if (zone.kind === 'abbreviation') return zone.name.toUpperCase()
  return callingAt(zone.zone, floorSeconds(micros)).name
}

/** Units within which a zone's offset stays what it was. */
export const clockUnits: ReadonlySet<string> = new Set([
  'microseconds',
  'milliseconds',
  'second',
  'minute',
  'hour',
])

/** The start of the unit that a moment lies in by a zone's clock. */
export function truncateInZone(unit: string, micros: bigint, zone: Zone): bigint {
  const offset = offsetOfMoment(zone, micros)
  const start = truncateTimestamp(unit, micros + offset, { kind: 'timestamptz' })
  return clockUnits.has(fieldName(unit)) ? checkTimestamp(start - offset) : momentOf(zone, start)
}

/** Months and days are those of a zone's clock, time passes. */
export function addInZone(micros: bigint, by: IntervalValue, zone: Zone): bigint {
  let moved = micros
  if (by.months !== 0) {
    const { days, rest } = splitMicros(localOf(zone, moved))
    const local = BigInt(addMonths(days, by.months)) * MICROS_PER_DAY + rest
    moved = momentOf(zone, checkTimestamp(local))
  }
  if (by.days !== 0) {
    const local = localOf(zone, moved) + BigInt(by.days) * MICROS_PER_DAY
    moved = momentOf(zone, checkTimestamp(local))
  }
  return checkTimestamp(moved + by.micros)
}
