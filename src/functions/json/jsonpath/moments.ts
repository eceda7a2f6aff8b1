import { QueryError } from '../../../base/errors.ts'
import {
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
} from '../../../data/types/calendar.ts'
import { typeName, type DataType } from '../../../data/types/data-type.ts'
import { formatScalar } from '../../../data/types/format-scalar.ts'
import { formatTime } from '../../../data/types/format-values.ts'
import { readStrictly, type ReadMoment } from '../../datetime/read-template.ts'

/** A date or time within a path, with the zone that its text had. */
export interface Moment {
  readonly moment: 'date' | 'time' | 'timetz' | 'timestamp' | 'timestamptz'
  /** Days since 1970-01-01. */
  readonly days: number
  /** Microseconds of the day, in its own zone. */
  readonly micros: bigint
  /** Microseconds east of Greenwich. */
  readonly zone: bigint
}

/** By which templates texts are read that are given none, each as far as the one before does not fit. */
const isoTemplates: readonly string[] = [
  'yyyy-mm-dd',
  'HH24:MI:SS.USTZH:TZM',
  'HH24:MI:SS.USTZH',
  'HH24:MI:SSTZH:TZM',
  'HH24:MI:SSTZH',
  'HH24:MI:SS.US',
  'HH24:MI:SS',
  'yyyy-mm-dd HH24:MI:SS.USTZH:TZM',
  'yyyy-mm-dd HH24:MI:SS.USTZH',
  'yyyy-mm-dd HH24:MI:SSTZH:TZM',
  'yyyy-mm-dd HH24:MI:SSTZH',
  'yyyy-mm-dd"T"HH24:MI:SS.USTZH:TZM',
  'yyyy-mm-dd"T"HH24:MI:SS.USTZH',
  'yyyy-mm-dd"T"HH24:MI:SSTZH:TZM',
  'yyyy-mm-dd"T"HH24:MI:SSTZH',
  'yyyy-mm-dd HH24:MI:SS.US',
  'yyyy-mm-dd HH24:MI:SS',
  'yyyy-mm-dd"T"HH24:MI:SS.US',
  'yyyy-mm-dd"T"HH24:MI:SS',
]

/** A text by ISO 8601; undefined where it is none. */
export function readIsoMoment(text: string): Moment | undefined {
  // All that is read begins with a digit or a sign, but for blanks; most texts are none.
  if (!/^\s*[-+\d]/.test(text)) return undefined
  for (const template of isoTemplates) {
    try {
      return readMoment(text, template)
    } catch (error) {
      if (!(error instanceof QueryError)) throw error
    }
  }
  return undefined
}

/** A text by a template. Throws INVALID_DATETIME_FORMAT and DATETIME_OVERFLOW. */
export function readMoment(text: string, template: string): Moment {
  const { hasDate, hasTime, zone, days, micros } = readStrictly(text, template)
  return { moment: kindOf({ hasDate, hasTime, zone }), days, micros, zone: zone ?? 0n }
}

function kindOf({
  hasDate,
  hasTime,
  zone,
}: Pick<ReadMoment, 'hasDate' | 'hasTime' | 'zone'>): Moment['moment'] {
  const isZoned = zone !== undefined
  if (hasDate && hasTime) return isZoned ? 'timestamptz' : 'timestamp'
  if (hasTime) return isZoned ? 'timetz' : 'time'
  if (hasDate && !isZoned) return 'date'
  const message = hasDate
    ? 'datetime format is zoned but not timed'
    : 'datetime format is not dated and not timed'
  throw new QueryError('INVALID_DATETIME_FORMAT', message)
}

/** The name of its type. */
export function momentName({ moment }: Moment): string {
  return typeName({ kind: moment } satisfies DataType)
}

/** By ISO 8601, as to_jsonb writes it. */
export function momentText({ moment, days, micros, zone }: Moment): string {
  const date = formatScalar(days, { kind: 'date' })
  const [, day = date, era = ''] = /^(.*?)( BC)?$/.exec(date) ?? []
  const hasDate = moment !== 'time' && moment !== 'timetz'
  if (moment === 'date') return date
  const clock = formatTime(micros)
  const shift = moment === 'timetz' || moment === 'timestamptz' ? zoneText(zone) : ''
  return hasDate ? `${day}T${clock}${shift}${era}` : clock + shift
}

function zoneText(zone: bigint): string {
  const size = zone < 0n ? -zone : zone
  const parts = [
    size / MICROS_PER_HOUR,
    (size % MICROS_PER_HOUR) / MICROS_PER_MINUTE,
    (size % MICROS_PER_MINUTE) / MICROS_PER_SECOND,
  ]
  if (parts[2] === 0n) parts.pop()
  return `${zone < 0n ? '-' : '+'}${parts.map((part) => String(part).padStart(2, '0')).join(':')}`
}

/**
 * Which of two moments is less; undefined where that cannot be said. Throws FEATURE_NOT_SUPPORTED where the session's
 * zone would have to be asked and is not to be.
 */
export function compareMoments(left: Moment, right: Moment, usesZone: boolean): number | undefined {
  const [leftDated, rightDated] = [isDated(left), isDated(right)]
  if (leftDated !== rightDated) return undefined
  if (isZoned(left) !== isZoned(right) && !usesZone) {
    const [plain, zoned] = isZoned(left) ? [right, left] : [left, right]
    const message = `cannot convert value from ${plain.moment} to ${zoned.moment} without time zone usage`
    throw new QueryError('FEATURE_NOT_SUPPORTED', message, {
      hint: 'Use *_tz() function for time zone support.',
    })
  }
  const order = signOf(instantOf(left) - instantOf(right))
  // Of the same moment, times in the east come first.
  return order !== 0 || leftDated ? order : signOf(right.zone - left.zone)
}

function isDated({ moment }: Moment): boolean {
  return moment !== 'time' && moment !== 'timetz'
}

function isZoned({ moment }: Moment): boolean {
  return moment === 'timetz' || moment === 'timestamptz'
}

function instantOf({ days, micros, zone }: Moment): bigint {
  return BigInt(days) * MICROS_PER_DAY + micros - zone
}

function signOf(value: bigint): number {
  return value === 0n ? 0 : value > 0n ? 1 : -1
}
