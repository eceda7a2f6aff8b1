import { present } from '../../base/assert.ts'
import { notSupported, QueryError } from '../../base/errors.ts'
import {
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
} from '../../data/types/calendar.ts'
import {
  float8,
  interval,
  numeric,
  timestamp,
  timestamptz,
  timetz,
} from '../../data/types/data-type.ts'
import { formatInterval } from '../../data/types/format-values.ts'
import { numericToFloat } from '../cast-scalar.ts'
import {
  intervalOf,
  type IntervalValue,
  type NumericValue,
  type Scalar,
} from '../../data/types/scalar.ts'
import { zonedTimeOf, zonedTimeText } from '../../data/types/zoned-time.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import type { InlineForm } from '../inline.ts'
import { keep, lane } from '../emit.ts'
import { addInt64Checked } from '../operators/integer-inline.ts'
import { age } from './age.ts'
import { ageForm, checkMoment, timestampBounds } from './arithmetic-inline.ts'
import { extractField, fieldName } from './fields.ts'
import { floatField } from './float-fields.ts'
import { checkTimestamp, negateInterval } from './interval-arithmetic.ts'
import { LEFT_OUT_MOMENT, makerForm } from './maker-form.ts'
import { makeTimestamp } from './made-moments.ts'
import {
  emittedZone,
  fieldInZone,
  moveInZone,
  onLocalTimes,
  truncationInZone,
  zonedForm,
} from './zone-forms.ts'
import {
  addInZone,
  localOf,
  momentOf,
  offsetOfMoment,
  truncateInZone,
  zoneOf,
  type Zone,
} from './zone-moves.ts'
import { toldForm } from './zoned-forms.ts'

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

/** The offset of a zone that never changes it. Errors: a zone that does has no offset without a day. */
function constantOffset(name: Scalar | undefined): bigint {
  const zone = zoneOf(name)
  const isConstant =
    zone.kind === 'zone' ? zone.zone.starts.length === 1 : zone.meaning.kind === 'fixed'
  if (isConstant) return offsetOfMoment(zone, 0n)
  throw notSupported(`time zone "${String(name)}" of a time of day without a moment`)
}

/** A field of a moment by a zone's clock; those of the zone itself are of its offset. */
function fieldOf(field: string, micros: bigint, zone: Zone): NumericValue {
  const offset = offsetOfMoment(zone, micros)
  const units: Readonly<Record<string, bigint>> = {
    timezone: offset / MICROS_PER_SECOND,
    timezone_hour: offset / MICROS_PER_HOUR,
    timezone_minute: (offset / MICROS_PER_MINUTE) % 60n,
  }
  const unit = units[fieldName(field)]
  if (unit !== undefined) return { unscaled: unit, scale: 0 }
  const isOfMoment = fieldName(field) === 'epoch'
  return extractField(field, isOfMoment ? micros : micros + offset, timestamptz)
}

function floatFieldOf(field: string, micros: bigint, name: Scalar | undefined): number {
  const zone = zoneOf(name)
  const unit = fieldName(field)
  if (unit.startsWith('timezone')) return numericToFloat(fieldOf(field, micros, zone))
  if (unit === 'epoch') return floatField(field, micros, timestamptz)
  return floatField(field, micros + offsetOfMoment(zone, micros), timestamptz)
}

/** AT TIME ZONE. */
const toldZones: readonly ScalarFunction[] = [
  scalar({
    name: 'timezone',
    args: ['text', 'timestamptz'],
    returns: timestamp,
    raises: true,
    doc: 'Local time in a zone; what AT TIME ZONE becomes.',
    example:
      "timezone('America/New_York', timestamptz '2024-07-01 12:00+00') -- 2024-07-01 08:00:00",
    evaluate: ([zone, value]) => localOf(zoneOf(zone), value as bigint),
    literalForm: zonedForm('local'),
  }),
  scalar({
    name: 'timezone',
    args: ['text', 'timestamp'],
    returns: timestamptz,
    raises: true,
    doc: 'The moment at which it is that local time in a zone.',
    example: "timezone('America/New_York', timestamp '2024-07-01 08:00') -- 2024-07-01 12:00:00+00",
    evaluate: ([zone, value]) => momentOf(zoneOf(zone), value as bigint),
    literalForm: zonedForm('moment'),
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
    name: 'timezone',
    args: ['text', 'timetz'],
    returns: timetz,
    raises: true,
    doc:
      'The same time of day as it is told in another zone, of which the offset is ' +
      'always the same.',
    example: "timezone('UTC', timetz '10:30+02') -- 08:30:00+00",
    evaluate: ([name, value]) => movedTo(value, constantOffset(name)),
  }),
  scalar({
    name: 'timezone',
    args: ['text', 'timetz', 'timestamptz'],
    returns: timetz,
    raises: true,
    doc:
      "The same time of day as it is told in another zone, by that zone's clock at a moment: " +
      'that of the query where none is given.',
    example:
      "timezone('Europe/Berlin', timetz '10:30+00', timestamptz '2024-07-01 00:00+00')" +
      ' -- 12:30:00+02',
    evaluate: ([name, value, moment]) =>
      movedTo(value, offsetOfMoment(zoneOf(name), moment as bigint)),
  }),
]

