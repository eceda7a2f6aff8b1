import { float8, numeric, type DataType } from '../../data/types/data-type.ts'
import {
  addNumeric,
  divideNumeric,
  divisionScale,
  multiplyNumeric,
  negateNumeric,
  quotientAt,
  sqrtAt,
} from '../../data/types/numeric-arithmetic.ts'
import { isSpecial, NUMERIC_NAN } from '../../data/types/numeric-specials.ts'
import type { IntervalValue, NumericValue, Scalar } from '../../data/types/scalar.ts'
import { interval } from '../../data/types/data-type.ts'
import { divideInterval } from '../datetime/interval-arithmetic.ts'
import { scalar } from '../define.ts'
import { keep, lane } from '../emit.ts'
import type { ScalarFunction } from '../function.ts'
import {
  exactMean,
  exactSpread as exactSpreadInline,
  floatSpread as floatSpreadInline,
  intervalMean,
  type Spread,
} from '../operators/exact-inline.ts'
import { exactResult, numericArgument } from '../operators/exact.ts'

const exactKinds = ['decimal', 'numeric'] as const

function isBelow(count: Scalar | undefined, least: bigint): boolean {
  return BigInt(count as bigint) < least
}

function integer(value: Scalar | undefined): NumericValue {
  return { unscaled: BigInt(value as bigint), scale: 0 }
}

const averages: readonly ScalarFunction[] = [
  ...exactKinds.map((kind) =>
    scalar({
      name: 'avg_final',
      args: [kind, 'int8'],
      returns: numeric,
      nulls: 'called',
      raises: true,
      doc: 'The mean, from sum and count; NULL where the count is 0.',
      example: 'avg_final(10.00, 4) -- 2.5000000000000000',
      inline: exactMean,
      traps: true,
      evaluate: (args, types) => {
        if (args[0] === null || args[1] === null || isBelow(args[1], 1n)) return null
        const sum = numericArgument(args, types, 0)
        return exactResult(divideNumeric(sum, integer(args[1])), numeric)
      },
    }),
  ),
  scalar({
    name: 'avg_final',
    args: ['float8', 'int8'],
    returns: float8,
    nulls: 'called',
    doc: 'The mean, from sum and count; NULL where the count is 0.',
    example: "avg_final(float8 '10', 4) -- 2.5",
    evaluate: ([sum = null, count = null]) => {
      if (sum === null || count === null || count === 0n) return null
      return Number(sum) / Number(count)
    },
    inline: ({ f }, args) => {
      const [total, rows] = [lane(args[0]!), lane(args[1]!)]
      f.get(total).get(rows).op('f64.convert_i64_s').op('f64.div')
      const mean = keep(f, 'f64')
      f.get(rows).i64(0n).op('i64.ne')
      for (const { valid } of args) {
        if (valid !== undefined) f.get(valid).op('i32.and')
      }
      return { lanes: [mean], valid: keep(f, 'i32') }
    },
  }),
  scalar({
    name: 'avg_final',
    args: ['interval', 'int8'],
    returns: interval,
    nulls: 'called',
    raises: true,
    doc: 'The mean, from sum and count; NULL where the count is 0.',
    example: "avg_final(interval '10 days', 4) -- 2 days 12:00:00",
    inline: intervalMean,
    traps: true,
    evaluate: ([sum = null, count = null]) => {
      if (sum === null || count === null || isBelow(count, 1n)) return null
      return divideInterval(sum as IntervalValue, Number(count))
    },
  }),
]

const spreads: readonly (Spread & { readonly name: string })[] = [
  { name: 'variance', sample: true, root: false },
  { name: 'var_samp', sample: true, root: false },
  { name: 'var_pop', sample: false, root: false },
  { name: 'stddev', sample: true, root: true },
  { name: 'stddev_samp', sample: true, root: true },
  { name: 'stddev_pop', sample: false, root: true },
]

// numeric_stddev_internal in PostgreSQL's numeric.c.
function exactSpread(
  sum: NumericValue,
  squares: NumericValue,
  count: bigint,
  { sample, root }: Spread,
): Scalar {
  if (isBelow(count, sample ? 2n : 1n)) return null
  if (isSpecial(sum) || isSpecial(squares)) return NUMERIC_NAN
  const n = integer(count)
  const deviation = addNumeric(
    multiplyNumeric(n, squares),
    negateNumeric(multiplyNumeric(sum, sum)),
  )
  if (deviation.unscaled <= 0n) return { unscaled: 0n, scale: 0 }
  const divisor = multiplyNumeric(n, integer(sample ? count - 1n : count))
  const scale = divisionScale(deviation, divisor)
  const variance = { unscaled: quotientAt(deviation, divisor, scale), scale }
  return exactResult(root ? sqrtAt(variance, scale) : variance, numeric)
}

// Sum of squared deviations by Youngs and Cramer, as PostgreSQL's float8_accum keeps it.
function floatSpread(deviation: number, count: bigint, { sample, root }: Spread): Scalar {
  if (isBelow(count, sample ? 2n : 1n)) return null
  const variance = deviation / Number(sample ? count - 1n : count)
  return root ? Math.sqrt(variance) : variance
}

const spreadFinals = spreads.flatMap((spread): readonly ScalarFunction[] => {
  const name = `${spread.name}_final`
  const one = spread.sample ? '2.0000000000000000' : '1.00000000000000000000'
  const rooted = spread.sample ? '1.4142135623730950' : '1.00000000000000000000'
  const exact = exactKinds.map((kind) =>
    scalar({
      name,
      args: [kind, kind, 'int8'],
      returns: numeric,
      nulls: 'called',
      raises: true,
      doc: 'Finishes the aggregate from the sum, the sum of squares and the count.',
      example: `${name}(4, 10, 2) -- ${spread.root ? rooted : one}`,
      inline: exactSpreadInline(spread),
      traps: true,
      evaluate: (args: readonly Scalar[], types: readonly DataType[]) => {
        if (args.includes(null)) return null
        const [sum, squares] = [numericArgument(args, types, 0), numericArgument(args, types, 1)]
        return exactSpread(sum, squares, args[2] as bigint, spread)
      },
    }),
  )
  const float = scalar({
    name,
    args: ['float8', 'int8'],
    returns: float8,
    nulls: 'called',
    doc: 'Finishes the aggregate from the sum of squared deviations from the mean and the count.',
    example: `${name}(float8 '8', 2) -- ${Number(floatSpread(8, 2n, spread))}`,
    evaluate: ([deviation = null, count = null]) =>
      deviation === null || count === null
        ? null
        : floatSpread(Number(deviation), count as bigint, spread),
    inline: floatSpreadInline(spread),
  })
  return [...exact, float]
})

const ranks: readonly ScalarFunction[] = [
  scalar({
    name: 'percent_rank_final',
    args: ['int8', 'int8'],
    returns: float8,
    doc: 'The part of so many rows that come before; 0 of none.',
    example: 'percent_rank_final(1, 4) -- 0.25',
    evaluate: ([before, rows]) => Number(before) / Math.max(1, Number(rows)),
    inline: ({ f }, args) => {
      f.get(lane(args[0]!)).op('f64.convert_i64_s')
      f.get(lane(args[1]!)).op('f64.convert_i64_s').f64(1).op('f64.max').op('f64.div')
      return { lanes: [keep(f, 'f64')] }
    },
  }),
]

/** What the planner puts behind the sums and counts of avg, variance and standard deviation. */
export const finalFunctions: readonly ScalarFunction[] = [...averages, ...spreadFinals, ...ranks]
