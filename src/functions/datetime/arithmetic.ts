import { present } from '../../base/assert.ts'
import {
  date,
  int4,
  interval,
  time,
  timestamp,
  type DataType,
  type TypeKind,
} from '../../data/types/data-type.ts'
import { MICROS_PER_DAY } from '../../data/types/calendar.ts'
import type { IntervalValue, Scalar } from '../../data/types/scalar.ts'
import { functionId, scalar } from '../define.ts'
import type { ArgumentKind, ScalarFunction } from '../function.ts'
import type { InlineForm } from '../inline.ts'
import { pairForm } from '../kernel-forms.ts'
import {
  addDays,
  addIntervalForm,
  addTimeOfDay,
  dateDifference,
  momentDifference,
  subtractDays,
} from './arithmetic-inline.ts'
import {
  addIntervalsForm,
  moveTimeForm,
  negateIntervalForm,
  timeDifferenceForm,
} from './interval-inline.ts'
import {
  checkTimestamp,
  addIntervals,
  addToTimestamp,
  checkDate,
  dateToTimestamp,
  divideInterval,
  multiplyInterval,
  negateInterval,
  subtractIntervals,
  subtractTimestamps,
} from './interval-arithmetic.ts'
import { differenceBounds, sumBounds } from '../bounds.ts'

interface Entry {
  readonly name: string
  readonly args: readonly ArgumentKind[]
  readonly returns: DataType
  readonly doc: string
  readonly example: string
  readonly compute: (left: Scalar, right: Scalar) => Scalar
  readonly inline?: InlineForm
  readonly raises?: boolean
  readonly inZone?: string
}

const asInterval = (value: Scalar): IntervalValue => value as IntervalValue
const asMicros = (value: Scalar): bigint => value as bigint
const asDays = (value: Scalar): number => value as number

/** Around the clock; PostgreSQL's sum of 64 bits wraps around, too. */
function wrapDay(micros: bigint): bigint {
  return ((BigInt.asIntN(64, micros) % MICROS_PER_DAY) + MICROS_PER_DAY) % MICROS_PER_DAY
}

/** An operator that takes its operands in either order. */
function commutative(entry: Entry): readonly Entry[] {
  const { compute, inline } = entry
  const [left, right] = entry.example.split(' -- ')[0]?.split(/ [+*] /) ?? []
  const swapped: Entry = {
    ...entry,
    args: entry.args.toReversed(),
    example: `${right} ${entry.name} ${left} -- ${entry.example.split(' -- ')[1]}`,
    compute: (a, b) => compute(b, a),
    ...(inline && {
      inline: (ctx, args, result) => inline(ctx, args.toReversed(), result),
    }),
  }
  return [entry, swapped]
}

const dates: readonly Entry[] = [
  ...commutative({
    name: '+',
    args: ['date', 'int4'],
    returns: date,
    doc: 'The date some days later.',
    example: "date '2024-02-28' + 2 -- 2024-03-01",
    compute: (days, count) => checkDate(asDays(days) + asDays(count)),
    inline: addDays,
  }),
  {
    name: '-',
    args: ['date', 'int4'],
    returns: date,
    doc: 'The date some days earlier.',
    example: "date '2024-03-01' - 1 -- 2024-02-29",
    compute: (days, count) => checkDate(asDays(days) - asDays(count)),
    inline: subtractDays,
  },
  {
    name: '-',
    args: ['date', 'date'],
    returns: int4,
    doc: 'Days between two dates.',
    example: "date '2024-03-01' - date '2024-02-01' -- 29",
    compute: (left, right) => asDays(left) - asDays(right),
    inline: dateDifference,
    raises: false,
  },
  ...commutative({
    name: '+',
    args: ['date', 'interval'],
    returns: timestamp,
    doc: 'The date plus an interval: months first, the day cut to the length of the month.',
    example: "date '2024-01-31' + interval '1 month' -- 2024-02-29 00:00:00",
    compute: (days, by) => addToTimestamp(dateToTimestamp(asDays(days)), asInterval(by)),
    inline: addIntervalForm('add'),
  }),
  {
    name: '-',
    args: ['date', 'interval'],
    returns: timestamp,
    doc: 'The date minus an interval.',
    example: "date '1998-12-01' - interval '90 days' -- 1998-09-02 00:00:00",
    compute: (days, by) =>
      addToTimestamp(dateToTimestamp(asDays(days)), negateInterval(asInterval(by))),
    inline: addIntervalForm('sub'),
  },
  ...commutative({
    name: '+',
    args: ['date', 'time'],
    returns: timestamp,
    doc: 'A date and a time of day as a timestamp.',
    example: "date '2024-01-31' + time '10:30' -- 2024-01-31 10:30:00",
    compute: (days, clock) => checkTimestamp(dateToTimestamp(asDays(days)) + asMicros(clock)),
    inline: addTimeOfDay,
  }),
]

