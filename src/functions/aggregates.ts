import {
  DECIMAL_PRECISION_MAX,
  bool,
  decimal,
  float4,
  float8,
  int8,
  interval,
  numeric,
  text,
  type DataType,
  type TypeKind,
} from '../data/types/data-type.ts'
import { orderedKinds } from './ordered-kinds.ts'
import { aggregate } from './define.ts'
import type { AggregateFunction } from './function.ts'

const sameAsArgument = (args: readonly DataType[]): DataType => args[0] ?? text

/** Digits that the number of rows adds to a sum at most. */
const ROWS_DIGITS_MAX = 12

function sumDecimal(args: readonly DataType[]): DataType {
  const [type] = args
  const { precision, scale } = type?.kind === 'decimal' ? type : decimal(0, 0)
  return decimal(Math.max(DECIMAL_PRECISION_MAX, precision + ROWS_DIGITS_MAX), scale)
}

const counts: readonly AggregateFunction[] = [
  aggregate({
    name: 'count',
    args: [],
    returns: int8,
    emptyIsNull: false,
    doc: 'Number of rows.',
    example: 'count(*) over 1, NULL, 3 -- 3',
  }),
  aggregate({
    name: 'count',
    args: ['any'],
    returns: int8,
    emptyIsNull: false,
    doc: 'Number of rows whose argument is not NULL.',
    example: 'count(x) over 1, NULL, 3 -- 2',
  }),
]

const sumTypes: readonly (readonly [TypeKind, AggregateFunction['returns']])[] = [
  ['int2', int8],
  ['int4', int8],
  ['int8', decimal(DECIMAL_PRECISION_MAX, 0)],
  ['decimal', sumDecimal],
  ['numeric', numeric],
  ['float4', float4],
  ['float8', float8],
  ['interval', interval],
]

const sums = sumTypes.map(([kind, returns]) =>
  aggregate({
    name: 'sum',
    args: [kind],
    returns,
    emptyIsNull: true,
    doc: 'Sum of the values that are not NULL; NULL over none.',
    example: 'sum(x) over 1, NULL, 3 -- 4',
  }),
)

const averageTypes: readonly (readonly [TypeKind, DataType])[] = [
  ['int2', numeric],
  ['int4', numeric],
  ['int8', numeric],
  ['decimal', numeric],
  ['numeric', numeric],
  ['float4', float8],
  ['float8', float8],
  ['interval', interval],
]

const averages = averageTypes.map(([kind, returns]) =>
  aggregate({
    name: 'avg',
    args: [kind],
    returns,
    emptyIsNull: true,
    doc: 'Mean of the values that are not NULL, with at least 16 significant digits for exact types.',
    example: 'avg(x) over 1, NULL, 4 -- 2.5000000000000000',
  }),
)

const extremes = (['min', 'max'] as const).flatMap((name) =>
  orderedKinds.map((kind) =>
    aggregate({
      name,
      args: [kind],
      returns: sameAsArgument,
      emptyIsNull: true,
      doc: `${name === 'min' ? 'Smallest' : 'Largest'} value that is not NULL; text is compared by bytes.`,
      example: name === 'min' ? 'min(x) over 3, NULL, 1 -- 1' : 'max(x) over 3, NULL, 1 -- 3',
    }),
  ),
)

const booleans = (['bool_and', 'every', 'bool_or'] as const).map((name) =>
  aggregate({
    name,
    args: ['bool'],
    returns: bool,
    emptyIsNull: true,
    doc: `Whether ${name === 'bool_or' ? 'any' : 'every'} value that is not NULL is true.`,
    example: `${name}(x) over true, NULL, false -- ${name === 'bool_or' ? 't' : 'f'}`,
  }),
)

const anyValue = aggregate({
  name: 'any_value',
  args: ['any'],
  returns: sameAsArgument,
  emptyIsNull: true,
  doc: 'Some value that is not NULL.',
  example: 'any_value(x) over NULL, 3 -- 3',
})

const deviations = aggregate({
  name: 'squared_deviations',
  args: ['float8'],
  returns: float8,
  emptyIsNull: true,
  doc: 'Sum of the squared deviations from the mean: what variances of floats are made of.',
  example: 'squared_deviations(x) over 1, NULL, 3 -- 2',
})

const squares = aggregate({
  name: 'sum_of_squares',
  args: ['numeric'],
  returns: numeric,
  emptyIsNull: true,
  doc: 'Sum of the squares, exact: with the sum and the count, what variances of exact numbers are made of.',
  example: 'sum_of_squares(x) over 1, NULL, 3 -- 10',
})

const spreadNames = ['variance', 'var_samp', 'var_pop', 'stddev', 'stddev_samp', 'stddev_pop']

const spreadExamples: Readonly<Record<string, string>> = {
  variance: '2.0000000000000000',
  var_samp: '2.0000000000000000',
  var_pop: '1.00000000000000000000',
  stddev: '1.4142135623730950',
  stddev_samp: '1.4142135623730950',
  stddev_pop: '1.00000000000000000000',
}

const spreads = spreadNames.flatMap((name) =>
  averageTypes
    .filter(([kind]) => kind !== 'interval')
    .map(([kind, returns]) =>
      aggregate({
        name,
        args: [kind],
        returns,
        emptyIsNull: true,
        doc: `${name.startsWith('var') ? 'Variance' : 'Standard deviation'} of the ${
          name.endsWith('_pop') ? 'population' : 'sample'
        }; of one value ${name.endsWith('_pop') ? '0' : 'NULL'}.`,
        example: `${name}(x) over 1, NULL, 3 -- ${spreadExamples[name] ?? ''}`,
      }),
    ),
)

/** Every aggregate overload of the catalogue. */
export const aggregateFunctions: readonly AggregateFunction[] = [
  ...counts,
  ...sums,
  ...averages,
  ...extremes,
  ...booleans,
  anyValue,
  deviations,
  squares,
  ...spreads,
]
