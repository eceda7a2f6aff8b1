import { present } from '../../base/assert.ts'
import { notSupported, QueryError } from '../../base/errors.ts'
import {
  bool,
  date,
  float8,
  interval,
  numeric,
  time,
  timestamp,
  timestamptz,
  type DataType,
} from '../../data/types/data-type.ts'
import type { IntervalValue } from '../../data/types/scalar.ts'
import { roundHalfEven } from '../../data/types/round-half-even.ts'
import { scalar } from '../define.ts'
import { makeDate, makeTime, makeTimestamp } from './made-moments.ts'
import { keep, lane } from '../emit.ts'
import type { InlineForm } from '../inline.ts'
import { orElsewhere, pairForm } from '../kernel-forms.ts'
import { age } from './age.ts'
import { ageForm } from './arithmetic-inline.ts'
import { LEFT_OUT_DATE, LEFT_OUT_MOMENT, makerForm } from './maker-form.ts'
import { zoneFunctions } from './zones.ts'
import type { ScalarFunction } from '../function.ts'
import { extractField } from './fields.ts'
import { floatField } from './float-fields.ts'
import {
  checkTimestamp,
  justifyDays,
  justifyHours,
  justifyInterval,
  timestampOutOfRange,
} from './interval-arithmetic.ts'
import { truncateInterval, truncateTimestamp } from './truncate.ts'
import { literalFieldForm, literalTruncationForm } from './fields-inline.ts'

const fieldSources = ['date', 'time', 'timetz', 'timestamp', 'timestamptz', 'interval'] as const

const sourceExamples: Readonly<Record<(typeof fieldSources)[number], readonly [string, string]>> = {
  date: ["year from date '2024-02-29'", '2024'],
  time: ["minute from time '10:30'", '30'],
  timetz: ["timezone_hour from timetz '10:30+02'", '2'],
  timestamp: ["day from timestamp '2024-02-29 10:30'", '29'],
  timestamptz: ["hour from timestamptz '2024-02-29 10:30+00'", '10'],
  interval: ["day from interval '3 days'", '3'],
}

/** Most fields have few values: months, days, hours, and the years of one lifetime. */
const FIELD_VALUES = 100
/** Days of a unit that is truncated to, where it is not known. */
const DAYS_OF_UNIT = 30

const fewFields = (values: number): number => Math.min(values, FIELD_VALUES)

const fields = fieldSources.flatMap((kind) => {
  const [args, result] = sourceExamples[kind]
  const sourceType: DataType = { kind }
  return [
    scalar({
      name: 'extract',
      args: ['text', kind],
      literalForm: literalFieldForm('numeric'),
      distinctValues: fewFields,
      returns: numeric,
      raises: true,
      doc: 'One field of a date, time or interval; what EXTRACT(field FROM value) becomes.',
      example: `extract(${args}) -- ${result}`,
      evaluate: ([field, value = null]) => extractField(String(field), value, sourceType),
      ...(kind === 'timestamptz' && { inZone: 'extract_in_zone' }),
    }),
    scalar({
      name: 'date_part',
      args: ['text', kind],
      literalForm: literalFieldForm('float'),
      distinctValues: fewFields,
      returns: float8,
      raises: true,
      doc: 'One field of a date, time or interval, as a float.',
      example: `date_part('${args.replace(' from ', "', ")}) -- ${result}`,
      evaluate: ([field, value = null]) => floatField(String(field), value, sourceType),
      ...(kind === 'timestamptz' && { inZone: 'date_part' }),
    }),
  ]
})

const truncations = [
  ...(['timestamp', 'timestamptz'] as const).map((kind) =>
    scalar({
      name: 'date_trunc',
      args: ['text', kind],
      literalForm: literalTruncationForm,
      distinctValues: (values) => Math.max(1, values / DAYS_OF_UNIT),
      returns: { kind },
      raises: true,
      doc: 'Start of the unit (microseconds to millennium) that a timestamp lies in; weeks start on Monday.',
      example: `date_trunc('month', ${kind} '2024-02-29 10:30') -- 2024-02-01 00:00:00${kind === 'timestamptz' ? '+00' : ''}`,
      evaluate: ([unit, value]) => truncateTimestamp(String(unit), value as bigint, { kind }),
      ...(kind === 'timestamptz' && { inZone: 'date_trunc' }),
    }),
  ),
  scalar({
    name: 'date_trunc',
    args: ['text', 'interval'],
    returns: interval,
    raises: true,
    doc: 'An interval with the parts below a unit set to zero.',
    example: "date_trunc('hour', interval '2 days 03:04:05') -- 2 days 03:00:00",
    literalForm: literalTruncationForm,
    evaluate: ([unit, value]) => truncateInterval(String(unit), value as IntervalValue, interval),
  }),
]

const ages = (['timestamp', 'timestamptz'] as const).map((kind) =>
  scalar({
    name: 'age',
    args: [kind, kind],
    returns: interval,
    doc: 'Time from the second to the first, in years, months and days of the calendar.',
    example: `age(${kind} '2024-04-10', ${kind} '1957-06-13') -- 66 years 9 mons 27 days`,
    evaluate: ([later, earlier]) => age(later as bigint, earlier as bigint),
    inline: ageForm,
    ...(kind === 'timestamptz' && { inZone: 'age' }),
  }),
)

