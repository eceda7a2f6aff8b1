import { exactDecimal } from '../../data/types/coercion.ts'
import {
  decimal,
  float8,
  int8,
  interval,
  numeric,
  type DataType,
  type TypeKind,
} from '../../data/types/data-type.ts'
import { present } from '../../base/assert.ts'
import { aggregate } from '../define.ts'
import type { AggregateFunction } from '../function.ts'
import type { Composer } from '../aggregate-form.ts'

/** Decimal digits that hold every bigint. */
const INT8_DIGITS = 19

function finishing<E>(parts: Composer<E>, name: string, args: readonly E[]): E {
  // The finishing functions take counts and sums as bigint.
  const given = args.map((arg) => (parts.typeOf(arg).kind === 'int4' ? parts.cast(arg, int8) : arg))
  return parts.call(name, given)
}

/** `avg(x) = avg_final(sum(x), count(x))`; float4 is summed as float8, as PostgreSQL does. */
function average<E>(parts: Composer<E>, [arg]: readonly E[]): E {
  const given = present(arg, 'argument of avg')
  const x = parts.typeOf(given).kind === 'float4' ? parts.cast(given, float8) : given
  const sum = parts.aggregate('sum', x)
  // As an integer it would resolve to the finishing function of floats.
  const isInteger = parts.typeOf(sum).kind === 'int8'
  const total = isInteger ? parts.cast(sum, decimal(INT8_DIGITS, 0)) : sum
  return finishing(parts, 'avg_final', [total, parts.aggregate('count', x)])
}

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
    emptyValue: null,
    form: { kind: 'composed', compose: average },
    doc: 'Mean of the values that are not NULL, with at least 16 significant digits for exact types.',
    example: 'avg(x) over 1, NULL, 4 -- 2.5000000000000000',
  }),
)

/**
 * Variances and standard deviations from sum, sum of squares and count. Floats have an accumulator of their own
 * for the squared deviations, as a sum of their squares would cancel.
 */
function spread(name: string): <E>(parts: Composer<E>, args: readonly E[]) => E {
  return (parts, [arg]) => {
    const given = present(arg, 'argument of a variance')
    const type = parts.typeOf(given)
    const isFloat = type.kind === 'float4' || type.kind === 'float8'
    const short = parts.distinct ? undefined : shortDecimal(type)
    const x = parts.cast(given, isFloat ? float8 : (short ?? numeric))
    const count = parts.aggregate('count', x)
    const final = `${name}_final`
    if (isFloat) return finishing(parts, final, [parts.aggregate('squared_deviations', x), count])
    const sum = parts.aggregate('sum', x)
    // Distinct values may have one square: it is not the squares that are to be distinct.
    const squares =
      short === undefined
        ? parts.aggregate('sum_of_squares', x)
        : parts.aggregate('sum', parts.call('*', [x, x]))
    return finishing(parts, final, [sum, squares, count])
  }
}

/** Digits whose squares can be summed in 128 bits, whatever the number of rows. */
const SQUARED_DIGITS_MAX = 13

function shortDecimal(type: DataType): DataType | undefined {
  const exact = exactDecimal(type)
  return exact !== undefined && exact.precision <= SQUARED_DIGITS_MAX ? exact : undefined
}

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
        emptyValue: null,
        form: { kind: 'composed', compose: spread(name) },
        doc: `${name.startsWith('var') ? 'Variance' : 'Standard deviation'} of the ${
          name.endsWith('_pop') ? 'population' : 'sample'
        }; of one value ${name.endsWith('_pop') ? '0' : 'NULL'}.`,
        example: `${name}(x) over 1, NULL, 3 -- ${spreadExamples[name] ?? ''}`,
      }),
    ),
)

/** Aggregates that are made of others. */
export const composedAggregates: readonly AggregateFunction[] = [...averages, ...spreads]
