import { QueryError } from '../base/errors.ts'
import { typeName } from '../data/types/data-type.ts'
import { aggregate } from '../plan/logical/build.ts'
import { minus, number, sum, times } from './float-expressions.ts'
import { solveSymmetric } from './solve.ts'
import {
  asFloat,
  columnMeans,
  isNumericType,
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
  const { rows, means, products } = await centeredProducts(ctx, set)
  const size = means.length - 1
  // A constant feature carries nothing; scale 1 leaves it centered at 0.
  const deviations = products.map((row, i) => Math.sqrt((row[i] ?? 0) / rows) || 1)
  const matrix = products
    .slice(0, size)
    .map((row, i) => row.slice(0, size).map((value, j) => value / deviations[i]! / deviations[j]!))
  const right = products.slice(0, size).map((row, i) => (row[size] ?? 0) / deviations[i]!)
  const solution = solveSymmetric(matrix, right)
  const total = products[size]?.[size] ?? 0
  const explained = solution.reduce((all, value, i) => all + value * (right[i] ?? 0), 0)
  return {
    ...unstandardize(solution, means[size] ?? 0, { rows, means, deviations }),
    trainedRows: rows,
    metrics: {
      r2: total > 0 ? explained / total : 1,
      mse: Math.max(0, total - explained) / rows,
    },
  }
}

/** Sums over all rows of the features and, last, the target. */
interface CenteredProducts {
  readonly rows: number
  readonly means: readonly number[]
  /** Of every pair of columns, the sum of the products of their distances from the mean. */
  readonly products: readonly (readonly number[])[]
}

/** Two passes (means first), so that no digits cancel where a mean is large. */
async function centeredProducts(ctx: TrainingContext, set: TrainingSet): Promise<CenteredProducts> {
  const columns = [...set.features, asFloat(set.target)]
  const { rows, means } = await columnMeans(ctx, set.relation, columns)
  const centered = columns.map((column, i) => minus(column, number(means[i] ?? 0)))
  const pairs = centered.flatMap((left, i) =>
    centered.slice(i).map((right, k) => sum(ctx.ids, `p_${i}_${i + k}`, times(left, right))),
  )
  const [row] = await ctx.run(aggregate(set.relation, [], pairs))
  const upper = pairs.map((_, i) => Number(row?.[i] ?? 0))
  return { rows, means, products: symmetric(columns.length, upper) }
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