const timestampEntries = (['timestamp', 'timestamptz'] as const).flatMap(
  (kind): readonly Entry[] => {
    const zone = kind === 'timestamptz' ? '+00' : ''
    return [
      ...commutative({
        name: '+',
        args: [kind, 'interval'],
        returns: { kind },
        doc: 'The timestamp plus an interval: months first, then days, then time.',
        example: `${kind} '2024-01-31 10:00' + interval '1 mon 1 day' -- 2024-03-01 10:00:00${zone}`,
        compute: (micros, by) => addToTimestamp(asMicros(micros), asInterval(by)),
        inline: addIntervalForm('add'),
        ...(kind === 'timestamptz' && { inZone: 'date_add' }),
      }),
      {
        name: '-',
        args: [kind, 'interval'],
        returns: { kind },
        doc: 'The timestamp minus an interval.',
        example: `${kind} '2024-03-31 10:00' - interval '1 mon' -- 2024-02-29 10:00:00${zone}`,
        compute: (micros, by) => addToTimestamp(asMicros(micros), negateInterval(asInterval(by))),
        inline: addIntervalForm('sub'),
        ...(kind === 'timestamptz' && { inZone: 'date_subtract' }),
      },
      {
        name: '-',
        args: [kind, kind],
        returns: interval,
        doc: 'Time between two timestamps, in days and time.',
        example: `${kind} '2024-03-01 12:00' - ${kind} '2024-02-01' -- 29 days 12:00:00`,
        compute: (left, right) => subtractTimestamps(asMicros(left), asMicros(right)),
        inline: momentDifference,
      },
    ]
  },
)

const times: readonly Entry[] = [
  ...commutative({
    name: '+',
    args: ['time', 'interval'],
    returns: time,
    doc: "The time of day plus an interval's time, around the clock.",
    example: "time '23:00' + interval '2 hours' -- 01:00:00",
    compute: (clock, by) => wrapDay(asMicros(clock) + asInterval(by).micros),
    inline: moveTimeForm('add'),
    raises: false,
  }),
  {
    name: '-',
    args: ['time', 'interval'],
    returns: time,
    doc: "The time of day minus an interval's time, around the clock.",
    example: "time '01:00' - interval '2 hours' -- 23:00:00",
    compute: (clock, by) => wrapDay(asMicros(clock) - asInterval(by).micros),
    inline: moveTimeForm('sub'),
    raises: false,
  },
  {
    name: '-',
    args: ['time', 'time'],
    returns: interval,
    doc: 'Time between two times of day.',
    example: "time '05:00' - time '03:30' -- 01:30:00",
    compute: (left, right) => ({ months: 0, days: 0, micros: asMicros(left) - asMicros(right) }),
    inline: timeDifferenceForm,
    raises: false,
  },
]

const intervals: readonly Entry[] = [
  {
    name: '+',
    args: ['interval', 'interval'],
    returns: interval,
    doc: 'Sum, part by part.',
    example: "interval '1 day' + interval '2 hours' -- 1 day 02:00:00",
    compute: (left, right) => addIntervals(asInterval(left), asInterval(right)),
    inline: addIntervalsForm('add'),
  },
  {
    name: '-',
    args: ['interval', 'interval'],
    returns: interval,
    doc: 'Difference, part by part.',
    example: "interval '1 day' - interval '2 hours' -- 1 day -02:00:00",
    compute: (left, right) => subtractIntervals(asInterval(left), asInterval(right)),
    inline: addIntervalsForm('sub'),
  },
  ...commutative({
    name: '*',
    args: ['interval', 'float8'],
    returns: interval,
    doc: 'The interval times a number; fractions of months count 30 days.',
    example: "interval '1 day' * 1.5 -- 1 day 12:00:00",
    compute: (value, factor) => multiplyInterval(asInterval(value), Number(factor)),
    inline: pairForm('intervalScale', { mode: 0 }),
  }),
  {
    name: '/',
    args: ['interval', 'float8'],
    returns: interval,
    doc: 'The interval divided by a number.',
    example: "interval '1 hour' / 4 -- 00:15:00",
    compute: (value, divisor) => divideInterval(asInterval(value), Number(divisor)),
    inline: pairForm('intervalScale', { mode: 1 }),
  },
]

const unary: readonly ScalarFunction[] = [
  scalar({
    name: '-',
    args: ['interval'],
    returns: interval,
    raises: true,
    doc: 'Negation, part by part.',
    example: "- interval '1 day' -- -1 days",
    evaluate: ([value = null]) => negateInterval(asInterval(value)),
    inline: negateIntervalForm,
  }),
]

/** Dates and numbers of days: both are stored as integers. */
function daysOnly({ args, returns }: Pick<Entry, 'args' | 'returns'>): boolean {
  return [...args, returns.kind].every((kind) => kind === 'date' || kind === 'int4')
}

/** Operators on dates, times and intervals. */
export const datetimeOperators: readonly ScalarFunction[] = [
  ...[...dates, ...timestampEntries, ...times, ...intervals].map(
    ({ compute, inline, raises = true, ...entry }) =>
      scalar({
        ...entry,
        raises,
        ...(daysOnly(entry) && { bounds: entry.name === '+' ? sumBounds : differenceBounds }),
        evaluate: ([left = null, right = null]) => compute(left, right),
        ...(inline === undefined ? {} : { inline }),
      }),
  ),
  ...unary,
]

/** What adds an interval to a value of a kind, or takes it away. */
export function intervalShift(kind: TypeKind, sign: 1 | -1): ScalarFunction {
  const id = functionId(sign < 0 ? '-' : '+', [kind, 'interval'])
  return present(
    datetimeOperators.find((fn) => fn.id === id),
    `no ${id}`,
  )
}
