import { MICROS_PER_SECOND } from '../../data/types/calendar.ts'
import { text, timestamp } from '../../data/types/data-type.ts'
import { formatMoment, noZone } from './to-char.ts'
import { literalIntervalForm, literalMomentForm } from './to-char-inline.ts'
import { intervalOf, type IntervalValue } from '../../data/types/scalar.ts'
import { formatIntervalBy } from './to-char-interval.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { shownExact, shownFloat } from '../math/shown-numbers.ts'
import { literalNumberForm } from '../math/to-char-inline.ts'
import { formatNumber } from '../math/to-char.ts'
import { numericArgument } from '../operators/exact.ts'
import { emittedZone, onLocalTimes } from './zone-forms.ts'
import { localOf, nameAt, offsetOfMoment, zoneOf } from './zone-moves.ts'

const inUtc = { name: 'UTC', offset: 0 }

const moments = (['timestamp', 'timestamptz'] as const).map((kind) =>
  scalar({
    name: 'to_char',
    args: [kind, 'text'],
    literalForm: literalMomentForm,
    returns: text,
    raises: true,
    doc: 'A timestamp by a template such as YYYY-MM-DD HH24:MI:SS.',
    example: `to_char(${kind} '2024-02-29 15:04', 'DD Mon YYYY, HH12:MI am') -- 29 Feb 2024, 03:04 pm`,
    evaluate: ([value, template]) =>
      template === ''
        ? null
        : formatMoment(value as bigint, String(template), kind === 'timestamptz' ? inUtc : noZone),
    ...(kind === 'timestamptz' && { inZone: 'to_char' }),
  }),
)

const momentsInZone = scalar({
  name: 'to_char',
  args: ['timestamptz', 'text', 'text'],
  returns: text,
  raises: true,
  doc: 'A moment by a template, as the clocks of a zone show it.',
  example:
    "to_char(timestamptz '2024-07-01 12:00+00', 'HH24:MI TZ', 'Europe/Berlin') -- 14:00 CEST",
  literalForm([, template, zone], types) {
    const emitted = emittedZone(zone)
    const isOfZone = typeof template === 'string' && /tz|of/i.test(template)
    if (emitted === undefined || isOfZone) return undefined
    const form = literalMomentForm([undefined, template], [timestamp, ...types.slice(1)])
    return form && onLocalTimes(form, emitted, [0])
  },
  evaluate([value, template, name]) {
    if (template === '') return null
    const [moment, zone] = [value as bigint, zoneOf(name)]
    const offset = Number(offsetOfMoment(zone, moment) / MICROS_PER_SECOND)
    const shown = { name: nameAt(zone, moment), offset }
    return formatMoment(localOf(zone, moment), String(template), shown)
  },
})

const intervals = scalar({
  name: 'to_char',
  args: ['interval', 'text'],
  literalForm: literalIntervalForm,
  returns: text,
  raises: true,
  doc: 'An interval by a template such as HH24:MI:SS.',
  example: "to_char(interval '15 hours 2 minutes 12 seconds', 'HH24:MI:SS') -- 15:02:12",
  evaluate: ([value, template]) =>
    template === '' ? null : formatIntervalBy(intervalOf(value as IntervalValue), String(template)),
})

const numbers = (['int4', 'int8', 'numeric', 'float4', 'float8'] as const).map((kind) =>
  scalar({
    name: 'to_char',
    args: [kind, 'text'],
    literalForm: literalNumberForm,
    returns: text,
    raises: true,
    doc: 'A number by a template such as FM999,990.00.',
    example:
      kind === 'int4' || kind === 'int8'
        ? "to_char(485, 'FM000000') -- 000485"
        : "to_char(1234.5, 'FM9,999.00') -- 1,234.50",
    evaluate: (args, types) => {
      const number =
        kind === 'float4' || kind === 'float8'
          ? shownFloat(args[0] as number, kind)
          : shownExact(numericArgument(args, types, 0), kind)
      return formatNumber(number, String(args[1]))
    },
  }),
)

/** to_char of dates (as timestamps), times of day (as intervals) and of numbers. */
export const toCharFunctions: readonly ScalarFunction[] = [
  ...moments,
  momentsInZone,
  intervals,
  ...numbers,
]
