import { notSupported } from '../../base/errors.ts'
import { DATE_MAX, DATE_MIN, MICROS_PER_DAY, TIMESTAMP_MAX, TIMESTAMP_MIN } from './calendar.ts'
import { decodeMoment, decodeTime, type Decoded } from './datetime/decode.ts'
import { DatetimeFault, datetimeError, outOfRange } from './datetime/errors.ts'
import { plainLocale, type Locale } from './datetime/locale.ts'

/** Days since 1970-01-01. A time of day in the text is read and dropped, as PostgreSQL does. */
export function parseDate(source: string, locale = plainLocale): number {
  const decoded = inType('date', source, () => decodeMoment(source, locale))
  const { days } = finite(decoded, 'date')
  if (days < DATE_MIN || days > DATE_MAX) throw outOfRange('date', source)
  return days
}

/** Microseconds since midnight; a zone is read and dropped. */
export function parseTime(source: string, locale = plainLocale): bigint {
  return BigInt(inType('time', source, () => decodeTime(source, locale)).micros)
}

/** A time of day somewhere. */
export interface ZonedTime {
  /** Since midnight there. */
  readonly micros: bigint
  /** East of Greenwich, in microseconds. */
  readonly zone: bigint
}

/** A time of day with its zone, without one that of the session. */
export function parseZonedTime(source: string, locale = plainLocale): ZonedTime {
  const read = inType('time with time zone', source, () => decodeTime(source, locale))
  return { micros: BigInt(read.micros), zone: BigInt(read.zone) * 1_000_000n }
}

/**
 * Microseconds since 1970-01-01; `timestamptz` counts the zone in, without one that of the session, `timestamp`
 * drops it.
 */
export function parseTimestamp(
  source: string,
  kind: 'timestamp' | 'timestamptz',
  locale: Locale = plainLocale,
): bigint {
  const type = kind === 'timestamp' ? 'timestamp' : 'timestamp with time zone'
  const decoded: Decoded = inType(type, source, () => decodeMoment(source, locale))
  const { days, micros, zone } = finite(decoded, type)
  const local = BigInt(days) * MICROS_PER_DAY + BigInt(micros)
  const value = kind === 'timestamptz' ? local - BigInt(zone) * 1_000_000n : local
  if (value < TIMESTAMP_MIN || value > TIMESTAMP_MAX) throw outOfRange('timestamp', source)
  return value
}

function finite(decoded: Decoded, type: string): Exclude<Decoded, string> {
  if (typeof decoded === 'string') throw notSupported(`${type} '${decoded}'`)
  return decoded
}

/** Runs the reading of a text so that its errors name the type. */
function inType<T>(type: string, source: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof DatetimeFault)) throw error
    throw datetimeError(error.fault, source, type)
  }
}
