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
} from '../../data/types/data-type.ts'
import { orderedKinds } from '../ordered-kinds.ts'
import { aggregate } from '../define.ts'
import type { AggregateFunction } from '../function.ts'

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
    emptyValue: 0n,
    form: { kind: 'accumulator', accumulator: 'count-star' },
    doc: 'Number of rows.',
    example: 'count(*) over 1, NULL, 3 -- 3',
  }),
  aggregate({
    name: 'count',
    args: ['any'],
    returns: int8,
    emptyValue: 0n,
    form: { kind: 'accumulator', accumulator: 'count' },
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
    emptyValue: null,
    form: { kind: 'accumulator', accumulator: 'sum' },
    doc: 'Sum of the values that are not NULL; NULL over none.',
    example: 'sum(x) over 1, NULL, 3 -- 4',
  }),
)

const extremes = (['min', 'max'] as const).flatMap((name) =>
  orderedKinds.map((kind) =>
    aggregate({
      name,
      args: [kind],
      returns: sameAsArgument,
      emptyValue: null,
      form: { kind: 'accumulator', accumulator: name },
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
    emptyValue: null,
    form: { kind: 'accumulator', accumulator: name === 'bool_or' ? 'bool-or' : 'bool-and' },
    doc: `Whether ${name === 'bool_or' ? 'any' : 'every'} value that is not NULL is true.`,
    example: `${name}(x) over true, NULL, false -- ${name === 'bool_or' ? 't' : 'f'}`,
  }),
)

const anyValue = aggregate({
  name: 'any_value',
  args: ['any'],
  returns: sameAsArgument,
  emptyValue: null,
  form: { kind: 'accumulator', accumulator: 'any-value' },
  doc: 'Some value that is not NULL.',
  example: 'any_value(x) over NULL, 3 -- 3',
})

const deviations = aggregate({
  name: 'squared_deviations',
  args: ['float8'],
  returns: float8,
  emptyValue: null,
  form: { kind: 'accumulator', accumulator: 'deviation' },
  doc: 'Sum of the squared deviations from the mean: what variances of floats are made of.',
  example: 'squared_deviations(x) over 1, NULL, 3 -- 2',
})

const squares = aggregate({
  name: 'sum_of_squares',
  args: ['numeric'],
  returns: numeric,
  emptyValue: null,
  form: { kind: 'accumulator', accumulator: 'sum-squares' },
  doc: 'Sum of the squares, exact: with the sum and the count, what variances of exact numbers are made of.',
  example: 'sum_of_squares(x) over 1, NULL, 3 -- 10',
})

const bitAccumulators = { bit_and: 'bit-and', bit_or: 'bit-or', bit_xor: 'bit-xor' } as const
const bitNames = { bit_and: 'and', bit_or: 'or', bit_xor: 'exclusive or' } as const
const bitExamples = { bit_and: '2', bit_or: '7', bit_xor: '5' } as const

const bits = (['bit_and', 'bit_or', 'bit_xor'] as const).flatMap((name) =>
  (['int2', 'int4', 'int8'] as const).map((kind) =>
    aggregate({
      name,
      args: [kind],
      returns: { kind },
      emptyValue: null,
      form: { kind: 'accumulator', accumulator: bitAccumulators[name] },
      doc: `Bitwise ${bitNames[name]} of the values that are not NULL.`,
      example: `${name}(x) over 6, NULL, 3 -- ${bitExamples[name]}`,
    }),
  ),
)

/** Aggregates of one accumulator of generated code each. */
export const accumulatedAggregates: readonly AggregateFunction[] = [
  ...counts,
  ...sums,
  ...extremes,
  ...booleans,
  ...bits,
  anyValue,
  deviations,
  squares,
]
