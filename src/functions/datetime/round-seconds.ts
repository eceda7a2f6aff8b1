import { present } from '../../base/assert.ts'
import { intervalOf, type IntervalValue, type Scalar } from '../../data/types/scalar.ts'
import { zonedTimeOf, zonedTimeText } from '../../data/types/zoned-time.ts'
import { scalar } from '../define.ts'
import { keep } from '../emit.ts'
import type { ScalarFunction } from '../function.ts'
import type { InlineContext, InlineForm } from '../inline.ts'
import type { Local } from '../../wasm/assembler/function-builder.ts'
import { checkTimestamp } from './interval-arithmetic.ts'

/* Seconds with fewer digits, as types such as timestamp(3) have them: halves go away from zero. */

const DIGITS_MAX = 6
/** Timestamps count from 2000 on there. */
const EPOCH_MICROS = 946_684_800_000_000n

function unitOf(digits: Scalar | undefined): bigint {
  return 10n ** BigInt(DIGITS_MAX - Math.min(DIGITS_MAX, Math.max(0, Number(digits))))
}

/** Errors: none. */
export function roundMicros(micros: bigint, digits: number): bigint {
  const unit = unitOf(digits)
  const half = micros < 0n ? -unit / 2n : unit / 2n
  return ((micros + half) / unit) * unit
}

/** Emits: microseconds, counted from `epoch` on, rounded. */
function rounded({ f }: InlineContext, micros: Local, unit: bigint, epoch: bigint): Local {
  f.get(micros).i64(epoch).op('i64.sub')
  const counted = keep(f, 'i64')
  f.get(counted).i64(63n).op('i64.shr_s')
  const sign = keep(f, 'i64')
  f.get(counted)
    .i64(unit / 2n)
    .get(sign)
    .op('i64.xor')
    .get(sign)
    .op('i64.sub')
    .op('i64.add')
  f.i64(unit).op('i64.div_s').i64(unit).op('i64.mul').i64(epoch).op('i64.add')
  return keep(f, 'i64')
}

function roundedForm(epoch: bigint): NonNullable<ScalarFunction['literalForm']> {
  return ([, digits]): InlineForm | undefined => {
    if (digits === undefined || digits === null) return undefined
    const unit = unitOf(digits)
    return (ctx, [value]) => {
      const { lanes } = present(value, 'missing value')
      const micros = present(lanes.at(-1), 'microseconds')
      if (unit === 1n) return { lanes }
      return { lanes: [...lanes.slice(0, -1), rounded(ctx, micros, unit, epoch)] }
    }
  }
}

const examples = {
  time: "round_seconds(time '10:30:15.678', 1) -- 10:30:15.7",
  timetz: "round_seconds(timetz '10:30:15.678+02', 1) -- 10:30:15.7+02",
  timestamp: "round_seconds(timestamp '2024-02-29 10:30:15.678', 0) -- 2024-02-29 10:30:16",
  timestamptz:
    "round_seconds(timestamptz '2024-02-29 10:30:15.678+00', 0) -- 2024-02-29 10:30:16+00",
  interval: "round_seconds(interval '1 day 00:00:01.25', 1) -- 1 day 00:00:01.3",
} as const

const values: Readonly<Record<keyof typeof examples, (value: Scalar, digits: number) => Scalar>> = {
  time: (value, digits) => roundMicros(value as bigint, digits),
  timetz(value, digits) {
    const { micros, zone } = zonedTimeOf(value)
    return zonedTimeText({ micros: roundMicros(micros, digits), zone })
  },
  timestamp: roundMoment,
  timestamptz: roundMoment,
  interval(value, digits) {
    const span = intervalOf(value as IntervalValue)
    return { ...span, micros: roundMicros(span.micros, digits) }
  },
}

function roundMoment(value: Scalar, digits: number): bigint {
  return checkTimestamp(roundMicros((value as bigint) - EPOCH_MICROS, digits) + EPOCH_MICROS)
}

/** What casts to types with a precision become. */
export const secondRoundings: readonly ScalarFunction[] = (
  ['time', 'timetz', 'timestamp', 'timestamptz', 'interval'] as const
).map((kind) =>
  scalar({
    name: 'round_seconds',
    args: [kind, 'int4'],
    returns: { kind },
    doc:
      'The value with so many digits of its seconds, 0 to 6: what a cast to a type ' +
      'with a precision becomes.',
    example: examples[kind],
    evaluate: ([value = null, digits]) => values[kind](value, Number(digits)),
    ...(kind !== 'timetz' && {
      literalForm: roundedForm(kind.startsWith('timestamp') ? EPOCH_MICROS : 0n),
    }),
  }),
)
