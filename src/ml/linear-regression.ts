import { present } from '../base/assert.ts'
import { QueryError } from '../base/errors.ts'
import { typeName } from '../data/types/data-type.ts'
import { centerColumns, inOwnUnits, type CenteredColumns } from './centered-columns.ts'
import { timesPowerOfTwo } from './float64.ts'
import { independentColumns, roundingShare } from './independent-columns.ts'
import type { IndependentColumns } from './independent-columns.ts'
import { ofLeastNorm } from './least-norm.ts'
import { factorCholesky } from './solve.ts'
import type { TrainingBlocks } from './training-blocks.ts'
import {
  asFloat,
  isNumericType,
  trainingBlocks,
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

/** Each step of refinement gains some 8 digits: more are not there. */
const REFINEMENTS_MAX = 3

/**
 * Ordinary least squares of centered features; of many solutions, where features depend on each other
 * linearly, the one of least norm. The features are made independent first, so that the normal
 * equations lose few digits; these are solved by Cholesky's method, and refined with what the solution
 * leaves of the target in the rows (Bjorck, Numerical Methods for Least Squares Problems, sections 2.2
 * and 2.9.3).
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
    const count = featureNames.length
    const basis = await independentColumns(blocks, count)
    const { weights, left } = await solved(blocks, basis, count)
    const slopes = ofLeastNorm(slopesOf(weights, basis), {
      change: basis.vanished.map((column) => basis.change[column]!),
      exponents: centered.exponents,
      sizes: centered.squares.map(Math.sqrt),
      least: roundingShare(blocks.rows, count),
    })
    const exponent = centered.exponents[count]!
    const level = [centered.offsets[count]!, centered.means[count]!]
    return {
      ...inOwnUnits({ slopes, level, exponent }, centered, featureNames),
      trainedRows: blocks.rows,
      metrics: metricsOf(centered, left),
    }
  })
}

/** Weights of the independent columns, and the sum of the squares that they leave. */
async function solved(
  blocks: TrainingBlocks,
  { independent, product }: IndependentColumns,
  count: number,
): Promise<{ readonly weights: readonly number[]; readonly left: number }> {
  const lengths = independent.map((i) => Math.sqrt(product(i, i)))
  const correlations = independent.map((i, row) =>
    independent.map((j, column) => product(i, j) / lengths[row]! / lengths[column]!),
  )
  const factors = present(factorCholesky(correlations), 'independent columns')
  const weights = Array<number>(count).fill(0)
  let steps = independent.map((i) => product(i, count))
  for (let refined = 0; ; refined++) {
    const changes = factors.solve(steps.map((step, i) => step / lengths[i]!))
    let changed = false
    independent.forEach((column, i) => {
      const before = weights[column]!
      weights[column]! += changes[i]! / lengths[i]!
      changed ||= weights[column] !== before
    })
    // The ones are the first column; the target is behind the features.
    const values = [0, ...weights]
    const found = await blocks.round('trainingResidual', count + 1, { values }, count + 2)
    if (!changed || refined === REFINEMENTS_MAX) return { weights, left: found[0]! }
    steps = independent.map((i) => found[i + 2]!)
  }
}

/** In the given columns. */
function slopesOf(weights: readonly number[], { change }: IndependentColumns): number[] {
  const slopes = weights.map(() => 0)
  weights.forEach((weight, column) => {
    if (weight === 0) return
    change[column]!.forEach((times, i) => (slopes[i]! += weight * times))
  })
  return slopes
}

function metricsOf(
  { rows, squares, exponents }: CenteredColumns,
  left: number,
): Readonly<Record<string, number>> {
  const total = squares.at(-1)!
  return {
    r2: total > 0 ? Math.max(0, 1 - left / total) : 1,
    mse: timesPowerOfTwo(left / rows, 2 * exponents.at(-1)!),
  }
}
