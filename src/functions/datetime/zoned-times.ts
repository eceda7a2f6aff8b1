import { MICROS_PER_DAY, TIMESTAMP_MAX, TIMESTAMP_MIN } from '../../data/types/calendar.ts'
import { timestamptz, timetz, type DataType } from '../../data/types/data-type.ts'
import { intervalOf, type Scalar } from '../../data/types/scalar.ts'
import { zonedTimeOf, zonedTimeText } from '../../data/types/zoned-time.ts'
import { scalar } from '../define.ts'
import type { ArgumentKind, ScalarFunction } from '../function.ts'
import type { InlineForm } from '../inline.ts'
import { beyondTimestamps, dateToTimestamp } from './interval-arithmetic.ts'
import { momentForm, movedForm } from './zoned-forms.ts'

/** A time of day moved around the clock, its zone as it was. */
function moved(value: Scalar, micros: bigint): string {
  const { micros: clock, zone } = zonedTimeOf(value)
  // PostgreSQL's sum of 64 bits wraps around.
  const sum = BigInt.asIntN(64, clock + micros) % MICROS_PER_DAY
  return zonedTimeText({ micros: sum < 0n ? sum + MICROS_PER_DAY : sum, zone })
}

function byTime(value: Scalar): bigint {
  return value === null ? 0n : intervalOf(value).micros
}

/** A binary operator whose arguments may change places. */
function either(
  args: readonly [ArgumentKind, ArgumentKind],
  returns: DataType,
  texts: readonly [doc: string, example: string, turned: string],
  compute: (left: Scalar, right: Scalar) => Scalar,
  inline: readonly [InlineForm, InlineForm],
): readonly ScalarFunction[] {
  const [doc, example, turned] = texts
  const entry = { name: '+', returns, doc, raises: true }
  return [
    scalar({
      ...entry,
      args,
      example,
      evaluate: ([a = null, b = null]) => compute(a, b),
      inline: inline[0],
      isDear: true,
    }),
    scalar({
      ...entry,
      inline: inline[1],
      isDear: true,
      args: [args[1], args[0]],
      example: turned,
      evaluate: ([b = null, a = null]) => compute(a, b),
    }),
  ]
}

/** Times of day with a zone. */
export const zonedTimeFunctions: readonly ScalarFunction[] = [
  ...either(
    ['timetz', 'interval'],
    timetz,
    [
      "The time of day plus an interval's time, around the clock.",
      "timetz '23:00+02' + interval '2 hours' -- 01:00:00+02",
      "interval '2 hours' + timetz '23:00+02' -- 01:00:00+02",
    ],
    (value, by) => moved(value, byTime(by)),
    [movedForm(1n, 0), movedForm(1n, 1)],
  ),
  scalar({
    name: '-',
    args: ['timetz', 'interval'],
    returns: timetz,
    doc: "The time of day minus an interval's time, around the clock.",
    example: "timetz '01:00+02' - interval '2 hours' -- 23:00:00+02",
    evaluate: ([value = null, by = null]) => moved(value, -byTime(by)),
    inline: movedForm(-1n, 0),
    isDear: true,
  }),
  ...either(
    ['date', 'timetz'],
    timestamptz,
    [
      'A date and a time of day in a zone as a moment.',
      "date '2024-01-31' + timetz '10:30+02' -- 2024-01-31 08:30:00+00",
      "timetz '10:30+02' + date '2024-01-31' -- 2024-01-31 08:30:00+00",
    ],
    (days, clock) => {
      const { micros, zone } = zonedTimeOf(clock)
      const moment = dateToTimestamp(Number(days)) + micros - zone
      if (moment < TIMESTAMP_MIN || moment > TIMESTAMP_MAX) throw beyondTimestamps()
      return moment
    },
    [momentForm(1), momentForm(0)],
  ),
]
