import { present } from '../../base/assert.ts'
import { QueryError } from '../../base/errors.ts'
import { MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_SECOND } from '../../data/types/calendar.ts'
import { timestamp, timestamptz, timetz } from '../../data/types/data-type.ts'
import { formatInterval } from '../../data/types/format-values.ts'
import { intervalOf, type IntervalValue, type Scalar } from '../../data/types/scalar.ts'
import { zoneError, zoneHours } from '../../data/types/time-zones.ts'
import { zonedTimeOf, zonedTimeText } from '../../data/types/zoned-time.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import type { InlineForm } from '../inline.ts'
import { keep, lane } from '../emit.ts'
import { addInt64Checked } from '../operators/integer-inline.ts'
import { checkMoment, moveMomentForm, timestampBounds } from './arithmetic-inline.ts'
import { truncationAwayForm } from './fields-inline.ts'
import { checkTimestamp } from './interval-arithmetic.ts'
import { truncateTimestamp } from './truncate.ts'
import { toldForm } from './zoned-forms.ts'

const utcNames = /^(?:utc|gmt|z|zulu|etc\/utc|universal)$/i

/** Offset east of Greenwich. Only UTC, abbreviations and fixed offsets; PostgreSQL reads `+02` as POSIX: west. */
function zoneOffset(zone: Scalar | undefined): bigint {
  const offset = knownOffset(zone)
  if (offset === undefined) throw zoneError(String(zone).trim())
  return offset
}

function zonedForm(zone: Scalar | undefined, sign: bigint): InlineForm | undefined {
  const offset = zone === null ? undefined : knownOffset(zone)
  return offset === undefined ? undefined : moveMomentForm(sign * offset)
}

function knownOffset(zone: Scalar | undefined): bigint | undefined {
  const name = String(zone).trim()
  if (utcNames.test(name)) return 0n
  const hours = zoneHours.get(name.toLowerCase())
  if (hours !== undefined) return BigInt(hours * Number(MICROS_PER_HOUR))
  const fixed = /^([+-])(\d{1,2})(?::?([0-5]\d))?$/.exec(name)
  if (fixed === null) return undefined
  const micros = (BigInt(fixed[2] ?? 0) * 60n + BigInt(fixed[3] ?? 0)) * 60_000_000n
  return fixed[1] === '+' ? -micros : micros
}

/** The zone that an interval's whole seconds tell, which are of 32 bits. Throws INVALID_PARAMETER_VALUE. */
function zoneOfInterval(value: Scalar | undefined): bigint {
  const span = intervalOf(value as IntervalValue)
  if (span.months !== 0 || span.days !== 0) {
    const message = `interval time zone "${formatInterval(span)}" must not include months or days`
    throw new QueryError('INVALID_PARAMETER_VALUE', message)
  }
  return BigInt.asIntN(32, span.micros / MICROS_PER_SECOND) * MICROS_PER_SECOND
}

/** A moment later or earlier by such a zone. */
function spannedForm(operation: 'add' | 'sub'): InlineForm {
  return (ctx, [zone, moment]) => {
    const { f } = ctx
    const span = present(zone, 'missing interval')
    const result = f.local('i64')
    f.i64(0n).set(result)
    f.get(lane(span)).i64(0n).op('i64.ne').if()
    ctx.elsewhere([result])
    f.end()
    f.get(lane(span, 1)).i64(MICROS_PER_SECOND).op('i64.div_s').op('i64.extend32_s')
    f.i64(MICROS_PER_SECOND).op('i64.mul')
    const away = keep(f, 'i64')
    const local = lane(present(moment, 'missing timestamp'))
    const moved = addInt64Checked(ctx, local, away, operation, 'datetime-out-of-range')
    checkMoment(ctx, moved)
    return { lanes: [moved], range: timestampBounds }
  }
}

