import { QueryError } from '../base/errors.ts'
import { typeName } from '../data/types/data-type.ts'
import { solveSymmetric } from './solve.ts'
import {
  asFloat,
  centerColumns,
  isNumericType,
  scalesOf,
  standardizedMatrix,
  trainingBlocks,
  unstandardize,
  type CenteredColumns,
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
 * Methods for Least Squares Problems, section 2.2). The sums are one round over the rows; the small
 * system is solved by Cholesky's method. Features that depend on each other linearly share their
 * weight.
 */
export async function fitLinearRegression(
  ctx: TrainingContext,
  set: TrainingSet,
): Promise<LinearFit> {
  const { target, featureNames } = set
  if (!isNumericType(target.type)) {
    throw new QueryError('DATATYPE_MISMATCH', `target "${target.name}" is not numeric`, {
      expected: 'a numeric column for LinearRegression',
      found: typeName(target.type),
    })
  }
  return ctx.rounds(async (rounds) => {
    const columns = [...set.features, asFloat(target)]
    const blocks = await trainingBlocks(ctx, rounds, set.relation, columns)
    const centered = await centerColumns(blocks, [...featureNames, target.name])
    const { columns: size } = blocks
    const products = await blocks.round('trainingProducts', size, {}, size * size)
    // The ones are the first column.
    return solved(centered, (i, j) => products[(i + 1) * size + j + 1]!)
  })
}

/** `product`: of two centered columns, the target the last of them (i at most j). */
function solved(centered: CenteredColumns, product: (i: number, j: number) => number): LinearFit {
  const { rows, means, deviations } = scalesOf(centered)
  const size = means.length - 1
  const features = deviations.slice(0, size)
  const matrix = standardizedMatrix(features, product)
  const right = features.map((own, i) => product(i, size) / own)
  const solution = solveSymmetric(matrix, right)
  const total = product(size, size)
  const explained = solution.reduce((all, value, i) => all + value * right[i]!, 0)
  return {
    ...unstandardize(solution, means[size]!, { rows, means, deviations }),
    trainedRows: rows,
    metrics: {
      r2: total > 0 ? explained / total : 1,
      mse: Math.max(0, total - explained) / rows,
    },
  }
}
