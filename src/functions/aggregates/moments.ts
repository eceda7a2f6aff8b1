import { compareScalars } from '../../data/types/compare-scalar.ts'
import { float8, text, type DataType } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { present } from '../../base/assert.ts'
import { spend } from '../../base/budget.ts'
import type { CollectedRows } from '../aggregate-form.ts'
import { aggregate } from '../define.ts'
import type { AggregateFunction } from '../function.ts'

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

function floatsOf(rows: CollectedRows): Float64Array {
  return Float64Array.from({ length: rows.count }, (_, row) => Number(rows.value(row, 0)))
}

/** The mean, and the sums of the second to fourth powers of deviations from it. */
function deviations(values: Float64Array): {
  readonly [K in 'second' | 'third' | 'fourth']: number
} {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  let [second, third, fourth] = [0, 0, 0]
  for (const value of values) {
    const square = (value - mean) ** 2
    second += square
    third += square * (value - mean)
    fourth += square * square
  }
  return { second, third, fourth }
}

/** Of a sample, with the correction for its size; NaN where all are the same, NULL of fewer than three. */
function skewness(values: Float64Array): number | null {
  const n = values.length
  if (n < 3) return null
  const { second, third } = deviations(values)
  if (second === 0) return Number.NaN
  return ((Math.sqrt(n * (n - 1)) / (n - 2)) * (third / n)) / (second / n) ** 1.5
}

/** What is above that of the normal distribution, corrected for the size; NULL of fewer than four values. */
function kurtosis(values: Float64Array): number | null {
  const n = values.length
  if (n < 4) return null
  const { second, fourth } = deviations(values)
  if (second === 0) return null
  const [m2, m4] = [second / n, fourth / n]
  return ((n - 1) * (((n + 1) * m4) / (m2 * m2) - 3 * (n - 1))) / ((n - 2) * (n - 3))
}

const product = (values: Float64Array): number => values.reduce((all, value) => all * value, 1)

const ofFloats = (
  [
    ['product', product, 'Product of the values.', '6'],
    ['skewness', skewness, 'Skewness of a sample.', '0'],
    ['kurtosis', kurtosis, 'Excess kurtosis of a sample.', 'NULL'],
  ] as const
).map(([name, compute, doc, result]) =>
  aggregate({
    name,
    args: ['float8'],
    returns: float8,
    emptyValue: null,
    form: {
      kind: 'collected',
      required: [0],
      order: 'given',
      finish: (rows) => (rows.count === 0 ? null : compute(floatsOf(rows))),
    },
    doc,
    example: `${name}(x) over 1, NULL, 2, 3 -- ${result}`,
  }),
)

/** Aggregates that DuckDB has and PostgreSQL does not. */
export const momentAggregates: readonly AggregateFunction[] = [...extremes, ...ends, ...ofFloats]