/** The same time of day in another zone. */
function movedTo(value: Scalar | undefined, zone: bigint): string {
  const { micros, zone: own } = zonedTimeOf(value)
  const moved = (micros - own + zone) % MICROS_PER_DAY
  return zonedTimeText({ micros: moved < 0n ? moved + MICROS_PER_DAY : moved, zone })
}

/** Functions that are told a zone. */
export const zoneFunctions: readonly ScalarFunction[] = [
  scalar({
    name: 'timezone',
    args: ['text', 'timestamptz'],
    returns: timestamp,
    raises: true,
    doc: 'Local time in a zone; what AT TIME ZONE becomes. UTC and fixed offsets only.',
    example: "timezone('UTC', timestamptz '2024-02-29 12:00+02') -- 2024-02-29 10:00:00",
    evaluate: ([zone, value]) => checkTimestamp((value as bigint) + zoneOffset(zone)),
    literalForm: ([zone]) => zonedForm(zone, 1n),
  }),
  scalar({
    name: 'timezone',
    args: ['text', 'timestamp'],
    returns: timestamptz,
    raises: true,
    doc: 'The moment at which it is that local time in a zone.',
    example: "timezone('UTC', timestamp '2024-02-29 12:00') -- 2024-02-29 12:00:00+00",
    evaluate: ([zone, value]) => checkTimestamp((value as bigint) - zoneOffset(zone)),
    literalForm: ([zone]) => zonedForm(zone, -1n),
  }),
  scalar({
    name: 'timezone',
    args: ['text', 'timetz'],
    returns: timetz,
    raises: true,
    doc: 'The same time of day as it is told in another zone. UTC and fixed offsets only.',
    example: "timezone('UTC', timetz '10:30+02') -- 08:30:00+00",
    evaluate: ([name, value]) => movedTo(value, zoneOffset(name)),
  }),
  scalar({
    name: 'timezone',
    args: ['interval', 'timestamptz'],
    returns: timestamp,
    raises: true,
    doc: 'Local time so far east of Greenwich.',
    example:
      "timezone(interval '2 hours', timestamptz '2024-02-29 12:00+00') -- 2024-02-29 14:00:00",
    evaluate: ([zone, value]) => checkTimestamp((value as bigint) + zoneOfInterval(zone)),
    inline: spannedForm('add'),
  }),
  scalar({
    name: 'timezone',
    args: ['interval', 'timestamp'],
    returns: timestamptz,
    raises: true,
    doc: 'The moment at which it is that local time so far east of Greenwich.',
    example: "timezone(interval '2 hours', timestamp '2024-02-29 12:00') -- 2024-02-29 10:00:00+00",
    evaluate: ([zone, value]) => checkTimestamp((value as bigint) - zoneOfInterval(zone)),
    inline: spannedForm('sub'),
  }),
  scalar({
    name: 'timezone',
    args: ['interval', 'timetz'],
    returns: timetz,
    raises: true,
    doc: 'The same time of day as it is told so far east of Greenwich.',
    example: "timezone(interval '2 hours', timetz '10:30+00') -- 12:30:00+02",
    evaluate: ([zone, value]) => movedTo(value, zoneOfInterval(zone)),
    inline: toldForm,
    isDear: true,
  }),
  scalar({
    name: 'date_trunc',
    args: ['text', 'timestamptz', 'text'],
    returns: timestamptz,
    raises: true,
    doc: 'Start of the unit that a moment lies in, by the clock of a zone. UTC and fixed offsets only.',
    example:
      "date_trunc('day', timestamptz '2024-02-29 01:00+00', '-02') -- 2024-02-28 22:00:00+00",
    evaluate: ([unit, value, zone]) => {
      const offset = zoneOffset(zone)
      const there = truncateTimestamp(String(unit), (value as bigint) + offset, timestamptz)
      return checkTimestamp(there - offset)
    },
    literalForm([unit, , zone]) {
      const offset = zone === null ? undefined : knownOffset(zone)
      if (typeof unit !== 'string' || offset === undefined) return undefined
      return truncationAwayForm(unit, offset)
    },
  }),
]
