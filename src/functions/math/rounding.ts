import { decimal, float8, int4, numeric, type DataType } from '../../data/types/data-type.ts'
import {
  NUMERIC_SCALE_MAX,
  NUMERIC_WHOLE_DIGITS_MAX,
  powerOfTen,
  rescale,
} from '../../data/types/numeric-arithmetic.ts'
import { isSpecial, NUMERIC_NAN, numericSign } from '../../data/types/numeric-specials.ts'
import type { NumericValue, Scalar } from '../../data/types/scalar.ts'
import { roundHalfEven } from '../../data/types/round-half-even.ts'
import { aliases, scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { floatCeil, floatFloor, floatRound, floatTruncate } from '../operators/float-inline.ts'
import { pairForm } from '../kernel-forms.ts'
import {
  decimalRounding,
  decimalSign,
  floatSign,
  isNarrow,
  numericRounding,
  scaleForm,
  type roundings,
} from './inline.ts'
import { exactResult, numericArgument } from '../operators/exact.ts'

type Rounding = (unscaled: bigint, scale: number, to: number) => bigint

const nearest: Rounding = rescale

const towardsZero: Rounding = (unscaled, scale, to) =>
  to >= scale ? rescale(unscaled, scale, to) : unscaled / powerOfTen(scale - to)

const down: Rounding = (unscaled, scale, to) => {
  const cut = towardsZero(unscaled, scale, to)
  return cut * powerOfTen(Math.max(0, scale - to)) > unscaled ? cut - 1n : cut
}

const up: Rounding = (unscaled, scale, to) => -down(-unscaled, scale, to)

/** One digit more than the integer part: rounding up may carry. */
function wholeType([type]: readonly DataType[]): DataType {
  if (type?.kind !== 'decimal') return numeric
  return decimal(type.precision - type.scale + 1, 0)
}

interface Entry {
  readonly name: string
  readonly doc: string
  readonly exact: string
  readonly float: string
  readonly rounding: Rounding
  readonly mode: keyof typeof roundings
  readonly compute: (value: number) => number
  readonly inline: NonNullable<ScalarFunction['inline']>
}

const entries: readonly Entry[] = [
  {
    name: 'round',
    doc: 'The nearest whole number; halves go away from zero for exact types, to even for floats.',
    exact: 'round(2.5) -- 3',
    float: "round(float8 '2.5') -- 2",
    rounding: nearest,
    mode: 'nearest',
    compute: (value) => withSign(roundHalfEven(value), value),
    inline: floatRound,
  },
  {
    name: 'trunc',
    doc: 'The whole number towards zero.',
    exact: 'trunc(-2.7) -- -2',
    float: "trunc(float8 '-2.7') -- -2",
    rounding: towardsZero,
    mode: 'towardsZero',
    compute: Math.trunc,
    inline: floatTruncate,
  },
  {
    name: 'floor',
    doc: 'The greatest whole number that is not above.',
    exact: 'floor(-2.1) -- -3',
    float: "floor(float8 '-2.1') -- -3",
    rounding: down,
    mode: 'down',
    compute: Math.floor,
    inline: floatFloor,
  },
  {
    name: 'ceil',
    doc: 'The least whole number that is not below.',
    exact: 'ceil(-2.9) -- -2',
    float: "ceil(float8 '2.1') -- 3",
    rounding: up,
    mode: 'up',
    compute: Math.ceil,
    inline: floatCeil,
  },
]

function withSign(rounded: number, value: number): number {
  return rounded === 0 && (value < 0 || Object.is(value, -0)) ? -0 : rounded
}

const whole = entries.flatMap(({ name, doc, exact, float, rounding, mode, compute, inline }) => [
  ...(['decimal', 'numeric'] as const).map((kind) =>
    scalar({
      name,
      args: [kind],
      returns: wholeType,
      doc,
      example: exact,
      evaluate: (args, types, result) => {
        const value = numericArgument(args, types, 0)
        if (isSpecial(value)) return exactResult(value, result)
        const { unscaled, scale } = value
        return exactResult({ unscaled: rounding(unscaled, scale, 0), scale: 0 }, result)
      },
      ...(kind === 'numeric'
        ? { inline: numericRounding(mode) }
        : { inline: decimalRounding(mode), inlineFor: ([type = numeric]) => isNarrow(type) }),
    }),
  ),
  scalar({
    name,
    args: ['float8'],
    returns: float8,
    doc,
    example: float,
    evaluate: ([value]) => compute(Number(value)),
    inline,
  }),
])

/** At `digits` places behind the point, or before it when negative; the result has that many. */
function atDigits(rounding: Rounding, value: NumericValue, digits: number): NumericValue {
  if (isSpecial(value)) return value
  // One place more than a value has: nothing is left then.
  const places = Math.max(-NUMERIC_WHOLE_DIGITS_MAX - 1, Math.min(NUMERIC_SCALE_MAX, digits))
  if (places >= 0) return { unscaled: rounding(value.unscaled, value.scale, places), scale: places }
  const cut = rounding(value.unscaled, value.scale - places, 0)
  return { unscaled: cut * powerOfTen(-places), scale: 0 }
}

const digits = (
  [
    [
      'round',
      'nearest',
      nearest,
      'round(42.4382, 2) -- 42.44',
      'Rounded to a number of decimal places.',
    ],
    [
      'trunc',
      'towardsZero',
      towardsZero,
      'trunc(42.4382, 2) -- 42.43',
      'Cut to a number of decimal places.',
    ],
  ] as const
).map(([name, mode, rounding, example, doc]) =>
  scalar({
    name,
    args: ['numeric', 'int4'],
    returns: numeric,
    raises: true,
    doc,
    example,
    evaluate: (args, types) =>
      exactResult(atDigits(rounding, numericArgument(args, types, 0), Number(args[1])), numeric),
    inline: numericRounding(mode),
  }),
)

const ceilings = whole.filter(({ name }) => name === 'ceil')

const signs: readonly ScalarFunction[] = [
  ...(['decimal', 'numeric'] as const).map((kind) =>
    scalar({
      name: 'sign',
      args: [kind],
      returns: kind === 'decimal' ? decimal(1, 0) : numeric,
      doc: 'Sign of the value: -1, 0 or 1.',
      example: 'sign(-8.4) -- -1',
      evaluate: (args, types, result): Scalar => {
        const sign = numericSign(numericArgument(args, types, 0))
        if (Number.isNaN(sign)) return exactResult(NUMERIC_NAN, result)
        return exactResult({ unscaled: BigInt(sign), scale: 0 }, result)
      },
      ...(kind === 'numeric'
        ? { inline: pairForm('numericSigned', { mode: 2, long: 'sign' }) }
        : { inline: decimalSign, inlineFor: ([type = numeric]) => isNarrow(type) }),
    }),
  ),
  scalar({
    name: 'sign',
    args: ['float8'],
    returns: float8,
    doc: 'Sign of the value: -1, 0 or 1.',
    example: "sign(float8 '-8.4') -- -1",
    // C compares: 0, -0 and NaN are neither above nor below.
    evaluate: ([value]) => (Number(value) > 0 ? 1 : Number(value) < 0 ? -1 : 0),
    inline: floatSign,
  }),
  scalar({
    name: 'scale',
    args: ['numeric'],
    returns: int4,
    doc: 'Digits behind the point.',
    example: 'scale(8.4100) -- 4',
    evaluate: (args, types) => placesOf(numericArgument(args, types, 0), ({ scale }) => scale),
    inline: scaleForm,
  }),
]

/** What a number says of its digits; NULL where there are none. */
export function placesOf(
  value: NumericValue,
  count: (value: NumericValue) => number,
): number | null {
  return isSpecial(value) ? null : count(value)
}

/** Functions that round. */
export const roundingFunctions: readonly ScalarFunction[] = [
  ...whole,
  ...aliases(ceilings, 'ceiling'),
  ...digits,
  ...signs,
]