/** From 1970 to 2000. */
const EPOCH_SECONDS = 946_684_800
/** Some thousand years, which TypeScript looks at closer. */
const SECONDS_MAX = 1e11

const toTimestampForm: InlineForm = (ctx, args) => {
  const { f } = ctx
  const seconds = lane(present(args[0], 'missing seconds'))
  const micros = f.local('i64')
  f.i64(LEFT_OUT_MOMENT).set(micros)
  f.get(seconds).op('f64.abs').f64(SECONDS_MAX).op('f64.lt').if()
  f.get(seconds).f64(EPOCH_SECONDS).op('f64.sub').f64(1_000_000).op('f64.mul').op('f64.nearest')
  f.op('i64.trunc_f64_s')
    .i64(BigInt(EPOCH_SECONDS) * 1_000_000n)
    .op('i64.add')
    .set(micros)
  f.end()
  orElsewhere(ctx, micros, LEFT_OUT_MOMENT)
  return { lanes: [micros] }
}

const makers = [
  scalar({
    name: 'make_date',
    args: ['int4', 'int4', 'int4'],
    returns: date,
    raises: true,
    doc: 'A date from year (negative: BC), month and day.',
    example: 'make_date(2024, 2, 29) -- 2024-02-29',
    evaluate: ([year, month, day]) =>
      makeDate({ year: Number(year), month: Number(month), day: Number(day) }),
    inline: makerForm('dateMake', LEFT_OUT_DATE),
  }),
  scalar({
    name: 'make_time',
    args: ['int4', 'int4', 'float8'],
    returns: time,
    raises: true,
    doc: 'A time of day from hour, minute and seconds.',
    example: 'make_time(8, 15, 23.5) -- 08:15:23.5',
    evaluate: ([hour, minute, second]) =>
      makeTime({ hour: Number(hour), minute: Number(minute), second: Number(second) }),
    inline: makerForm('timeMake', -1n),
  }),
  scalar({
    name: 'make_timestamp',
    args: ['int4', 'int4', 'int4', 'int4', 'int4', 'float8'],
    returns: timestamp,
    raises: true,
    doc: 'A timestamp from year, month, day, hour, minute and seconds.',
    example: 'make_timestamp(2024, 2, 29, 8, 15, 23.5) -- 2024-02-29 08:15:23.5',
    evaluate: ([year, month, day, hour, minute, second]) =>
      makeTimestamp(
        { year: Number(year), month: Number(month), day: Number(day) },
        { hour: Number(hour), minute: Number(minute), second: Number(second) },
      ),
    inline: makerForm('timestampMake', LEFT_OUT_MOMENT),
  }),
  scalar({
    name: 'to_timestamp',
    args: ['float8'],
    returns: timestamptz,
    raises: true,
    doc: 'A timestamp from seconds since 1970-01-01 UTC.',
    example: 'to_timestamp(1700000000.5) -- 2023-11-14 22:13:20.5+00',
    evaluate: ([seconds]) => {
      const value = Number(seconds)
      if (Number.isNaN(value)) throw new QueryError('DATETIME_OVERFLOW', 'timestamp cannot be NaN')
      if (!Number.isFinite(value)) throw notSupported('infinite timestamps')
      // Rounded as seconds since 2000, which PostgreSQL counts.
      const micros = roundHalfEven((value - EPOCH_SECONDS) * 1_000_000)
      if (!Number.isFinite(micros)) throw timestampOutOfRange()
      return checkTimestamp(BigInt(micros) + BigInt(EPOCH_SECONDS) * 1_000_000n)
    },
    inline: toTimestampForm,
  }),
]

const justifiers = (
  [
    ['justify_days', justifyDays, 1, 'Turns 30 days into a month.', '35 days', '1 mon 5 days'],
    ['justify_hours', justifyHours, 0, 'Turns 24 hours into a day.', '27 hours', '1 day 03:00:00'],
    [
      'justify_interval',
      justifyInterval,
      2,
      'Turns hours into days and days into months, with one sign for all.',
      '1 mon -1 hour',
      '29 days 23:00:00',
    ],
  ] as const
).map(([name, justify, mode, doc, input, output]) =>
  scalar({
    name,
    args: ['interval'],
    returns: interval,
    raises: true,
    doc,
    example: `${name}(interval '${input}') -- ${output}`,
    evaluate: ([value]) => justify(value as IntervalValue),
    inline: pairForm('intervalJustify', { mode }),
  }),
)

const finite = fieldSources
  .filter((kind) => kind !== 'time' && kind !== 'timetz')
  .map((kind) =>
    scalar({
      name: 'isfinite',
      args: [kind],
      returns: bool,
      doc: 'Whether the value is finite; always, as infinite ones are refused.',
      example: `isfinite(${kind} '${kind === 'interval' ? '1 day' : '2024-02-29'}') -- t`,
      evaluate: () => true,
      inline: ({ f }) => {
        f.i32(1)
        return { lanes: [keep(f, 'i32')] }
      },
    }),
  )

/** Functions on dates, times and intervals. */
export const datetimeFunctions: readonly ScalarFunction[] = [
  ...fields,
  ...truncations,
  ...ages,
  ...makers,
  ...justifiers,
  ...zoneFunctions,
  ...finite,
]
