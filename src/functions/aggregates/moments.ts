import { compareScalars } from '../../data/types/compare-scalar.ts'
import { float8, text, type DataType } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { present } from '../../base/assert.ts'
import { spend } from '../../base/budget.ts'
import type { CollectedRows, FoldedForm } from '../aggregate-form.ts'
import { aggregate } from '../define.ts'
import type { AggregateFunction } from '../function.ts'
import { deviationCode, productCode } from './moment-code.ts'

const ofFirst = (args: readonly DataType[]): DataType => args[0] ?? text

/** The value of the row whose second argument is the least or the greatest; of several the first. */
function atExtreme(sign: 1 | -1) {
  return (rows: CollectedRows): Scalar => {
    const type = rows.types[1] ?? text
    let best = -1
    for (let row = 0; row < rows.count; row++) {
      spend(1)
      if (best < 0) {
        best = row
        continue
      }
      const [value, known] = [rows.value(row, 1), rows.value(best, 1)]
      if (sign * compareScalars(present(value, 'value'), present(known, 'value'), type) < 0)
        best = row
    }
    return best < 0 ? null : rows.value(best, 0)
  }
}

const extremes = (
  [
    [['arg_min', 'argmin', 'min_by'], 1, 'least', 'a'],
    [['arg_max', 'argmax', 'max_by'], -1, 'greatest', 'b'],
  ] as const
).flatMap(([names, sign, what, result]) =>
  names.map((name) =>
    aggregate({
      name,
      args: ['any', 'any'],
      returns: ofFirst,
      emptyValue: null,
      form: { kind: 'collected', required: [0, 1], order: 'given', finish: atExtreme(sign) },
      doc: `The first argument where the second is the ${what}.`,
      example: `${name}(x, y) over ('a', 1), ('b', 3), ('c', NULL) -- ${result}`,
    }),
  ),
)

const ends = (['first', 'last'] as const).map((name) =>
  aggregate({
    name,
    args: ['any'],
    returns: ofFirst,
    emptyValue: null,
    form: {
      kind: 'collected',
      required: [],
      order: 'given',
      finish: (rows) =>
        rows.count === 0 ? null : rows.value(name === 'first' ? 0 : rows.count - 1, 0),
    },
    doc: `The value of the ${name} row, as ORDER BY has them.`,
    example: `${name}(x) over 1, 2, 3 -- ${name === 'first' ? 1 : 3}`,
  }),
)

/** Where the numbers of a state are: the mean, and sums of powers of the deviations from it. */
const N = 0
const MEAN = 1
const SECOND = 2
const THIRD = 3
const FOURTH = 4
const NUMBERS = 5

const at = (state: Float64Array, number: number): number => state[number] ?? 0

/** Adds a value by Pebay's formulas (Formulas for robust, one-pass parallel computation of moments, 2008). */
function step(state: Float64Array, [argument]: readonly Scalar[]): void {
  const [before, second, third] = [at(state, N), at(state, SECOND), at(state, THIRD)]
  const n = before + 1
  const apart = Number(argument) - at(state, MEAN)
  const share = apart / n
  const square = share * share
  const term = apart * share * before
  state[N] = n
  state[MEAN] = at(state, MEAN) + share
  state[FOURTH] =
    at(state, FOURTH) +
    term * square * (n * n - 3 * n + 3) +
    6 * square * second +
    -4 * share * third
  state[THIRD] = third + term * share * (n - 2) + -3 * share * second
  state[SECOND] = second + term
}

/** Adds the values of another state, by the same. */
function merge(state: Float64Array, other: Float64Array): void {
  const [ownN, otherN] = [at(state, N), at(other, N)]
  if (otherN === 0) return
  if (ownN === 0) {
    state.set(other)
    return
  }
  const n = ownN + otherN
  const apart = at(other, MEAN) - at(state, MEAN)
  const [a, b] = [apart * (ownN / n), apart * (otherN / n)]
  const term = apart * b * ownN
  const [ownSecond, otherSecond] = [at(state, SECOND), at(other, SECOND)]
  const [ownThird, otherThird] = [at(state, THIRD), at(other, THIRD)]
  state[FOURTH] =
    at(state, FOURTH) +
    at(other, FOURTH) +
    term * (a * a - a * b + b * b) +
    6 * a * a * otherSecond +
    6 * b * b * ownSecond +
    4 * a * otherThird +
    -4 * b * ownThird
  state[THIRD] = ownThird + otherThird + term * (a - b) + 3 * a * otherSecond + -3 * b * ownSecond
  state[SECOND] = ownSecond + otherSecond + term
  state[MEAN] = at(state, MEAN) + b
  state[N] = n
}

/** Of a sample, with the correction for its size; NaN where all are the same, NULL of fewer than three. */
function skewness(state: Float64Array): number | null {
  const [n, second, third] = [at(state, N), at(state, SECOND), at(state, THIRD)]
  if (n < 3) return null
  if (second === 0) return Number.NaN
  return ((Math.sqrt(n * (n - 1)) / (n - 2)) * (third / n)) / (second / n) ** 1.5
}

/** What is above that of the normal distribution, corrected for the size; NULL of fewer than four values. */
function kurtosis(state: Float64Array): number | null {
  const [n, second] = [at(state, N), at(state, SECOND)]
  if (n < 4) return null
  if (second === 0) return null
  const [m2, m4] = [second / n, at(state, FOURTH) / n]
  return ((n - 1) * (((n + 1) * m4) / (m2 * m2) - 3 * (n - 1))) / ((n - 2) * (n - 3))
}

function multiply(state: Float64Array, by: number): void {
  state[1] = at(state, N) === 0 ? by : at(state, 1) * by
  state[N] = 1
}

/** Whether there was a value, and the product of all. */
const product: FoldedForm = {
  kind: 'folded',
  numbers: 2,
  step: (state, [value]) => multiply(state, Number(value)),
  merge: (state, other) => {
    if (at(other, N) !== 0) multiply(state, at(other, 1))
  },
  finish: (state) => (at(state, N) === 0 ? null : at(state, 1)),
  code: productCode,
}

const deviations = { kind: 'folded', numbers: NUMBERS, step, merge, code: deviationCode } as const

const ofFloats = (
  [
    ['product', product, 'Product of the values.', '6'],
    ['skewness', { ...deviations, finish: skewness }, 'Skewness of a sample.', '0'],
    ['kurtosis', { ...deviations, finish: kurtosis }, 'Excess kurtosis of a sample.', 'NULL'],
  ] as const
).map(([name, form, doc, result]) =>
  aggregate({
    name,
    args: ['float8'],
    returns: float8,
    emptyValue: null,
    form,
    doc,
    example: `${name}(x) over 1, NULL, 2, 3 -- ${result}`,
  }),
)

/** Aggregates that DuckDB has and PostgreSQL does not. */
export const momentAggregates: readonly AggregateFunction[] = [...extremes, ...ends, ...ofFloats]
