import { assert } from '../../base/assert.ts'
import { QueryError } from '../../base/errors.ts'
import { compareNumerics } from '../../data/types/compare-values.ts'
import { decimal, int4, numeric } from '../../data/types/data-type.ts'
import {
  absolute,
  divideNumeric,
  numericOverflow,
  powerOfTen,
  rescale,
} from '../../data/types/numeric-arithmetic.ts'
import { fieldOverflow, infiniteField } from '../../data/types/parse-number.ts'
import { isNaNumeric, isSpecial, numericSign } from '../../data/types/numeric-specials.ts'
import type { NumericValue } from '../../data/types/scalar.ts'
import { scalar } from '../define.ts'
import { pairForm } from '../kernel-forms.ts'
import { factorialForm, leastScaleForm, limitForm, numericBucketForm } from './inline.ts'
import type { ScalarFunction } from '../function.ts'
import { placesOf } from './rounding.ts'
import { exactResult, numericArgument } from '../operators/exact.ts'
import { bucketError } from './functions.ts'

/** The largest number whose factorial a numeric can hold. */
const FACTORIAL_MAX = 32_177n

const factorial = scalar({
  name: 'factorial',
  args: ['int8'],
  returns: numeric,
  raises: true,
  doc: 'Product of the whole numbers up to the argument.',
  example: 'factorial(5) -- 120',
  evaluate: ([value]) => {
    const count = BigInt(value as bigint)
    if (count < 0n) {
      throw new QueryError('NUMERIC_OUT_OF_RANGE', 'factorial of a negative number is undefined')
    }
    if (count > FACTORIAL_MAX) throw numericOverflow()
    return { unscaled: product(1n, count), scale: 0 }
  },
  inline: factorialForm,
})

/** By halves, so that factors are of like size. */
function product(from: bigint, to: bigint): bigint {
  if (from > to) return 1n
  if (to - from < 8n) {
    let result = from
    for (let next = from + 1n; next <= to; next++) result *= next
    return result
  }
  const middle = (from + to) / 2n
  return product(from, middle) * product(middle + 1n, to)
}

/** The same value with as few digits behind the point as it needs. */
function trimmed(value: NumericValue): NumericValue {
  const { unscaled, scale } = value
  if (isSpecial(value)) return value
  if (unscaled === 0n) return { unscaled, scale: 0 }
  const text = unscaled.toString()
  let zeros = 0
  while (zeros < scale && text.charCodeAt(text.length - 1 - zeros) === 48) zeros++
  return { unscaled: unscaled / powerOfTen(zeros), scale: scale - zeros }
}

const scales = [
  scalar({
    name: 'min_scale',
    args: ['numeric'],
    returns: int4,
    doc: 'Digits behind the point that the value needs.',
    example: 'min_scale(8.4100) -- 2',
    evaluate: (args, types) =>
      placesOf(numericArgument(args, types, 0), (value) => trimmed(value).scale),
    inline: leastScaleForm,
  }),
  scalar({
    name: 'trim_scale',
    args: ['numeric'],
    returns: numeric,
    doc: 'The value without zeros at the end of its digits behind the point.',
    example: 'trim_scale(8.4100) -- 8.41',
    evaluate: (args, types) => trimmed(numericArgument(args, types, 0)),
    inline: pairForm('numericTrim', { long: 'trimmed' }),
  }),
]

/** What a cast to numeric(p, s) does where decimals do not go so far. */
const limited = scalar({
  name: 'limit_digits',
  args: ['numeric', 'int4', 'int4'],
  returns: numeric,
  raises: true,
  doc: 'The first, rounded to a scale (the third), with so many digits (the second) at most.',
  example: 'limit_digits(1234.567, 50, 2) -- 1234.57',
  evaluate: (args, types) => {
    const value = numericArgument(args, types, 0)
    const { unscaled, scale, special } = value
    const [precision, places] = [Number(args[1]), Number(args[2])]
    if (special === 'NaN') return value
    if (special !== undefined) throw infiniteField(precision, places)
    const rounded = rescale(unscaled, scale - Math.min(0, places), Math.max(0, places))
    const type = decimal(precision, places)
    if (absolute(rounded) >= powerOfTen(precision)) throw fieldOverflow(type)
    const whole = rounded * powerOfTen(Math.max(0, -places))
    return exactResult({ unscaled: whole, scale: Math.max(0, places) }, numeric)
  },
  literalForm: limitForm,
})

/** Of the bucket behind so many. */
function numberOfBucket(before: bigint): number {
  if (before >= 2n ** 31n - 1n) throw new QueryError('NUMERIC_OUT_OF_RANGE', 'integer out of range')
  return Number(before) + 1
}

/** Where the operand or a bound is special. */
function specialBucket(values: readonly NumericValue[], count: number): number {
  const [value, low, high] = values
  if (count <= 0) throw bucketError('count must be greater than zero')
  if (values.some(isNaNumeric)) {
    throw bucketError('operand, lower bound, and upper bound cannot be NaN')
  }
  assert(value !== undefined && low !== undefined && high !== undefined, 'missing bound')
  if (isSpecial(low) || isSpecial(high)) {
    throw bucketError('lower and upper bounds must be finite')
  }
  const direction = compareNumerics(high, low)
  if (direction === 0) throw bucketError('lower bound cannot equal upper bound')
  return direction > 0 === numericSign(value) > 0 ? numberOfBucket(BigInt(count)) : 0
}

const buckets = scalar({
  name: 'width_bucket',
  args: ['numeric', 'numeric', 'numeric', 'int4'],
  returns: int4,
  raises: true,
  doc: 'Number of the bucket, of equal ones between two bounds, that a value falls in.',
  example: 'width_bucket(5.35, 0.024, 10.06, 5) -- 3',
  evaluate: (args, types) => {
    const values = [0, 1, 2].map((index) => numericArgument(args, types, index))
    if (values.some(isSpecial)) return specialBucket(values, Number(args[3]))
    const scale = Math.max(...values.map((value) => value.scale))
    const [value = 0n, low = 0n, high = 0n] = values.map((each) =>
      rescale(each.unscaled, each.scale, scale),
    )
    const count = BigInt(Number(args[3]))
    if (count <= 0n) throw bucketError('count must be greater than zero')
    if (low === high) throw bucketError('lower bound cannot equal upper bound')
    const ascending = low < high
    if (ascending ? value < low : value > low) return 0
    if (ascending ? value >= high : value <= high) return numberOfBucket(count)
    const share = { unscaled: count * absolute(value - low), scale }
    // PostgreSQL rounds the quotient before it cuts it, so that the last bucket may be one more.
    const { unscaled, scale: places } = divideNumeric(share, {
      unscaled: absolute(high - low),
      scale,
    })
    return numberOfBucket(unscaled / powerOfTen(places))
  },
  inline: numericBucketForm,
  inlineFor: (types) => types.slice(0, 3).every(({ kind }) => kind === 'numeric'),
  isDear: true,
})

/** Functions on the digits of numerics. */
export const digitFunctions: readonly ScalarFunction[] = [factorial, ...scales, limited, buckets]