const fields = [
  scalar({
    name: 'extract_in_zone',
    args: ['text', 'timestamptz', 'text'],
    returns: numeric,
    raises: true,
    doc: 'One field of a moment, as the clocks of a zone show it.',
    example: "extract_in_zone('hour', timestamptz '2024-07-01 12:00+00', 'Europe/Berlin') -- 14",
    evaluate: ([field, value, zone]) => fieldOf(String(field), value as bigint, zoneOf(zone)),
    literalForm: fieldInZone('numeric'),
  }),
  scalar({
    name: 'date_part',
    args: ['text', 'timestamptz', 'text'],
    returns: float8,
    raises: true,
    doc: 'One field of a moment, as the clocks of a zone show it, as a float.',
    example: "date_part('hour', timestamptz '2024-07-01 12:00+00', 'Europe/Berlin') -- 14",
    evaluate: ([field, value, zone]) => floatFieldOf(String(field), value as bigint, zone),
    literalForm: fieldInZone('float'),
  }),
]

/** Moments moved by an interval, as a zone's clock counts months and days. */
const moves = (['add', 'sub'] as const).flatMap((direction) => {
  const name = direction === 'add' ? 'date_add' : 'date_subtract'
  const compute = (moment: Scalar, by: Scalar, zone: Scalar): bigint => {
    const span = intervalOf(by as IntervalValue)
    const signed = direction === 'add' ? span : negateInterval(span)
    return addInZone(moment as bigint, signed, zoneOf(zone))
  }
  const shown =
    direction === 'add'
      ? "timestamptz '2024-03-30 12:00+00', interval '1 day', 'Europe/Berlin')" +
        ' -- 2024-03-31 11:00:00+00'
      : "timestamptz '2024-03-31 11:00+00', interval '1 day', 'Europe/Berlin')" +
        ' -- 2024-03-30 12:00:00+00'
  const first = scalar({
    name,
    args: ['timestamptz', 'interval', 'text'],
    returns: timestamptz,
    raises: true,
    doc:
      `A moment ${direction === 'add' ? 'plus' : 'minus'} an interval, whose ` +
      `months and days a zone's clock counts.`,
    example: `${name}(${shown}`,
    evaluate: ([moment = null, by = null, zone = null]) => compute(moment, by, zone),
    literalForm: moveInZone(direction, 0),
  })
  if (direction === 'sub') return [first]
  return [
    first,
    scalar({
      name,
      args: ['interval', 'timestamptz', 'text'],
      returns: timestamptz,
      raises: true,
      doc: "An interval plus a moment; a zone's clock counts months and days.",
      example:
        "date_add(interval '1 day', timestamptz '2024-03-30 12:00+00', 'Europe/Berlin')" +
        ' -- 2024-03-31 11:00:00+00',
      evaluate: ([by = null, moment = null, zone = null]) => compute(moment, by, zone),
      literalForm: moveInZone('add', 1),
    }),
  ]
})

const makers = [
  scalar({
    name: 'make_timestamptz',
    args: ['int4', 'int4', 'int4', 'int4', 'int4', 'float8'],
    returns: timestamptz,
    raises: true,
    doc: "A moment from year, month, day, hour, minute and seconds by the session's clock.",
    example: 'make_timestamptz(2024, 2, 29, 8, 15, 23.5) -- 2024-02-29 08:15:23.5+00',
    inZone: 'make_timestamptz',
    evaluate: (args) => madeTimestamp(args),
    inline: makerForm('timestampMake', LEFT_OUT_MOMENT),
  }),
  scalar({
    name: 'make_timestamptz',
    args: ['int4', 'int4', 'int4', 'int4', 'int4', 'float8', 'text'],
    returns: timestamptz,
    raises: true,
    doc: "A moment from year, month, day, hour, minute and seconds by a zone's clock.",
    example:
      "make_timestamptz(2024, 7, 1, 8, 15, 23.5, 'Europe/Berlin') -- 2024-07-01 06:15:23.5+00",
    evaluate: (args) => momentOf(zoneOf(args[6]), madeTimestamp(args)),
    literalForm(constants) {
      const zone = emittedZone(constants[6])
      const form = makerForm('timestampMake', LEFT_OUT_MOMENT)
      return (
        zone &&
        ((ctx, args, result) => {
          const local = present(form(ctx, args.slice(0, 6), result).lanes[0], 'made moment')
          return { lanes: [zone.moment(ctx, local)], range: timestampBounds }
        })
      )
    },
  }),
]

function madeTimestamp(args: readonly Scalar[]): bigint {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = args.map(Number)
  return makeTimestamp({ year, month, day }, { hour, minute, second })
}

/** Functions that are told a zone. */
export const zoneFunctions: readonly ScalarFunction[] = [
  ...toldZones,
  ...fields,
  ...moves,
  ...makers,
  scalar({
    name: 'date_trunc',
    args: ['text', 'timestamptz', 'text'],
    returns: timestamptz,
    raises: true,
    doc: 'Start of the unit that a moment lies in, by the clock of a zone.',
    example:
      "date_trunc('day', timestamptz '2024-07-01 23:00+00', 'Europe/Berlin')" +
      ' -- 2024-07-01 22:00:00+00',
    evaluate: ([unit, value, zone]) => truncateInZone(String(unit), value as bigint, zoneOf(zone)),
    literalForm: truncationInZone,
  }),
  scalar({
    name: 'age',
    args: ['timestamptz', 'timestamptz', 'text'],
    returns: interval,
    doc: "Time from the second to the first, in years, months and days of a zone's calendar.",
    example:
      "age(timestamptz '2024-04-10 00:00+02', timestamptz '2024-03-10 00:00+01', 'Europe/Berlin')" +
      ' -- 1 mon',
    raises: true,
    evaluate: ([later, earlier, name]) => {
      const zone = zoneOf(name)
      return age(localOf(zone, later as bigint), localOf(zone, earlier as bigint))
    },
    literalForm([, , name]) {
      const zone = emittedZone(name)
      return zone && onLocalTimes(ageForm, zone, [0, 1])
    },
  }),
]
