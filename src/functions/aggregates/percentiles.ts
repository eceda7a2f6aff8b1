import { spend } from '../../base/budget.ts'
import { QueryError } from '../../base/errors.ts'
import { messageNumber } from '../../base/message-number.ts'
import { castKind } from '../../data/types/coercion.ts'
import {
  arrayOf,
  float8,
  interval,
  text,
  typeName,
  type DataType,
} from '../../data/types/data-type.ts'
import type { IntervalValue, Scalar } from '../../data/types/scalar.ts'
import { bytesOfArray } from '../../data/vectors/array-bytes.ts'
import { arrayAround, knownTypes, readArray } from '../array-elements.ts'
import { addIntervals, multiplyInterval, negateInterval } from '../datetime/interval-arithmetic.ts'
import { aggregate } from '../define.ts'
import type { AggregateFunction } from '../function.ts'
import type { CollectedForm, CollectedRows } from '../aggregate-form.ts'

/** A fraction that a percentile asks for; undefined for none. Throws NUMERIC_OUT_OF_RANGE. */
function fractionOf(value: Scalar): number | undefined {
  if (value === null) return undefined
  const fraction = Number(value)
  if (fraction >= 0 && fraction <= 1) return fraction
  const message = `percentile value ${messageNumber(fraction)} is not between 0 and 1`
  throw new QueryError('NUMERIC_OUT_OF_RANGE', message)
}

/** The value at a fraction of the sorted rows, of which there are some. */
interface Percentile {
  readonly between: 'floats' | 'intervals' | undefined
  valueAt(rows: CollectedRows, fraction: number): Scalar
}

/** The value at a fraction, or between the two nearest by `put`. */
function continuous(
  between: 'floats' | 'intervals',
  put: (low: Scalar, high: Scalar, part: number) => Scalar,
): Percentile {
  const valueAt: Percentile['valueAt'] = (rows, fraction) => {
    const place = fraction * (rows.count - 1)
    const [low, high] = [Math.floor(place), Math.ceil(place)]
    const lowest = rows.value(low, 1)
    return low === high ? lowest : put(lowest, rows.value(high, 1), place - low)
  }
  return { between, valueAt }
}

const discrete: Percentile = {
  between: undefined,
  valueAt: (rows, fraction) => rows.value(Math.max(0, Math.ceil(fraction * rows.count) - 1), 1),
}

const betweenNumbers = continuous(
  'floats',
  (low, high, part) => Number(low) + part * (Number(high) - Number(low)),
)

const betweenIntervals = continuous('intervals', (low, high, part) => {
  const [from, to] = [low as IntervalValue, high as IntervalValue]
  const span = addIntervals(to, negateInterval(from))
  return addIntervals(from, multiplyInterval(span, part))
})

const fractionsType = arrayOf({ kind: 'float8' })

const sorted = { kind: 'collected', required: [1], order: 'within-group' } as const

function atOne({ between, valueAt }: Percentile): CollectedForm {
  const finish = (rows: CollectedRows): Scalar => {
    const fraction = fractionOf(rows.direct(0) ?? null)
    return fraction === undefined || rows.count === 0 ? null : valueAt(rows, fraction)
  }
  const fractions = (argument: Scalar): readonly (number | undefined)[] => [fractionOf(argument)]
  return { ...sorted, picked: { what: 'fractions', fractions, several: false, between }, finish }
}

/** What finding the value at a fraction costs, in steps of a budget. */
const PERCENTILE_STEPS = 16

/** One value for each fraction of an array, in an array of the same dimensions. */
function atSeveral({ between, valueAt }: Percentile): CollectedForm {
  const finish = (rows: CollectedRows): Scalar => {
    const argument = rows.direct(0) ?? null
    if (argument === null || rows.count === 0) return null
    const wanted = readArray(argument, fractionsType)
    const elements = wanted.elements.map(fractionOf).map((fraction) => {
      spend(PERCENTILE_STEPS)
      return fraction === undefined ? null : valueAt(rows, fraction)
    })
    return bytesOfArray({ ...wanted, elements }, arrayAround(rows.types[1]))
  }
  const fractions = (argument: Scalar): readonly (number | undefined)[] | undefined => {
    if (argument === null) return undefined
    const { dimensions, elements } = readArray(argument, fractionsType)
    const [dimension, another] = dimensions
    return dimension?.lower === 1 && another === undefined ? elements.map(fractionOf) : undefined
  }
  return { ...sorted, picked: { what: 'fractions', fractions, several: true, between }, finish }
}

/** Fractions in an array beside what is sorted, of which there must be arrays. Throws UNDEFINED_OBJECT. */
function besideFractions(sortedType?: DataType) {
  return (types: readonly DataType[]): readonly DataType[] | undefined => {
    const [fractions, value = text] = types
    if (fractions?.kind !== 'array') return undefined
    if (castKind(fractions, fractionsType) !== 'implicit') return undefined
    if (sortedType !== undefined) return [fractionsType, sortedType]
    knownTypes([value])
    if (value.kind !== 'array') return [fractionsType, value]
    const message = `could not find array type for data type ${typeName(value)}`
    throw new QueryError('UNDEFINED_OBJECT', message)
  }
}

const continuousForms = [
  {
    type: float8,
    percentile: betweenNumbers,
    values: '1, NULL, 2',
    one: '1.5',
    several: '{1,1.5}',
  },
  {
    type: interval,
    percentile: betweenIntervals,
    values: "'1 day', '2 days'",
    one: '1 day 12:00:00',
    several: '{"1 day","1 day 12:00:00"}',
  },
] as const

const between = 'interpolated between the two nearest'
const within = 'within group (order by x) over'

/** percentile_cont and percentile_disc, each at one fraction and at those of an array. */
export const percentiles: readonly AggregateFunction[] = [
  ...continuousForms.flatMap(({ type, percentile, values, one, several }) => [
    aggregate({
      name: 'percentile_cont',
      args: ['float8', type.kind],
      directArgs: 1,
      returns: type,
      emptyValue: null,
      form: atOne(percentile),
      doc: `The value at a fraction of the sorted ones, ${between}.`,
      example: `percentile_cont(0.5) ${within} ${values} -- ${one}`,
    }),
    aggregate({
      name: 'percentile_cont',
      args: ['array', type.kind],
      directArgs: 1,
      settle: besideFractions(type),
      returns: ([, value]) => arrayAround(value),
      emptyValue: null,
      form: atSeveral(percentile),
      doc: `The values at several fractions of the sorted ones, ${between}.`,
      example: `percentile_cont(array[0, 0.5]) ${within} ${values} -- ${several}`,
    }),
  ]),
  aggregate({
    name: 'percentile_disc',
    args: ['float8', 'any'],
    directArgs: 1,
    returns: ([, value = text]) => value,
    emptyValue: null,
    form: atOne(discrete),
    doc: 'The first of the sorted values whose place is at a fraction of them or behind it.',
    example: `percentile_disc(0.5) ${within} 1, NULL, 2 -- 1`,
  }),
  aggregate({
    name: 'percentile_disc',
    args: ['array', 'any'],
    directArgs: 1,
    settle: besideFractions(),
    returns: ([, value]) => arrayAround(value),
    emptyValue: null,
    form: atSeveral(discrete),
    doc: 'The values at several fractions of the sorted ones.',
    example: `percentile_disc(array[0, 0.5]) ${within} 1, NULL, 2 -- {1,1}`,
  }),
]
