import { QueryError } from '../base/errors.ts'
import { typeName } from '../data/types/data-type.ts'
import { aggregate } from '../plan/logical/build.ts'
import { minus, number, sum, times } from './float-expressions.ts'
import { solveSymmetric } from './solve.ts'
import {
  asFloat,
  featureScales,
  isNumericType,
  standardized,
  unstandardize,
  type TrainingContext,
  type TrainingSet,
} from './training-set.ts'

/** A fitted linear predictor, in the features' own units. */
export interface LinearFit {
  readonly coefficients: readonly number[]
  readonly intercept: number
  readonly trainedRows: number
  readonly metrics: Readonly<Record<string, number>>
}

/**
 * Ordinary least squares by the normal equations of the standardized features (Bjorck, Numerical
 * Methods for Least Squares Problems, section 2.2). The sums are one aggregation over partitions; the
 * small system is solved by Cholesky's method. Features that depend on each other linearly share
 * their weight.
 */
export async function fitLinearRegression(
  ctx: TrainingContext,
  set: TrainingSet,
): Promise<LinearFit> {
  if (!isNumericType(set.target.type)) {
    throw new QueryError('DATATYPE_MISMATCH', `target "${set.target.name}" is not numeric`, {
      expected: 'a numeric column for LinearRegression',
      found: typeName(set.target.type),
    })
  }
  const scales = await featureScales(ctx, set)
  const target = asFloat(set.target)
  const [targetRow] = await ctx.run(aggregate(set.relation, [], [sum(ctx.ids, 'target', target)]))
  const targetMean = Number(targetRow?.[0] ?? 0) / scales.rows
  const columns = [...standardized(set, scales), minus(target, number(targetMean))]
  const pairs = columns.flatMap((left, i) =>
    columns.slice(i).map((right, k) => sum(ctx.ids, `p_${i}_${i + k}`, times(left, right))),
  )
  const [row] = await ctx.run(aggregate(set.relation, [], pairs))
  const products = symmetric(
    columns.length,
    pairs.map((_, i) => Number(row?.[i] ?? 0)),
  )
  const size = columns.length - 1
  const matrix = products.slice(0, size).map((values) => values.slice(0, size))
  const right = products.slice(0, size).map((values) => values[size] ?? 0)
  const solution = solveSymmetric(matrix, right)
  const total = products[size]?.[size] ?? 0
  const explained = solution.reduce((all, value, i) => all + value * (right[i] ?? 0), 0)
  return {
    ...unstandardize(solution, targetMean, scales),
    trainedRows: scales.rows,
    metrics: {
      r2: total > 0 ? explained / total : 1,
      mse: Math.max(0, total - explained) / scales.rows,
    },
  }
}

/** A symmetric matrix from its upper triangle, row by row. */
export function symmetric(size: number, upper: readonly number[]): number[][] {
  const matrix = Array.from({ length: size }, () => Array.from({ length: size }, () => 0))
  let at = 0
  for (let i = 0; i < size; i++) {
    for (let j = i; j < size; j++) {
      const value = upper[at++] ?? 0
      matrix[i]![j] = value
      matrix[j]![i] = value
    }
  }
  return matrix
}
